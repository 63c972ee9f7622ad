"""The node that makes an AUText data set of pictures, and the place of data sets in ComfyUI's folders."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folder_paths
from comfy_api.latest import io, ui
from torch import Tensor

from auface.autext.caption import STYLES
from auface.autext.writer import COMPLETE
from auface.facs import Expression

from .picture import pillow, pixels, tensor
from .progress import Progress
from .recognizers import reader_named, recognizer_input
from .socket import CATEGORY, expression_input, kept_seed_input, overwrite_input, slider

_NAME = re.compile(r"[\w][\w .-]{0,99}")


def checked_name(name: str, argument: str) -> str:
    """Return a name that can be that of a file or folder.

    Args:
        name: The name.
        argument: What it is called, for the error.

    Raises:
        ValueError: It is empty, too long, or would leave its folder.
    """
    if not _NAME.fullmatch(name) or name.endswith((" ", ".")):
        raise ValueError(f"`{argument}` is {name!r}; accepted are up to 100 letters, digits, spaces, - and _.")
    return name


def dataset_folder(name: str) -> Path:
    """Return the folder of a data set, whether it is there or not.

    Args:
        name: Its name.

    Raises:
        ValueError: It is no name of a folder.
    """
    return Path(folder_paths.get_folder_paths("datasets")[0]) / checked_name(name, "dataset")


def whole_dataset(name: str) -> Path:
    """Return the folder of a data set that is there.

    Args:
        name: Its name, in any of ComfyUI's folders of data sets.

    Raises:
        ValueError: There is no such data set, or it is not finished.
    """
    roots = [Path(root) for root in folder_paths.get_folder_paths("datasets")]
    found = next((root / name for root in roots if (root / checked_name(name, "dataset") / COMPLETE).is_file()), None)
    if found is None:
        there = sorted(path.parent.name for root in roots if root.is_dir() for path in root.glob(f"*/{COMPLETE}"))
        accepted = ", ".join(map(repr, there)) or "none yet; Build AU Dataset makes one"
        raise ValueError(f"`dataset` is {name!r}; accepted are the data sets in {roots[0]}: {accepted}.")
    return found


def content_of(file: Path) -> str:
    """Return the checksum of a file, or for one that is not there something that never comes again.

    Args:
        file: The file.
    """
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else f"missing at {time.time_ns()}"


class BuildDataset(io.ComfyNode):
    """Pictures in, a folder with captions and units out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceBuildDataset",
            display_name="Build AU Dataset",
            category=CATEGORY,
            description="Make a data set for training from pictures of faces, with the expressions or captions that "
            "you link, or labelled by the recognizer.",
            search_aliases=["dataset", "training data", "caption images", "label images", "AUText", "LoRA dataset"],
            is_output_node=True,
            is_input_list=True,
            inputs=[
                io.Image.Input(
                    "images", tooltip="The pictures: a batch, or a list such as Load Image (from Folder) gives."
                ),
                io.String.Input(
                    "dataset",
                    default="my_faces",
                    tooltip="Name of the data set, a folder in ComfyUI's folder datasets.",
                ),
                io.Combo.Input(
                    "captions",
                    options=list(STYLES),
                    default="sentence",
                    tooltip="Style of the captions that are written; mixed takes one of the three for each picture.",
                ),
                io.Boolean.Input(
                    "hold_out",
                    default=True,
                    label_on="one in ten",
                    label_off="none",
                    tooltip="Keep a tenth of the pictures out of training, to see whether it learns or only remembers. "
                    "With fewer than 20 pictures, none are.",
                ),
                kept_seed_input("Which words captions have, and which pictures are kept out.", 0xFFFFFFFF),
                overwrite_input("replace", "keep", "Whether another data set of this name is replaced."),
                slider(
                    "min_confidence", 0.8, 0.0, 1.0, 0.01, "A face less certain than this is none; 1 is quite certain."
                ),
                slider(
                    "max_error",
                    1.0,
                    0.1,
                    5.0,
                    0.1,
                    "The caption is silent about units that may be further off than this.",
                ),
                recognizer_input(),
                expression_input(
                    "expression",
                    "What the pictures show: one for all, or a list with one for each. Without it, the recognizer "
                    "reads them.",
                    optional=True,
                ),
                io.String.Input(
                    "caption",
                    optional=True,
                    force_input=True,
                    tooltip="Captions: one for all, or a list with one for each picture. Without them, they are "
                    "written from the expressions.",
                ),
            ],
            outputs=[
                io.String.Output("dataset_out", display_name="dataset", tooltip="Its name, for Train Expression LoRA."),
                io.String.Output("report", tooltip="How many pictures were taken, and what to look at."),
                io.Image.Output("sheet", tooltip="Some of the pictures with their labels and captions."),
            ],
        )

    @classmethod
    def validate_inputs(cls, dataset: Any = None) -> bool | str:
        """Return True or why the name is none.

        Args:
            dataset: As for `execute`, or None where it is linked.
        """
        try:
            return dataset is None or bool(checked_name(_first(dataset), "dataset"))
        except ValueError as error:
            return str(error)

    @classmethod
    def fingerprint_inputs(cls, dataset: Any = None, **_: Any) -> str:
        """Return the checksum of what is there; where nothing is, the set is made, whatever was made before.

        Args:
            dataset: As for `execute`, or None where it is linked.
            **_: The others, which ComfyUI compares itself.
        """
        return "" if dataset is None else content_of(dataset_folder(_first(dataset)) / COMPLETE)

    @classmethod
    def execute(
        cls,
        images: Sequence[Tensor],
        dataset: Sequence[str],
        captions: Sequence[str],
        hold_out: Sequence[bool],
        seed: Sequence[int],
        overwrite: Sequence[bool],
        min_confidence: Sequence[float],
        max_error: Sequence[float],
        recognizer: Sequence[str],
        expression: Sequence[Expression] | None = None,
        caption: Sequence[str] | None = None,
    ) -> io.NodeOutput:
        """Write the pictures to ComfyUI's folder of temporary files, and make the set of that.

        Args:
            images: Each (batch, height, width, 3).
            dataset: Its name.
            captions: Style.
            hold_out: Whether some are kept out of training.
            seed: Of captions and of what is kept out.
            overwrite: Whether another set is replaced.
            min_confidence: From 0 to 1.
            max_error: In levels of intensity.
            recognizer: A name that `recognizers` has.
            expression: None, one, or one for each picture.
            caption: None, one, or one for each picture.

        Raises:
            ValueError: There are not as many expressions or captions as pictures, no picture shows a face, the folder
                holds something else, or the recognizer is missing or damaged.
        """
        from PIL import Image

        from auface.autext.labelled_folder import label_folder
        from auface.autext.labelling import LabelWorkshop, Told

        pictures = [picture for batch in images for picture in batch]
        expressions = _for_each("expression", expression, len(pictures))
        texts = _for_each("caption", caption, len(pictures))
        digest = _checksum(pictures)
        folder, names = _kept(pictures, digest)
        reader = reader_named(recognizer[0])
        shop = LabelWorkshop(
            folder,
            names,
            lambda: reader,
            captions[0],  # type: ignore[arg-type]
            seed[0],
            min_confidence[0],
            max_error[0],
            {
                name: Told(expression=known, text=(text or "").strip())
                for name, known, text in zip(names, expressions, texts, strict=True)
                if known is not None or text
            },
            hold_out[0] and len(pictures) >= _FEW,
        )
        out, progress = dataset_folder(dataset[0]), Progress(len(names))
        found = label_folder(shop, out, more={"checksum": digest}, overwrite=overwrite[0], advance=progress.advance)
        if not sum(found.rows.values()):
            raise ValueError(
                f"`images` has {len(pictures)} pictures, none of which shows one face alone that is sure enough."
            )
        with Image.open(out / "sheet.png") as file:
            sheet = tensor(file)
        return io.NodeOutput(dataset[0], _report(out, found), sheet, ui=ui.PreviewImage(sheet, cls=cls))


