"""The node that trains a LoRA, in ComfyUI's own process."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import comfy.model_management
import comfy.utils
import folder_paths
import torch
from comfy_api.latest import io, ui

from auface.autext.writer import COMPLETE
from auface.lora_training.lora.preset import PRESETS

from .dataset import checked_name, content_of, whole_dataset
from .drawing import SHIPPED
from .models_folder import chosen, folders_with
from .picture import tensor
from .progress import Interrupted, Progress
from .socket import CATEGORY, kept_seed_input, overwrite_input

LoraModel = io.Custom("LORA_MODEL")
"""ComfyUI's socket of a LoRA's weights."""

_NEEDED = ("diffusers", "peft", "transformers", "safetensors", "PIL")
_PREVIEW = 512  # pixels of the longer side of a picture on the page


def bases() -> dict[str, Path]:
    """Return the models that can be trained on, by name: in diffusers' layout, because training is diffusers'."""
    roots = [Path(root) for root in folder_paths.get_folder_paths("diffusers") if Path(root).is_dir()]
    found = {path.parent.name: path.parent for root in roots for path in sorted(root.glob("*/model_index.json"))}
    return {SHIPPED: Path("mini"), **folders_with("model_index.json"), **found}


def what_is_missing() -> str:
    """Return in words which packages training lacks, or ""."""
    needed = (*_NEEDED, *(("tomli",) if sys.version_info < (3, 11) else ()))
    missing = [name for name in needed if find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"training needs {', '.join(missing)}; install auface[train] into the Python that runs ComfyUI, and restart it."
    )


class TrainLora(io.ComfyNode):
    """A data set in, a LoRA in models/loras out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceTrainLoRA",
            display_name="Train Expression LoRA",
            category=CATEGORY,
            description="Train a LoRA on a data set of Build AU Dataset, with pictures while it learns. Canceled, it "
            "keeps its place, and the next run goes on from there.",
            search_aliases=["train LoRA", "LoRA training", "fine-tune", "DreamBooth", "expression LoRA", "kohya"],
            is_output_node=True,
            inputs=[
                io.String.Input(
                    "dataset", default="my_faces", tooltip="The data set: its name, or a link from Build AU Dataset."
                ),
                io.Combo.Input(
                    "base",
                    options=list(bases()),
                    default=SHIPPED,
                    tooltip="The model that learns. auface-mini comes with the pack; others are folders in diffusers' "
                    "layout in models/diffusers.",
                ),
                io.Combo.Input(
                    "preset",
                    options=list(PRESETS),
                    default="mini",
                    tooltip="Where all other options start: mini for auface-mini, sd15 and sdxl for those models.",
                ),
                io.String.Input(
                    "name", default="my_expression", tooltip="Name of the LoRA in models/loras, and of this training."
                ),
                io.String.Input(
                    "trigger", default="", tooltip="Words before every caption that call the LoRA later; may be empty."
                ),
                io.Int.Input("steps", default=0, min=0, max=10_000_000, tooltip="Steps; 0 takes those of the preset."),
                io.Int.Input(
                    "rank", default=0, min=0, max=1024, tooltip="Size of the LoRA; 0 takes that of the preset."
                ),
                io.Int.Input(
                    "preview_steps",
                    default=50,
                    min=0,
                    max=10_000_000,
                    tooltip="Steps between previews, which are also scored; 0 is only at the end.",
                ),
                kept_seed_input("Seed of all that is random in the training.", 2**31),
                overwrite_input(
                    "begin anew", "go on", "Throw away an earlier training of this name, or go on with it."
                ),
                io.String.Input(
                    "settings",
                    multiline=True,
                    default="",
                    tooltip="Further options, one a line, as the configuration of auface train lora has them. Example: "
                    "learning_rate = 0.0005",
                ),
            ],
            outputs=[
                LoraModel.Output("lora", tooltip="The LoRA, for Load LoRA Model; Load LoRA lists its file."),
                io.String.Output("file", tooltip="The file in models/loras."),
                io.String.Output("report", tooltip="How the training went, in Markdown."),
                io.Image.Output("samples", tooltip="The pictures of the last preview: a row for each prompt."),
            ],
        )

    @classmethod
    def validate_inputs(
        cls,
        preset: str | None = None,
        base: str | None = None,
        name: str | None = None,
        settings: str | None = None,
    ) -> bool | str:
        """Return True or what is wrong.

        Args:
            preset: As for `execute`, or None where it is linked.
            base: The same.
            name: The same.
            settings: The same.
        """
        if missing := what_is_missing():
            return missing
        try:
            if name is not None:
                checked_name(name, "name")
            if base is not None:
                chosen("base", base, {**bases(), SHIPPED: Path()})
            if preset is not None and settings is not None:
                _config({}, preset, settings)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, dataset: str | None = None, name: str | None = None, **_: Any) -> str:
        """Return the checksum of the data and of the LoRA, so that it is trained again when either has changed.

        Args:
            dataset: As for `execute`, or None where it is linked.
            name: The same.
            **_: The others, which ComfyUI compares itself.
        """
        files = [
            *([] if dataset is None else [whole_dataset(dataset) / COMPLETE]),
            *([] if name is None else [_lora(name)]),
        ]
        return " ".join(map(content_of, files))

    @classmethod
    def execute(
        cls,
        dataset: str,
        base: str,
        preset: str,
        name: str,
        trigger: str,
        steps: int,
        rank: int,
        preview_steps: int,
        seed: int,
        overwrite: bool,
        settings: str,
    ) -> io.NodeOutput:
        """Train, or go on, and put the LoRA where Load LoRA finds it.

        Args:
            dataset: Name of a whole data set.
            base: A name that `bases` has.
            preset: Where options start.
            name: Name of the LoRA.
            trigger: Words before every caption.
            steps: Steps, or 0.
            rank: Rank, or 0.
            preview_steps: Steps between previews, or 0.
            seed: Of all that is random.
            overwrite: Whether an earlier training is thrown away.
            settings: Further options.

        Raises:
            ValueError: A package, the data, or the base is missing; an option is wrong; there is a training of other
                options, or a LoRA of another origin, by this name.
        """
        from PIL import Image

        if missing := what_is_missing():
            raise ValueError(missing)
        out = Path(folder_paths.get_output_directory()) / "auface" / "training" / checked_name(name, "name")
        lora = _lora(name)
        if lora.exists() and not overwrite and not (out / "config.toml").is_file():
            raise ValueError(
                f"`name` is {name!r}, and {lora} is of another origin; accepted is another name, or overwrite."
            )
        model = chosen("base", base, {**bases(), SHIPPED: Path()})
        device = comfy.model_management.get_torch_device()
        given: dict[str, Any] = {
            "data": str(whole_dataset(dataset)),
            "out": str(out),
            "base": "mini" if base == SHIPPED else str(model),
            "trigger": trigger,
            "validate_steps": preview_steps,
            "seed": seed,
            "name": name,
            "device": str(device),
            **({"precision": "float32"} if device.type == "cpu" else {}),  # few CPUs compute in bfloat16
            **({"steps": steps} if steps else {}),
            **({"rank": rank, "alpha": float(rank)} if rank else {}),
        }
        config = _config(given, preset, settings)
        with torch.inference_mode(False), torch.enable_grad():
            outcome = _trained(config, overwrite)
        for file in outcome.files:
            _copy(file, lora.with_name(file.name))
        sheets = sorted((out / "samples").glob("*.png"))
        with Image.open(sheets[-1]) as file:
            samples = tensor(file)
        weights = comfy.utils.load_torch_file(str(lora), safe_load=True)
        told = outcome.report.read_text(encoding="utf-8")
        return io.NodeOutput(weights, str(lora), told, samples, ui=ui.PreviewImage(samples, cls=cls))


