"""Pictures and maps come from one camera and say the same; the same description gives the same picture."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from auface.autext.heads import (
    MAPS,
    Background,
    Camera,
    HeadDescription,
    HeadPose,
    HeadRenderer,
    Identity,
    Part,
    View,
    sample_identity,
    sample_view,
)
from auface.facs import Expression

SIZE = 128
UPPER_LID, LOWER_LID, NOSE_TIP, CHIN = 386, 374, 4, 152  # MediaPipe's landmarks, left eye


class Drawn(NamedTuple):
    """A picture with all of its maps."""

    image: np.ndarray
    landmarks: np.ndarray
    landmarks_3d: np.ndarray
    depth: np.ndarray
    normals: np.ndarray
    parts: np.ndarray


def rendered(renderer: HeadRenderer, description: HeadDescription) -> Drawn:
    image = renderer.render(description, SIZE, MAPS)
    assert image.landmarks is not None
    assert image.landmarks_3d is not None
    assert image.depth is not None
    assert image.normals is not None
    assert image.parts is not None
    return Drawn(image.image, image.landmarks, image.landmarks_3d, image.depth, image.normals, image.parts)


def drawn(renderer: HeadRenderer, notation: str = "neutral", seed: int = 3, view: View | None = None) -> Drawn:
    person = sample_identity(seed)
    return rendered(renderer, HeadDescription.of(Expression.parse(notation), identity=person, view=view or View()))


@pytest.fixture(scope="module")
def neutral(renderer: HeadRenderer) -> Drawn:
    return drawn(renderer)


def test_maps_have_the_shapes_that_they_promise(neutral: Drawn) -> None:
    expected = {
        "image": ((SIZE, SIZE, 3), np.uint8),
        "landmarks": ((478, 2), np.float32),
        "landmarks_3d": ((478, 3), np.float32),
        "depth": ((SIZE, SIZE), np.float32),
        "normals": ((SIZE, SIZE, 3), np.float32),
        "parts": ((SIZE, SIZE), np.uint8),
    }
    assert {name: (getattr(neutral, name).shape, getattr(neutral, name).dtype) for name in expected} == expected


def test_only_what_is_asked_for_is_returned(renderer: HeadRenderer) -> None:
    image = renderer.render(HeadDescription(), 64, ("parts",))
    assert image.landmarks is image.landmarks_3d is image.depth is image.normals is None


def test_the_same_description_gives_the_same_picture_whatever_came_before(renderer: HeadRenderer) -> None:
    description = HeadDescription.of(Expression.parse("L12D+1C+6"), identity=sample_identity(8), view=sample_view(8))
    first = rendered(renderer, description)
    drawn(renderer, "27E", seed=9)
    second = rendered(renderer, HeadDescription.from_json(description.to_json()))
    for name in ("image", "landmarks", "landmarks_3d", "depth", "normals", "parts"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_depth_normals_and_parts_cover_the_same_pixels(neutral: Drawn) -> None:
    head = neutral.parts > 0
    assert 0.25 < head.mean() < 0.95
    assert (neutral.depth[head] > 0).all()
    assert (neutral.depth[~head] == 0).all()
    length = np.linalg.norm(neutral.normals, axis=-1)
    assert np.allclose(length[head], 1, atol=1e-3)
    assert (length[~head] == 0).all()
    assert (neutral.normals[head][:, 2] > -0.05).mean() > 0.98  # what is seen faces the camera


def test_normals_are_the_slope_of_the_depth(neutral: Drawn) -> None:
    right = neutral.depth[:, 2:] - neutral.depth[:, :-2]
    skin = (neutral.parts == Part.SKIN)[:, 2:] & (neutral.parts == Part.SKIN)[:, :-2] & (np.abs(right) < 1)
    agreement = np.corrcoef(right[skin], neutral.normals[:, 1:-1, 0][skin])[0, 1]
    assert agreement > 0.8  # facing right, the surface goes away from the camera to the right


def test_landmarks_lie_on_their_parts(neutral: Drawn) -> None:

    def part(number: int) -> int:
        x, y = neutral.landmarks[number].astype(int)
        return int(neutral.parts[y, x])

    assert part(468) == part(473) == Part.EYES  # the irises
    assert part(NOSE_TIP) == part(205) == part(425) == Part.SKIN  # nose and cheeks
    assert part(0) in (Part.LIPS, Part.SKIN)
    assert part(14) == Part.LIPS
    face = neutral.landmarks[:468]
    assert ((face > 0) & (face < SIZE)).all()


def test_the_camera_sees_the_landmarks_at_their_depth(renderer: HeadRenderer, neutral: Drawn) -> None:
    # The head is straight: the camera's distance differs from the head's own z by a constant.
    front = [NOSE_TIP, CHIN, 205, 425, 50, 280, 9, 151, 168]
    x, y = neutral.landmarks[front].astype(int).T
    distance = neutral.depth[y, x] + neutral.landmarks_3d[front, 2]
    assert np.ptp(distance) < 0.35  # cm


def test_the_subjects_left_is_at_the_right_of_the_picture(neutral: Drawn) -> None:
    assert neutral.landmarks_3d[263, 0] > 0 > neutral.landmarks_3d[33, 0]
    assert neutral.landmarks[263, 0] > neutral.landmarks[33, 0]


def test_head_pose_turns_the_picture_and_not_the_head_frame(renderer: HeadRenderer, neutral: Drawn) -> None:
    turned = drawn(renderer, view=View(pose=HeadPose(yaw=25)))
    assert np.allclose(turned.landmarks_3d, neutral.landmarks_3d, atol=1e-4)
    eyes = turned.landmarks[[33, 263], 0].mean()
    assert turned.landmarks[NOSE_TIP, 0] > eyes + 3  # the nose points toward the subject's left


def test_an_expression_shows_in_the_landmarks(renderer: HeadRenderer, neutral: Drawn) -> None:
    closed, smile, jaw = (drawn(renderer, text) for text in ("43E", "12E", "27E"))
    openings = [m.landmarks_3d[UPPER_LID, 1] - m.landmarks_3d[LOWER_LID, 1] for m in (closed, neutral)]
    assert openings[0] < 0.3 * openings[1]
    width = [m.landmarks_3d[291, 0] - m.landmarks_3d[61, 0] for m in (smile, neutral)]
    assert width[0] > 1.08 * width[1]
    assert jaw.landmarks_3d[CHIN, 1] < neutral.landmarks_3d[CHIN, 1] - 0.8


def test_a_closed_eye_hides_the_eyeball(renderer: HeadRenderer) -> None:
    for seed in (0, 3, 9):
        open_eyes, closed = (drawn(renderer, text, seed=seed) for text in ("neutral", "43E"))
        assert (open_eyes.parts == Part.EYES).sum() > 30
        assert (closed.parts == Part.EYES).sum() < 0.05 * (open_eyes.parts == Part.EYES).sum()


def test_teeth_show_only_when_the_lips_part(renderer: HeadRenderer) -> None:
    inside = (Part.TEETH, Part.TONGUE, Part.MOUTH)
    assert np.isin(drawn(renderer, "24D").parts, inside).sum() <= 2
    assert np.isin(drawn(renderer, "12D+25D").parts, inside).sum() > 15
    assert np.isin(drawn(renderer, "27E").parts, inside).sum() > 60


def test_wrinkles_change_the_skin_only(renderer: HeadRenderer, heads: Path) -> None:
    from auface.autext.heads.gl_renderer import GLRenderer

    description = HeadDescription.of(Expression.parse("1E+2E+4D"), identity=sample_identity(3))
    smooth = rendered(GLRenderer(heads, wrinkles=0.0), description)
    folded = rendered(renderer, description)
    changed = np.abs(smooth.image.astype(int) - folded.image).max(-1) > 6
    assert changed.sum() > 50
    assert np.isin(smooth.parts[changed], (Part.SKIN, Part.BROWS)).mean() > 0.97
    assert np.array_equal(smooth.parts, folded.parts)


def test_framing_is_that_of_ffhq(renderer: HeadRenderer) -> None:
    for seed in range(4):
        landmarks = drawn(renderer, seed=seed).landmarks
        left, right = landmarks[[362, 263]].mean(0), landmarks[[33, 133]].mean(0)
        assert 0.2 < (left - right)[0] / SIZE < 0.29
        assert abs(landmarks[[33, 133, 362, 263], 0].mean() / SIZE - 0.5) < 0.03
        assert 0.4 < landmarks[[33, 133, 362, 263], 1].mean() / SIZE < 0.52


def test_zoom_and_shift_move_landmarks_with_the_picture(renderer: HeadRenderer) -> None:
    moved = drawn(renderer, view=View(camera=Camera(shift_x=0.1, shift_y=-0.1)))
    still = drawn(renderer)
    assert np.allclose(moved.landmarks - still.landmarks, [0.1 * SIZE, -0.1 * SIZE], atol=0.5)
    overlap = np.roll(still.parts == Part.SKIN, (-13, 13), (0, 1))[: SIZE - 20, 20:]
    assert ((moved.parts == Part.SKIN)[: SIZE - 20, 20:] == overlap).mean() > 0.97


def test_skin_has_the_tone_that_is_described(renderer: HeadRenderer) -> None:
    def brightness(tone: float) -> float:
        person = Identity(look=replace(Identity().look, tone=tone))
        image = rendered(renderer, HeadDescription(identity=person))
        return float(image.image[image.parts == Part.SKIN].mean())

    values = [brightness(tone) for tone in (0, 0.25, 0.5, 0.75, 1)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 2 * values[-1]


def test_the_background_is_what_is_described(renderer: HeadRenderer) -> None:
    image = rendered(renderer, HeadDescription(view=View(background=Background(color=(0.9, 0.1, 0.1)))))
    behind = image.image[image.parts == Part.BACKGROUND]
    assert behind[:, 0].mean() > 4 * behind[:, 1].mean()


@pytest.mark.parametrize(("size", "maps"), [(8, ()), (4096, ()), (64, ("colour",))])
def test_wrong_requests_are_refused(renderer: HeadRenderer, size: int, maps: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"`size`|`maps`"):
        renderer.render(HeadDescription(), size, maps)  # pyright: ignore[reportArgumentType]


def test_unknown_names_are_refused(renderer: HeadRenderer) -> None:
    person = Identity(look=replace(Identity().look, hair="punk"))
    with pytest.raises(ValueError, match="punk"):
        renderer.render(HeadDescription(identity=person), 64)
