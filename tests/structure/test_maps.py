"""Maps show the geometry that they are drawn from."""

import numpy as np
import pytest
import torch

from auface.structure.action_vector import UNITS
from auface.structure.camera import WeakPerspective, portrait_camera
from auface.structure.drawing import disc_coverage, hull, line_coverage, polygon_coverage
from auface.structure.identity import default_neutral
from auface.structure.landmark_drawing import PART_COLORS, landmark_map
from auface.structure.pose import HeadPose
from auface.structure.rasterizer import averaged
from auface.structure.silhouette import head_silhouette
from auface.structure.surface import FacePart
from auface.structure.surface_map import SurfaceMaps, surface_maps
from auface.structure.topology import RIGHT_IRIS, topology

SIZE = 128
FACE = default_neutral()
CAMERA = portrait_camera(FACE, SIZE)


def moved(**units: float) -> np.ndarray:
    """The default head with units, such as AU27=1.0, by the plain sum."""
    face = FACE.copy()
    for name, share in units.items():
        face = face + share * topology().unit[[unit.name for unit in UNITS].index(name)]
    return face


def maps(face: np.ndarray, antialias: bool = True) -> SurfaceMaps:
    return surface_maps(torch.from_numpy(face)[None], torch.eye(3), CAMERA, SIZE, SIZE, antialias=antialias)


def drawn(face: np.ndarray, size: int = SIZE, style: str = "controlnet") -> torch.Tensor:
    camera = portrait_camera(face, size)
    pixels = torch.from_numpy(camera.project(face))[None]
    return landmark_map(pixels, size, size, style)[0]  # pyright: ignore[reportArgumentType]


def test_a_line_covers_its_length_times_its_thickness() -> None:
    line = line_coverage(torch.tensor([[[10.0, 10.0]]]), torch.tensor([[[50.0, 40.0]]]), 2.0, 64, 64)
    assert line.sum().item() == pytest.approx(50 * 2 + np.pi, rel=0.05)


def test_a_disc_covers_its_area_and_may_lie_outside() -> None:
    disc = disc_coverage(torch.tensor([[[20.3, 30.7], [-50.0, 0.0]]]), torch.tensor([[6.0, 3.0]]), 64, 64)
    assert disc.sum().item() == pytest.approx(np.pi * 36, rel=0.03)


def test_a_polygon_covers_its_area_in_either_direction() -> None:
    corners = torch.tensor([[[10.0, 10.0], [40.0, 10.0], [40.0, 30.0], [10.0, 30.0]]])
    assert polygon_coverage(corners, 64, 64).sum().item() == pytest.approx(600, rel=0.02)
    torch.testing.assert_close(polygon_coverage(corners, 64, 64), polygon_coverage(corners.flip(1), 64, 64))


def test_a_polygon_covers_what_is_inside_of_all_its_edges() -> None:
    torch.manual_seed(0)
    angle = torch.arange(12) * (torch.pi / 6)
    round_ = torch.stack([angle.cos(), angle.sin()], -1)
    corners = torch.stack(
        [
            round_ * torch.tensor([30.0, 20.0]) + torch.tensor([40.0, 30.0]),
            round_.flip(0) * torch.tensor([50.0, 0.2]) + torch.tensor([35.0, 30.3]),  # thinner than a pixel
            round_ * 200 + 20,  # all round the picture
            round_ * 30 + torch.tensor([-10.0, 55.0]),  # in part outside
            round_ * 9 - 60,  # outside
        ]
    )
    y, x = (each.float() + 0.5 for each in torch.meshgrid(torch.arange(64), torch.arange(80), indexing="ij"))
    along = corners.roll(-1, 1) - corners
    away = torch.stack([x, y], -1)[..., None, :] - corners[:, None, None]  # (batch, height, width, edges, 2)
    along = along[:, None, None]
    inside = (along[..., 0] * away[..., 1] - along[..., 1] * away[..., 0]) / along.norm(dim=-1)
    inside[1] *= -1
    torch.testing.assert_close(
        polygon_coverage(corners, 64, 80), (inside.amin(-1) + 0.5).clamp(0, 1), atol=2e-5, rtol=0
    )


