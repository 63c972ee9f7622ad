"""Put trained networks into one file, after fitting on the validation split how they are fused.

Faces are seen as they will be: photographed as in training, then placed by the crop network's own landmarks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.recognition.crop_frame import CROP, CropFrame
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.face_reader import FaceReader, Look, settled
from auface.recognition.finder_network import FinderNetwork
from auface.recognition.fusion import NEUTRAL_SHARE, Fusion, drawn_out
from auface.recognition.geometry_network import GeometryNetwork, face_shape, halves
from auface.recognition.unit_table import UNITS
from auface.recognition.weight_file import Networks, load_networks, save_networks

from .cache import CACHED, MARGIN, FaceCache

Floats = NDArray[np.float32]

CLEAR = 2.0
"""Intensity from which F1 counts a unit as there: B, as is common with DISFA."""


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """What both networks say of some faces.

    Attributes:
        crop: (N, units, 2) intensities from crops, limited to 0 to 5.
        crop_scale: (N, units, 2) their uncertainty.
        landmarks: (N, units, 2) intensities from landmarks, limited to 0 to 5.
        landmarks_scale: (N, units, 2) their uncertainty.
        asked: (N, units, 2) what the faces show.
    """

    crop: Floats
    crop_scale: Floats
    landmarks: Floats
    landmarks_scale: Floats
    asked: Floats

    def tensors(self) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Return both opinions as `Fusion` takes them."""
        crop, crop_scale, landmarks, scale = (
            torch.from_numpy(v) for v in (self.crop, self.crop_scale, self.landmarks, self.landmarks_scale)
        )
        return (crop, crop_scale), (landmarks, scale)


def export(cache: FaceCache, runs: Path, out: Path, weights: Path | None = None) -> dict[str, float]:
    """Write the weights of trained networks.

    Args:
        cache: The faces; the validation split decides how networks are fused.
        runs: Folder of the runs "face", "finder" and "geometry".
        out: A .safetensors file.
        weights: A trained recognizer, from which networks without a run are taken.

    Returns:
        Mean ICC(3,1) over units on the validation split: of crops, of landmarks, and fused.

    Raises:
        ValueError: A network has no run, and `weights` is not given.
    """
    names = ("face", "finder", "geometry")
    states = {n: read_checkpoint(p) for n in names if (p := runs / n / NAME).is_file()}
    if weights is None and len(states) < len(names):
        missing = ", ".join(name for name in names if name not in states)
        raise ValueError(
            f"`runs` is {str(runs)!r}, which has no checkpoint of {missing}; accepted are all, or weights."
        )
    networks = Networks(FaceNetwork(), FinderNetwork(), GeometryNetwork(), Fusion())
    if weights is not None:
        before = load_networks(weights)
        networks = Networks(before.face, before.finder, before.geometry, Fusion())
    if "face" in states:
        eyes = "eyes.0.0.weight" in states["face"]["averages"]["face"]  # those of a cascade that went on learning
        networks = replace(networks, face=FaceNetwork(FaceNetworkConfig(eyes=eyes)))
    for name, state in states.items():
        networks.parts()[name].load_state_dict(state["averages"][name])
    networks.to("cpu")
    measures = fit_fusion(networks, cache)
    trained = {name: f"{state['step']} steps" for name, state in states.items()}
    save_networks(networks, out, {"trained": json.dumps(trained), "validation": json.dumps(measures)})
    return measures


