"""The blocks work alone, from their folders, and in a chain with diffusers' own blocks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases
import torch
from diffusers import utils
from diffusers.modular_pipelines import ModularPipelineBlocks, SequentialPipelineBlocks, StableDiffusionXLAutoBlocks
from made_reading import recognition_of
from PIL import Image, ImageColor

from auface.pipelines import expression_to_controls
from auface.pipelines.modular import ExpressionBlock, RecognitionBlock, VerdictBlock, block_folder
from auface.recognition.result import Recognition

# What diffusers 0.42 does inside: its Euler scheduler meets numpy 2.


def alone(block: Any, **inputs: Any) -> Any:
    return block.init_pipeline()(**inputs)


def test_an_expression_becomes_prompt_and_map() -> None:
    state = alone(
        ExpressionBlock(), expression="1+2C+5D+26", prompt="an old man", base="sd15", height=64, width=64, identity=3
    )
    controls = expression_to_controls("1+2C+5D+26", "an old man", size=64, identity=3)
    assert state.prompt == controls.prompt
    np.testing.assert_array_equal(np.asarray(state.control_image), np.asarray(controls.image("depth")))
    np.testing.assert_array_equal(state.requested_landmarks, controls.landmarks)
    assert state.expression == controls.expression
    words = alone(ExpressionBlock(), expression="brows raised", control_map="normal", height=64, width=64)
    assert words.prompt == "raised brows"
    assert words.expression.notation() == "1C+2C"


def test_lists_give_lists() -> None:
    state = alone(ExpressionBlock(), expression=["12D", "4C"], prompt=["a man", "a woman"], height=64, width=64)
    assert [prompt.split(",")[0] for prompt in state.prompt] == ["a man", "a woman"]
    assert len(state.control_image) == 2
    with pytest.raises(ValueError, match="prompt"):
        alone(ExpressionBlock(), expression=["12D", "4C"], prompt=["a man"], height=64, width=64)


def test_size_is_that_of_the_base_or_said_whole() -> None:
    assert alone(ExpressionBlock(), expression="12", base="sd15").height == 512
    with pytest.raises(ValueError, match="height"):
        alone(ExpressionBlock(), expression="12", height=64)


@pytest.mark.parametrize("name", ["expression", "recognition", "verdict"])
def test_a_block_loads_from_its_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utils.dynamic_modules_utils, "HF_MODULES_CACHE", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    block = ModularPipelineBlocks.from_pretrained(str(block_folder(name)), trust_remote_code=True)
    config = json.loads((block_folder(name) / "modular_config.json").read_text(encoding="utf-8"))
    assert type(block).__name__ == config["_class_name"]
    assert block.description
    assert block.inputs
    block.save_pretrained(tmp_path / "saved")
    saved = json.loads((tmp_path / "saved" / "modular_config.json").read_text(encoding="utf-8"))
    assert saved["auto_map"] == config["auto_map"]
    assert saved["requirements"] == config["requirements"]


def test_code_of_a_folder_runs_only_when_it_is_trusted() -> None:
    with pytest.raises(ValueError, match="trust_remote_code"):
        ModularPipelineBlocks.from_pretrained(str(block_folder("expression")), trust_remote_code=False)


def test_a_block_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="faces"):
        block_folder("faces")


def chain_blocks() -> Any:
    """The blocks of SDXL with a ControlNet, ours before the text encoder."""
    blocks = StableDiffusionXLAutoBlocks().get_workflow("controlnet_text2image")
    blocks.sub_blocks.insert("expression", ExpressionBlock(), 0)
    return blocks


def with_parts(blocks: Any) -> Any:
    """Blocks as a pipeline with tiny random components."""
    pipe = blocks.init_pipeline()
    pipe.update_components(**tiny_bases.sdxl_components(), controlnet=tiny_bases.xl_controlnet())
    assert not pipe.null_component_names
    pipe.set_progress_bar_config(disable=True)
    return pipe


def chain() -> Any:
    return with_parts(chain_blocks())


def drawn(pipe: Any, output: str = "np", **inputs: Any) -> Any:
    seed = torch.Generator().manual_seed(0)
    return pipe(height=64, width=64, num_inference_steps=2, generator=seed, output_type=output, **inputs)


def test_a_chain_draws_what_the_map_shows() -> None:
    pipe = chain()
    smile = drawn(pipe, expression="12D", prompt="an old man")
    assert smile.prompt == "an old man, strongly upturned lip corners"
    assert np.asarray(smile.images[0]).shape == (64, 64, 3)
    other_map = drawn(pipe, expression="12D", prompt="an old man", control_map="normal")
    assert np.abs(np.asarray(other_map.images[0]) - np.asarray(smile.images[0])).max() > 1e-6
    same = drawn(chain(), expression="lip corners strongly up", prompt="an old man")
    np.testing.assert_allclose(np.asarray(same.images[0]), np.asarray(smile.images[0]), atol=1e-6)


def test_a_chain_draws_several_expressions_at_once() -> None:
    state = drawn(chain(), expression=["12D", "4C"], prompt="an old man")
    assert len(state.images) == 2


class Reads:
    """A recognizer that has seen what each picture of one color shows."""

    def read(self, image: Any, neutral: Any = None) -> Recognition:
        shown = {"red": ("6B+12D",), "blue": ("4D",), "black": ()}
        color = next(name for name in shown if image.getpixel((0, 0)) == ImageColor.getrgb(name))
        return recognition_of(*shown[color])


def pictures(*colors: str) -> list[Image.Image]:
    return [Image.new("RGB", (64, 64), color) for color in colors]


def test_faces_of_pictures_are_read() -> None:
    state = alone(RecognitionBlock(), images=pictures("red", "black"), recognizer=Reads())
    assert [len(one.faces) for one in state.recognitions] == [1, 0]
    assert state.recognitions[0].face().expression().intensity(12) > 3
    for wrong in (pictures("red")[0], [np.zeros((8, 8, 3))], torch.zeros(1, 3, 8, 8)):
        with pytest.raises(ValueError, match="images"):
            alone(RecognitionBlock(), images=wrong, recognizer=Reads())


def test_pictures_are_judged_and_the_best_is_named() -> None:
    state = alone(VerdictBlock(), expression="4D", images=pictures("red", "blue", "black"), recognizer=Reads())
    assert [verdict.passed for verdict in state.verdicts] == [False, True, False]
    assert state.verdicts[2].outcome == "no face"
    assert state.best == 1
    each = alone(VerdictBlock(), expression=["12D+6B", "4D"], images=pictures("red", "blue"), recognizer=Reads())
    assert [verdict.passed for verdict in each.verdicts] == [True, True]
    with pytest.raises(ValueError, match="expression"):
        alone(VerdictBlock(), expression=["12", "4"], images=pictures("red"), recognizer=Reads())
    with pytest.raises(ValueError, match="images"):
        alone(VerdictBlock(), expression="12", recognizer=Reads())


def test_a_whole_chain_asks_draws_reads_and_judges() -> None:
    blocks = chain_blocks()
    for place, block in enumerate((RecognitionBlock(), VerdictBlock())):
        blocks.sub_blocks.insert(f"after{place}", block, len(blocks.sub_blocks))
    read: list[Any] = []

    class Sees:
        def read(self, image: Any, neutral: Any = None) -> Recognition:
            read.append(image)
            return recognition_of("12D" if len(read) < 3 else "4D")

    state = drawn(with_parts(blocks), "pil", expression=["12D", "4D"], num_images_per_prompt=2, recognizer=Sees())
    assert read == state.images
    assert len(state.images) == 4
    assert all(verdict.passed for verdict in state.verdicts)


def test_blocks_can_be_joined_without_diffusers_workflows() -> None:
    joined = SequentialPipelineBlocks.from_blocks_dict({"expression": ExpressionBlock})
    assert "expression" in joined.required_inputs
    assert alone(joined, expression="12", height=64, width=64).prompt
