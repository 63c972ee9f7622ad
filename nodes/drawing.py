"""Nodes that draw: the embedded default model as ComfyUI's own MODEL, CLIP and VAE, and the adapter for expressions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import comfy.conds
import comfy.model_management
import comfy.model_patcher
from comfy.patcher_extension import CallbacksMP, WrappersMP
from comfy_api.latest import io

from auface.facs import Expression, resolve

from .models_folder import chosen, folders_with, safetensors_files, shipped_weights
from .socket import CATEGORY, AUExpression, AUStructure, slider

SHIPPED = "auface-mini"
"""What menus call the model, and its adapter, that the pack ships."""

_networks: dict[tuple[str, int], Any] = {}


def models() -> dict[str, Path]:
    """Return the models that Load AUFace Mini offers, by name."""
    return {SHIPPED: shipped_weights() / "mini", **folders_with("model_index.json")}


def adapters() -> dict[str, Path]:
    """Return the adapters that Apply AUFace Adapter offers, by name."""
    found = {name: folder / "adapter" for name, folder in models().items()}
    return {**found, **safetensors_files()}


class LoadMini(io.ComfyNode):
    """The embedded default model, for stock nodes."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceLoadMini",
            display_name="Load AUFace Mini",
            category=CATEGORY,
            description="Load the small model that comes with AUFace and draws synthetic heads, without any download. "
            "It works with KSampler, VAE Decode, Load LoRA and all else that takes these sockets.",
            search_aliases=["checkpoint", "load model", "auface-mini", "embedded model", "test model"],
            inputs=[
                io.Combo.Input(
                    "model",
                    options=list(models()),
                    default=SHIPPED,
                    tooltip="auface-mini comes with the pack; folders in models/auface that were saved by "
                    "AUFacePipeline are listed too.",
                ),
            ],
            outputs=[
                io.Model.Output("model_out", display_name="model", tooltip="Denoises latents."),
                io.Clip.Output("clip", tooltip="Encodes prompts; it knows a few hundred words."),
                io.Vae.Output("vae", tooltip="Turns latents into pictures."),
            ],
        )

    @classmethod
    def execute(cls, model: str) -> io.NodeOutput:
        """Load the model.

        Args:
            model: A name that `models` has.

        Raises:
            ValueError: A file is missing or damaged.
        """
        from .native import native_clip, native_model, native_vae

        folder = chosen("model", model, models())
        return io.NodeOutput(native_model(folder), native_clip(folder), native_vae(folder))