def test_a_hull_leaves_out_what_is_inside() -> None:
    points = torch.tensor([[0.0, 0.0], [4, 0], [4, 4], [0, 4], [2, 2], [1, 3]])
    assert {tuple(corner) for corner in hull(points).tolist()} == {(0, 0), (4, 0), (4, 4), (0, 4)}


def test_the_landmark_drawing_has_the_colors_of_the_controlnet() -> None:
    picture = (drawn(FACE, 512) * 255).round().to(torch.uint8)
    found = {tuple(color) for color in picture.reshape(-1, 3).unique(dim=0).tolist()}
    assert {*PART_COLORS.values(), (250, 200, 10), (10, 200, 250)} <= found


def test_the_left_eye_is_drawn_to_the_right_in_its_own_color() -> None:
    picture = drawn(FACE, 512)
    bluish = (picture[..., 2] > 0.5).nonzero()
    assert (bluish[:, 1] > 256).all()


def test_comfyuis_drawing_is_green_only() -> None:
    picture = drawn(FACE, 256, "comfyui")
    assert picture[..., 1].max() == 1
    assert picture[..., [0, 2]].max() == 0


def test_a_mirrored_face_gives_a_mirrored_surface() -> None:
    face = moved(AU12=1.0, AU25=0.5)
    other = (face * [-1, 1, 1])[topology().mirror].astype(np.float32)
    one, two = maps(face), maps(other)
    # Pixels on the border know coverage in quarters, and the four places are not symmetric.
    assert (two.coverage.flip(2) - one.coverage).abs().mean() < 5e-3
    assert (two.depth.flip(2) - one.depth).abs().mean() < 5e-3
    left, right = one.mask(FacePart.LEFT_BROW), two.mask(FacePart.RIGHT_BROW)
    assert (right.flip(2) - left).abs().mean() < 5e-3


def test_parts_share_each_pixel() -> None:
    parts = maps(moved(AU27=0.8)).parts
    torch.testing.assert_close(parts.sum(-1), torch.ones(1, SIZE, SIZE), atol=1e-4, rtol=0)


def test_the_mouth_opens_with_the_jaw_and_eyes_close_with_the_lids() -> None:
    shut, wide = (maps(face).mask(FacePart.MOUTH).sum() for face in (FACE, moved(AU27=1.0)))
    assert wide > 4 * shut
    seen, closed = (maps(face).mask(FacePart.LEFT_EYE, FacePart.LEFT_IRIS).sum() for face in (FACE, moved(AU43=1.0)))
    assert closed < 0.35 * seen


def test_the_nose_is_near_and_the_inside_of_the_mouth_far() -> None:
    found = maps(moved(AU27=1.0))
    row, column = divmod(int(found.depth[0].argmax()), SIZE)
    nose = CAMERA.project(FACE[1])
    assert (abs(column - nose[0]), abs(row - nose[1])) < (SIZE * 0.06, SIZE * 0.08)
    depth = found.depth / found.coverage.clamp_min(1e-6)
    assert depth[found.mask(FacePart.MOUTH) > 0.9].mean() < depth[found.mask(FacePart.LIPS) > 0.9].mean()


def test_normals_are_red_on_the_left_and_green_above() -> None:
    found = maps(FACE)
    picture = found.normal_picture()[0]
    solid = found.coverage[0] > 0.99
    columns = torch.arange(SIZE)
    left, right = solid & (columns < SIZE * 0.38)[None], solid & (columns > SIZE * 0.62)[None]
    assert picture[left][:, 0].mean() > 0.6 > 0.4 > picture[right][:, 0].mean()
    assert found.normal_picture("opengl")[0][right][:, 0].mean() > 0.6
    brow = int(CAMERA.project(FACE[10])[1])
    assert picture[brow + 2 : brow + 8][solid[brow + 2 : brow + 8]][:, 1].mean() > 0.5


