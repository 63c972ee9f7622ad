"""Networks say what their shapes promise, in a mirror too, and weights come back as they were."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sample_faces import face_points, small_networks
from torch import nn

from auface.recognition.crop_frame import CropFrame
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig, crops_to_input
from auface.recognition.face_reader import FaceReader
from auface.recognition.finder import Finder
from auface.recognition.finder_network import MIDDLE_SIDE, STRIDE, FinderNetwork, FinderOutput
from auface.recognition.folding import folded
from auface.recognition.fusion import Fusion
from auface.recognition.geometry_network import GeometryNetwork, face_shape, halves
from auface.recognition.unit_table import EMOTIONS, TOGETHER, UNITS
from auface.recognition.weight_file import load_networks, save_networks, shipped_path
from auface.structure.pose import HeadPose
from auface.structure.topology import topology


def test_the_crop_network_says_everything_at_once() -> None:
    network = small_networks().face
    output = network(crops_to_input(torch.zeros(2, 128, 128, 3, dtype=torch.uint8)))
    assert output.points.shape == (2, 478, 3)
    assert output.units.shape == output.scale.shape == (2, len(UNITS), 2)
    assert output.emotions.shape == (2, len(EMOTIONS))
    assert (output.scale > 0).all()
    assert torch.equal(output.units[:, TOGETHER, 0], output.units[:, TOGETHER, 1])


def test_looking_twice_is_fair_to_both_sides() -> None:
    reader = FaceReader(small_networks())
    crops = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), np.uint8)
    one, two = reader.look_at_crops(crops)[1], reader.look_at_crops(crops[:, :, ::-1].copy())[1]
    np.testing.assert_allclose(two.units, one.units[:, ::-1], atol=1e-4)
    np.testing.assert_allclose(two.landmarks[:, 0], 128 - one.landmarks[topology().mirror, 0], atol=1e-2)
    once, back = (reader.look_at_crops(each, twice=False)[1] for each in (crops, crops[:, :, ::-1].copy()))
    assert not np.allclose(back.units, once.units[:, ::-1], atol=1e-4)


def test_the_real_networks_are_small() -> None:
    counts = [sum(p.numel() for p in part.parameters()) for part in (FaceNetwork(), FinderNetwork(), GeometryNetwork())]
    assert 2 * sum(counts) < 15e6  # bytes, as float16


def seen(points: np.ndarray) -> torch.Tensor:
    """A face as the geometry network takes it."""
    return torch.from_numpy(halves(*face_shape(points)))[None]


def test_a_mirrored_face_has_mirrored_units() -> None:
    network = small_networks().geometry
    points = face_points(HeadPose(yaw=15, pitch=5, roll=3), {12: 1.0, 2: 0.5})
    other = points[topology().mirror] * [-1, 1, 1] + [300, 0, 0]
    units, scale = network(seen(points))
    mirrored, other_scale = network(seen(other.astype(np.float32)))
    torch.testing.assert_close(mirrored, units.flip(2), atol=2e-4, rtol=1e-3)
    torch.testing.assert_close(other_scale, scale.flip(2), atol=2e-4, rtol=1e-3)


def test_a_shape_does_not_depend_on_place_size_and_lean_in_the_picture() -> None:
    points = face_points(HeadPose(yaw=15), {26: 1.0})
    turn = np.radians(25)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = 2.5 * points[:, :2] @ rotation.T + [40, -7]
    np.testing.assert_allclose(face_shape(points)[0], face_shape(moved.astype(np.float32))[0], atol=1e-4)
    assert face_shape(moved.astype(np.float32))[1].roll == pytest.approx(
        25, abs=3
    )  # clockwise on the page is toward the left shoulder


def test_a_neutral_face_counts_only_where_it_is_known() -> None:
    network = small_networks().geometry
    face, rest = seen(face_points(units={12: 1.0})), seen(face_points())
    nothing = network(face)[0]
    assert not torch.allclose(network(face, rest)[0], nothing)
    torch.testing.assert_close(network(face, rest, torch.zeros(1))[0], nothing)


def test_fusion_weighs_and_stays_in_range() -> None:
    fusion = Fusion()
    fusion.weight[:] = torch.tensor([0.25, 0.75])
    shape = (1, len(UNITS), 2)
    one, two, doubt = torch.full(shape, 4.0), torch.full(shape, 2.0), torch.full(shape, 0.4)
    units, scale = fusion((one, doubt), (two, 2 * doubt), neutral=False)
    torch.testing.assert_close(units, torch.full(shape, 2.5))
    torch.testing.assert_close(scale, torch.full(shape, 0.4 * 2**0.75))
    fusion.weight[:] = 1.0
    assert float(fusion((one, doubt), (two, doubt), neutral=True)[0].max()) == 5.0


class ExactFinder(nn.Module):
    """Says exactly where given faces are, as the finder's maps say it."""

    def __init__(self, faces: list[CropFrame]) -> None:
        super().__init__()
        self.faces = faces
        self.nothing = nn.Parameter(torch.zeros(1))

    def forward(self, pictures: torch.Tensor) -> FinderOutput:
        height, width = (length // STRIDE for length in pictures.shape[2:])
        heat, size = torch.full((1, height, width), -9.0), torch.zeros(1, height, width)
        shift, roll = torch.zeros(1, 2, height, width), torch.zeros(1, height, width)
        factor = max(pictures.shape[2:]) / 400  # the picture of the test is 400 wide
        for face in self.faces:
            x, y = face.x * factor / STRIDE, face.y * factor / STRIDE
            row, column = int(y), int(x)
            heat[0, row, column] = 4.0
            shift[0, :, row, column] = torch.tensor([x - column - 0.5, y - row - 0.5])
            size[0, row, column] = np.log(face.side * factor / MIDDLE_SIDE)
            roll[0, row, column] = face.roll / 45
        return FinderOutput(heat, shift, size, roll)


def test_maps_are_read_back_as_the_faces_they_were_made_from() -> None:
    faces = [CropFrame(100, 80, 60, roll=10), CropFrame(300, 150, 120, roll=-35), CropFrame(37.5, 210, 30)]
    finder = Finder(ExactFinder(faces))  # pyright: ignore[reportArgumentType]
    found = sorted(
        (one.frame for one in finder.find([np.zeros((240, 400, 3), np.uint8)])[0]), key=lambda frame: frame.x
    )
    assert len(found) == 3  # each once, though both scales saw all
    for frame, face in zip(found, sorted(faces, key=lambda frame: frame.x), strict=True):
        assert (frame.x, frame.y, frame.side, frame.roll) == pytest.approx(
            (face.x, face.y, face.side, face.roll), rel=0.02
        )


def test_weights_come_back(tmp_path: Path) -> None:
    networks = small_networks()
    networks.fusion.weight[0, 3] = torch.tensor([0.25, 0.5])
    save_networks(networks, tmp_path / "w.safetensors", {"note": "test"})
    again = load_networks(tmp_path / "w.safetensors")
    assert again.face.config == networks.face.config
    for name, part in networks.parts().items():
        for key, value in part.state_dict().items():
            torch.testing.assert_close(again.parts()[name].state_dict()[key], value, atol=2e-3, rtol=2e-3)


def test_damaged_and_missing_weights_are_refused(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(ValueError, match="are missing: there is no"):
        load_networks(tmp_path / "none.safetensors")
    broken = tmp_path / weights.name
    broken.write_bytes(weights.read_bytes()[:-1] + b"?")
    (tmp_path / f"{weights.name}.sha256").write_text((weights.parent / f"{weights.name}.sha256").read_text())
    with pytest.raises(ValueError, match="are damaged"):
        load_networks(broken)
    assert shipped_path().name == "recognition.safetensors"


@pytest.mark.parametrize(("width", "searched"), [(60, [160]), (250, [160, 256]), (900, [160, 320])])
def test_a_picture_is_not_magnified_to_be_searched_again(width: int, searched: list[int]) -> None:
    sides: list[int] = []

    class Watching(ExactFinder):
        def forward(self, pictures: torch.Tensor) -> FinderOutput:
            sides.append(pictures.shape[-1])
            return super().forward(pictures)

    Finder(Watching([])).find([np.zeros((width // 2, width, 3), np.uint8)])  # pyright: ignore[reportArgumentType]
    assert sides == searched


def test_folded_networks_say_the_same_without_normalization() -> None:
    torch.manual_seed(0)
    network, crops = FaceNetwork(FaceNetworkConfig(eyes=True)), torch.rand(2, 3, 128, 128) * 2 - 1
    network(torch.rand(8, 3, 128, 128))  # gives the normalizations something to take off
    network.train(False)
    made = folded(network)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in made.modules())
    assert sum(isinstance(part, nn.BatchNorm2d) for part in network.modules()) > 10  # the other is as it was
    with torch.no_grad():
        for one, other in zip(made(crops), network(crops), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
