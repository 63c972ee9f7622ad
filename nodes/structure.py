"""Nodes that turn an expression into geometry: maps for ControlNets, and a new expression for the face of a photo."""

from __future__ import annotations

from typing import Any

import torch
from comfy_api.latest import io
from torch import Tensor

from auface.facs import Expression

from .landmarks import FaceLandmarks, detected, landmarks_of
from .picture import gray, outgoing
from .progress import steps
from .socket import CATEGORY, AUStructure, expression_input, expression_output, slider

PARTS: dict[str, tuple[str, ...]] = {
    "face": (),
    "mouth area": ("LIPS", "MOUTH"),
    "lips": ("LIPS",),
    "inside of the mouth": ("MOUTH",),
    "eyes": ("LEFT_EYE", "RIGHT_EYE", "LEFT_IRIS", "RIGHT_IRIS"),
    "irises": ("LEFT_IRIS", "RIGHT_IRIS"),
    "brows": ("LEFT_BROW", "RIGHT_BROW"),
    "nose": ("NOSE",),
    "skin": ("SKIN",),
    "head and neck": (),
}
"""Choice of the mask -> names of `auface.structure.FacePart`; the face and the head are no parts."""


def _style_input() -> io.Input:
    return io.Combo.Input(
        "style",
        options=["controlnet", "comfyui"],
        default="controlnet",
        tooltip="How landmarks are drawn: as ControlNetMediaPipeFace wants them, or as ComfyUI's own Visualize Face "
        "Landmarks draws them.",
    )


def _part_input() -> io.Input:
    return io.Combo.Input("part", options=list(PARTS), default="face", tooltip="What the mask covers.")


def _face_input() -> io.Input:
    return io.Int.Input(
        "face",
        default=1,
        min=1,
        max=64,
        tooltip="Which face of a picture with several: 1 is the largest.",
    )


def _map_outputs() -> list[io.Output]:
    return [
        io.Image.Output("landmarks", tooltip="Drawn landmarks, for a landmark ControlNet."),
        io.Image.Output("depth", tooltip="Depth, near is white, for a depth ControlNet."),
        io.Image.Output("normal", tooltip="Normals, for a normal ControlNet."),
    ]


def drawn(scene: Any, style: str, part: str | None = None) -> list[Tensor]:
    """Return landmarks, depth, normals and, where a part is named, its mask, as pictures of 0 to 1.

    Args:
        scene: An `auface.structure.Scene`.
        style: "controlnet" or "comfyui".
        part: A key of `PARTS`, or None.
    """
    from auface.structure import FacePart

    maps = scene.surface_maps()
    pictures = [scene.landmark_map(style), gray(maps.depth), maps.normal_picture()]
    if part == "head and neck":
        pictures.append(torch.maximum(scene.silhouette(), maps.coverage))
    elif part == "face":
        pictures.append(maps.coverage)
    elif part is not None:
        pictures.append(maps.mask(*(FacePart[name] for name in PARTS[part])))
    return pictures


def _joined(pictures: list[list[Tensor]]) -> list[Tensor]:
    """Return what was drawn one picture after the other as ComfyUI's batches."""
    return [outgoing(torch.cat(several)) for several in zip(*pictures, strict=True)]


