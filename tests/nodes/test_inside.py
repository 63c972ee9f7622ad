"""The pack inside ComfyUI's process: light to load, and no node changes what it was given."""

from typing import Any


def test_the_pack_loads_in_a_moment_and_brings_nothing_heavy(inside: dict[str, Any]) -> None:
    assert inside["loaded"]
    assert inside["heavy"] == []
    assert inside["seconds"] < 0.3


def test_no_node_changes_its_inputs(inside: dict[str, Any]) -> None:
    assert {name: node["changed"] for name, node in inside["nodes"].items() if node["changed"]} == {}


def test_every_node_gives_what_it_declares_and_the_same_again(inside: dict[str, Any]) -> None:
    assert len(inside["nodes"]) == 23
    wrong = {name: node for name, node in inside["nodes"].items() if node["outputs"] != node["declared"]}
    assert wrong == {}
    assert [name for name, node in inside["nodes"].items() if not node["same"]] == []


def test_the_type_checkers_comfyui_is_the_real_one(inside: dict[str, Any]) -> None:
    assert inside["missing"] == []


def test_the_small_model_keeps_to_one_thread_and_gives_the_others_back(inside: dict[str, Any]) -> None:
    assert inside["threads"] == [1, 3]


def test_training_shows_pictures_while_it_learns(inside: dict[str, Any]) -> None:
    assert inside["previews"] == ["JPEG", "JPEG"]


def test_what_training_lacks_is_named_before_it_starts(inside: dict[str, Any]) -> None:
    assert inside["lacking"].startswith("training needs peft; install auface[train]")


def test_what_is_not_installed_costs_only_its_own_nodes(inside: dict[str, Any]) -> None:
    assert set(inside["survivors"]) == set(inside["nodes"])
