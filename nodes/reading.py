"""Nodes that read faces in pictures: what they show, whether it is what was asked, and which of several is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from comfy_api.latest import io, ui
from torch import Tensor

from auface.facs import ActionUnit, Expression

from .landmarks import FaceLandmarks, landmarks_of
from .picture import pillow, pixels, tensor
from .progress import steps
from .recognizers import reader_named, recognizer_input
from .socket import CATEGORY, AURecognition, expression_input, expression_output, slider

REGIONS: dict[str, tuple[str, ...]] = {
    "all": (),
    "upper face": ("brow", "eye", "gaze"),
    "lower face": ("nose", "cheek", "mouth", "chin", "jaw", "neck"),
    "brows": ("brow",),
    "eyes": ("eye", "gaze"),
    "nose and cheeks": ("nose", "cheek"),
    "mouth": ("mouth", "chin"),
    "jaw": ("jaw",),
}
"""Choice of what to take -> regions of units (`auface.facs.action_unit.Region`); none are all."""


def _face_input() -> io.Input:
    return io.Combo.Input(
        "face",
        options=["largest", "center", "left", "right"],
        default="largest",
        tooltip="Which face of a picture with several.",
    )


class RecognizeExpression(io.ComfyNode):
    """Pictures in, what their faces show out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceRecognizeExpression",
            display_name="Recognize Expression",
            category=CATEGORY,
            description="Read the action units of faces in pictures, left and right, with what is unsure.",
            search_aliases=["detect expression", "action unit detection", "face analysis", "emotion", "FACS coding"],
            inputs=[
                io.Image.Input("image", tooltip="Pictures with faces."),
                _face_input(),
                slider("threshold", 1.0, 0.1, 5.0, 0.1, "Weaker units are left out; 1 is a trace (A), 5 the maximum."),
                recognizer_input(),
                FaceLandmarks.Input(
                    "face_landmarks",
                    optional=True,
                    tooltip="Landmarks of the faces, from Detect Face Landmarks (MediaPipe), where they are known.",
                ),
            ],
            outputs=[
                AURecognition.Output("recognition", tooltip="All that was read of all faces."),
                expression_output("What the face of each picture shows, as a list.", is_output_list=True),
                io.String.Output("notation", tooltip="The same in FACS notation.", is_output_list=True),
            ],
        )

    @classmethod
    def execute(
        cls, image: Tensor, face: str, threshold: float, recognizer: str, face_landmarks: Any | None = None
    ) -> io.NodeOutput:
        """Read the faces.

        Args:
            image: (batch, height, width, 3).
            face: Which face.
            threshold: Intensity from which a unit is taken.
            recognizer: A name that `recognizers` has.
            face_landmarks: Landmarks of the pictures, or None.

        Raises:
            ValueError: A picture has no face, or the recognizer is missing or damaged.
        """
        reader = reader_named(recognizer)
        known = [None] * len(image) if face_landmarks is None else _all_landmarks(face_landmarks, len(image))
        found = [
            reader.read(pixels(picture), landmarks=points, name=f"picture {number}")
            for number, (picture, points) in enumerate(steps(list(zip(image, known, strict=True))), 1)
        ]
        expressions = [each.face(face).expression(threshold) for each in found]
        return io.NodeOutput(tuple(found), expressions, [each.notation() for each in expressions])


