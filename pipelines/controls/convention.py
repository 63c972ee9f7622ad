"""What the ControlNet pipelines of each base model take, as diffusers 0.42 defines it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

BaseName = Literal["sd15", "sdxl", "flux", "sd3"]
"""Name of a family of base models."""

MapName = Literal["landmarks", "depth", "normal"]
"""What a map shows."""

MAPS: tuple[MapName, ...] = get_args(MapName)
"""All maps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBase:
    """What the ControlNet pipelines of a base model take.

    Attributes:
        pipeline: Name of diffusers' class for text to image.
        size: Height and width that the base was trained for, in pixels.
        multiple: What height and width are a multiple of, in pixels.
        map_argument: Argument of the pipeline that takes the map.
        long_prompt_argument: Argument that a text encoder without CLIP's limit (T5) reads; None if the base has none.
        tensor_range: Lowest and highest value of a map as a tensor. Pipelines of SD 1.5 and SDXL take 0 to 1; those
            of Flux and SD 3 send a tensor to the ControlNet as it is, which wants -1 to 1.
    """

    pipeline: str
    size: int
    multiple: int
    map_argument: str
    long_prompt_argument: str | None
    tensor_range: tuple[float, float]


BASES: dict[BaseName, ControlBase] = {
    "sd15": ControlBase(
        pipeline="StableDiffusionControlNetPipeline",
        size=512,
        multiple=8,
        map_argument="image",
        long_prompt_argument=None,
        tensor_range=(0.0, 1.0),
    ),
    "sdxl": ControlBase(
        pipeline="StableDiffusionXLControlNetPipeline",
        size=1024,
        multiple=8,
        map_argument="image",
        long_prompt_argument=None,
        tensor_range=(0.0, 1.0),
    ),
    "flux": ControlBase(
        pipeline="FluxControlNetPipeline",
        size=1024,
        multiple=16,
        map_argument="control_image",
        long_prompt_argument="prompt_2",
        tensor_range=(-1.0, 1.0),
    ),
    "sd3": ControlBase(
        pipeline="StableDiffusion3ControlNetPipeline",
        size=1024,
        multiple=16,
        map_argument="control_image",
        long_prompt_argument="prompt_3",
        tensor_range=(-1.0, 1.0),
    ),
}
"""Each base model by its name."""


def control_base(name: str) -> ControlBase:
    """Return what the pipelines of a base take.

    Args:
        name: `sd15`, `sdxl`, `flux` or `sd3`.

    Raises:
        ValueError: Another name.
    """
    if name not in BASES:
        raise ValueError(f"`base` is {name!r}; accepted are {', '.join(map(repr, BASES))}.")
    return BASES[name]


def picture_size(size: int | tuple[int, int] | None, base: ControlBase) -> tuple[int, int]:
    """Return height and width in pixels.

    Args:
        size: Both at once, or height and width; None for what the base was trained for.
        base: The base model.

    Raises:
        ValueError: Not whole numbers from 64 to 4096, or no multiple of what the base wants.
    """
    given = base.size if size is None else size
    sides = given if isinstance(given, tuple) else (given, given)
    right = len(sides) == 2 and all(
        isinstance(side, int) and not isinstance(side, bool) and 64 <= side <= 4096 and side % base.multiple == 0
        for side in sides
    )
    if not right:
        raise ValueError(
            f"`size` is {size!r}; accepted are multiples of {base.multiple} from 64 to 4096: one number, or height "
            "and width."
        )
    return sides[0], sides[1]