class ApplyAdapter(io.ComfyNode):
    """A model and conditioning that know of an expression."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceApplyAdapter",
            display_name="Apply AUFace Adapter",
            category=CATEGORY,
            description="Let a model draw an expression: each conditioning that passes through here is told what the "
            "face does. Without an expression, or at strength 0, nothing changes.",
            search_aliases=["expression adapter", "IP-Adapter", "T2I-Adapter", "apply expression", "face control"],
            inputs=[
                io.Model.Input("model", tooltip="The model that draws."),
                io.Conditioning.Input("positive", tooltip="The prompt."),
                io.Combo.Input(
                    "adapter",
                    options=list(adapters()),
                    default=SHIPPED,
                    tooltip="An adapter fits one kind of model. auface-mini is for Load AUFace Mini; files in "
                    "models/auface are listed too.",
                ),
                slider("strength", 1.0, 0.0, 2.0, 0.05, "How strongly the expression is heard; 0 is off."),
                slider(
                    "geometry", 1.0, 0.0, 2.0, 0.05, "How strongly the place and shape of the face are heard in it."
                ),
                slider("start", 0.0, 0.0, 1.0, 0.01, "Share of the steps after which it begins."),
                slider("end", 1.0, 0.0, 1.0, 0.01, "Share of the steps after which it ends."),
                io.Conditioning.Input(
                    "negative",
                    optional=True,
                    tooltip="The negative prompt. Linked, both know of the face, and the prompt guides as without it; "
                    "not linked, the expression is guided as strongly as the prompt.",
                ),
                AUExpression.Input(
                    "expression",
                    optional=True,
                    tooltip="What the face does. The neutral expression asks for the face at rest.",
                ),
                AUStructure.Input(
                    "structure",
                    optional=True,
                    tooltip="What the face does, whose it is and where, from Make Face Structure or Retarget "
                    "Expression; instead of an expression.",
                ),
            ],
            outputs=[
                io.Model.Output("model_out", display_name="model", tooltip="The model, for the sampler."),
                io.Conditioning.Output("positive_out", display_name="positive", tooltip="The prompt, with the face."),
                io.Conditioning.Output(
                    "negative_out", display_name="negative", tooltip="The negative prompt, with the face if linked."
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        model: Any,
        positive: Any,
        adapter: str,
        strength: float,
        geometry: float,
        start: float,
        end: float,
        negative: Any = None,
        expression: Expression | None = None,
        structure: Any | None = None,
    ) -> io.NodeOutput:
        """Tell the conditioning of the face, and let the model hear of it.

        Args:
            model: ComfyUI's model.
            positive: The prompt.
            adapter: A name that `adapters` has.
            strength: From 0.
            geometry: From 0.
            start: Share of the steps.
            end: Share of the steps, from `start`.
            negative: The negative prompt, or None.
            expression: What the face does, or None.
            structure: Faces in pictures, or None.

        Raises:
            ValueError: The adapter is missing, damaged, or does not fit the model; `end` before `start`; expression
                and structure at once.
        """
        if expression is not None and structure is not None:
            raise ValueError("`expression` and `structure` are both linked; accepted is either.")
        if end < start:
            raise ValueError(f"`start` is {start} and `end` {end}; accepted is an end after the start.")
        if strength == 0 or (expression is None and structure is None):
            return io.NodeOutput(model, positive, negative)

        from auface.structure import shipped_model

        from .adapter_patch import AdapterPatch, difference
        from .told_face import Hearing, packed

        path = chosen("adapter", adapter, adapters())
        network, name = _network(path)
        if wrong := difference(model.model.diffusion_model, network.config):
            raise ValueError(f"`adapter` is {adapter!r}, which does not fit `model`: {wrong}.")
        prior = shipped_model()
        faces = structure.faces if structure is not None else (prior.structure(resolve(expression or Expression())),)
        sampling = model.get_model_object("model_sampling")
        hearing = Hearing(
            strength=strength,
            geometry=geometry,
            first=float(sampling.percent_to_sigma(start)),
            last=float(sampling.percent_to_sigma(end)),
        )
        bits = packed(faces, prior.condition_of([face.expression for face in faces]), hearing, structure)
        patched = model.clone()
        patch = AdapterPatch(network, name)
        device, offload = comfy.model_management.get_torch_device(), comfy.model_management.unet_offload_device()
        weights = comfy.model_patcher.ModelPatcher(network, load_device=device, offload_device=offload)
        patched.remove_wrappers_with_key(WrappersMP.DIFFUSION_MODEL, name)
        patched.add_wrapper_with_key(WrappersMP.DIFFUSION_MODEL, name, patch)
        patched.remove_callbacks_with_key(CallbacksMP.ON_CLEANUP, name)
        patched.add_callback_with_key(CallbacksMP.ON_CLEANUP, name, patch.forget)
        patched.set_additional_models(name, [weights])
        told = {name: comfy.conds.CONDRegular(bits)}
        return io.NodeOutput(patched, _with(positive, told), None if negative is None else _with(negative, told))


def _with(conditioning: Sequence[Any], told: dict[str, Any]) -> list[Any]:
    """Return conditioning that carries something more; nothing that was given is changed."""
    return [
        [cond, {**options, "model_conds": {**options.get("model_conds", {}), **told}}] for cond, options in conditioning
    ]


def _network(path: Path) -> tuple[Any, str]:
    """Return an adapter and the name under which it rides; read again only when its file has changed."""
    from .adapter_network import read_network

    file = path / "diffusion_pytorch_model.safetensors" if path.is_dir() else path
    key = (str(path), file.stat().st_mtime_ns if file.exists() else 0)
    if key not in _networks:
        _networks.clear()
        _networks[key] = read_network(path)
    return _networks[key], f"auface_{hashlib.sha256(repr(key).encode()).hexdigest()[:12]}"


NODES: list[type[io.ComfyNode]] = [LoadMini, ApplyAdapter]
"""The nodes of this module."""