class _Watcher:
    """Shows how far a training is, and ends it at a step when the user interrupts."""

    def __init__(self, run: Any) -> None:
        self._run, self._progress = run, Progress(run.config.steps)
        self.interrupted: Interrupted | None = None

    def after(self, loop: Any, losses: dict[str, float]) -> None:
        from auface.lora_training.lora.validation import sheet_path

        sheet = sheet_path(self._run.out, loop.step)
        try:
            self._progress.reach(loop.step, _preview(sheet) if sheet.is_file() else None)
        except Interrupted as interrupted:
            self.interrupted = interrupted  # raised again once the checkpoint is written
            self._run.stop()

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass


def _config(given: dict[str, Any], preset: str, settings: str) -> Any:
    """Return the whole configuration; what the settings say counts most, but not over the node's places."""
    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.config_file import read_options

    more = read_options(settings, "settings")
    if taken := sorted({"base", "data", "out", "name", "device"} & set(more)):
        raise ValueError(f"`settings` has `{taken[0]}`; accepted are options that the node has no input for.")
    return LoraConfig.of({**given, **more}, preset)


def _trained(config: Any, overwrite: bool) -> Any:
    """Run a training to its end; the interruption is raised when all is kept."""
    from auface.lora_training.face_consistency import FaceConsistency
    from auface.lora_training.lora.run import LoraRun
    from auface.lora_training.lora.unit_reader import UnitJudge

    from .recognizers import SHIPPED as RECOGNIZER, reader_named

    comfy.model_management.unload_all_models()
    recognizer = reader_named(RECOGNIZER)
    face_loss = None
    if config.reads_faces:
        face_loss = FaceConsistency.of(recognizer, config.device, asked_weight=config.asked_weight)
    cuda = torch.device(config.device)
    # The run seeds torch's global random numbers, which are ComfyUI's too.
    with torch.random.fork_rng([cuda] if cuda.type == "cuda" else []):
        run = LoraRun(config, overwrite=overwrite, judge=UnitJudge(recognizer), face_loss=face_loss, board=False)
        run.prepare(Progress(run.work()).advance)
        watcher = _Watcher(run)
        outcome = run.train([watcher])
    comfy.model_management.soft_empty_cache()
    if not outcome.finished and watcher.interrupted is not None:
        raise watcher.interrupted
    return outcome


def _preview(sheet: Path) -> tuple[str, Any, int]:
    """Return a picture as ComfyUI's progress bar wants it."""
    from PIL import Image

    with Image.open(sheet) as file:
        return "JPEG", file.convert("RGB"), _PREVIEW


def _lora(name: str) -> Path:
    return Path(folder_paths.get_folder_paths("loras")[0]) / f"{checked_name(name, 'name')}.safetensors"


def _copy(source: Path, target: Path) -> None:
    from auface.lora_training.whole_file import write_whole

    content = source.read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        write_whole(target, lambda file: file.write(content))


NODES: list[type[io.ComfyNode]] = [TrainLora]
"""The nodes of this module."""