_FEW = 20  # pictures below which none are held out


def _checksum(pictures: Sequence[Tensor]) -> str:
    digest = hashlib.sha256()
    for picture in pictures:
        digest.update(repr(tuple(picture.shape)).encode() + pixels(picture).tobytes())
    return digest.hexdigest()[:16]


def _kept(pictures: Sequence[Tensor], digest: str) -> tuple[Path, tuple[str, ...]]:
    """Write pictures as PNG into a folder of their own, and return it and their names."""
    folder = Path(folder_paths.get_temp_directory()) / "auface" / digest
    folder.mkdir(parents=True, exist_ok=True)
    names = tuple(f"{number:05d}.png" for number in range(len(pictures)))
    for name, picture in zip(names, pictures, strict=True):
        if not (folder / name).is_file():
            part = folder / f"{name}.part"
            pillow(pixels(picture)).save(part, "PNG")
            part.replace(folder / name)
    return folder, names


def _for_each(name: str, values: Sequence[Any] | None, count: int) -> list[Any]:
    """Return a value for each picture."""
    if not values:
        return [None] * count
    if len(values) not in (1, count):
        raise ValueError(f"`{name}` has {len(values)} entries for {count} pictures; accepted is one, or one for each.")
    return list(values) if len(values) == count else [values[0]] * count


def _report(out: Path, found: Any) -> str:
    rows = ", ".join(f"{count} for {split}" for split, count in found.rows.items() if count)
    lines = [f"{out}: {rows}."]
    if found.left_out:
        lines.append(f"{found.left_out} pictures were left out.")
    if found.review:
        lines.append(f"{found.review} are to be looked at: review.png and review.csv say why.")
    return "\n".join(lines)


def _first(value: Any) -> str:
    return value[0] if isinstance(value, list) else value


NODES: list[type[io.ComfyNode]] = [BuildDataset]
"""The nodes of this module."""
