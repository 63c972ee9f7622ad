"""Synthetic heads: pictures of faces with exact expression labels, landmarks and maps.

`HeadDescription` says everything about one picture; `sample_identity` and `sample_view` draw people and views by seed;
a `HeadRenderer` from `open_renderer` draws them. Nothing heavy is imported before a renderer is opened.
"""

from auface.autext.head_description import (
    Background,
    Camera,
    Gaze,
    HeadDescription,
    HeadPose,
    Identity,
    Light,
    Look,
    View,
)

from .backend import Backend, open_renderer
from .renderer import MAPS, HeadImage, HeadRenderer, MapName, Part
from .sample import sample_identity, sample_view

__all__ = [
    "MAPS",
    "Backend",
    "Background",
    "Camera",
    "Gaze",
    "HeadDescription",
    "HeadImage",
    "HeadPose",
    "HeadRenderer",
    "Identity",
    "Light",
    "Look",
    "MapName",
    "Part",
    "View",
    "open_renderer",
    "sample_identity",
    "sample_view",
]
