"""Train auface-mini: the autoencoder, the latents of the set, the UNet with text encoder and adapter, the weights.

    auface dataset synth --count 20000 --size 256 --maps landmarks --out heads
    auface train mini autoencoder --recipe lora_training/mini/recipes/192.json --set heads --run mini
    auface train mini latents     (the same options)
    auface train mini text
    auface train mini unet
    auface train mini decoder
    auface train mini export --out weights/mini

Several processes do the stage `unet` together, each with a batch of its own, when `torchrun` starts them; without `--`
it takes `--run` for an option of its own:

    torchrun --standalone --nproc_per_node 2 -- "$(which auface)" train mini unet --recipe ...

Every stage goes on where it was stopped, and may be stopped at any time: `unet` learns from the latents that there are,
`decoder` makes the decoder better without changing latents, and may run before, beside or after `unet`. `text` teaches
the text encoder what prompts say and needs no pictures. To go on from finished weights, with another recipe:

    auface train mini begin --start weights/mini --recipe lora_training/mini/recipes/prompt.json ...

then `latents`, `text`, `unet` and `export`. `adapter --conditioning prior | linear --heads PACK` trains the adapter
alone, on faces as they were asked for, to compare what it is told; see `twin`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from auface.lora_training.arguments import Arguments, outcome

from .recipe import MiniRecipe
from .run import STAGES, MiniRun
from .start import begin


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line.

    Args:
        arguments: Options; by default those of the process.
    """
    parser = Arguments("mini", "Train auface-mini.", "unet --recipe 192.json --set heads --run run")
    parser.add_argument("stage", choices=(*STAGES, "keep", "begin", "adapter"))
    parser.add_argument("--recipe", type=Path, required=True, help="a JSON file, such as those in recipes/")
    parser.add_argument("--set", type=Path, required=True, help="folder of a set of synthetic heads with landmarks")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--out", type=Path, help="folder of the weights, for the stage export")
    parser.add_argument("--start", type=Path, help="folder of finished weights, for the stage begin")
    parser.add_argument("--conditioning", choices=("prior", "linear"), help="for the stage adapter")
    parser.add_argument("--heads", type=Path, help="folder of the head pack, for the stage adapter")
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    run = MiniRun(MiniRecipe.load(given.recipe), given.set, given.run, given.device)
    processes, own = run.processes
    if processes > 1 and given.stage != "unet":
        parser.error(f"`stage` is {given.stage!r} in {processes} processes; accepted is 'unet'")
    given.run.mkdir(parents=True, exist_ok=True)
    if given.stage == "export":
        from .weights import export

        if given.out is None:
            parser.error("export needs --out")
        export(given.run, run.recipe, given.out)
        parser.tell(given, {"weights": str(given.out)})
    elif given.stage == "begin":
        if given.start is None:
            parser.error("begin needs --start")
        begin(given.start, given.run)
        parser.tell(given, {"run": str(given.run)})
    elif given.stage == "adapter":
        if given.conditioning is None or given.heads is None:
            parser.error("adapter needs --conditioning and --heads")
        parser.tell(given, outcome(run.train_adapter(given.conditioning, given.heads)))
    elif given.stage in ("keep", "latents"):
        made = run.keep_autoencoder() if given.stage == "keep" else run.make_latents()
        parser.tell(given, {given.stage: str(made)})
    else:
        stages = {
            "autoencoder": run.train_autoencoder,
            "text": run.train_text,
            "unet": run.train_unet,
            "decoder": run.train_decoder,
        }
        loop = stages[given.stage]()
        if own == 0:
            parser.tell(given, outcome(loop))


if __name__ == "__main__":
    main()
