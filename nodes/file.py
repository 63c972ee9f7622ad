"""Nodes that keep expressions as JSON files in ComfyUI's own input and output folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import folder_paths
from comfy_api.latest import io, ui

from auface.facs import Expression

from .socket import CATEGORY, expression_input, expression_output

FOLDER = "auface"
"""Sub-folder of both folders that is looked into."""

NOTHING = "(no expression saved yet)"
"""What the menu shows while there is no file."""


def saved_expressions() -> list[str]:
    """Return the expression files that the menu offers, by the names that ComfyUI gives files in its folders."""
    inputs, outputs = Path(folder_paths.get_input_directory()), Path(folder_paths.get_output_directory())
    names = [path.relative_to(inputs).as_posix() for part in ("", FOLDER) for path in (inputs / part).glob("*.json")]
    names += [f"{path.relative_to(outputs).as_posix()} [output]" for path in (outputs / FOLDER).glob("*.json")]
    return sorted(names)


def _path(file: str) -> Path:
    """Return the path of a file by the name that ComfyUI gives it, if it lies in one of ComfyUI's folders."""
    folders = [folder_paths.get_input_directory(), folder_paths.get_output_directory()]
    path = Path(folder_paths.get_annotated_filepath(file)).resolve()
    if not path.is_file() or not any(path.is_relative_to(Path(folder).resolve()) for folder in folders):
        raise ValueError(f"`file` is {file!r}, which is no file in ComfyUI's input or output folder.")
    return path


class LoadExpression(io.ComfyNode):
    """A JSON file in, an expression out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceLoadExpression",
            display_name="Load Expression",
            category=CATEGORY,
            description="Load an expression that was saved as JSON.",
            search_aliases=["open expression", "expression file", "expression JSON"],
            inputs=[
                io.Combo.Input(
                    "file",
                    options=saved_expressions() or [NOTHING],
                    tooltip="A JSON file in ComfyUI's input folder or its sub-folder auface, or one that Save "
                    "Expression wrote. Press R for files that are new.",
                ),
            ],
            outputs=[
                expression_output(),
                io.String.Output("notation", tooltip="The expression in FACS notation."),
            ],
        )

    @classmethod
    def validate_inputs(cls, file: str = NOTHING) -> bool | str:
        """Return True or why there is nothing to load.

        Args:
            file: As for `execute`.
        """
        if file == NOTHING:
            return "there is no expression to load; save one with Save Expression, or put a file into the input folder."
        try:
            _path(file)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, file: str = NOTHING) -> str:
        """Return the checksum of the file, so that a changed file is loaded again.

        Args:
            file: As for `execute`.
        """
        return hashlib.sha256(_path(file).read_bytes()).hexdigest()

    @classmethod
    def execute(cls, file: str) -> io.NodeOutput:
        """Read the file.

        Args:
            file: Name as ComfyUI writes it: relative to the input folder, or with "[output]" behind it.

        Raises:
            ValueError: The file lies outside ComfyUI's folders, or holds no expression.
        """
        path = _path(file)
        try:
            expression = Expression.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"`file` is {file!r}, which holds no expression: {error}") from None
        return io.NodeOutput(expression, expression.notation())


class SaveExpression(io.ComfyNode):
    """An expression in, a JSON file in the output folder."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceSaveExpression",
            display_name="Save Expression",
            category=CATEGORY,
            description="Save an expression as JSON that people can read, in ComfyUI's output folder.",
            search_aliases=["write expression", "export expression", "expression JSON"],
            is_output_node=True,
            inputs=[
                expression_input(),
                io.String.Input(
                    "filename_prefix",
                    default=f"{FOLDER}/expression",
                    tooltip="Beginning of the file name, with sub-folders of the output folder if you like; a number "
                    "is added. Load Expression lists the sub-folder auface.",
                ),
            ],
            outputs=[expression_output("The same expression, to go on with.")],
        )

    @classmethod
    def execute(cls, expression: Expression, filename_prefix: str) -> io.NodeOutput:
        """Write the file.

        Args:
            expression: What the face does.
            filename_prefix: Beginning of the file name, inside the output folder.
        """
        folder, name, _, _, _ = folder_paths.get_save_image_path(filename_prefix, folder_paths.get_output_directory())
        taken = {path.stem for path in Path(folder).glob("*.json")}
        number = next(number for number in range(1, len(taken) + 2) if f"{name}_{number:05}" not in taken)
        path = Path(folder) / f"{name}_{number:05}.json"
        path.write_text(expression.to_json() + "\n", encoding="utf-8")
        shown = path.relative_to(folder_paths.get_output_directory()).as_posix()
        return io.NodeOutput(expression, ui=ui.PreviewText(f"{shown}\n{expression}"))


NODES: list[type[io.ComfyNode]] = [LoadExpression, SaveExpression]
"""The nodes of this module."""
