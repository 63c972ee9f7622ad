"""Look at the pack from inside ComfyUI's process: `inside.py COMFYUI BASE CHECKPOINT TYPESHED`.

Loads the pack as ComfyUI loads it, runs every node on sample inputs twice, and prints JSON: what importing cost, what
each node did to its inputs, and which names of the type checker's stubs the real API lacks.
"""

import ast
import asyncio
import importlib
import inspect
import json
import sys
import time
from pathlib import Path
from typing import Any

comfyui, base, checkpoint, typeshed = (Path(argument) for argument in sys.argv[1:5])
sys.argv = [sys.argv[0], "--cpu", "--base-directory", str(base)]
sys.path.insert(0, str(comfyui))

import comfy.options  # noqa: E402

comfy.options.enable_args_parsing()

import comfy.model_management  # noqa: E402
import comfy.sd  # noqa: E402
import comfy.utils  # noqa: E402
import folder_paths  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402

import nodes  # noqa: E402

SHORT = {
    "steps": 2,
    "preview_steps": 1,
    "settings": "resolution = 64\nbucket_step = 32\nbatch = 1\nsample_steps = 1\nsample_seeds = 1",
}
"""A training that is soon over."""

HEAVY = ("diffusers", "transformers.models", "typer", "rich", "pandas", "sklearn", "mediapipe", "cv2")


