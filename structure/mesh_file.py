"""Meshes of faces as OBJ text and as binary glTF (GLB 2.0), in inter-ocular distances, y up."""

from __future__ import annotations

import json
import struct

import numpy as np
from numpy.typing import NDArray

from .topology import SKIN_LANDMARKS, topology

Floats = NDArray[np.float32]

_FLOAT, _UNSIGNED = 5126, 5125
_VERTICES, _INDICES = 34962, 34963


def obj_text(points: Floats) -> str:
    """Return the skin of a face as a Wavefront OBJ; vertex k + 1 is landmark k.

    Args:
        points: (478, 3).
    """
    lines = ["# AUFace: 468 landmarks in MediaPipe's topology, unit: inter-ocular distance"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in points[:SKIN_LANDMARKS].tolist()]
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in topology().triangles.tolist()]
    return "\n".join(lines) + "\n"


def glb_bytes(neutral: Floats, displacement: Floats) -> bytes:
    """Return the skin of a face as a GLB with the expression as a morph target at full weight.

    Args:
        neutral: (478, 3) the person at rest.
        displacement: (478, 3) what the expression adds.
    """
    rest = np.ascontiguousarray(neutral[:SKIN_LANDMARKS], "<f4")
    moved = np.ascontiguousarray(displacement[:SKIN_LANDMARKS], "<f4")
    corners = np.ascontiguousarray(topology().triangles, "<u4")
    parts = [rest.tobytes(), moved.tobytes(), corners.tobytes()]
    views: list[dict[str, int]] = []
    start = 0
    for part, target in zip(parts, (_VERTICES, _VERTICES, _INDICES), strict=True):
        views.append({"buffer": 0, "byteOffset": start, "byteLength": len(part), "target": target})
        start += len(part)
    document = {
        "asset": {"version": "2.0", "generator": "AUFace"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "face"}],
        "meshes": [
            {
                "primitives": [{"attributes": {"POSITION": 0}, "indices": 2, "targets": [{"POSITION": 1}]}],
                "weights": [1.0],
                "extras": {"targetNames": ["expression"]},
            }
        ],
        "accessors": [
            _accessor(0, _FLOAT, "VEC3", rest),
            _accessor(1, _FLOAT, "VEC3", moved),
            {"bufferView": 2, "componentType": _UNSIGNED, "count": int(corners.size), "type": "SCALAR"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": start}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _accessor(view: int, kind: int, shape: str, values: Floats) -> dict[str, object]:
    low, high = values.min(0), values.max(0)
    return {
        "bufferView": view,
        "componentType": kind,
        "count": len(values),
        "type": shape,
        "min": [float(value) for value in low],
        "max": [float(value) for value in high],
    }
