"""What somebody does first, in a browser: open the first template, run it, see face and verdict; drag, run again."""

import json
import os
import shutil
import subprocess
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comfyui_host import Host
from PIL import Image

SCREENSHOTS = Path(os.environ["AUFACE_SCREENSHOTS"]) if "AUFACE_SCREENSHOTS" in os.environ else None


@pytest.fixture(scope="module", params=["classic", "vue"])
def seen(
    request: pytest.FixtureRequest, host: Host, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What tests/comfyui/first.mjs saw, renderer by renderer."""
    if not shutil.which("chromium"):
        if os.environ.get("CI"):
            pytest.fail("CI must install chromium first")
        pytest.skip("no chromium to open the page with")
    folder = SCREENSHOTS or tmp_path_factory.mktemp("screenshots")
    script = checkout / "tests" / "comfyui" / "first.mjs"
    command = ["node", script, host.installed / "page", host.url, request.param, folder]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert "failure" not in answer, answer["failure"]
    return answer


def picture(address: str) -> Any:
    """A picture that the page shows, (height, width, 3)."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        return np.asarray(Image.open(BytesIO(answer.read())).convert("RGB"), np.float32)


def test_run_draws_a_face_and_a_verdict(seen: dict[str, Any]) -> None:
    assert seen["errors"] == []
    for run in seen["runs"]:
        assert run["outcome"] == "success"
        [face], [verdict] = (run["pictures"][kind] for kind in ("SaveImage", "AUFaceVerifyExpression"))
        assert picture(face).shape[:2] == (192, 192)
        assert picture(face).std() > 10
        assert picture(verdict).shape[1] > 600


def test_the_dragged_face_is_what_is_drawn_next(seen: dict[str, Any]) -> None:
    assert seen["moved"]
    first, second = seen["runs"]
    assert first["asked"] != second["asked"]
    assert second["asked"].startswith("12")
    faces = [picture(run["pictures"]["SaveImage"][0]) for run in seen["runs"]]
    assert np.abs(faces[0] - faces[1]).mean() > 1
