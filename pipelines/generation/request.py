"""`PictureRequest`: all that decides what a picture looks like, as one frozen value that a PNG can carry."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from auface.facs import as_expression
from auface.facs.conflict import Policy
from auface.structure.pose import HeadPose

SCHEMA = "auface.picture/1"
"""Name and version of the JSON form."""

MINI = "auface-mini"
"""Name of the embedded default model, as a base."""

Precision = Literal["float32", "bfloat16", "float16"]
"""Type of numbers that a model computes with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """What a picture was made from.

    What is None is left to the pipeline and the base model.

    Attributes:
        expression: FACS notation or English.
        prompt: Who and where, in words.
        negative_prompt: What not to draw.
        seed: Seed of the noise, from 0.
        steps: Denoising steps.
        guidance: Scale of classifier-free guidance.
        early_guidance: The same in the first 40 % of the steps, which decide colors and the person; None for no other.
        expression_scale: How strongly the adapter acts; 0 is the plain model.
        expression_guidance: Scale of the guidance of the expression alone.
        size: Height and width in pixels.
        identity: `default`, a seed of a person, or a file with a photo's landmarks.
        pose: Turn of the head as "yaw,pitch,roll" in degrees.
        conflict_policy: `natural`, `strict` or `keep`.
        base: `auface-mini`, a folder in diffusers' layout, a .safetensors file, or a hub id.
        base_print: What the base's weights look like, to tell other weights of the same name.
        adapter: The adapter's file; by default the one that the base brings.
        loras: Files with their scales.
        image: A picture of the face that the expression is drawn onto.
        image_print: sha256 of that file.
        landmarks: A file with the landmarks of that picture's face; by default they are found in it.
        strength: How much of that picture may change, above 0 to 1.
        precision: Type of numbers that the model computes with.
        device: Where it computes; the same seed gives the same picture on the same kind of device only.
    """

    expression: str
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    early_guidance: float | None = None
    expression_scale: float = 1.0
    expression_guidance: float | None = None
    size: tuple[int, int] | None = None
    identity: str = "default"
    pose: str = ""
    conflict_policy: Policy = "natural"
    base: str = MINI
    base_print: str | None = None
    adapter: str | None = None
    loras: tuple[tuple[str, float], ...] = ()
    image: str | None = None
    image_print: str | None = None
    landmarks: str | None = None
    strength: float | None = None
    precision: Precision = "float32"
    device: str = "cpu"

    def __post_init__(self) -> None:
        as_expression(self.expression)
        HeadPose.parse(self.pose)
        for name in ("seed", "steps"):
            value, least = getattr(self, name), 0 if name == "seed" else 1
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                raise ValueError(f"`{name}` is {value!r}; accepted is a whole number from {least}.")
        for name in ("guidance", "early_guidance", "expression_scale", "expression_guidance"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and 0 <= value < math.inf):
                raise ValueError(f"`{name}` is {value!r}; accepted is a number from 0.")
        early, later = self.early_guidance, self.guidance
        if early is not None and later is not None and (early > 1) != (later > 1):
            raise ValueError(
                f"`guidance` is {later} and `early_guidance` {early}; accepted are two above 1, or two up to 1."
            )
        if self.strength is not None and not 0 < self.strength <= 1:
            raise ValueError(f"`strength` is {self.strength!r}; accepted is a number above 0, to 1.")
        for name in ("strength", "landmarks"):
            if getattr(self, name) is not None and self.image is None:
                raise ValueError(f"`{name}` is given without `image`; accepted are both, or neither.")
        if self.image is not None and (self.identity != "default" or self.pose):
            raise ValueError("`image` is given with `identity` or `pose`, which it says itself; accepted is either.")
        for name, kind in (("conflict_policy", Policy), ("precision", Precision)):
            if getattr(self, name) not in get_args(kind):
                accepted = ", ".join(map(repr, get_args(kind)))
                raise ValueError(f"`{name}` is {getattr(self, name)!r}; accepted are {accepted}.")
        for file, scale in self.loras:
            if not -math.inf < scale < math.inf:
                raise ValueError(f"`lora` is {file}:{scale!r}; accepted is a finite scale.")

    def changed(self, **values: Any) -> PictureRequest:
        """Return the request with other values.

        Args:
            **values: New values by name.

        Raises:
            ValueError: A value is wrong.
        """
        return replace(self, **values)

    def to_json(self) -> str:
        """Return the request as JSON."""
        return json.dumps({"schema": SCHEMA, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> PictureRequest:
        """Read a request; the inverse of `to_json`.

        Args:
            text: JSON.

        Raises:
            ValueError: It is no such JSON, or a value is wrong.
        """
        try:
            values = json.loads(text)
        except ValueError:
            values = None
        if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
            raise ValueError(f"`text` holds no request of {SCHEMA}.")
        if unknown := set(values) - {field.name for field in fields(cls)}:
            raise ValueError(f"`text` holds {', '.join(sorted(unknown))}, which {SCHEMA} does not know.")
        try:
            if values.get("size") is not None:
                height, width = values["size"]
                values["size"] = (height, width)
            values["loras"] = tuple((file, scale) for file, scale in values.get("loras", ()))
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"`text` holds a damaged request: {error}.") from None

    def parameters(self, version: str) -> str:
        """Return the request in the form that galleries read, under the key `parameters`.

        Args:
            version: Version of AUFace.
        """
        settings: dict[str, Any] = {
            "Steps": self.steps,
            "CFG scale": self.guidance,
            "AUFace early CFG scale": self.early_guidance,
            "Seed": self.seed,
            "Size": None if self.size is None else f"{self.size[1]}x{self.size[0]}",
            "Model": self.base.replace("\\", "/").rstrip("/").rpartition("/")[2],
            "Denoising strength": self.strength,
            "AUFace expression": as_expression(self.expression).notation(),
            "AUFace scale": self.expression_scale,
            "Version": f"AUFace {version}",
        }
        said = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items() if value is not None)
        lines = [self.prompt, f"Negative prompt: {self.negative_prompt}" if self.negative_prompt else "", said]
        return "\n".join(line for place, line in enumerate(lines) if line or place == 0)


def _quoted(value: Any) -> str:
    text = str(value)
    return json.dumps(text) if any(mark in text for mark in ',:"\n') else text
