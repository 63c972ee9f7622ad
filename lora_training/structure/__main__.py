"""Train the structural prior in stages: text encoder, tokenizer, prior, all together.

    auface train structure --heads HEADS --data FACES --out RUN

Stages (progressive cross-modal alignment, our definition of the term of arXiv 2603.18588):

1. `text`: text -> action units.
2. `tokenizer`: displacement <-> tokens.
3. `prior`: action units -> tokens, by masked token modelling; the geometry of the expected tokens counts too.
4. `joint`: prior and both encoders together, from text or action units -> tokens.

Each stage is a run of the one training loop in a folder of its own, RUN/1-text and so on: checkpoint.safetensors has
everything (weights, optimizer, random state, position) and is written every few minutes, log.jsonl has the losses.
Started again with the same arguments, the run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from auface.lora_training.arguments import Arguments
from auface.lora_training.checkpoint import NAME

from .batch import FaceBatches
from .stage import STAGES
from .training import StructureTraining, stage_folder, train


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line.

    Args:
        arguments: Options; by default those of the process.
    """
    parser = Arguments("structure", "Train the structural prior.", "--heads HEADS --data faces --out run")
    parser.add_argument("--heads", type=Path, help="folder of the head pack; needed to make faces")
    parser.add_argument("--data", type=Path, required=True, help="folder of face sets")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--people", type=int, default=4000, help="people to learn from")
    parser.add_argument("--batch", type=int, default=96, help="faces of a step")
    parser.add_argument("--steps", type=int, nargs=4, default=StructureTraining.steps, metavar="N")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    first, second, third, fourth = given.steps
    config = StructureTraining(
        data=given.data, out=given.out, people=given.people, batch=given.batch, steps=(first, second, third, fourth)
    )
    train(config, FaceBatches.open(config.data, given.heads, config.people, config.seed))
    done = [place for place, steps in enumerate(config.steps) if steps]
    parser.tell(given, {STAGES[place]: str(stage_folder(config.out, place) / NAME) for place in done})


if __name__ == "__main__":
    main()
