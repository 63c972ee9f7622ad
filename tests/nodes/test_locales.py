"""Every title, tooltip and option of every node is there in every language."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comfyui_host import Host

LANGUAGES = ("en", "zh", "ja", "ko", "es", "de", "fr")

# Names of publications and sockets, letters of inputs, and words that are the same in several languages.
SAME_EVERYWHERE = {
    *("ekman", "darwin", "matsumoto2008", "keltner2019", "cordaro2018_reference", "cordaro2018_ipc", "jack_schyns"),
    *("facs1978", "du2014", "emotionet2016", "emfacs", "clip", "vae", "a", "b", "c", "d"),
    *("controlnet", "comfyui", "mini", "sd15", "sdxl"),
}
SAME_WORDS = {"expression", "source", "mode", "notation", "prompt", "natural", "strict", "Surprise", "linear", "seed"}
FILES = {"file", "model", "adapter", "recognizer", "base"}
"""Menus of files, whose names are not translated."""

SAME_WORDS |= {"images", "factor", "text", "easing", "emotion", "tag", "conditioning"}


def texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a locale with its place."""
    if isinstance(tree, str):
        yield path, tree
        return
    for key, value in tree.items():
        yield from texts(value, f"{path}/{key}")


@pytest.fixture(scope="module")
def locales(checkout: Path) -> dict[str, dict[str, str]]:
    """Language -> place -> text."""
    folder = checkout / "locales"
    assert {path.name for path in folder.iterdir()} == set(LANGUAGES)
    return {
        language: dict(texts(json.loads((folder / language / "nodeDefs.json").read_text(encoding="utf-8"))))
        for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there(locales: dict[str, dict[str, str]], language: str) -> None:
    assert locales[language].keys() == locales["en"].keys()
    assert all(text.strip() for text in locales[language].values())


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_text_is_translated(locales: dict[str, dict[str, str]], language: str) -> None:
    left = {
        text
        for place, text in locales[language].items()
        if text == locales["en"][place] and text not in SAME_EVERYWHERE | SAME_WORDS
    }
    assert not left


def test_the_page_could_not_take_a_text_for_a_pattern(locales: dict[str, dict[str, str]]) -> None:
    special = [text for places in locales.values() for text in places.values() if set(text) & set("{}@|")]
    assert not special


def test_english_is_what_the_nodes_say(host: Host, checkout: Path) -> None:
    english = json.loads((checkout / "locales" / "en" / "nodeDefs.json").read_text(encoding="utf-8"))
    schemas = {name: each for name, each in host.get("/object_info").items() if name.startswith("AUFace")}
    assert english.keys() == schemas.keys()
    for name, schema in schemas.items():
        said = english[name]
        assert (said["display_name"], said["description"]) == (schema["display_name"], schema["description"])
        inputs = {**schema["input"].get("required", {}), **schema["input"].get("optional", {})}
        assert said["inputs"].keys() == inputs.keys()
        for key, (kind, options) in inputs.items():
            assert said["inputs"][key]["tooltip"] == options["tooltip"]
            if kind == "COMBO" and key not in FILES:
                assert list(said["inputs"][key]["options"]) == options["options"]
        outputs = [(each["name"], each["tooltip"]) for each in said["outputs"].values()]
        assert outputs == list(zip(schema["output_name"], schema["output_tooltips"], strict=True))


def test_the_host_finds_the_translations(host: Host) -> None:
    found = host.get("/i18n")
    assert set(found) >= set(LANGUAGES)
    assert found["de"]["nodeDefs"]["AUFacePickExpression"]["display_name"] == "Ausdruck auswählen"
