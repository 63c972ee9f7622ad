"""Write the weights of a training run of the structural prior as one file that AUFace loads.

    python -m auface.lora_training.structure.weights RUN weights/structure.safetensors [--text RUN]

With `--text` the text encoder is that of another run, which may have trained nothing else.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.structure.network import NetworkConfig, StructureNetwork
from auface.structure.weight_file import save_weights

from .stage import STAGES
from .training import stage_folder


def export(run: Path, out: Path, text: Path | None = None) -> str:
    """Write the weights of a run.

    Args:
        run: Folder of the run.
        out: A .safetensors file; its checksum is written beside it.
        text: Folder of the run that the text encoder comes from, if it is another one.

    Returns:
        The checksum.

    Raises:
        ValueError: There is no checkpoint, or the runs have networks of different sizes.
    """
    state = _checkpoint(run)
    network = StructureNetwork(NetworkConfig.from_data(state["task"]["config"]))
    network.load_state_dict(state["parts"]["network"])
    about = {"trained": _progress(state)}
    if text is not None:
        other = _checkpoint(text)
        if other["task"]["config"] != state["task"]["config"]:
            raise ValueError(f"`text` is {text}, whose network has other sizes than {run}; accepted are equal sizes.")
        prefix = "text_encoder."
        found = {name: value for name, value in other["parts"]["network"].items() if name.startswith(prefix)}
        network.load_state_dict(found, strict=False)
        about["text encoder trained"] = _progress(other)
    return save_weights(network, out, about)


def _checkpoint(run: Path) -> dict[str, Any]:
    """Return the checkpoint of the last stage that has one."""
    for place in reversed(range(len(STAGES))):
        path = stage_folder(run, place) / NAME
        if path.is_file():
            return read_checkpoint(path)
    raise ValueError(f"`run` is {str(run)!r}, where no stage has a {NAME}; accepted is the folder of a run.")


def _progress(state: dict[str, Any]) -> str:
    return f"stage {state['task']['stage']}, step {state['step']}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the weights of a training run.")
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--text", type=Path)
    given = parser.parse_args()
    export(given.run, given.out, given.text)
