"""The shipped workflows: found by the template browser, complete, and run by the real host."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from comfyui_host import PACK, Host

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))
NAMES = [path.stem for path in WORKFLOWS]
TRAINING = {"steps": 2, "preview_steps": 0, "settings": "batch = 1\nsample_seeds = 1\nsample_steps = 1"}
SMALL = {"width": 64, "height": 64, "steps": 2, "frames": 2}


@pytest.fixture(scope="module")
def prompts(host: Host, checkout: Path) -> dict[str, dict[str, Any]]:
    """Workflow -> the prompt that the page sends for it."""
    if not shutil.which("chromium"):
        if os.environ.get("CI"):
            pytest.fail("CI must install chromium first")
        pytest.skip("no chromium to open the page with")
    script = checkout / "tests" / "comfyui" / "prompts.mjs"
    command = ["node", script, host.installed / "page", host.url, *WORKFLOWS]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_every_workflow_has_a_thumbnail() -> None:
    assert len(WORKFLOWS) >= 5
    for path in WORKFLOWS:
        thumbnail = path.with_suffix(".jpg")
        assert thumbnail.read_bytes().startswith(b"\xff\xd8"), f"{thumbnail.name} is no JPEG"
        assert thumbnail.stat().st_size < 150_000


def test_every_node_of_the_pack_is_in_a_workflow_or_has_no_need_of_one(host: Host) -> None:
    mine = {name for name in host.get("/object_info") if name.startswith("AUFace")}
    used = {node["type"] for path in WORKFLOWS for node in json.loads(path.read_text(encoding="utf-8"))["nodes"]}
    assert mine - used == {"AUFaceLoadExpression"}, "which can load only what has been saved"


def test_the_template_browser_finds_them(host: Host) -> None:
    assert sorted(host.get("/workflow_templates")[PACK]) == NAMES
    for name in NAMES:
        assert host.read(f"/api/workflow_templates/{PACK}/{name}.jpg").startswith(b"\xff\xd8")


def test_models_say_where_they_come_from() -> None:
    for path in WORKFLOWS:
        for node in json.loads(path.read_text(encoding="utf-8"))["nodes"]:
            if node["type"] not in ("CheckpointLoaderSimple", "ControlNetLoader"):
                continue
            [model] = node["properties"]["models"]
            assert model["name"] == node["widgets_values"][0]
            assert model["url"].startswith("https://huggingface.co/")
            assert model["url"].endswith(model["name"])


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_runs(host: Host, prompts: dict[str, dict[str, Any]], name: str) -> None:
    prompt = prompts[name]
    mini = any(node["class_type"] == "AUFaceLoadMini" for node in prompt.values())
    for node in () if mini else prompt.values():  # the shipped model is small enough to draw as it is meant to
        node["inputs"].update({key: value for key, value in SMALL.items() if key in node["inputs"]})
    for node in prompt.values():
        if node["class_type"] == "AUFaceTrainLoRA":
            node["inputs"].update(TRAINING)
    entry = host.run(prompt, seconds=600)
    assert entry["status"]["status_str"] == "success", entry["status"]
    pictures = [image for output in entry["outputs"].values() for image in output.get("images", ())]
    pictures = [image for image in pictures if image["type"] == "output"]
    draws = any(node["class_type"] == "SaveImage" for node in prompt.values())
    timeline = any(node["class_type"] == "AUFaceExpressionTimeline" for node in prompt.values())
    kept = [node["inputs"]["count"] for node in prompt.values() if node["class_type"] == "AUFaceKeepBest"]
    assert len(pictures) == (*kept, 2 if timeline else 1 if draws else 0)[0]
    assert all((host.base / "output" / image["subfolder"] / image["filename"]).is_file() for image in pictures)
