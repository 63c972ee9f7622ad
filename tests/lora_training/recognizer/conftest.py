"""A small data set as the training of the recognizer sees it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sample_faces import face_points

from auface.autext.record import SPLITS, Pose, Record
from auface.facs import Expression
from auface.lora_training.recognizer.cache import FaceCache, manifest, prepare
from auface.lora_training.recognizer.scene import Scenes
from auface.recognition.unit_table import UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.pose import HeadPose

SHOWN = ("neutral", "12C", "L12D+26", "4C+7B")
CAMERA = WeakPerspective(scale=52, center=(128, 110))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of noise, with landmarks of real shape; in each picture the nose is marked."""
    data = tmp_path_factory.mktemp("set")
    (data / "landmarks").mkdir()
    rng = np.random.default_rng(0)
    number = 0
    for split in SPLITS:
        (data / split).mkdir()
        lines: list[str] = []
        for person in range(2):
            for notation in SHOWN:
                expression = Expression.parse(notation)
                pose = HeadPose(yaw=float(rng.uniform(-20, 20)))
                shares = {int(unit): max(left, right) / 5 for unit, left, right in expression}
                points = face_points(pose, shares, CAMERA, person=3 + person)
                space = np.stack([points[:, 0], -points[:, 1], -points[:, 2]], 1) / 40
                np.savez(data / "landmarks" / f"{number}.npz", landmarks=points[:, :2], landmarks_3d=space)
                pixels = rng.integers(0, 60, (256, 256, 3), np.uint8)
                x, y = points[1, :2].astype(int)
                pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
                Image.fromarray(pixels).save(data / split / f"{number}.png")
                lines.append(
                    Record(
                        file_name=f"{number}.png",
                        text="A face.",
                        expression=expression,
                        coded=UNITS,
                        graded=UNITS,
                        subject=f"{split}{person}",
                        source="synth",
                        split=split,
                        frame=number,
                        landmarks=f"landmarks/{number}.npz",
                        pose=Pose(yaw=pose.yaw, pitch=0.0, roll=0.0),
                    ).to_json(UNITS)
                )
                number += 1
        (data / split / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


@pytest.fixture(scope="module")
def folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its cache."""
    out = tmp_path_factory.mktemp("cache")
    prepare([data], out)
    assert manifest(out) == dict.fromkeys(SPLITS, 2 * len(SHOWN))
    return out


@pytest.fixture(scope="module")
def cache(folder: Path) -> FaceCache:
    return FaceCache.load(folder)


@pytest.fixture(scope="module")
def scenes(cache: FaceCache) -> np.ndarray:
    """A few scenes without faces."""
    return Scenes(None, cache, seed=1).bank(6)
