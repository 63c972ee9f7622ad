"""`expression_to_controls`: an expression as prompt and maps, for a base model without an adapter of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from auface.facs import Expression, as_expression, resolve
from auface.facs.text import MAX_CLIP_TOKENS
from auface.pipelines.controls.convention import MAPS, BaseName, ControlBase, MapName, control_base, picture_size
from auface.pipelines.controls.face import Identity, portrait
from auface.pipelines.controls.words import long_prompt, prompt_within
from auface.structure.face_structure import FaceStructure
from auface.structure.model import StructureModel, shipped_model
from auface.structure.pose import HeadPose

if TYPE_CHECKING:
    from PIL.Image import Image

    from auface.facs.conflict import Policy

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExpressionControls:
    """What drives a ControlNet of a base model toward an expression.

    Attributes:
        expression: What the maps show: the request without what a face cannot do.
        prompt: The prompt with the words of the expression in it, within CLIP's length.
        long_prompt: The prompt with a full description in it, for encoders of long texts (T5).
        unsaid: Units that did not fit into `prompt`; neutral if all did.
        base: What the pipelines of the base take.
        height: Height of the maps in pixels.
        width: Width of the maps in pixels.
        face: The geometry that is drawn.
        landmarks: (478, 3) x and y in pixels of the picture, and the distance from the camera's plane.
        maps: Map -> (height, width, 3) RGB from 0 to 1. `landmarks` is drawn as ControlNetMediaPipeFace draws it;
            `depth` is white near and black where no face is, as MiDaS; `normal` is as NormalBae in ControlNet 1.1.
    """

    expression: Expression
    prompt: str
    long_prompt: str
    unsaid: Expression
    base: ControlBase
    height: int
    width: int
    face: FaceStructure
    landmarks: Floats
    maps: dict[MapName, Floats]

    def image(self, name: MapName) -> Image:
        """Return a map as an RGB picture, which the pipelines of every base take.

        Args:
            name: `landmarks`, `depth` or `normal`.

        Raises:
            ValueError: Another name.
        """
        from PIL import Image

        return Image.fromarray((255 * self._map(name)).round().astype(np.uint8))

    def tensor(self, name: MapName) -> Tensor:
        """Return a map as (1, 3, height, width) in the range that the pipelines of this base want of a tensor.

        Args:
            name: `landmarks`, `depth` or `normal`.

        Raises:
            ValueError: Another name.
        """
        low, high = self.base.tensor_range
        return torch.from_numpy(self._map(name)).permute(2, 0, 1)[None].contiguous() * (high - low) + low

    def arguments(self, *names: MapName) -> dict[str, Any]:
        """Return arguments for the pipeline of this base: prompt, map, height and width.

        Args:
            *names: The map that the ControlNet reads; several for as many ControlNets, in their order.

        Raises:
            ValueError: No name, or another name.
        """
        if not names:
            raise ValueError(f"`names` is empty; accepted are one or more of {', '.join(map(repr, MAPS))}.")
        images = [self.image(name) for name in names]
        found: dict[str, Any] = {
            "prompt": self.prompt,
            self.base.map_argument: images if len(images) > 1 else images[0],
            "height": self.height,
            "width": self.width,
        }
        if self.base.long_prompt_argument is not None:
            found[self.base.long_prompt_argument] = self.long_prompt
        return found

    def _map(self, name: str) -> Floats:
        for known, picture in self.maps.items():
            if known == name:
                return picture
        raise ValueError(f"`name` is {name!r}; accepted are {', '.join(map(repr, MAPS))}.")


def expression_to_controls(
    expression: Expression | str,
    prompt: str = "",
    *,
    base: BaseName = "sd15",
    size: int | tuple[int, int] | None = None,
    identity: Identity = None,
    pose: HeadPose | str | None = None,
    landmarks: ArrayLike | None = None,
    zoom: float = 1.0,
    conflict_policy: Policy = "natural",
    token_limit: int | None = MAX_CLIP_TOKENS,
    tokenizer: Any = None,
    model: StructureModel | None = None,
) -> ExpressionControls:
    """Return prompt and maps of an expression for any landmark, depth or normal ControlNet of a base model.

    Args:
        expression: An expression, FACS notation, or English.
        prompt: The prompt; the words of the expression take the place of `{expression}`, or go to the end.
        base: `sd15`, `sdxl`, `flux` or `sd3`.
        size: Height and width in pixels, or both as a pair; by default what the base was trained for. With
            `landmarks` the size of their photo.
        identity: Whose face: a seed, a (478, 3) neutral face of `auface.structure`, or None for the default head.
        pose: How the head is turned, or "yaw,pitch,roll" in degrees.
        landmarks: (468 or 478, 2 or 3) landmarks of a photo in pixels, y down: the expression on that person, where
            the face is in the photo; instead of `identity`, `pose` and `zoom`.
        zoom: Size of the face; 1 is FFHQ's crop, a half leaves room for shoulders.
        conflict_policy: `natural` asks for what a face can do, `strict` refuses conflicts, `keep` puts them into the
            prompt as asked; maps always show what a face can do.
        token_limit: CLIP tokens that `prompt` may have with the words in it; None for no limit.
        tokenizer: CLIP's tokenizer, for an exact count of the prompt's own words; without one they are estimated.
        model: What knows how faces move; by default the shipped model.

    Raises:
        ValueError: An argument is wrong, the request says nothing about a face, policy `strict` and a conflict, or the
            prompt leaves no room for the words of the expression.
    """
    convention = control_base(base)
    if landmarks is not None and size is None:
        raise ValueError("`size` is None; accepted with `landmarks` is the height and width of their photo.")
    height, width = picture_size(size, convention)
    said = resolve(as_expression(expression), conflict_policy)
    text, unsaid = prompt_within(said, prompt, token_limit, tokenizer)
    seen = portrait(
        resolve(said),
        model or shipped_model(),
        height,
        width,
        identity=identity,
        pose=pose,
        landmarks=landmarks,
        zoom=zoom,
    )
    surface = seen.face.surface_maps(seen.camera, height, width)
    return ExpressionControls(
        expression=seen.face.expression,
        prompt=text,
        long_prompt=long_prompt(said, prompt),
        unsaid=unsaid,
        base=convention,
        height=height,
        width=width,
        face=seen.face,
        landmarks=seen.face.landmarks(seen.camera),
        maps={
            "landmarks": seen.face.landmark_map(seen.camera, height, width),
            "depth": np.repeat(surface.depth[0].numpy()[..., None], 3, axis=2),
            "normal": surface.normal_picture()[0].numpy(),
        },
    )