class ExpressionFromImage(io.ComfyNode):
    """A reference picture in, its expression out, or that of some regions on top of another."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceExpressionFromImage",
            display_name="Read Expression from Image",
            category=CATEGORY,
            description="Take the expression of a reference picture, all of it or some regions, to draw it again.",
            search_aliases=["Expression from Image", "copy expression", "expression transfer", "reference face"],
            inputs=[
                io.Image.Input("image", tooltip="The reference; of a batch, the first picture."),
                io.Combo.Input(
                    "region", options=list(REGIONS), default="all", tooltip="Which part of the face is taken."
                ),
                slider("strength", 1.0, 0.0, 2.0, 0.05, "1 takes it as strong as it is read."),
                _face_input(),
                slider("threshold", 1.0, 0.1, 5.0, 0.1, "Weaker units are left out; 1 is a trace (A), 5 the maximum."),
                recognizer_input(),
                expression_input(
                    "base", "Where the other regions come from; without it they are neutral.", optional=True
                ),
            ],
            outputs=[
                expression_output("The expression."),
                io.String.Output("notation", tooltip="The expression in FACS notation."),
            ],
        )

    @classmethod
    def execute(
        cls,
        image: Tensor,
        region: str,
        strength: float,
        face: str,
        threshold: float,
        recognizer: str,
        base: Expression | None = None,
    ) -> io.NodeOutput:
        """Read the expression.

        Args:
            image: (batch, height, width, 3).
            region: A key of `REGIONS`.
            strength: Factor, 0 to 2.
            face: Which face.
            threshold: Intensity from which a unit is taken.
            recognizer: A name that `recognizers` has.
            base: What the other regions do, or None.

        Raises:
            ValueError: The picture has no face, or the recognizer is missing or damaged.
        """
        read = reader_named(recognizer).read(pixels(image[0]), name="the picture").face(face).expression(threshold)
        taken = _of_regions(read, REGIONS[region]).scaled(strength)
        if base is not None:
            kept = base.removed(_of_regions(base, REGIONS[region]))
            taken = Expression.of({**kept.values(), **taken.values()})
        return io.NodeOutput(taken, taken.notation())


class VerifyExpression(io.ComfyNode):
    """Pictures and what was asked for in, how well they show it out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceVerifyExpression",
            display_name="Verify Expression",
            category=CATEGORY,
            description="Say how well a picture shows the expression that was asked for, unit by unit, as a score, a "
            "pass or failure, a table and a picture.",
            search_aliases=["check expression", "score expression", "expression test", "compare", "AAAD"],
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="The pictures; each gets a verdict."),
                expression_input(tooltip="What was asked for."),
                slider("threshold", 0.6, 0.0, 1.0, 0.01, "A face passes from this score; 1 is exactly as asked."),
                _face_input(),
                recognizer_input(),
            ],
            outputs=[
                io.Float.Output("score", tooltip="How well, from 0 to 1, for each picture.", is_output_list=True),
                io.Boolean.Output("passed", tooltip="Whether the score reaches the threshold.", is_output_list=True),
                io.String.Output("table", tooltip="Asked and seen, unit by unit.", is_output_list=True),
                io.Image.Output("picture", tooltip="The verdict as a picture.", is_output_list=True),
            ],
        )

    @classmethod
    def execute(
        cls, image: Tensor, expression: Expression, threshold: float, face: str, recognizer: str
    ) -> io.NodeOutput:
        """Judge the pictures.

        Args:
            image: (batch, height, width, 3).
            expression: What was asked for.
            threshold: Score from which a face passes.
            face: Which face.
            recognizer: A name that `recognizers` has.

        Raises:
            ValueError: The recognizer is missing or damaged.
        """
        from auface.recognition import draw_verdict, verify

        reader = reader_named(recognizer)
        verdicts: list[Any] = []
        pictures: list[Tensor] = []
        for picture in steps(list(image)):
            seen = pixels(picture)
            verdict = verify(seen, expression, face=face, threshold=threshold, recognizer=reader)  # type: ignore[arg-type]
            verdicts.append(verdict)
            pictures.append(tensor(draw_verdict(verdict, pillow(seen))))
        scores = [verdict.score for verdict in verdicts]
        tables = [f"{verdict}\n{verdict.table()}" for verdict in verdicts]
        shown = ui.PreviewImage(pictures[0], cls=cls)
        return io.NodeOutput(scores, [verdict.passed for verdict in verdicts], tables, pictures, ui=shown)