def fingerprint(value: Any) -> Any:
    """Return something that differs when a value has been changed in place."""
    if hasattr(value, "model_options"):  # a model
        weights = value.model.state_dict()
        return [
            sorted(weights),
            float(sum(weight.double().sum() for weight in weights.values())),
            sorted(value.wrappers),
        ]
    if hasattr(value, "first_stage_model"):  # an autoencoder
        return sorted(value.first_stage_model.state_dict())
    if hasattr(value, "cond"):  # a condition of its own
        return fingerprint(value.cond)
    if hasattr(value, "cond_stage_model"):  # a text encoder
        weights = value.cond_stage_model.state_dict()
        return [value.layer_idx, sorted(weights), sum(float(weight.double().sum()) for weight in weights.values())]
    if isinstance(value, np.ndarray):
        return [list(value.shape), float(value.astype(np.float64).sum())]
    if hasattr(value, "detach"):
        return [list(value.shape), float(value.double().sum())]
    if isinstance(value, dict):
        return {key: fingerprint(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [fingerprint(item) for item in value]
    return repr(value)


def landmarks() -> dict[str, Any]:
    """Return the default face smiling, as ComfyUI's detector would see it."""
    from auface.structure import WeakPerspective, shipped_model

    face = shipped_model().structure("12C+25")
    pixels = face.landmarks(WeakPerspective(scale=30, center=(40, 40)))
    return {"frames": [[{"landmarks_xy": pixels[:, :2]}]], "image_size": (96, 80), "connection_sets": {}}


def sample(name: str, kind: str, options: dict[str, Any], values: dict[str, Any]) -> Any:
    """Return an input for a socket or widget."""
    if kind == "COMBO":
        if name in ("model", "adapter", "base"):
            return "tiny"
        return options.get("default", options["options"][0])
    return values.get(kind, options.get("default"))


def run(node: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Run one node twice on the same inputs."""
    given: dict[str, Any] = {}
    for group in ("required", "optional"):
        for name, (kind, options) in node.INPUT_TYPES().get(group, {}).items():
            given[name] = sample(name, kind if isinstance(kind, str) else "COMBO", options, values)
    if "face_landmarks" in given and node.GET_SCHEMA().node_id == "AUFaceStructure":
        del given["image"]  # either of both
    if node.GET_SCHEMA().node_id == "AUFaceTrainLoRA":
        given.update(SHORT)
    if node.GET_SCHEMA().is_input_list:
        given = {name: [value] for name, value in given.items() if value is not None}
    before = {name: fingerprint(value) for name, value in given.items()}
    first, second = (node.EXECUTE_NORMALIZED(**given) for _ in range(2))
    after = {name: fingerprint(value) for name, value in given.items()}
    return {
        "changed": [name for name in given if before[name] != after[name]],
        "outputs": len(first.result or ()),
        "declared": len(node.RETURN_TYPES),
        "same": fingerprint(first.result) == fingerprint(second.result),
    }


def missing(stub: Path, real: Any) -> list[str]:
    """Return the names and arguments of a stub that the real module lacks."""
    wrong: list[str] = []

    def walk(body: list[ast.stmt], owner: Any, path: str) -> None:
        for item in body:
            if isinstance(item, ast.ClassDef) and not item.name.startswith("_"):
                found = getattr(owner, item.name, None)
                if found is None:
                    wrong.append(f"{path}{item.name}")
                else:
                    walk(item.body, found, f"{path}{item.name}.")
            elif isinstance(item, ast.FunctionDef):
                function = getattr(owner, item.name, None)
                if function is None:
                    wrong.append(f"{path}{item.name}")
                    continue
                signature = inspect.signature(function).parameters
                if any(parameter.kind is parameter.VAR_KEYWORD for parameter in signature.values()):
                    continue
                names = [argument.arg for argument in (*item.args.args, *item.args.kwonlyargs)]
                wrong.extend(f"{path}{item.name}({name})" for name in names if name not in signature)

    walk(ast.parse(stub.read_text(encoding="utf-8")).body, real, "")
    return wrong


def threads_of(model: Any) -> list[int]:
    """Return with how many threads the model computes where torch has three, and how many torch has after it."""
    unet, seen = model.model.diffusion_model, list[int]()
    width = next(part.attn2.to_k.in_features for part in unet.modules() if hasattr(part, "attn2"))
    torch.set_num_threads(3)
    handle = unet.register_forward_pre_hook(lambda *_: seen.append(torch.get_num_threads()))
    with torch.no_grad():
        unet(torch.zeros(1, 4, 16, 16), torch.ones(1), torch.zeros(1, 8, width))
    handle.remove()
    seen.append(torch.get_num_threads())
    torch.set_num_threads(1)
    return seen


async def look() -> dict[str, Any]:
    """Load the pack and return what was seen."""
    importlib.import_module("comfy_config.config_parser")  # ComfyUI's own share of loading the first pack
    before = set(sys.modules)
    start = time.process_time()  # of the processor, so that a busy machine does not count
    loaded = await nodes.load_custom_node(str(base / "custom_nodes" / "auface"))
    seconds = time.process_time() - start
    heavy = sorted(name for name in set(sys.modules) - before if name.startswith(HEAVY))

    from auface.facs import Expression

    file = Path(folder_paths.get_input_directory()) / "sample.json"
    file.write_text(Expression.parse("6C+12D").to_json(), encoding="utf-8")
    clip = comfy.sd.load_checkpoint_guess_config(str(checkpoint), output_vae=False, output_clip=True)[1]
    mini = nodes.NODE_CLASS_MAPPINGS["AUFaceLoadMini"].EXECUTE_NORMALIZED(model="tiny").result
    values = {"AU_EXPRESSION": Expression.parse("1B+L12D+24C+26D"), "CLIP": clip, "MODEL": mini[0]}
    values["CONDITIONING"] = mini[1].encode_from_tokens_scheduled(mini[1].tokenize("an old man"))
    photo = Image.open(Path(__file__).parents[1] / "recognition" / "pictures" / "grin.jpg").convert("RGB")
    values["IMAGE"] = torch.from_numpy(np.asarray(photo, np.float32) / 255)[None]
    values["AU_RECOGNITION"] = (
        nodes.NODE_CLASS_MAPPINGS["AUFaceRecognizeExpression"]
        .EXECUTE_NORMALIZED(image=values["IMAGE"], face="largest", threshold=1.0, recognizer="auface")
        .result[0]
    )
    values["FACE_LANDMARKS"] = landmarks()
    extension = importlib.import_module("auface.nodes.extension")
    known, extension.MODULES = extension.MODULES, (*extension.MODULES, "that_needs_what_is_not_installed")
    survivors = [node.GET_SCHEMA().node_id for node in await extension.AUFaceExtension().get_node_list()]
    extension.MODULES = known
    previews: list[str] = []

    def hook(value: int, total: int, preview: Any, node_id: str | None = None) -> None:
        previews.extend([preview[0]] if preview is not None else [])

    comfy.utils.set_progress_bar_global_hook(hook)
    mine = {name: node for name, node in nodes.NODE_CLASS_MAPPINGS.items() if name.startswith("AUFace")}
    seen = {name: run(node, values) for name, node in mine.items()}
    sys.modules["peft"] = None  # type: ignore[assignment]
    lacking = mine["AUFaceTrainLoRA"].validate_inputs(preset="mini", base="tiny", name="a", settings="")
    return {
        "threads": threads_of(mini[0]),
        "previews": previews,
        "lacking": lacking,
        "loaded": loaded,
        "seconds": seconds,
        "heavy": heavy,
        "survivors": survivors,
        "nodes": seen,
        "missing": [name for stub in sorted(typeshed.rglob("*.pyi")) for name in missing(stub, _real(stub))],
    }


def _real(stub: Path) -> Any:
    """Return the module that a stub is of; `comfy_api.latest` has some of its modules under other names."""
    parts = stub.relative_to(typeshed).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    if len(parts) > 1 and hasattr(parent := importlib.import_module(".".join(parts[:-1])), parts[-1]):
        return getattr(parent, parts[-1])
    return importlib.import_module(".".join(parts))


sys.stdout.write("\n" + json.dumps(asyncio.run(look())) + "\n")