def fit_fusion(networks: Networks, cache: FaceCache) -> dict[str, float]:
    """Fit the fusion of networks on the validation split, and return how well each reads.

    Args:
        networks: The networks; their `fusion` is changed.
        cache: The faces.
    """
    reader = FaceReader(networks)
    rows = cache.rows("validation")
    looks = looked(reader, cache, rows)
    plain = opinions(reader, cache, rows, looks, None)
    resting = neutral_rows(cache, rows)
    known = np.flatnonzero(resting >= 0)
    at = {int(row): number for number, row in enumerate(rows)}
    neutrals = [looks[at[int(resting[number])]] for number in known]
    relative = opinions(reader, cache, rows[known], [looks[number] for number in known], neutrals)
    fusion = networks.fusion
    for mode, seen in enumerate((plain, relative)):
        for unit in range(len(UNITS)):
            weight, shift = _fitted(seen.crop[:, unit], seen.landmarks[:, unit], seen.asked[:, unit])
            fusion.weight[mode, unit] = torch.tensor(weight)
            fusion.shift[mode, unit] = shift
        fusion.knots[mode] = fitted_knots(*(torch.from_numpy(one) for one in (_joined(fusion, seen, mode), seen.asked)))
        fused, scale = fused_units(fusion, seen, neutral=bool(mode))
        error = np.abs(fused - seen.asked).mean((0, 2))
        fusion.calibration[mode] = torch.from_numpy(error / scale.mean((0, 2)).clip(1e-3)).float()
    fused, _ = fused_units(fusion, plain, neutral=False)
    fusion.icc[0] = torch.from_numpy(unit_icc(fused, plain.asked))
    fusion.icc[1] = torch.from_numpy(unit_icc(plain.landmarks, plain.asked))
    with_neutral, _ = fused_units(fusion, relative, neutral=True)
    without = fused[known]
    return {
        "crop": float(np.nanmean(unit_icc(plain.crop, plain.asked))),
        "landmarks": float(np.nanmean(unit_icc(plain.landmarks, plain.asked))),
        "joined": float(np.nanmean(unit_icc(_joined(fusion, plain, 0).clip(0, 5), plain.asked))),
        "joined, F1": float(np.nanmean(unit_f1(_joined(fusion, plain, 0), plain.asked))),
        "fused": float(np.nanmean(unit_icc(fused, plain.asked))),
        "fused, F1": float(np.nanmean(unit_f1(fused, plain.asked))),
        "same people without neutral": float(np.nanmean(unit_icc(without, relative.asked))),
        "same people with neutral": float(np.nanmean(unit_icc(with_neutral, relative.asked))),
    }


