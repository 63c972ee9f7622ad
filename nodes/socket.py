"""The sockets of AUFace's own, and the inputs that several nodes share."""

from __future__ import annotations

from comfy_api.latest import io

from auface.facs import as_expression

CATEGORY = "AUFace"
"""Where the nodes stand in the menu."""

AUExpression = io.Custom("AU_EXPRESSION")
"""The socket of an `auface.facs.Expression`."""


AUStructure = io.Custom("AU_STRUCTURE")
"""The socket of an `auface.structure.Scene`."""


AURecognition = io.Custom("AU_RECOGNITION")
"""The socket of a tuple of `auface.recognition.Recognition`, one for each picture of a batch."""


def expression_input(
    name: str = "expression", tooltip: str = "What the face does.", optional: bool = False
) -> io.Input:
    """Return the schema of an input for one expression.

    Args:
        name: Name of the input.
        tooltip: What it is for.
        optional: Whether it may be left out.
    """
    return AUExpression.Input(name, tooltip=tooltip, optional=optional)


def expression_output(tooltip: str = "What the face does.", is_output_list: bool = False) -> io.Output:
    """Return the schema of an output for expressions.

    Args:
        tooltip: What comes out.
        is_output_list: Whether it is a list, for which ComfyUI runs the nodes behind it once each.
    """
    return AUExpression.Output(
        "expression_out", display_name="expression", tooltip=tooltip, is_output_list=is_output_list
    )


def slider(name: str, default: float, least: float, most: float, step: float, tooltip: str) -> io.Input:
    """Return the schema of a slider.

    Args:
        name: Name of the input.
        default: Where it stands at first.
        least: Its left end.
        most: Its right end.
        step: Its steps.
        tooltip: What it is for.
    """
    return io.Float.Input(
        name,
        default=default,
        min=least,
        max=most,
        step=step,
        display_mode=io.NumberDisplay.slider,
        tooltip=tooltip,
    )


def policy_input() -> io.Input:
    """Return the schema of the choice what to do with units that a face cannot combine."""
    return io.Combo.Input(
        "conflicts",
        options=["natural", "strict", "keep"],
        default="natural",
        advanced=True,
        tooltip="Units that no face can combine: natural weakens them as a face would, strict stops with an error, "
        "keep says them as asked.",
    )


def why_not(text: str) -> bool | str:
    """Return True if a text says an expression, and otherwise why it does not, as `validate_inputs` wants it.

    Args:
        text: FACS notation or English.
    """
    try:
        as_expression(text)
    except ValueError as error:
        return str(error)
    return True


def kept_seed_input(tooltip: str, most: int) -> io.Input:
    """Return the schema of a seed that stays from run to run: another one would be another data set, or training.

    Args:
        tooltip: What is random.
        most: The largest one.
    """
    return io.Int.Input("seed", default=0, min=0, max=most, control_after_generate=False, tooltip=tooltip)


def overwrite_input(label_on: str, label_off: str, tooltip: str) -> io.Input:
    """Return the schema of the choice whether files of the same name are thrown away.

    Args:
        label_on: Word for that they are.
        label_off: Word for that they are not.
        tooltip: What is there.
    """
    return io.Boolean.Input("overwrite", default=False, label_on=label_on, label_off=label_off, tooltip=tooltip)
