"""Inside of `torch.autocast` geometry and maps are what they are outside, in float32."""

import numpy as np
import pytest
import torch

from auface.structure.camera import portrait_camera
from auface.structure.identity import sampled_neutral
from auface.structure.model import Sampling, StructureModel
from auface.structure.network import NetworkConfig, StructureNetwork
from auface.structure.pose import HeadPose
from auface.structure.prior import PriorConfig
from auface.structure.retargeting import retarget
from auface.structure.tokenizer import TokenizerConfig

TINY = NetworkConfig(tokenizer=TokenizerConfig(hidden=16), prior=PriorConfig(width=16, layers=1, heads=2))


@pytest.fixture(scope="module")
def model() -> StructureModel:
    torch.manual_seed(0)
    return StructureModel(StructureNetwork(TINY))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("request_", ["1+2C+5D+26", "a broad smile"])
def test_geometry_is_the_same_under_autocast(model: StructureModel, dtype: torch.dtype, request_: str) -> None:
    sampling = Sampling(temperature=0.7, guidance=1.5, seed=3)
    outside = model.structure(request_, sampling=sampling)
    with torch.autocast("cpu", dtype):
        inside = model.structure(request_, sampling=sampling)
    np.testing.assert_array_equal(inside.points, outside.points)
    np.testing.assert_array_equal(inside.tokens, outside.tokens)


def test_text_is_read_the_same_under_autocast(model: StructureModel) -> None:
    outside = model.condition_of_text(["the brows are raised"])
    with torch.autocast("cpu", torch.bfloat16):
        inside = model.condition_of_text(["the brows are raised"])
    for one, two in zip(inside, outside, strict=True):
        assert torch.equal(one, two)


def test_maps_are_the_same_under_autocast(model: StructureModel) -> None:
    face = model.structure("12E+26D", pose=HeadPose(yaw=20))
    camera = portrait_camera(face.neutral, 96)

    def drawn() -> list[torch.Tensor]:
        maps = face.surface_maps(camera, 96, 96)
        lines, outline = face.landmark_map(camera, 96, 96), face.silhouette(camera, 96, 96)
        return [
            maps.depth,
            maps.normal_picture(),
            maps.parts,
            torch.from_numpy(lines),
            torch.from_numpy(outline),
        ]

    outside = drawn()
    with torch.autocast("cpu", torch.bfloat16):
        inside = drawn()
    for one, two in zip(inside, outside, strict=True):
        assert torch.equal(one, two)


def test_a_warped_photo_is_the_same_under_autocast(model: StructureModel) -> None:
    landmarks = portrait_camera(sampled_neutral(3), 96).project(sampled_neutral(3))
    photo = torch.rand(96, 96, 3)

    def warped() -> list[torch.Tensor]:
        changed = retarget(landmarks, "12E+26D", model)
        return [changed.field(96, 96), changed.mask(96, 96), changed.preview(photo)]

    outside = warped()
    with torch.autocast("cpu", torch.bfloat16):
        inside = warped()
    for one, two in zip(inside, outside, strict=True):
        assert torch.equal(one, two)
