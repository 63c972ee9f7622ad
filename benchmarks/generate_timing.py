"""How long drawing takes: the command in a fresh process, a loaded model, and against the plain pipeline."""

from __future__ import annotations

import subprocess  # noqa: TID251 - a fresh process is what is measured
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from statistics import median
from typing import Any

import torch
from diffusers import StableDiffusionPipeline
from picture_settings import pipeline_arguments

EXPRESSION = "1+2C+5D+26"
PROMPT = "an old man, studio light"


def command_seconds(base: str, runs: int = 3) -> dict[str, object]:
    """Return the time of the README's first command, process and all; files are in the system's cache.

    Args:
        base: The base model.
        runs: How often.
    """
    times: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["generate", EXPRESSION, "--prompt", PROMPT, "--seed", "7", "--base", base, "--quiet"]
            code = "from auface.cli import main; main()"
            start = time.perf_counter()
            out = Path(folder) / "face.png"
            subprocess.run([sys.executable, "-c", code, *arguments, "--out", str(out)], check=True)
            times.append(time.perf_counter() - start)
    return {"first": round(times[0], 2), "median": round(median(times), 2), "runs": runs}


def warm_seconds(pipe: Any, size: int, settings: dict[str, Any], runs: int = 5) -> float:
    """Return the median time of one picture with a loaded model.

    Args:
        pipe: The pipeline.
        size: Height and width in pixels.
        settings: Steps and guidance, by the names of the pipeline's arguments.
        runs: How often, after one that does not count.
    """
    draw = _drawing(pipe, size, **pipeline_arguments(settings), expression=EXPRESSION)
    draw()
    return round(median(_timed(draw) for _ in range(runs)), 3)


def overhead(pipe: Any, size: int, steps: int, rounds: int) -> dict[str, object]:
    """Return the time of `AUFacePipeline` in units of that of `StableDiffusionPipeline` with the same parts.

    The three take turns, each as often first as last, so that a busy or a slow minute of the machine hits all of them
    alike. Two pictures of one way still differ by a tenth, so the quickest of each are compared, as `timeit` does; the
    medians stand beside them.

    Args:
        pipe: The pipeline.
        size: Height and width in pixels.
        steps: Denoising steps.
        rounds: How often in each of the six orders, after one picture of each way that does not count.
    """
    parts = {name: part for name, part in pipe.components.items() if name != "adapter"}
    plain = StableDiffusionPipeline(**parts, requires_safety_checker=False)
    plain.set_progress_bar_config(disable=True)
    ways = {
        "plain": _drawing(plain, size, num_inference_steps=steps),
        "off": _drawing(pipe, size, num_inference_steps=steps),
        "on": _drawing(pipe, size, num_inference_steps=steps, expression=EXPRESSION),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for draw in ways.values():
        draw()
    for order in [*permutations(ways)] * rounds:
        for name in order:
            times[name].append(_timed(ways[name]))
    best = {name: min(own) for name, own in times.items()}
    usual = {name: median(own) for name, own in times.items()}
    return {
        "StableDiffusionPipeline, seconds": round(best["plain"], 3),
        "expression off": round(best["off"] / best["plain"], 3),
        "expression on": round(best["on"] / best["plain"], 3),
        "the same by medians": {name: round(usual[name] / usual["plain"], 3) for name in ("off", "on")},
        "seconds that an expression adds": round(best["on"] - best["plain"], 3),
        "size": size,
        "steps": steps,
        "runs": len(times["plain"]),
    }


def _drawing(pipe: Any, size: int, **arguments: Any) -> Callable[[], object]:
    def draw() -> object:
        generator = torch.Generator().manual_seed(7)
        return pipe(
            PROMPT,
            height=size,
            width=size,
            generator=generator,
            output_type="np",
            **arguments,
        )

    return draw


def _timed(draw: Callable[[], object]) -> float:
    start = time.perf_counter()
    draw()
    return time.perf_counter() - start