class KeepBest(io.ComfyNode):
    """A batch in, the pictures that show the expression best out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceKeepBest",
            display_name="Keep Best Expression",
            category=CATEGORY,
            description="Draw many, keep the best: of a batch, the pictures that show the expression best, best first.",
            search_aliases=["select best", "filter images", "best of batch", "rank images", "reject"],
            inputs=[
                io.Image.Input("images", tooltip="The batch."),
                expression_input(tooltip="What was asked for."),
                io.Int.Input("count", default=1, min=1, max=4096, tooltip="How many pictures are kept at most."),
                slider(
                    "least", 0.0, 0.0, 1.0, 0.01, "Pictures with a lower score are not kept; the best one always is."
                ),
                _face_input(),
                recognizer_input(),
            ],
            outputs=[
                io.Image.Output("best", tooltip="The best pictures, the best first."),
                io.String.Output("report", tooltip="The scores of all pictures."),
                io.Float.Output("score", tooltip="The score of the best picture, 0 to 1."),
                io.Int.Output("index", tooltip="Which picture of the batch is the best, from 0."),
            ],
        )

    @classmethod
    def execute(
        cls, images: Tensor, expression: Expression, count: int, least: float, face: str, recognizer: str
    ) -> io.NodeOutput:
        """Judge the pictures and keep some.

        Args:
            images: (batch, height, width, 3).
            expression: What was asked for.
            count: How many are kept at most.
            least: Score below which only the best is kept.
            face: Which face.
            recognizer: A name that `recognizers` has.

        Raises:
            ValueError: The recognizer is missing or damaged.
        """
        from auface.recognition import verify

        reader = reader_named(recognizer)
        verdicts = [verify(pixels(each), expression, face=face, recognizer=reader) for each in steps(list(images))]  # type: ignore[arg-type]
        rank = {"no face": 0, "undecided": 1}
        order = sorted(range(len(verdicts)), key=lambda n: (-rank.get(verdicts[n].outcome, 2), -verdicts[n].score, n))
        kept = [number for number in order[:count] if verdicts[number].score >= least] or order[:1]
        lines = [f"{number}: {verdicts[number]}{' (kept)' if number in kept else ''}" for number in order]
        return io.NodeOutput(images[kept], "\n".join(lines), verdicts[order[0]].score, order[0])


class PreviewRecognition(io.ComfyNode):
    """What was read, drawn on the pictures."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFacePreviewRecognition",
            display_name="Preview Recognition",
            category=CATEGORY,
            description="Show what was read on the pictures: warm where muscles act, and the units in words.",
            search_aliases=["visualize expression", "heat map", "show action units", "draw recognition"],
            is_output_node=True,
            inputs=[
                AURecognition.Input("recognition", tooltip="From Recognize Expression."),
                io.Image.Input("image", tooltip="The same pictures."),
            ],
            outputs=[
                io.Image.Output("picture", tooltip="The pictures with what was read."),
                io.String.Output("report", tooltip="The units of every face, with intensities."),
            ],
        )

    @classmethod
    def execute(cls, recognition: Sequence[Any], image: Tensor) -> io.NodeOutput:
        """Draw.

        Args:
            recognition: One for each picture.
            image: (batch, height, width, 3).

        Raises:
            ValueError: There are not as many pictures as were read.
        """
        from auface.recognition.heat_map import HeatLayer, draw_heat, reading_levels, unit_heat

        if len(recognition) != len(image):
            raise ValueError(f"`image` has {len(image)} pictures; accepted are {len(recognition)}, which were read.")
        pictures: list[Tensor] = []
        lines: list[str] = []
        for found, picture in steps(list(zip(recognition, image, strict=True))):
            drawn = pillow(pixels(picture))
            for number, reading in enumerate(found.faces, 1):
                drawn = draw_heat(drawn, reading.face, HeatLayer(unit_heat(reading_levels(reading.units))))
                lines.append(f"{found.source}, face {number}: {reading.expression().notation()}")
            if not found.faces:
                lines.append(f"{found.source}: no face found")
            pictures.append(tensor(drawn))
        shown = torch.cat(pictures)
        return io.NodeOutput(shown, "\n".join(lines), ui=ui.PreviewImage(shown, cls=cls))


def _of_regions(expression: Expression, regions: tuple[str, ...]) -> Expression:
    """Return the units of an expression that belong to regions; none are all."""
    if not regions:
        return expression
    taken: dict[ActionUnit, tuple[float, float]] = {
        unit: sides for unit, sides in expression.values().items() if unit.facts.region.value in regions
    }
    return Expression.of(taken)


def _all_landmarks(value: Any, count: int) -> list[Any]:
    """Return the landmarks of the largest face of each picture."""
    found = landmarks_of(value, 1)
    if len(found) != count:
        raise ValueError(
            f"`image` has {count} pictures and `face_landmarks` {len(found)}; accepted are as many of both."
        )
    return found


NODES: list[type[io.ComfyNode]] = [
    RecognizeExpression,
    ExpressionFromImage,
    VerifyExpression,
    KeepBest,
    PreviewRecognition,
]
"""The nodes of this module."""