def test_an_iris_is_where_its_landmarks_are() -> None:
    label = maps(FACE).labels()[0]
    x, y, _ = CAMERA.project(FACE[RIGHT_IRIS[0]])
    assert label[int(y), int(x)] == FacePart.RIGHT_IRIS


def test_an_iris_of_a_tilted_head_is_whole() -> None:
    """Its ellipse reaches beyond the landmarks on its rim."""
    rotation = torch.from_numpy(HeadPose(roll=45).rotation)
    found = surface_maps(torch.from_numpy(FACE)[None], rotation, portrait_camera(FACE, 512, zoom=3), 512, 512)
    iris, eye = (found.mask(part)[0] for part in (FacePart.LEFT_IRIS, FacePart.LEFT_EYE))
    for picture in (iris, iris.T):  # it is cut off by lids, but not along rows or columns
        lengths = (picture > 0.5).sum(0)
        lengths = lengths[lengths.nonzero().squeeze(1)]
        assert max(lengths[0], lengths[-1]) < 0.4 * lengths.max()
    assert eye.sum() > 0


def test_parts_take_no_picture_each() -> None:
    found = maps(moved(AU27=0.8))
    held = (found.depth, found.normals, found.coverage, found.shares.labels, found.shares.pixels, found.shares.shares)
    assert sum(each.untyped_storage().nbytes() for each in held) < 0.6 * found.parts.numel() * 4
    torch.testing.assert_close(found.labels(), found.parts.argmax(-1).to(torch.uint8))


def test_faces_of_a_batch_are_drawn_as_if_alone() -> None:
    faces = [FACE, moved(AU27=1.0), moved(AU12=1.0) + np.array([0.3, 0.2, 0], np.float32)]
    together = surface_maps(torch.from_numpy(np.stack(faces)), torch.eye(3), CAMERA, SIZE, SIZE + 20)
    joined = SurfaceMaps.joined([maps(face) for face in faces])
    for number, face in enumerate(faces):
        torch.testing.assert_close(joined.parts[number], maps(face).parts[0], atol=0, rtol=0)
        alone = surface_maps(torch.from_numpy(face)[None], torch.eye(3), CAMERA, SIZE, SIZE + 20)
        for name in ("depth", "normals", "coverage", "parts"):
            off = (getattr(together, name)[number] - getattr(alone, name)[0]).abs()
            assert (off > 1e-3).float().mean() < 1e-4, name  # an edge through the middle of a pixel may go either way


def test_a_face_outside_of_the_picture_leaves_it_empty() -> None:
    away = WeakPerspective(scale=30, center=(-500, 0))
    found = surface_maps(torch.from_numpy(FACE)[None], torch.eye(3), away, 64, 48)
    assert found.coverage.sum() == 0
    assert found.parts.shape == (1, 64, 48, len(FacePart))
    assert (found.labels() == FacePart.BACKGROUND).all()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="`style` is 'dots'"):
        drawn(FACE, 64, "dots")
    with pytest.raises(ValueError, match=r"shape \(1, 68, 2\)"):
        landmark_map(torch.zeros(1, 68, 2), 64, 64)
    with pytest.raises(ValueError, match="convention"):
        maps(FACE).normal_picture("bae")  # pyright: ignore[reportArgumentType]


def test_antialiasing_is_the_average_of_a_larger_picture() -> None:
    face = moved(AU27=0.7, AU12=0.4)
    large = portrait_camera(FACE, 4 * SIZE)
    points = torch.from_numpy(face)[None]
    fine = surface_maps(points, torch.eye(3), large, 4 * SIZE, 4 * SIZE, antialias=False).parts
    fine = averaged(fine, 4)
    for antialias, most in ((True, 0.012), (False, 0.04)):
        coarse = maps(face, antialias).parts
        off = (coarse - fine).abs()[..., [FacePart.BACKGROUND, FacePart.LIPS, FacePart.MOUTH]].sum()
        border = ((fine > 0.01) & (fine < 0.99)).any(-1).sum()
        assert off / border < most * 20


