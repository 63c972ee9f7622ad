"""Choosing one of several faces: by number, size or place in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

Place = Literal["largest", "center", "left", "right"]
"""A face by its size, or by its place in the picture; left and right are those of the picture."""

FaceChoice: TypeAlias = "int | Place | tuple[float, float]"
"""A number (0 is the largest), a place, or x, y in pixels."""


class NoFaceError(ValueError):
    """There is no face, or not the one that was asked for."""


def chosen(boxes: Sequence[Box], size: tuple[int, int], choice: FaceChoice, source: str = "") -> int:
    """Return which of several faces is meant.

    Args:
        boxes: The faces, in their order.
        size: Width and height of the picture in pixels.
        choice: A number, a place, or x, y in pixels: the smallest face whose box holds the point, or else the nearest.
        source: Name of the picture, for the error text.

    Raises:
        NoFaceError: There is no face, or not so many.
        ValueError: Another choice.
    """
    _check(choice)
    name = repr(source) if source else "the picture"
    if not boxes:
        raise NoFaceError(f"no face was found in {name}; accepted is a picture that shows one.")
    if isinstance(choice, int):
        if choice >= len(boxes):
            raise NoFaceError(f"`choice` is {choice}, but {name} has {len(boxes)} faces; accepted are numbers below.")
        return choice
    numbers = range(len(boxes))
    if choice == "largest":
        return max(numbers, key=lambda n: _side(boxes[n]))
    if choice == "left":
        return min(numbers, key=lambda n: boxes[n][0] + boxes[n][2])
    if choice == "right":
        return max(numbers, key=lambda n: boxes[n][0] + boxes[n][2])
    x, y = (size[0] / 2, size[1] / 2) if choice == "center" else choice
    if holding := [n for n in numbers if choice != "center" and _holds(boxes[n], x, y)]:  # pyright: ignore[reportArgumentType]
        return min(holding, key=lambda n: _side(boxes[n]))
    return min(numbers, key=lambda n: _distance(boxes[n], x, y))  # pyright: ignore[reportArgumentType]


def _check(choice: object) -> None:
    if isinstance(choice, bool):
        pass
    elif isinstance(choice, int) and choice >= 0:
        return
    elif isinstance(choice, str) and choice in get_args(Place):
        return
    elif isinstance(choice, tuple) and len(choice) == 2:
        if all(isinstance(value, (int, float)) and abs(value) < float("inf") for value in choice):
            return
    raise ValueError(
        f"`choice` is {choice!r}; accepted are a number from 0, {', '.join(map(repr, get_args(Place)))}, or (x, y)."
    )


def _side(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _distance(box: Box, x: float, y: float) -> float:
    return (((box[0] + box[2]) / 2 - x) ** 2 + ((box[1] + box[3]) / 2 - y) ** 2) ** 0.5
