"""Pictures, folders and videos: all of them in order, a bad file is passed over and listed, memory stays flat."""

import builtins
import gc
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from painted_reader import PaintedReader, painted, save_all
from PIL import Image

from auface.recognition import frames
from auface.recognition.batch import FrameReading, read_frames
from auface.recognition.frames import Frame, Problem, files_of, frames_of

SHOWN = ["12A", "12B", "12C", "12D", "12E", "neutral"]


def save_video(path: Path, shown: list[str], rate: float = 10) -> Path:
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), rate, (320, 160))  # type: ignore[attr-defined]
    for expression in shown:
        video.write(np.asarray(painted(expression))[..., ::-1])
    video.release()
    return path


def test_folders_are_read_in_order_with_all_below_them(tmp_path: Path) -> None:
    save_all(tmp_path, {"b.png": "12B", "a.jpg": "12A", "deep/er/c.webp": "12C"})
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(b"")
    names = [Path(frame.name).name for frame in frames_of([tmp_path])]
    assert names == ["a.jpg", "b.png", "c.webp"]


def test_a_bad_file_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    save_all(tmp_path, {"a.png": "12D", "c.png": "4D"})
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "d.jpg").write_text("this is text")
    found = list(read_frames(PaintedReader(0.0), frames_of([tmp_path])))
    assert [type(one).__name__ for one in found] == ["FrameReading", "Problem", "FrameReading", "Problem"]
    assert isinstance(found[1], Problem)
    assert "damaged" in found[1].reason
    read = [one.recognition.face().expression().notation() for one in found if isinstance(one, FrameReading)]
    assert read == ["12D", "4D"]


def test_videos_give_their_frames_with_times(tmp_path: Path) -> None:
    video = save_video(tmp_path / "smile.avi", SHOWN)
    found = [one for one in frames_of([video], every=2) if isinstance(one, Frame)]
    assert [(one.number, round(one.seconds, 3)) for one in found] == [(0, 0.0), (2, 0.2), (4, 0.4)]
    assert isinstance(found[1].source, np.ndarray)
    red = Image.new("RGB", (320, 160), (250, 10, 10))
    video = cv2.VideoWriter(str(tmp_path / "red.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 5, (320, 160))  # type: ignore[attr-defined]
    video.write(np.asarray(red)[..., ::-1])
    video.release()
    [frame] = [one for one in frames_of([tmp_path / "red.avi"]) if isinstance(one, Frame)]
    assert isinstance(frame.source, np.ndarray)
    assert frame.source[80, 160, 0] > 200 > frame.source[80, 160, 2]


def test_imageio_serves_where_there_is_no_opencv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stacked = [painted(shown) for shown in SHOWN]
    stacked[0].save(tmp_path / "smile.gif", save_all=True, append_images=stacked[1:], duration=100)
    found = list(frames._by_imageio(tmp_path / "smile.gif", 1))
    assert [one.number for one in found if isinstance(one, Frame)] == list(range(6))
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    video = save_video(tmp_path / "smile.avi", SHOWN)
    with pytest.raises(ImportError, match="pip install opencv-python-headless"):
        list(frames_of([video]))


def test_animated_pictures_need_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stacked = [painted(shown) for shown in SHOWN]
    stacked[0].save(tmp_path / "smile.webp", save_all=True, append_images=stacked[1:], duration=100, lossless=True)
    real = builtins.__import__

    def without_video(name: str, *rest: object) -> object:
        if name.split(".")[0] in ("cv2", "imageio"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_video)
    found = [one for one in read_frames(PaintedReader(0.0), frames_of([tmp_path])) if isinstance(one, FrameReading)]
    assert [one.recognition.face().expression().notation() for one in found] == SHOWN
    assert found[3].seconds == pytest.approx(0.3, abs=0.02)


def test_a_video_that_cannot_be_decoded_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"not a video" * 50)
    [found] = list(frames_of([tmp_path]))
    assert isinstance(found, Problem)


@pytest.mark.parametrize(("paths", "said"), [([], "is empty"), (["nowhere"], "does not exist")])
def test_wrong_paths_are_refused(paths: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        files_of(paths)


def test_an_empty_folder_and_wrong_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a folder without pictures"):
        files_of([tmp_path])
    with pytest.raises(ValueError, match="`every` is 0"):
        list(frames_of([tmp_path], every=0))
    with pytest.raises(ValueError, match="`batch_size` is 0"):
        list(read_frames(PaintedReader(), [], batch_size=0))


def test_memory_does_not_grow_with_the_number_of_frames() -> None:
    picture = np.asarray(painted("12D"))

    def endless(count: int):
        for number in range(count):
            yield Frame("video", number, 0.0, picture.copy())

    def peak(count: int) -> int:
        gc.collect()
        tracemalloc.start()
        for _ in read_frames(PaintedReader(), endless(count), batch_size=4):
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(8)
    assert peak(120) < 1.3 * peak(16)
