"""A pack for tests alone: sockets that stock nodes fill only with models that are not here."""

import json
from typing import Any

import numpy as np
from comfy_api.latest import ComfyExtension, io


class GivenLandmarks(io.ComfyNode):
    """What "Detect Face Landmarks (MediaPipe)" gives, from JSON: pictures of faces of [x, y]."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="TestGivenLandmarks",
            category="tests",
            inputs=[io.String.Input("pictures", multiline=True)],
            outputs=[io.Custom("FACE_LANDMARKS").Output()],
        )

    @classmethod
    def execute(cls, pictures: str) -> io.NodeOutput:
        """Read the JSON."""
        frames: list[list[dict[str, Any]]] = [
            [{"landmarks_xy": np.array(face, np.float32)} for face in faces] for faces in json.loads(pictures)
        ]
        return io.NodeOutput({"frames": frames, "image_size": (128, 128), "connection_sets": {}})


class Helpers(ComfyExtension):
    """The nodes of this pack."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """Return the nodes."""
        return [GivenLandmarks]


async def comfy_entrypoint() -> Helpers:
    """Return what ComfyUI asks for."""
    return Helpers()