class Structure(io.ComfyNode):
    """An expression in, the geometry of a face and its maps out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceStructure",
            display_name="Make Face Structure",
            category=CATEGORY,
            description="Make the geometry of a face with this expression and draw it as maps for ControlNets.",
            search_aliases=["AUFace Structure", "landmark map", "face depth", "face normal", "ControlNet", "face mask"],
            inputs=[
                expression_input(),
                io.Int.Input("width", default=512, min=64, max=4096, step=8, tooltip="Width of the maps in pixels."),
                io.Int.Input("height", default=512, min=64, max=4096, step=8, tooltip="Height of the maps in pixels."),
                slider("yaw", 0.0, -80.0, 80.0, 1.0, "Turn of the head in degrees, toward the person's own left."),
                slider("pitch", 0.0, -60.0, 60.0, 1.0, "Nod of the head in degrees, up."),
                slider(
                    "roll", 0.0, -60.0, 60.0, 1.0, "Tilt of the head in degrees, toward the person's left shoulder."
                ),
                slider("zoom", 1.0, 0.25, 2.0, 0.05, "Size of the face in the picture; 1 is a close portrait."),
                io.Int.Input(
                    "identity",
                    default=0,
                    min=0,
                    max=0xFFFFFFFF,
                    tooltip="Whose face: 0 is the average face, every other number is another person.",
                ),
                _style_input(),
                _part_input(),
                FaceLandmarks.Input(
                    "face_landmarks",
                    optional=True,
                    tooltip="Landmarks of a photo: the face then has that person's shape, one picture for each photo. "
                    "From Detect Face Landmarks (MediaPipe).",
                ),
                io.Image.Input(
                    "image",
                    optional=True,
                    tooltip="Photos, instead of landmarks: AUFace finds the largest face in each by itself.",
                ),
            ],
            outputs=[
                *_map_outputs(),
                io.Mask.Output("mask", tooltip="The chosen part of the face."),
                AUStructure.Output("structure", tooltip="The geometry itself."),
            ],
        )

    @classmethod
    def execute(
        cls,
        expression: Expression,
        width: int,
        height: int,
        yaw: float,
        pitch: float,
        roll: float,
        zoom: float,
        identity: int,
        style: str,
        part: str,
        face_landmarks: Any = None,
        image: Tensor | None = None,
    ) -> io.NodeOutput:
        """Make geometry and maps.

        Args:
            expression: What the face does.
            width: Of the maps, in pixels.
            height: Of the maps, in pixels.
            yaw: Degrees.
            pitch: Degrees.
            roll: Degrees.
            zoom: Size of the face.
            identity: 0 for the average face, or a person's number.
            style: "controlnet" or "comfyui".
            part: A key of `PARTS`.
            face_landmarks: Landmarks of photos, or None.
            image: (batch, height, width, 3) photos, or None.

        Raises:
            ValueError: A photo has no face; landmarks and photos at once.
        """
        if face_landmarks is not None and image is not None:
            raise ValueError("`face_landmarks` and `image` are both linked; accepted is either.")
        from auface.structure import HeadPose, Scene, default_neutral, fit_photo, sampled_neutral, shipped_model

        people: list[Any] = [sampled_neutral(identity) if identity else default_neutral()]
        photos = landmarks_of(face_landmarks, 1) if face_landmarks is not None else []
        if image is not None:
            photos = detected(image, 1)
        model, pose = shipped_model(), HeadPose(yaw=yaw, pitch=pitch, roll=roll)
        scenes: list[Scene] = []
        pictures: list[list[Tensor]] = []
        for person in steps(photos or people):
            neutral = fit_photo(person).neutral if photos else person
            face = model.structure(expression, neutral=neutral, pose=pose)
            scenes.append(Scene.portrait((face,), height, width, zoom=zoom))
            pictures.append(drawn(scenes[-1], style, part))
        return io.NodeOutput(*_joined(pictures), Scene.joined(scenes))


class RetargetExpression(io.ComfyNode):
    """The face of a photo with another expression, as maps, a mask and a preview."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceRetargetExpression",
            display_name="Retarget Expression",
            category=CATEGORY,
            description="Give the face of a photo another expression: maps of that person, a mask for inpainting, and "
            "a quick preview.",
            search_aliases=["change expression", "edit expression", "expression transfer", "inpaint face", "warp face"],
            inputs=[
                io.Image.Input("image", tooltip="The photo."),
                expression_input(tooltip="What the face is to do."),
                io.Combo.Input(
                    "mode",
                    options=["absolute", "relative"],
                    default="absolute",
                    tooltip="absolute shows this expression and nothing else; relative adds it to what the face does.",
                ),
                slider("softness", 0.06, 0.0, 0.5, 0.01, "Width of the mask's edge, as a share of the eye distance."),
                _style_input(),
                _face_input(),
                FaceLandmarks.Input(
                    "face_landmarks",
                    optional=True,
                    tooltip="Landmarks of the photo, from Detect Face Landmarks (MediaPipe); without them AUFace finds "
                    "the face by itself.",
                ),
            ],
            outputs=[
                *_map_outputs(),
                io.Mask.Output("mask", tooltip="What changes, with a soft edge, for inpainting."),
                io.Image.Output("preview", tooltip="The photo warped to the new face, without new skin or teeth."),
                AUStructure.Output("structure", tooltip="The geometry of the new face, where the photo has it."),
                expression_output("What the face of the first photo does now, as far as landmarks show it."),
            ],
        )

    @classmethod
    def execute(
        cls,
        image: Tensor,
        expression: Expression,
        mode: str,
        softness: float,
        style: str,
        face: int,
        face_landmarks: Any = None,
    ) -> io.NodeOutput:
        """Retarget, photo by photo.

        Args:
            image: (batch, height, width, 3) photos.
            expression: What the faces are to do.
            mode: "absolute" or "relative".
            softness: Width of the mask's edge, in inter-ocular distances.
            style: "controlnet" or "comfyui".
            face: Which face, 1 is the largest.
            face_landmarks: Their landmarks, or None.

        Raises:
            ValueError: A photo has no such face, or there are not as many photos as pictures with landmarks.
        """
        from auface.structure import Scene, retarget, shipped_model

        height, width = image.shape[1:3]
        found = detected(image, face) if face_landmarks is None else landmarks_of(face_landmarks, face)
        if len(found) != len(image):
            raise ValueError(
                f"`image` has {len(image)} pictures and `face_landmarks` {len(found)}; accepted are as many of both."
            )
        model = shipped_model()
        scenes: list[Scene] = []
        pictures: list[list[Tensor]] = []
        read: list[Expression] = []
        for points, photo in steps(list(zip(found, image, strict=True))):
            result = retarget(points, expression, model, mode=mode)  # type: ignore[arg-type]
            scenes.append(Scene(faces=(result.structure,), cameras=(result.fit.camera,), height=height, width=width))
            mask, preview = result.mask(height, width, softness=softness), result.preview(photo[..., :3].cpu())
            pictures.append([*drawn(scenes[-1], style), mask[None], preview[None]])
            read.append(result.fit.expression)
        return io.NodeOutput(*_joined(pictures), Scene.joined(scenes), read[0])


NODES: list[type[io.ComfyNode]] = [Structure, RetargetExpression]
"""The nodes of this module."""
