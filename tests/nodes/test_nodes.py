"""Every node through the real server: it registers, explains itself, executes, and refuses what is wrong."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from comfyui_host import Host

from auface.facs import Expression, describe
from auface.facs.preset import preset

Prompt = dict[str, Any]
MAKE = {"class_type": "AUFaceMakeExpression", "inputs": {"text": "1B+L12D+26C"}}
ASKED = Expression.parse("1B+L12D+26C")


@pytest.fixture(scope="module")
def schemas(host: Host) -> dict[str, Any]:
    """What the server says of the nodes of this pack."""
    return {name: schema for name, schema in host.get("/object_info").items() if name.startswith("AUFace")}


def node(kind: str, **inputs: object) -> Prompt:
    """One node of a prompt."""
    return {"class_type": f"AUFace{kind}", "inputs": inputs}


def shown(host: Host, prompt: Prompt, output: int = 0) -> list[str]:
    """Run a prompt and return what output `output` of its node "x" is as text."""
    looking = {"class_type": "PreviewAny", "inputs": {"source": ["x", output]}}
    entry = host.run({**prompt, "shown": looking})
    assert entry["status"]["status_str"] == "success", entry["status"]
    return entry["outputs"]["shown"]["text"]


def notation_of(host: Host, **nodes: Prompt) -> list[str]:
    """Run a prompt and return the notation of output 0 of its node "x"."""
    nodes["expression"] = nodes.pop("x")
    return shown(
        host,
        {
            **nodes,
            "x": node(
                "DescribeExpression", expression=["expression", 0], length="tag", vary=False, seed=0, conflicts="keep"
            ),
        },
        1,
    )


def test_every_node_explains_itself(schemas: dict[str, Any]) -> None:
    silent: list[str] = []
    for name, schema in schemas.items():
        assert schema["category"] == "AUFace"
        assert schema["display_name"].split()[0] in {
            *("Make", "Pick", "Choose", "Blend", "Mirror", "Scale", "Resolve"),
            *(
                "Describe",
                "Encode",
                "Load",
                "Save",
                "Animate",
                "Retarget",
                "Apply",
                "Recognize",
                "Read",
                "Verify",
                "Keep",
            ),
            *("Preview", "Build", "Train"),
        }
        assert schema["description"].endswith(".")
        assert schema["search_aliases"]
        inputs = {**schema["input"].get("required", {}), **schema["input"].get("optional", {})}
        silent += [f"{name}.{key}" for key, (_, options) in inputs.items() if not options.get("tooltip")]
        silent += [f"{name} output {index}" for index, tip in enumerate(schema["output_tooltips"]) if not tip]
    assert not silent


def test_the_page_gets_help_and_pictures(host: Host, schemas: dict[str, Any]) -> None:
    for name, schema in schemas.items():
        page = host.read(f"/extensions/auface/docs/{name}.md").decode()
        assert page.startswith(f"# {schema['display_name']}\n")
        assert host.read(f"/extensions/auface/docs/{name}.jpg").startswith(b"\xff\xd8")


def test_the_log_has_no_complaint(host: Host, schemas: dict[str, Any]) -> None:
    assert schemas
    start, *_ = host.log.split("got prompt")  # later on, tests ask for what is wrong
    assert "IMPORT FAILED" not in start
    assert "Traceback" not in start


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ({"x": MAKE}, ASKED),
        ({"x": node("PickExpression", face="R14B+12=2.5")}, Expression.parse("R14B+12=2.5")),
        ({"x": node("ExpressionPreset", emotion="fear", strength=0.5, source="ekman")}, preset("fear").scaled(0.5)),
        ({"m": MAKE, "x": node("MirrorExpression", expression=["m", 0])}, ASKED.mirrored()),
        ({"m": MAKE, "x": node("ScaleExpression", expression=["m", 0], factor=2.0)}, ASKED.scaled(2)),
        (
            {
                "m": MAKE,
                "p": node("PickExpression", face="4E"),
                "x": node("BlendExpressions", first=["m", 0], second=["p", 0], weight=0.25, mode="mix"),
            },
            ASKED.blended(Expression.parse("4E"), 0.25),
        ),
        (
            {
                "m": MAKE,
                "p": node("PickExpression", face="4D+12B"),
                "x": node("BlendExpressions", first=["m", 0], second=["p", 0], weight=0.5, mode="add"),
            },
            ASKED.added(Expression.parse("4B+12A")),
        ),
        (
            {
                "p": node("PickExpression", face="24D+26C"),
                "x": node("ResolveConflicts", expression=["p", 0], policy="natural"),
            },
            Expression.parse("24D"),
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, Expression) else "",
)
def test_a_node_gives_what_the_package_gives(host: Host, nodes: dict[str, Prompt], expected: Expression) -> None:
    assert notation_of(host, **nodes) == [expected.notation()]


def test_what_was_not_understood_is_said(host: Host) -> None:
    prompt = {"x": node("MakeExpression", text="a slight smile, cigarette")}
    assert shown(host, prompt, 2) == ["cigarette"]


def test_conflicts_are_resolved_and_explained(host: Host) -> None:
    prompt = {
        "p": node("PickExpression", face="24D+26C"),
        "x": node("ResolveConflicts", expression=["p", 0], policy="natural"),
    }
    [report] = shown(host, prompt, 1)
    assert report.startswith(
        "24D+26C became 24D.\nAU24 (lip pressor, D) and AU26 (jaw drop, C) cannot be held together"
    )
    assert shown(host, prompt, 2) == ["True"]


def test_a_timeline_runs_what_is_behind_it_for_every_frame(host: Host) -> None:
    timeline = node("ExpressionTimeline", keyframes="0: neutral\n4: a", easing="linear", frames=6, a=["m", 0])
    assert shown(host, {"m": MAKE, "x": timeline}, 1) == ["6"]
    frames = notation_of(host, m=MAKE, x=timeline)
    assert frames == [ASKED.scaled(share).notation() for share in (0, 0.25, 0.5, 0.75, 1, 1)]


@pytest.mark.parametrize("length", ["tag", "sentence", "detailed"])
def test_descriptions_are_those_of_the_package(host: Host, length: Any) -> None:
    description = node(
        "DescribeExpression", expression=["m", 0], length=length, vary=False, seed=3, conflicts="natural"
    )
    assert shown(host, {"m": MAKE, "x": description}) == [describe(ASKED, length=length)]
    description["inputs"]["vary"] = True
    assert shown(host, {"m": MAKE, "x": description}) == [describe(ASKED, length=length, seed=3)]


def test_an_expression_is_saved_for_people_and_loaded_again(host: Host) -> None:
    saving = {"m": MAKE, "s": node("SaveExpression", expression=["m", 0], filename_prefix="auface/grin")}
    entry = host.run(saving)
    [text] = entry["outputs"]["s"]["text"]
    name = text.split("\n")[0]
    assert name == "auface/grin_00001.json"
    file = host.base / "output" / name
    assert Expression.from_json(file.read_text(encoding="utf-8")) == ASKED
    options = host.get("/object_info/AUFaceLoadExpression")["AUFaceLoadExpression"]["input"]["required"]["file"]
    assert f"{name} [output]" in json.dumps(options)
    load = node("LoadExpression", file=f"{name} [output]")
    assert notation_of(host, x=load) == [ASKED.notation()]
    file.write_text(Expression.parse("4E").to_json(), encoding="utf-8")
    assert notation_of(host, x=load) == ["4E"], "a changed file is loaded again"


def test_an_expression_is_encoded_into_the_prompt(host: Host) -> None:
    prompt = {
        "c": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"},
        },
        "m": MAKE,
        "x": node(
            *("EncodeAUText",),
            clip=["c", 1],
            expression=["m", 0],
            prompt="photo of a man, {expression}, rain",
            weight=1.25,
            length="tag",
            conflicts="natural",
        ),
    }
    words = describe(ASKED, length="tag")
    assert shown(host, prompt, 1) == [f"photo of a man, ({words}:1.25), rain"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (node("MakeExpression", text="12Q"), "FACS notation, character 3: 'Q' is not an intensity of AU12"),
        (node("MakeExpression", text=""), "is empty; write 'neutral'"),
        (node("MakeExpression", text="a red bicycle"), "nothing about a face was understood"),
        (node("PickExpression", face="99"), "'99' is not a FACS action unit"),
        (node("ExpressionPreset", emotion="contempt", strength=1.0, source="ekman"), "has no contempt; accepted"),
        (
            node("ExpressionPreset", emotion="bored", strength=1.0, source="automatic"),
            "'bored'; accepted are happiness",
        ),
        (node("ExpressionPreset", emotion="fear", strength=9.0, source="automatic"), "bigger than max"),
        (node("ExpressionTimeline", keyframes="0: 12\n0: 6", easing="linear", frames=0), "line 2: frame 0 must come"),
        (node("LoadExpression", file="../../etc/passwd"), "Invalid file path"),
        (node("LoadExpression", file="/etc/passwd"), "Invalid file path"),
        (node("LoadExpression", file="nothing.json"), "no file in ComfyUI's input or output folder"),
        (node("LoadExpression", file="(no expression saved yet)"), "there is no expression to load"),
    ],
)
def test_bad_values_are_refused_with_a_reason(host: Host, bad: Prompt, message: str) -> None:
    prompt = {"bad": bad, "out": node("SaveExpression", expression=["bad", 0], filename_prefix="never")}
    status, answer = host.post("/prompt", {"prompt": prompt})
    assert status == 400
    assert message in json.dumps(answer["node_errors"]["bad"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (
            {
                "p": node("PickExpression", face="24D+26C"),
                "x": node("ResolveConflicts", expression=["p", 0], policy="strict"),
            },
            "cannot be held together",
        ),
        ({"x": node("LoadExpression", file="damaged.json")}, "'damaged.json', which holds no expression"),
        (
            {"m": MAKE, "x": node("SaveExpression", expression=["m", 0], filename_prefix="../../elsewhere/face")},
            "outside the output folder",
        ),
    ],
)
def test_a_failing_node_says_why_and_the_server_goes_on(host: Host, prompt: Prompt, message: str) -> None:
    (host.base / "input" / "damaged.json").write_text('{"schema": "auface.expression/1"', encoding="utf-8")
    looking = {"class_type": "PreviewAny", "inputs": {"source": ["x", 0]}}
    entry = host.run({**prompt, "shown": looking})
    assert entry["status"]["status_str"] == "error"
    assert message in json.dumps(entry["status"], ensure_ascii=False)
    assert notation_of(host, x=MAKE) == [ASKED.notation()]


def test_two_who_send_at_once_both_get_their_own(host: Host) -> None:
    def ask(text: str) -> list[str]:
        return notation_of(host, x=node("MakeExpression", text=text))

    texts = [f"{unit}{letter}" for letter in "ABCD" for unit in (1, 12)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, texts)) == [[text] for text in texts]


def test_many_prompts_at_once_lose_nothing(host: Host) -> None:
    answers = []
    for index in range(20):
        prompt = {
            "m": node("MakeExpression", text=f"12={index / 4 + 0.1:.2f}"),
            "s": {"class_type": "PreviewAny", "inputs": {"source": ["m", 1]}},
        }
        answers.append((index, host.post("/prompt", {"prompt": prompt})[1]["prompt_id"]))
    notation_of(host, x=node("MakeExpression", text="neutral"))  # queued last, so all others are done
    for index, identity in answers:
        entry = host.get(f"/history/{identity}")[identity]
        assert entry["outputs"]["s"]["text"] == [Expression.of({12: round(index / 4 + 0.1, 2)}).notation()]
