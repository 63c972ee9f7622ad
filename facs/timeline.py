"""Expressions over time: keyframes as text, one a line, and the face on every frame between them.

Grammar of a line: `frame [easing] : expression`. The frame is a whole number from 0; the easing says how the face moves
into this keyframe; the expression is FACS notation, English, or the name of an expression that is given beside the
text. Empty lines and lines that start with # say nothing::

    0: neutral
    12 ease-out: brows raised high, jaw dropped
    24: 6C+12D
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .border import MAX_TEXT_LENGTH, checked_text
from .expression import Expression
from .request import as_expression

Easing = Literal["linear", "smooth", "ease-in", "ease-out", "hold"]
"""How a face moves into a keyframe; `hold` keeps the keyframe before and then jumps."""

MAX_FRAMES = 100_000
"""Longest timeline; over an hour at 24 frames per second."""

_EASINGS: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "smooth": lambda t: t * t * (3.0 - 2.0 * t),  # cubic Hermite, at rest at both ends
    "ease-in": lambda t: t * t,
    "ease-out": lambda t: 1.0 - (1.0 - t) ** 2,
    "hold": lambda t: 0.0,
}

EASINGS: tuple[str, ...] = tuple(_EASINGS)
"""The names of all easings."""

_LINE = re.compile(r"\s*([0-9]{1,9})(?:\s+([A-Za-z-]+))?\s*:(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """What the face does at one moment.

    Attributes:
        frame: Number of the frame, from 0.
        expression: The expression on that frame.
        easing: How the face moves into it from the keyframe before.
    """

    frame: int
    expression: Expression
    easing: Easing = "smooth"


def parse_timeline(
    text: str, named: Mapping[str, Expression] | None = None, easing: Easing = "smooth"
) -> tuple[Keyframe, ...]:
    """Read keyframes from text.

    Args:
        text: One keyframe a line; the module says how.
        named: Expressions that lines may call by name, in any case.
        easing: The easing of lines that name none.

    Raises:
        ValueError: A line cannot be read, frames do not rise, or there is no keyframe. Says which line.
    """
    checked_text(text, "keyframes", MAX_TEXT_LENGTH)
    names = {name.lower(): expression for name, expression in (named or {}).items()}
    keyframes: list[Keyframe] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            keyframe = _keyframe(line, names, easing)
            if keyframes and keyframe.frame <= keyframes[-1].frame:
                raise ValueError(f"frame {keyframe.frame} must come after frame {keyframes[-1].frame}.")
        except ValueError as error:
            raise ValueError(f"keyframes, line {number}: {error}") from None
        keyframes.append(keyframe)
    if not keyframes:
        raise ValueError("`keyframes` has no keyframe; write one a line, such as '12: 6C+12D'.")
    return tuple(keyframes)


def animate(keyframes: Sequence[Keyframe], frames: int | None = None) -> tuple[Expression, ...]:
    """Return the expression on every frame, the first being frame 0.

    Before the first keyframe and after the last one the face rests in that keyframe.

    Args:
        keyframes: The keyframes, by rising frame.
        frames: How many frames; None ends with the last keyframe.

    Raises:
        ValueError: There is no keyframe, frames do not rise, or there are more than `MAX_FRAMES` frames.
    """
    numbers = [keyframe.frame for keyframe in keyframes]
    if not numbers or any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise ValueError(f"`keyframes` are on frames {numbers}; accepted is at least one, by rising frame.")
    count = numbers[-1] + 1 if frames is None else frames
    if not 1 <= count <= MAX_FRAMES:
        raise ValueError(f"`frames` is {count}; accepted are 1 to {MAX_FRAMES}.")
    faces: list[Expression] = []
    after = 0  # index of the first keyframe later than this frame
    for frame in range(count):
        while after < len(keyframes) and keyframes[after].frame <= frame:
            after += 1
        if after in (0, len(keyframes)):
            faces.append(keyframes[min(after, len(keyframes) - 1)].expression)
            continue
        last, following = keyframes[after - 1], keyframes[after]
        share = (frame - last.frame) / (following.frame - last.frame)
        faces.append(last.expression.blended(following.expression, _EASINGS[following.easing](share)))
    return tuple(faces)


def _keyframe(line: str, named: Mapping[str, Expression], default: Easing) -> Keyframe:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"{line.strip()[:60]!r} is not a keyframe; write 'frame: expression', such as '12: 6C+12D'.")
    easing = (match[2] or default).lower()
    if easing not in _EASINGS:
        raise ValueError(f"{easing!r} is not an easing; accepted are {', '.join(EASINGS)}.")
    frame = int(match[1])
    if frame >= MAX_FRAMES:
        raise ValueError(f"frame {frame} is too late; accepted are 0 to {MAX_FRAMES - 1}.")
    said = match[3].strip()
    expression = named[said.lower()] if said.lower() in named else as_expression(said)
    return Keyframe(frame=frame, expression=expression, easing=easing)  # type: ignore[arg-type]