def test_the_silhouette_goes_round_the_face_at_any_turn() -> None:
    for pose in (HeadPose(), HeadPose(yaw=35, pitch=10)):
        rotation = torch.from_numpy(pose.rotation)
        face = torch.from_numpy(FACE)[None]
        inside = surface_maps(face, rotation, CAMERA, SIZE, SIZE).coverage
        head = head_silhouette(face, rotation, CAMERA, SIZE, SIZE)
        assert ((inside > 0.99) & (head < 0.9)).sum() <= 0.02 * (inside > 0.99).sum()
        assert head.mean() > 1.3 * inside.mean()
        assert head[0, -1].max() == 1  # the neck goes on below the picture


def test_borders_are_four_places_of_each_pixel() -> None:
    """The shortcut of `edge_samples` against four whole pictures, in steps of an 8-bit picture."""
    from auface.structure.edge_samples import PLACES
    from auface.structure.rasterizer import rasterize
    from auface.structure.surface import surface, with_cavity

    face, size, shared = moved(AU27=0.7, AU12=0.4), 4 * SIZE, surface()
    rotation = torch.from_numpy(HeadPose(yaw=20, pitch=5).rotation)
    camera = portrait_camera(FACE, size)
    points = torch.from_numpy(face)[None]
    vertices = camera.project(with_cavity(points) @ rotation.T)
    whole = torch.zeros(size, size, len(FacePart))
    for x, y in PLACES:
        shift = torch.tensor([0.5 - x, 0.5 - y, 0])
        triangle = rasterize(vertices + shift, shared.triangles, size, size).triangle[0]
        label = torch.where(triangle >= 0, shared.parts[triangle.clamp_min(0)], 0)
        whole += torch.nn.functional.one_hot(label, len(FacePart)) / len(PLACES)
    found = surface_maps(points, rotation, camera, size, size).parts[0]
    irises = [FacePart.LEFT_EYE, FacePart.RIGHT_EYE, FacePart.LEFT_IRIS, FacePart.RIGHT_IRIS]
    other = [int(part) for part in FacePart if part not in irises]
    off = (whole - found)[..., other].abs().amax(-1)
    border = ((whole > 0) & (whole < 1)).any(-1)
    assert border.sum() > 1500
    # Slivers that no middle of a pixel near by sees are left out.
    assert (off > 0.5 / 255).sum() < 0.1 * border.sum()
    assert (off > 0.26).sum() < 0.02 * border.sum()
    assert not (off > 0.5 / 255)[~torch.nn.functional.max_pool2d(border[None].float(), 3, 1, 1)[0].bool()].any()


def test_a_line_is_all_pixels_near_it() -> None:
    torch.manual_seed(0)
    start, end = (torch.rand(1, 30, 2) * 120 - 20 for _ in range(2))
    end[0, 0], end[0, 1] = start[0, 0], start[0, 1] * torch.tensor([0.0, 1.0])  # a point, and a level line
    y, x = (each.float() + 0.5 for each in torch.meshgrid(torch.arange(80), torch.arange(100), indexing="ij"))
    place = torch.stack([x, y], -1)[..., None, :]
    along = end[0] - start[0]
    share = (((place - start[0]) * along).sum(-1) / along.square().sum(-1).clamp_min(1e-9)).clamp(0, 1)
    distance = (place - start[0] - share[..., None] * along).norm(dim=-1).amin(-1)
    wanted = (1.25 + 0.5 - distance).clamp(0, 1)
    torch.testing.assert_close(line_coverage(start, end, 2.5, 80, 100)[0], wanted, atol=1e-4, rtol=0)


def test_a_part_that_is_asked_for_twice_is_refused() -> None:
    found = maps(FACE)
    torch.testing.assert_close(found.mask(*FacePart), torch.ones(1, SIZE, SIZE), atol=1e-4, rtol=0)
    with pytest.raises(ValueError, match="LIPS"):
        found.mask(FacePart.LIPS, FacePart.LIPS)
    with pytest.raises(ValueError, match="one or more"):
        found.mask()
