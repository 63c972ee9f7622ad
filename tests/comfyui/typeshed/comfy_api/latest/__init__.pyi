"""The part of ComfyUI's V3 API that the nodes use, for the type checker; a test compares it with the real one."""

from . import io as io, ui as ui

class ComfyExtension:
    async def get_node_list(self) -> list[type[io.ComfyNode]]: ...
