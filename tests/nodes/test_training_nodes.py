"""Training inside the real host: a data set of pictures, a LoRA that it loads, an interruption that loses nothing."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from comfyui_host import Host
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from auface.autext.record import SPLITS, Record
from auface.facs import Expression
from auface.recognition import Recognizer

Prompt = dict[str, Any]
SURE = 0.9  # how certain a face has to be
NAMES = ("grin", "left_corner_up", "rest", "happily_surprised")
PICTURES = Path(__file__).resolve().parents[1] / "recognition" / "pictures"
SMALL = "resolution = 64\nbucket_step = 32\nbatch = 2\nsample_steps = 2\nsample_seeds = 1\nexpressions = ['12D', '4C']"
"""Options that make a training short."""


def node(kind: str, **inputs: object) -> Prompt:
    """One node of a prompt."""
    return {"class_type": kind, "inputs": inputs}


def build(name: str, **more: object) -> Prompt:
    """The node that makes a data set of "b3"."""
    inputs: dict[str, object] = {"images": ["b3", 0], "dataset": name, "captions": "sentence", "hold_out": True}
    inputs |= {"seed": 0, "overwrite": False, "min_confidence": SURE, "max_error": 2.0, "recognizer": "auface"}
    return node("AUFaceBuildDataset", **{**inputs, **more})


def train(name: str, dataset: object, **more: object) -> Prompt:
    """The node that trains the tiny model."""
    inputs: dict[str, object] = {"dataset": dataset, "base": "tiny", "preset": "mini", "name": name, "trigger": "ohwx"}
    inputs |= {"steps": 4, "rank": 4, "preview_steps": 2, "seed": 1, "overwrite": False, "settings": SMALL}
    return node("AUFaceTrainLoRA", **{**inputs, **more})


@pytest.fixture(scope="module")
def batch(host: Host) -> Prompt:
    """Nodes that load four faces as the batch "b3"."""
    for name in NAMES:
        Image.open(PICTURES / f"{name}.jpg").convert("RGB").save(host.base / "input" / f"train_{name}.png")
    nodes = {name: node("LoadImage", image=f"train_{name}.png") for name in NAMES}
    nodes["b1"] = node("ImageBatch", image1=["grin", 0], image2=["left_corner_up", 0])
    nodes["b2"] = node("ImageBatch", image1=["b1", 0], image2=["rest", 0])
    nodes["b3"] = node("ImageBatch", image1=["b2", 0], image2=["happily_surprised", 0])
    return nodes


@pytest.fixture(scope="module")
def dataset(host: Host, batch: Prompt) -> str:
    """A data set of these faces, labelled by the recognizer."""
    succeeded(host, {**batch, "x": build("faces")})
    return "faces"


def succeeded(host: Host, prompt: Prompt, seconds: float = 600) -> Prompt:
    """Run a prompt and return its outputs."""
    entry = host.run(prompt, seconds=seconds)
    assert entry["status"]["status_str"] == "success", entry["status"]
    return entry["outputs"]


def rows(host: Host, name: str) -> list[Record]:
    """The rows of a data set, in the order of the pictures."""
    tables = [host.base / "datasets" / name / split / "metadata.jsonl" for split in SPLITS]
    lines = [line for table in tables if table.exists() for line in table.read_text("utf-8").splitlines()]
    return sorted(map(Record.from_json, lines), key=lambda row: row.frame)


def test_pictures_are_labelled_as_the_package_labels_them(host: Host, dataset: str) -> None:
    reader, wanted = Recognizer(), list[Any]()
    for name in NAMES:
        with Image.open(host.base / "input" / f"train_{name}.png") as file:
            sure = [face for face in reader.read(np.asarray(file.convert("RGB"))).faces if face.face.score >= SURE]
        wanted += sure if len(sure) == 1 else []
    found = rows(host, dataset)
    assert len(found) == len(wanted) >= 2
    for row, reading in zip(found, wanted, strict=True):
        for unit in row.coded:
            assert row.expression.left(unit) == pytest.approx(reading.units.left(unit), abs=0.51)
        assert row.split == "train", "so few pictures are all learned"
        assert row.landmarks
        assert row.text


def test_a_set_holds_the_expressions_and_captions_that_were_linked(host: Host, batch: Prompt) -> None:
    told = {"e": node("AUFaceMakeExpression", text="4C+L12B")}
    told |= {"t": node("PrimitiveString", value="a portrait"), **batch}
    outputs = succeeded(host, {**told, "x": build("told", expression=["e", 0], caption=["t", 0])})
    assert {(row.expression, row.text) for row in rows(host, "told")} == {(Expression.parse("4C+L12B"), "a portrait")}
    assert outputs["x"]["images"], "the sheet is shown"


def test_a_list_has_one_expression_for_each_picture(host: Host, batch: Prompt) -> None:
    frames = node("AUFaceExpressionTimeline", keyframes="0: 1A\n3: 1D", easing="linear", frames=4)
    succeeded(host, {**batch, "f": frames, "x": build("frames", expression=["f", 0])})
    assert [row.expression.notation() for row in rows(host, "frames")] == ["1A", "1B", "1C", "1D"]
    frames["inputs"]["frames"] = 3
    entry = host.run({**batch, "f": frames, "x": build("three", expression=["f", 0])})
    assert "`expression` has 3 entries for 4 pictures" in json.dumps(entry["status"])


def test_a_set_is_not_replaced_unless_that_is_asked_for(host: Host, batch: Prompt, dataset: str) -> None:
    other = {**batch, "x": build(dataset, captions="tag")}
    assert "data set of other settings" in json.dumps(host.run(other)["status"])
    other["x"]["inputs"]["dataset"] = "replaced"
    succeeded(host, other)
    before = rows(host, "replaced")
    succeeded(host, {**batch, "x": build("replaced", captions="detailed", overwrite=True)})
    assert [row.text for row in rows(host, "replaced")] != [row.text for row in before]


def test_a_set_that_was_removed_is_made_again(host: Host, batch: Prompt) -> None:
    prompt = {**batch, "x": build("removed")}
    succeeded(host, prompt)
    shutil.rmtree(host.base / "datasets" / "removed")
    succeeded(host, prompt)
    assert (host.base / "datasets" / "removed" / "dataset.json").is_file()


def test_pictures_without_a_face_make_no_set(host: Host) -> None:
    nothing = {"n": node("EmptyImage", width=96, height=96, batch_size=2, color=128)}
    entry = host.run({**nothing, "x": build("nothing", images=["n", 0])})
    assert "none of which shows one face" in json.dumps(entry["status"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "../../escaped"}, "`name` is '../../escaped'; accepted are"),
        ({"settings": "rank = 0"}, "`rank` is 0; accepted is a whole number from 1"),
        ({"settings": "ranks = 2"}, "`ranks` is no option"),
        ({"settings": "out = '/tmp'"}, "`settings` has `out`"),
        ({"settings": "rank 2"}, "settings"),
        ({"base": "nobody"}, "nobody"),
    ],
)
def test_wrong_options_are_refused_before_anything_starts(
    host: Host, dataset: str, changes: Prompt, message: str
) -> None:
    wrong = train("wrong", dataset)
    wrong["inputs"] |= changes
    status, answer = host.post("/prompt", {"prompt": {"x": wrong}})
    assert status == 400
    assert message in json.dumps(answer["node_errors"]["x"])


@pytest.mark.parametrize("kind", ["AUFaceBuildDataset", "AUFaceTrainLoRA"])
def test_the_page_does_not_change_the_seed_after_a_run(host: Host, kind: str) -> None:
    _, options = host.get(f"/object_info/{kind}")[kind]["input"]["required"]["seed"]
    assert options["control_after_generate"] is False


def test_a_data_set_that_is_not_there_is_named(host: Host, dataset: str) -> None:
    entry = host.run({"x": train("lonely", "nowhere")})
    said = json.dumps(entry["status"])
    assert "`dataset` is 'nowhere'" in said
    assert f"'{dataset}'" in said, "those that are there are listed"


def latents(host: Host, model: list[object], **nodes: Prompt) -> torch.Tensor:
    """What the tiny model draws of a prompt."""
    sampler = node("KSampler", model=model, positive=["text", 0], negative=["none", 0], latent_image=["empty", 0])
    sampler["inputs"] |= {"seed": 5, "steps": 2, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal"}
    sampler["inputs"]["denoise"] = 1.0
    prompt = {
        "load": node("AUFaceLoadMini", model="tiny"),
        "text": node("CLIPTextEncode", clip=["load", 1], text="an old man"),
        "none": node("CLIPTextEncode", clip=["load", 1], text=""),
        "empty": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "sample": sampler,
        "kept": node("SaveLatent", samples=["sample", 0], filename_prefix="t/lora"),
        **nodes,
    }
    [kept] = succeeded(host, prompt)["kept"]["latents"]
    return load_file(host.base / "output" / kept["subfolder"] / kept["filename"])["latent_tensor"]


def test_a_trained_lora_loads_in_the_host_by_both_of_its_ways(host: Host, dataset: str) -> None:
    training = train("grin", dataset, settings=f"{SMALL}\nlearning_rate = 0.02\nwarmup = 0")
    outputs = succeeded(host, {"x": training, "r": node("PreviewAny", source=["x", 2])})
    assert outputs["r"]["text"][0].startswith("# "), "a report"
    assert outputs["x"]["images"], "the last preview is shown"
    file = host.base / "models" / "loras" / "grin.safetensors"
    with safe_open(file, "pt") as lora:
        assert "ohwx" in json.dumps(lora.metadata())
    assert "grin.safetensors" in json.dumps(host.get("/object_info/LoraLoader"))
    sheets = sorted(path.name for path in (host.base / "output/auface/training/grin/samples").iterdir())
    assert sheets == ["step-000002.png", "step-000004.png"]
    plain = latents(host, ["load", 0])
    listed = node("LoraLoaderModelOnly", model=["load", 0], lora_name=file.name, strength_model=1.0)
    linked = node("LoraModelLoader", model=["load", 0], lora=["x", 0], strength_model=1.0, bypass=False)
    by_name = latents(host, ["lora", 0], lora=listed)
    by_link = latents(host, ["lora", 0], lora=linked, x=training)
    assert torch.equal(by_name, by_link)
    assert (by_name - plain).abs().mean() > 1e-3
    assert "lora key not loaded" not in host.log
    assert "Traceback" not in host.log.rpartition("got prompt")[2]


def test_an_interrupted_training_goes_on_to_the_same_weights(host: Host, dataset: str) -> None:
    longer: dict[str, object] = {"steps": 40, "preview_steps": 0, "settings": f"{SMALL}\nlog_steps = 1"}
    succeeded(host, {"x": train("whole", dataset, **longer)})
    prompt = {"x": train("halves", dataset, **longer)}
    identity = host.post("/prompt", {"prompt": prompt})[1]["prompt_id"]
    out = host.base / "output" / "auface" / "training" / "halves"
    start = time.monotonic()
    while not (out / "log.jsonl").is_file() or len((out / "log.jsonl").read_bytes().splitlines()) < 3:
        assert time.monotonic() - start < 300
        time.sleep(0.01)
    host.post("/interrupt", {})
    while not (entry := host.get(f"/history/{identity}")):
        assert time.monotonic() - start < 300
        time.sleep(0.05)
    assert "execution_interrupted" in json.dumps(entry[identity]["status"]["messages"])
    assert (out / "checkpoint.safetensors").is_file()
    assert not (host.base / "models" / "loras" / "halves.safetensors").exists(), "half a LoRA is not offered"
    done = json.loads((out / "log.jsonl").read_text().splitlines()[-1])["step"]
    assert 3 <= done < 40
    succeeded(host, prompt)
    steps = [json.loads(line)["step"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert steps == list(range(1, 41)), "it went on where it was"
    whole, halves = (load_file(host.base / "models" / "loras" / f"{name}.safetensors") for name in ("whole", "halves"))
    assert whole.keys() == halves.keys()
    assert all(torch.equal(value, halves[name]) for name, value in whole.items())


def test_another_training_of_the_same_name_is_not_thrown_away(host: Host, dataset: str) -> None:
    succeeded(host, {"x": train("kept", dataset, steps=2, preview_steps=0)})
    other = train("kept", dataset, steps=2, preview_steps=0, rank=2)
    assert "has a run whose `rank` is 4, not 2" in json.dumps(host.run({"x": other})["status"])
    other["inputs"]["overwrite"] = True
    succeeded(host, {"x": other})
    (host.base / "models" / "loras" / "foreign.safetensors").write_bytes(b"somebody else's")
    foreign = host.run({"x": train("foreign", dataset, steps=2)})
    assert "is of another origin" in json.dumps(foreign["status"])
    assert (host.base / "models" / "loras" / "foreign.safetensors").read_bytes() == b"somebody else's"
