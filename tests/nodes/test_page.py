"""The face picker in ComfyUI's real page, in both of its renderers, driven by a browser."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from comfyui_host import Host

SCREENSHOTS = Path(os.environ["AUFACE_SCREENSHOTS"]) if "AUFACE_SCREENSHOTS" in os.environ else None


@pytest.fixture(scope="module", params=["classic", "vue"])
def seen(
    request: pytest.FixtureRequest, host: Host, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What tests/comfyui/page.mjs saw, renderer by renderer."""
    if not shutil.which("chromium"):
        if os.environ.get("CI"):
            pytest.fail("CI must install chromium first")
        pytest.skip("no chromium to open the page with")
    folder = SCREENSHOTS or tmp_path_factory.mktemp("screenshots")
    script = checkout / "tests" / "comfyui" / "page.mjs"
    workflow = checkout / "workflows" / "pick_an_expression.json"
    command = ["node", script, host.installed / "page", host.url, request.param, workflow, folder]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert "failure" not in answer, answer["failure"]
    return answer


def test_the_page_has_no_error(seen: dict[str, Any]) -> None:
    assert seen["errors"] == []


def test_the_picker_shows_what_the_workflow_holds(seen: dict[str, Any]) -> None:
    assert seen["loaded"] == "1B+2B+6C+12D"


def test_dragging_the_face_raises_units_and_moves_it(seen: dict[str, Any]) -> None:
    assert seen["reset"] == "neutral"
    assert seen["dragged"].startswith("12")
    assert seen["faceMoved"]


def test_sides_move_apart_and_mirror(seen: dict[str, Any]) -> None:
    assert seen["oneSide"].startswith("L1")
    assert seen["mirrored"] == seen["oneSide"].replace("L1", "R1", 1)


def test_changes_are_taken_back_and_done_again(seen: dict[str, Any]) -> None:
    assert seen["undone"] == seen["dragged"]
    assert seen["redone"] == seen["oneSide"]
    assert seen["keyboard"] == seen["mirrored"] + "+26B"
    assert seen["keyboardUndone"] == seen["mirrored"] + "+26=1.5", "ComfyUI's own undo takes back one step"
    assert seen["shownAfterUndo"] == seen["keyboardUndone"], "the picker on the page is the one of the new node"


def test_units_are_found_by_words(seen: dict[str, Any]) -> None:
    assert seen["found"] == ["AU9"]


def test_typed_notation_is_read_and_mistakes_are_shown(seen: dict[str, Any]) -> None:
    assert seen["mistake"].startswith('Character 7: "Q" is not an intensity')
    assert seen["whileMistaken"] == seen["keyboardUndone"], "a mistake changes nothing"
    assert seen["typed"] == "12E+15E+24C+26D"
    assert "AU12" in seen["conflict"]
    assert "Lip corner down: frown AU15" in seen["conflict"]


def test_what_is_picked_is_sent_saved_and_executed(seen: dict[str, Any]) -> None:
    assert seen["preset"] == seen["sent"] == seen["reopened"] == "1C+2C+4C+5C+20C+25C"
    assert seen["executed"] == "success"


def test_what_the_picker_cannot_read_is_kept_until_the_face_is_moved(seen: dict[str, Any]) -> None:
    assert seen["foreign"] == "a slight smile"
    assert "26" in seen["foreignMoved"]


def test_the_picker_speaks_the_language_of_the_page(seen: dict[str, Any]) -> None:
    french = seen["french"]
    assert french["tabs"][:3] == ["Utilisés", "Tous", "Sourcils"]
    assert french["chin"].startswith("menton : ↑ Menton levé : moue (AU17)")
    assert french["mistake"].startswith("Caractère 3 : « Q » n'est pas une intensité")
    assert "Coin des lèvres levé : sourire AU12" in french["conflict"]
    assert {"AU1", "AU2", "AU4"} <= set(french["found"])
    assert french["kept"] == seen["foreignMoved"], "the face stays as it is"
