"""What ComfyUI asks for the nodes of this pack."""

from __future__ import annotations

import importlib
import logging

from comfy_api.latest import ComfyExtension, io

MODULES = ("source", "change", "words", "file", "animation", "structure", "drawing", "reading", "dataset", "training")
"""The modules with nodes, in the order of the menu; each has a list `NODES`."""


class AUFaceExtension(ComfyExtension):
    """The nodes of AUFace."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """Return the nodes; those whose optional dependency is missing are left out, with a line in the log."""
        nodes: list[type[io.ComfyNode]] = []
        for module in MODULES:
            try:
                nodes += importlib.import_module(f"auface.nodes.{module}").NODES
            except ImportError as error:
                logging.getLogger("auface").warning("AUFace: the nodes of %r are not available: %s", module, error)
        return nodes
