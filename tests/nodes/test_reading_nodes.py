"""Reading in the real host: nodes say what the package says, and what cannot be read is said clearly."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comfyui_host import Host
from PIL import Image

from auface.facs import Expression
from auface.recognition import Recognizer, best_of, verify
from auface.recognition.picture import open_picture

Prompt = dict[str, Any]
NAMES = ("grin", "left_corner_up", "rest", "happily_surprised")
PICTURES = Path(__file__).resolve().parents[1] / "recognition" / "pictures"
READING: dict[str, object] = {"face": "largest", "recognizer": "auface"}


def node(kind: str, **inputs: object) -> Prompt:
    """One node of a prompt."""
    return {"class_type": kind, "inputs": inputs}


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    """The shipped recognizer, in this process."""
    return Recognizer()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four faces as PNG, which every version of Pillow decodes alike."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in NAMES:
        Image.open(PICTURES / f"{name}.jpg").convert("RGB").save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def batch(host: Host, pictures: Path) -> Prompt:
    """Nodes that load four faces as the batch "b3", and an expression "e"."""
    for name in NAMES:
        shutil.copy(pictures / f"{name}.png", host.base / "input" / f"{name}.png")
    nodes = {name: node("LoadImage", image=f"{name}.png") for name in NAMES}
    nodes["b1"] = node("ImageBatch", image1=["grin", 0], image2=["left_corner_up", 0])
    nodes["b2"] = node("ImageBatch", image1=["b1", 0], image2=["rest", 0])
    nodes["b3"] = node("ImageBatch", image1=["b2", 0], image2=["happily_surprised", 0])
    nodes["e"] = node("AUFaceMakeExpression", text="12E+25D")
    return nodes


def results(host: Host, prompt: Prompt, outputs: dict[str, int]) -> dict[str, Any]:
    """Run a prompt and return outputs of its node "x" as text, or as the files of pictures."""
    looking: Prompt = {}
    for name, place in outputs.items():
        if name.startswith("picture"):
            looking[name] = node("SaveImage", images=["x", place], filename_prefix="t/read")
        else:
            looking[name] = node("PreviewAny", source=["x", place])
    entry = host.run({**prompt, **looking}, seconds=240)
    assert entry["status"]["status_str"] == "success", entry["status"]
    found: dict[str, Any] = {}
    for name in outputs:
        output = entry["outputs"][name]
        found[name] = output.get("text") or [
            host.base / "output" / each["subfolder"] / each["filename"] for each in output["images"]
        ]
    return found


def test_faces_are_read_as_by_the_package(host: Host, batch: Prompt, pictures: Path, recognizer: Recognizer) -> None:
    recognize = node("AUFaceRecognizeExpression", image=["b3", 0], threshold=1.0, **READING)
    got = results(host, {**batch, "x": recognize}, {"notation": 2})["notation"]
    wanted = [recognizer.read(pictures / f"{name}.png").face().expression().notation() for name in NAMES]
    assert got == wanted


def test_a_verdict_is_that_of_the_package(host: Host, batch: Prompt, pictures: Path, recognizer: Recognizer) -> None:
    check = node("AUFaceVerifyExpression", image=["b3", 0], expression=["e", 0], threshold=0.6, **READING)
    got = results(host, {**batch, "x": check}, {"score": 0, "passed": 1, "table": 2, "picture": 3})
    wanted = [verify(pictures / f"{name}.png", "12E+25D", recognizer=recognizer) for name in NAMES]
    assert [float(score) for score in got["score"]] == pytest.approx([each.score for each in wanted], abs=1e-4)
    assert got["passed"] == [str(each.passed) for each in wanted]
    assert got["table"] == [f"{each}\n{each.table()}" for each in wanted]
    assert len(got["picture"]) == 4
    with Image.open(got["picture"][0]) as shown:
        assert shown.width == 1120


def test_the_best_of_a_batch_is_kept(host: Host, batch: Prompt, pictures: Path, recognizer: Recognizer) -> None:
    keep = node("AUFaceKeepBest", images=["b3", 0], expression=["e", 0], count=2, least=0.0, **READING)
    got = results(host, {**batch, "x": keep}, {"picture": 0, "report": 1, "score": 2, "index": 3})
    wanted = best_of([pictures / f"{name}.png" for name in NAMES], "12E+25D", recognizer=recognizer)
    assert got["index"] == [str(wanted.best)]
    assert float(got["score"][0]) == pytest.approx(wanted.verdict.score, abs=1e-4)
    assert got["report"][0].count("(kept)") == 2
    assert len(got["picture"]) == 2
    best = open_picture(pictures / f"{NAMES[wanted.best]}.png").pixels
    assert np.array_equal(np.asarray(Image.open(got["picture"][0]).convert("RGB")), best)


def test_regions_of_a_reference_join_another_expression(
    host: Host, batch: Prompt, pictures: Path, recognizer: Recognizer
) -> None:
    take = node("AUFaceExpressionFromImage", image=["happily_surprised", 0], region="lower face", strength=1.0)
    take["inputs"] |= {"threshold": 1.0, "base": ["f", 0], **READING}
    brows = node("AUFaceMakeExpression", text="4E+12A")
    [got] = results(host, {**batch, "f": brows, "x": take}, {"notation": 1})["notation"]
    taken = Expression.parse(got)
    read = recognizer.read(pictures / "happily_surprised.png").face().expression()
    assert taken.intensity(4) == 5, "the base's brows stay"
    assert taken.intensity(12) == pytest.approx(read.intensity(12), abs=1e-3), "the reference's mouth, not the base's"
    assert not taken.intensity(1)


def test_what_was_read_is_drawn(host: Host, batch: Prompt, pictures: Path) -> None:
    recognize = node("AUFaceRecognizeExpression", image=["grin", 0], threshold=1.0, **READING)
    preview = node("AUFacePreviewRecognition", recognition=["r", 0], image=["grin", 0])
    got = results(host, {**batch, "r": recognize, "x": preview}, {"picture": 0, "report": 1})
    before = np.asarray(Image.open(pictures / "grin.png").convert("RGB"), np.float32)
    after = np.asarray(Image.open(got["picture"][0]).convert("RGB"), np.float32)
    assert 2 < np.abs(after - before).mean() < 60
    assert got["report"][0].startswith("picture 1, face 1: ")


def test_a_photo_needs_no_landmarks_to_be_retargeted(host: Host, batch: Prompt, pictures: Path) -> None:
    change = node("AUFaceRetargetExpression", image=["rest", 0], expression=["e", 0], mode="absolute", softness=0.06)
    change["inputs"] |= {"style": "controlnet", "face": 1}
    got = results(host, {**batch, "x": change}, {"picture": 4})
    before = np.asarray(Image.open(pictures / "rest.png").convert("RGB"), np.float32)
    after = np.asarray(Image.open(got["picture"][0]).convert("RGB"), np.float32)
    assert np.abs(after - before).mean() > 0.5


def test_a_picture_without_a_face_says_so_and_the_server_goes_on(host: Host, batch: Prompt) -> None:
    Image.fromarray(np.full((96, 96, 3), 128, np.uint8)).save(host.base / "input" / "nothing.png")
    nothing = {**batch, "n": node("LoadImage", image="nothing.png")}
    recognize = node("AUFaceRecognizeExpression", image=["n", 0], threshold=1.0, **READING)
    entry = host.run({**nothing, "x": recognize, "p": node("PreviewAny", source=["x", 2])})
    assert entry["status"]["status_str"] == "error"
    assert "no face" in json.dumps(entry["status"])
    check = node("AUFaceVerifyExpression", image=["n", 0], expression=["e", 0], threshold=0.6, **READING)
    got = results(host, {**nothing, "x": check}, {"score": 0, "passed": 1})
    assert (float(got["score"][0]), got["passed"]) == (0, ["False"])


def test_a_damaged_recognizer_is_refused_with_its_name(host: Host, batch: Prompt) -> None:
    (host.base / "models" / "auface" / "recognition_cut.safetensors").write_bytes(b"\0" * 100)
    check = node("AUFaceRecognizeExpression", image=["grin", 0], threshold=1.0, face="largest")
    check["inputs"]["recognizer"] = "recognition_cut.safetensors"
    entry = host.run({**batch, "x": check, "p": node("PreviewAny", source=["x", 2])})
    assert entry["status"]["status_str"] == "error"
    assert "recognition_cut.safetensors" in json.dumps(entry["status"])
