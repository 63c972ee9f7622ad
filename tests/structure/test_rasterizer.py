"""The rasterizer: areas, depth, perspective and order are those of geometry."""

import math

import pytest
import torch

from auface.structure.rasterizer import Fragments, averaged, interpolate, rasterize


def sphere(steps: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    """A unit sphere, counterclockwise seen from outside."""
    polar = torch.linspace(0.001, math.pi - 0.001, steps)
    around = torch.linspace(0, 2 * math.pi, steps + 1)[:-1]
    rings = [torch.stack([t.sin() * around.cos(), t.cos().expand(steps), t.sin() * around.sin()], 1) for t in polar]
    triangles: list[tuple[int, int, int]] = []
    for ring in range(steps - 1):
        for place in range(steps):
            a, b = ring * steps + place, ring * steps + (place + 1) % steps
            triangles += [(a, b, a + steps), (b, b + steps, a + steps)]
    return torch.cat(rings), torch.tensor(triangles)


def seen_from(points: torch.Tensor, size: int, distance: float = 4.0) -> torch.Tensor:
    depth = distance - points[:, 2]
    scale = size * 1.5
    return torch.stack([size / 2 + scale * points[:, 0] / depth, size / 2 - scale * points[:, 1] / depth, depth], 1)


@pytest.mark.parametrize("cull", [False, True])
def test_a_sphere_is_a_disc_of_the_right_size_and_depth(cull: bool) -> None:
    points, triangles = sphere()
    fragments = rasterize(seen_from(points, 128)[None], triangles, 128, 128, cull=cull)
    area = float((fragments.triangle >= 0).sum())
    assert area == pytest.approx(math.pi * (128 * 1.5) ** 2 / 15, rel=0.01)  # 40 steps are no perfect circle
    assert float(fragments.depth[0, 64, 64]) == pytest.approx(3.0, abs=0.01)


def test_places_are_interpolated_in_perspective() -> None:
    points, triangles = sphere()
    fragments = rasterize(seen_from(points, 128)[None], triangles, 128, 128)
    place = interpolate(fragments, triangles, points)[0]
    hit = fragments.triangle[0] >= 0
    again = seen_from(place[hit], 128)
    y, x = hit.nonzero(as_tuple=True)
    assert (again[:, 0] - x - 0.5).abs().max() < 1e-2
    assert (again[:, 1] - y - 0.5).abs().max() < 1e-2
    assert (again[:, 2] - fragments.depth[0][hit]).abs().max() < 1e-4
    assert (fragments.weights[0][hit].sum(1) - 1).abs().max() < 1e-5


def test_the_nearest_wins_whatever_the_order() -> None:
    square = torch.tensor([[0.0, 0, 0], [8, 0, 0], [8, 8, 0], [0, 8, 0]])
    points = torch.cat([square + torch.tensor([0.0, 0, depth]) for depth in (3.0, 2.0, 5.0)])
    quads = torch.tensor([[0, 1, 2], [0, 2, 3]])
    triangles = torch.cat([quads, quads + 4, quads + 8])
    fragments = rasterize(points[None], triangles, 8, 8)
    assert set(fragments.triangle.flatten().tolist()) == {2, 3}
    turned = rasterize(points[None], triangles.flip(0), 8, 8)
    assert torch.equal(turned.depth, fragments.depth)


def test_shared_edges_leave_no_gaps_and_pictures_of_a_batch_do_not_mix() -> None:
    points = torch.tensor([[0.0, 0, 1], [64, 0, 2], [64, 64, 3], [0, 64, 2], [23.3, 31.7, 2]])
    triangles = torch.tensor([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
    away = points + torch.tensor([100.0, 0, 0])
    fragments = rasterize(torch.stack([points, away]), triangles, 64, 64)
    assert bool((fragments.triangle[0] >= 0).all())
    assert not bool((fragments.triangle[1] >= 0).any())
    alone = rasterize(points[None], triangles, 64, 64)
    assert torch.equal(alone.triangle[0], fragments.triangle[0])


def test_triangles_of_any_size_are_drawn() -> None:
    for side in (0.4, 1.0, 3.0, 17.0, 200.0):
        points = torch.tensor([[0.3, 0.3, 1], [0.3 + side, 0.3, 1], [0.3, 0.3 + side, 1]])
        fragments = rasterize(points[None], torch.tensor([[0, 1, 2]]), 256, 256)
        centers = sum(x + y + 1 - 0.6 <= side + 1e-5 for x in range(256) for y in range(256))
        assert int((fragments.triangle >= 0).sum()) == centers


def test_averaging_keeps_the_mean() -> None:
    picture = torch.rand(1, 8, 6, 3)
    small = averaged(picture, 2)
    assert small.shape == (1, 4, 3, 3)
    assert torch.allclose(small.mean(), picture.mean())
    with pytest.raises(ValueError, match="8 x 6"):
        averaged(picture, 4)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(4, 3\)"):
        rasterize(torch.zeros(4, 3), torch.zeros(1, 3, dtype=torch.int64), 8, 8)
    with pytest.raises(ValueError, match=r"\(2, 4\)"):
        rasterize(torch.zeros(1, 4, 3), torch.zeros(2, 4, dtype=torch.int64), 8, 8)


def test_nothing_to_see_is_background() -> None:
    fragments = rasterize(torch.zeros(1, 3, 3), torch.tensor([[0, 1, 2]]), 4, 4)
    assert isinstance(fragments, Fragments)
    assert bool((fragments.triangle == -1).all())
    assert bool((fragments.depth == 0).all())


def searched(vertices: torch.Tensor, triangles: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The triangle seen at each place, by looking at all triangles in float64; -1 for none."""
    a, b, c = vertices.double()[triangles].unbind(1)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    found = torch.full((len(x),), -1)
    for part in torch.arange(len(x)).split(4096):
        px, py = x[part].double()[:, None] - a[:, 0], y[part].double()[:, None] - a[:, 1]
        second = (px * (c[:, 1] - a[:, 1]) - py * (c[:, 0] - a[:, 0])) / area
        third = (py * (b[:, 0] - a[:, 0]) - px * (b[:, 1] - a[:, 1])) / area
        first = 1 - second - third
        inside = torch.minimum(torch.minimum(first, second), third) >= 0
        nearness = torch.where(inside, first / a[:, 2] + second / b[:, 2] + third / c[:, 2], -1.0)
        best, which = nearness.max(1)
        found[part] = torch.where(best > 0, which, -1)
    return found


@pytest.mark.parametrize("yaw", [0, 55])
def test_pixels_see_what_a_search_over_all_triangles_finds(yaw: float) -> None:
    from auface.structure.camera import portrait_camera
    from auface.structure.identity import sampled_neutral
    from auface.structure.pose import HeadPose
    from auface.structure.surface import surface, with_cavity

    face, size, triangles = sampled_neutral(3), 256, surface().triangles
    turned = with_cavity(torch.from_numpy(face)[None]) @ torch.from_numpy(HeadPose(yaw=yaw, pitch=8).rotation).T
    vertices = portrait_camera(face, size).project(turned)
    y, x = (each.flatten() + 0.5 for each in torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij"))
    wanted = searched(vertices[0], triangles, x, y)
    found = rasterize(vertices, triangles, size, size).triangle.flatten()
    # Only where an edge goes through the middle of a pixel may rounding decide.
    assert (found != wanted).sum() <= 3
    assert (wanted >= 0).sum() > 10_000
