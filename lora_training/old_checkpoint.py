"""`python -m auface.lora_training.old_checkpoint RUN`: make the checkpoints of runs of earlier versions readable.

Those were `checkpoint.pt` in torch's format. Each one inside the folder gets a `checkpoint.safetensors` beside it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from auface.lora_training.checkpoint import NAME, write_checkpoint


def convert(run: Path) -> list[Path]:
    """Write what is missing, and return the new files.

    Args:
        run: Folder of a run, whose stages may be in folders inside it.
    """
    made: list[Path] = []
    for old in sorted(run.rglob("checkpoint.pt")):
        new = old.with_name(NAME)
        if not new.exists():
            write_checkpoint(new, torch.load(old, map_location="cpu", weights_only=True))
            made.append(new)
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Convert checkpoints of earlier versions.")
    parser.add_argument("run", type=Path)
    for file in convert(parser.parse_args().run):
        sys.stdout.write(f"{file}\n")
