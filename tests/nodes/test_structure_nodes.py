"""Geometry in the real host: maps are those of the package, photos are retargeted, long work can be stopped."""

import json
import time
from typing import Any

import numpy as np
import pytest
from comfyui_host import Host
from numpy.typing import NDArray
from PIL import Image

from auface.structure import FacePart, HeadPose, Scene, WeakPerspective, sampled_neutral, shipped_model

Prompt = dict[str, Any]
MAKE = {"class_type": "AUFaceMakeExpression", "inputs": {"text": "1+2C+L12D+26"}}
MAPS = {"landmarks": 0, "depth": 1, "normal": 2}


def structure(**inputs: object) -> Prompt:
    """The node Make Face Structure."""
    given: dict[str, object] = {"expression": ["m", 0], "width": 96, "height": 128, "yaw": 0.0, "pitch": 0.0}
    given |= {"roll": 0.0, "zoom": 1.0, "identity": 0, "style": "controlnet", "part": "lips"}
    return {"class_type": "AUFaceStructure", "inputs": {**given, **inputs}}


def retarget(**inputs: object) -> Prompt:
    """The node Retarget Expression on the picture and landmarks of nodes "i" and "l"."""
    given: dict[str, object] = {"image": ["i", 0], "face_landmarks": ["l", 0], "expression": ["m", 0]}
    given |= {"mode": "absolute", "softness": 0.06, "style": "controlnet", "face": 1}
    return {"class_type": "AUFaceRetargetExpression", "inputs": {**given, **inputs}}


def landmarks(*pictures: list[NDArray[np.float32]]) -> Prompt:
    """Faces in pictures as ComfyUI's detector gives them."""
    text = json.dumps([[face[:, :2].tolist() for face in faces] for faces in pictures])
    return {"class_type": "TestGivenLandmarks", "inputs": {"pictures": text}}


def person(seed: int, request: str = "12C+25", scale: float = 26.0) -> NDArray[np.float32]:
    """The landmarks of a person in a picture of 128 pixels."""
    face = shipped_model().structure(request, neutral=sampled_neutral(seed), pose=HeadPose(yaw=8))
    return face.landmarks(WeakPerspective(scale=scale, center=(64, 52)))


def pictures(host: Host, prompt: Prompt, outputs: dict[str, int], masks: dict[str, int]) -> dict[str, Any]:
    """Run a prompt and return outputs of its node "x" as arrays, (pictures, height, width, 3) from 0 to 255."""
    saving: Prompt = {}
    for name, place in outputs.items():
        saving[name] = {"class_type": "SaveImage", "inputs": {"images": ["x", place], "filename_prefix": f"t/{name}"}}
    for name, place in masks.items():
        saving[f"{name} picture"] = {"class_type": "MaskToImage", "inputs": {"mask": ["x", place]}}
        inputs = {"images": [f"{name} picture", 0], "filename_prefix": f"t/{name}"}
        saving[name] = {"class_type": "SaveImage", "inputs": inputs}
    entry = host.run({**prompt, **saving})
    assert entry["status"]["status_str"] == "success", entry["status"]
    found: dict[str, Any] = {}
    for name in (*outputs, *masks):
        files = [
            host.base / "output" / each["subfolder"] / each["filename"] for each in entry["outputs"][name]["images"]
        ]
        found[name] = np.stack([np.asarray(Image.open(file).convert("RGB"), np.float32) for file in files])
    return found


def failure(host: Host, prompt: Prompt) -> str:
    """Run a prompt that fails and return the reason."""
    preview = {"class_type": "PreviewImage", "inputs": {"images": ["x", 0]}}
    entry = host.run({**prompt, "p": preview})
    assert entry["status"]["status_str"] == "error"
    return json.dumps(entry["status"], ensure_ascii=False)


def test_maps_are_those_of_the_package(host: Host) -> None:
    got = pictures(host, {"m": MAKE, "x": structure(yaw=20.0, identity=7, zoom=1.2)}, MAPS, {"mask": 3})
    face = shipped_model().structure("1+2C+L12D+26", neutral=sampled_neutral(7), pose=HeadPose(yaw=20))
    scene = Scene.portrait((face,), 128, 96, zoom=1.2)
    maps = scene.surface_maps()
    wanted = {
        "landmarks": scene.landmark_map(),
        "depth": maps.depth[..., None].expand(-1, -1, -1, 3),
        "normal": maps.normal_picture(),
        "mask": maps.mask(FacePart.LIPS)[..., None].expand(-1, -1, -1, 3),
    }
    for name, picture in wanted.items():
        assert got[name].shape == (1, 128, 96, 3)
        assert np.abs(got[name] - 255 * picture.numpy()).mean() < 1, name