def fitted_knots(values: Tensor, asked: Tensor) -> Tensor:
    """Return the (units, 2) values that mean 2 and 5, so that the sum of ICC and of F1 at 2 is largest.

    A unit's choice is smoothed over its neighbors, as few faces show a rare unit.

    Args:
        values: (N, units, 2) joined opinions.
        asked: (N, units, 2) what is so.
    """
    lows, spans = torch.arange(0.7, 2.55, 0.1), torch.arange(1.4, 3.5, 0.2)
    gains = torch.zeros(len(lows), len(spans), values.shape[1])
    for i, low in enumerate(lows):
        for j, span in enumerate(spans):
            knots = torch.stack([low, low + span]).expand(values.shape[1], 2)
            read = drawn_out(values, knots)[0]
            gain = unit_icc(read.numpy(), asked.numpy()) + unit_f1(read.numpy(), asked.numpy())
            gains[i, j] = torch.from_numpy(np.nan_to_num(gain, nan=0.0))
    smooth = nn.functional.avg_pool2d(gains.permute(2, 0, 1)[:, None], 3, 1, 1, count_include_pad=False)[:, 0]
    best = smooth.flatten(1).argmax(1)
    low, span = lows[best // len(spans)], spans[best % len(spans)]
    return torch.stack([low, low + span], 1)


def looked(reader: FaceReader, cache: FaceCache, rows: NDArray[np.int64]) -> list[Look]:
    """Return looks at cached faces, placed by the landmarks of a first look.

    Args:
        reader: The networks.
        cache: The faces.
        rows: Which.
    """
    found: list[Look] = []
    first = CropFrame(CACHED / 2, CACHED / 2, CACHED / MARGIN)
    for start in range(0, len(rows), 64):
        wide = [np.asarray(cache.crops[row]) for row in rows[start : start + 64]]
        looks = reader.look_at_crops(np.stack([first.cut(one, CROP) for one in wide]), [first] * len(wide), twice=False)
        frames = [settled(look) for look in looks]
        crops = np.stack([frame.cut(one, CROP) for frame, one in zip(frames, wide, strict=True)])
        found += reader.look_at_crops(crops, frames)
    return found


def opinions(
    reader: FaceReader,
    cache: FaceCache,
    rows: NDArray[np.int64],
    looks: list[Look],
    neutrals: list[Look] | None,
) -> Opinions:
    """Return what both networks say.

    Args:
        reader: The networks.
        cache: The faces.
        rows: Which faces.
        looks: Looks at them.
        neutrals: Looks at the same people at rest, or None.
    """
    crop = np.stack([look.units for look in looks])
    shapes = _shapes(looks)
    rest = None
    if neutrals is not None:
        crop = crop - NEUTRAL_SHARE * np.stack([look.units for look in neutrals]).clip(0, 5)
        rest = _shapes(neutrals)
    with torch.no_grad():
        units, scale = reader.networks.geometry(shapes, rest)
    return Opinions(
        crop.clip(0, 5),
        np.stack([look.scale for look in looks]),
        units.clamp(0, 5).numpy(),
        scale.numpy(),
        cache.units[rows],
    )


def neutral_rows(cache: FaceCache, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row another one of the same person at rest, or -1.

    Args:
        cache: The faces.
        rows: Which faces; the others are looked for among them.
    """
    still = [int(row) for row in rows if cache.units[row].max() == 0]
    found = np.full(len(rows), -1)
    for number, row in enumerate(rows):
        others = [one for one in still if cache.subject[one] == cache.subject[row] and one != row]
        if others:
            found[number] = others[0]
    return found


def fused_units(fusion: Fusion, seen: Opinions, *, neutral: bool) -> tuple[Floats, Floats]:
    """Return (N, units, 2) fused intensities and their uncertainty.

    Args:
        fusion: How.
        seen: What both networks say.
        neutral: Whether relative to the person at rest.
    """
    units, scale = fusion(*seen.tensors(), neutral=neutral)
    return units.numpy(), scale.numpy()


def unit_icc(read: Floats, asked: Floats) -> Floats:
    """Return (units,) ICC(3,1), the mean of both sides (Shrout & Fleiss 1979); NaN where nothing varies.

    Args:
        read: (N, units, 2).
        asked: (N, units, 2).
    """
    mean = (read + asked) / 2
    between = 2 * mean.var(0, ddof=1)
    error = (read - asked).var(0, ddof=1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return ((between - error) / (between + error)).mean(-1).astype(np.float32)


def unit_f1(read: Floats, asked: Floats) -> Floats:
    """Return (units,) F1 at `CLEAR`, both sides together; NaN where a unit is never read nor there.

    Args:
        read: (N, units, 2).
        asked: (N, units, 2).
    """
    one, two = read >= CLEAR, asked >= CLEAR
    with np.errstate(invalid="ignore", divide="ignore"):
        return (2 * (one & two).sum((0, 2)) / (one.sum((0, 2)) + two.sum((0, 2)))).astype(np.float32)


def _joined(fusion: Fusion, seen: Opinions, mode: int) -> Floats:
    return fusion.joined(*seen.tensors(), neutral=bool(mode))[0].numpy()


def _fitted(one: Floats, two: Floats, asked: Floats) -> tuple[list[float], float]:
    """Return non-negative factors of two opinions and a shift with the least squared error; a little is held back."""
    a, b, y = one.ravel().astype(np.float64), two.ravel().astype(np.float64), asked.ravel().astype(np.float64)
    best: tuple[float, list[float], float] | None = None
    for columns in ([a, b], [a], [b]):
        x = np.stack([*columns, np.ones_like(a)], 1)
        hold = np.diag([0.01 * len(y)] * len(columns) + [0.01 * len(y)])
        start = np.array([1 / len(columns)] * len(columns) + [0.0])
        weights = start + np.linalg.solve(x.T @ x + hold, x.T @ (y - x @ start))
        if (weights[:-1] < 0).any():
            continue
        loss = float(((x @ weights - y) ** 2).mean())
        both = [float(w) for w in weights[:-1]]
        full = both if len(columns) == 2 else ([both[0], 0.0] if columns[0] is a else [0.0, both[0]])
        if best is None or loss < best[0]:
            best = (loss, full, float(weights[-1]))
    assert best is not None
    return best[1], best[2]


def _shapes(looks: list[Look]) -> torch.Tensor:
    return torch.from_numpy(np.stack([halves(*face_shape(look.landmarks)) for look in looks]))
