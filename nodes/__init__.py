"""The ComfyUI nodes: each translates its inputs, calls one function of the package, and translates the result back.

This is the only folder that imports ComfyUI. Expressions travel between nodes as `AU_EXPRESSION`.
"""

from .extension import AUFaceExtension

__all__ = ["AUFaceExtension"]