def test_a_picture_for_each_photo_with_that_persons_shape(host: Host) -> None:
    link = {"l": landmarks([person(3)], [person(5)]), "m": MAKE}
    got = pictures(host, {**link, "x": structure(face_landmarks=["l", 0])}, {"depth": 1}, {})["depth"]
    assert len(got) == 2
    average = pictures(host, {"m": MAKE, "x": structure()}, {"depth": 1}, {})["depth"]
    assert np.abs(got[0] - got[1]).mean() > 0.5
    assert np.abs(got[0] - average[0]).mean() > 0.5


@pytest.fixture
def photo(host: Host) -> Prompt:
    """A picture of soft spots in the host's input folder."""
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    Image.fromarray(noise).resize((128, 128), Image.Resampling.BICUBIC).save(host.base / "input" / "photo.png")
    return {"class_type": "LoadImage", "inputs": {"image": "photo.png"}}


def test_a_photo_is_retargeted_where_its_face_is(host: Host, photo: Prompt) -> None:
    prompt = {"m": MAKE, "i": photo, "l": landmarks([person(3, scale=12), person(4)]), "x": retarget()}
    got = pictures(host, prompt, {**MAPS, "preview": 4}, {"mask": 3})
    before = np.asarray(Image.open(host.base / "input" / "photo.png"), np.float32)
    moved = np.abs(got["preview"][0] - before).mean(-1) > 8
    mask = got["mask"][0, ..., 0] / 255
    x, y = person(4)[152, :2].astype(int)
    assert mask[y, x] > 0.9, "the chin drops"
    assert mask[:, :6].max() == 0, "what is far from the face stays"
    assert not moved[mask == 0].any()
    drawn = got["landmarks"][0].max(-1) > 60
    rows, columns = np.nonzero(drawn)
    where = person(4)
    assert abs(columns.min() - where[:, 0].min()) < 4, "the larger of two faces"
    assert rows.max() - where[:, 1].max() > 2, "with its jaw dropped"


def test_relative_keeps_what_the_face_does(host: Host, photo: Prompt) -> None:
    brows = {"class_type": "AUFaceMakeExpression", "inputs": {"text": "1C+2C"}}
    prompt = {"m": brows, "i": photo, "l": landmarks([person(4, "27E")]), "x": retarget(mode="relative")}
    kept = pictures(host, prompt, {"landmarks": 0}, {})["landmarks"][0]
    gone = pictures(host, {**prompt, "x": retarget()}, {"landmarks": 0}, {})["landmarks"][0]
    lowest = [np.nonzero(each.max(-1) > 60)[0].max() for each in (kept, gone)]
    assert lowest[0] - lowest[1] > 3, "the mouth stays open"


def test_what_cannot_be_retargeted_says_why(host: Host, photo: Prompt) -> None:
    link = {"m": MAKE, "i": photo}
    assert "0 faces in picture 1" in failure(host, {**link, "l": landmarks([]), "x": retarget()})
    assert "1 faces in picture 1, and `face` is 2" in failure(
        host, {**link, "l": landmarks([person(3)]), "x": retarget(face=2)}
    )
    assert "`image` has 1 pictures and `face_landmarks` 2" in failure(
        host, {**link, "l": landmarks([person(3)], [person(3)]), "x": retarget()}
    )
    point = np.zeros((478, 2), np.float32)
    assert "`landmarks`" in failure(host, {**link, "l": landmarks([point]), "x": retarget()})
    assert pictures(host, {**link, "l": landmarks([person(3)]), "x": retarget()}, {"preview": 4}, {})


def test_long_work_is_stopped_and_the_next_prompt_runs(host: Host) -> None:
    frames = [[person(3)]] * 400
    prompt = {"m": MAKE, "l": landmarks(*frames), "x": structure(width=512, height=512, face_landmarks=["l", 0])}
    prompt["p"] = {"class_type": "PreviewImage", "inputs": {"images": ["x", 0]}}
    identity = host.post("/prompt", {"prompt": prompt})[1]["prompt_id"]
    start = time.monotonic()
    while not host.get("/queue")["queue_running"]:
        assert time.monotonic() - start < 30
        time.sleep(0.05)
    time.sleep(1)
    host.post("/interrupt", {})
    while not (history := host.get(f"/history/{identity}")):
        assert time.monotonic() - start < 30, "the node does not look whether it is interrupted"
        time.sleep(0.1)
    messages = [name for name, _ in history[identity]["status"]["messages"]]
    assert "execution_interrupted" in messages
    assert pictures(host, {"m": MAKE, "x": structure()}, {"depth": 1}, {})


def test_memory_stays_flat_over_fifty_runs(host: Host) -> None:
    held: list[float] = []
    for run in range(60):
        pictures(host, {"m": MAKE, "x": structure(width=64, height=64, identity=run + 100)}, {"depth": 1}, {"mask": 3})
        held.append(host.memory)
    assert held[-1] - held[9] < 40, held
