"""Training of the cascade on what a trained trunk sees, kept once: a step is a small layer, and learns in minutes.

`record` photographs faces, lets the trunk look at them, and keeps its early maps and first shapes. Each step of the
cascade is then trained on what is seen at the landmarks of the step before.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from auface.recognition.face_network import CascadeStep, FaceNetwork, StepOutput
from auface.recognition.unit_table import TOGETHER, UNITS

from .recognizer_face import FaceBatch, FaceBatches, landmark_weights
from .recognizer_shape import ShownUnits, unit_losses


def record(network: FaceNetwork, faces: FaceBatches, count: int, out: Path, batch: int = 48) -> None:
    """Keep what the trunk sees of photographed faces.

    Args:
        network: Trained, without a cascade that has learned anything.
        faces: Where batches come from.
        count: How many crops.
        out: A folder.
        batch: Crops at a time.
    """
    out.mkdir(parents=True, exist_ok=True)
    network.train(False)
    channels, size = network.config.widths[1], network.config.crop // 4
    maps = np.lib.format.open_memmap(out / "maps.npy", "w+", np.float16, (count, channels, size, size))
    kept: dict[str, list[Tensor]] = {
        name: [] for name in ("shape", "points", "units", "emotions", "face", "moved", "flip")
    }
    rows: list[np.ndarray] = []
    for start in range(0, count, batch):
        made = faces.fresh(batch)
        take = min(batch, count - start)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            early = network.early(made.crops)
            places = network.late(early)
        maps[start : start + take] = early[:take].float().numpy()
        values = (network.first_shape(places.float()).detach(), *made[1:5], made.moved, made.flip)
        for name, value in zip(kept, values, strict=True):
            kept[name].append(value[:take])
        rows.append(made.rows[:take])
    labels = {name: torch.cat(values).numpy() for name, values in kept.items()}
    np.savez(out / "labels.npz", rows=np.concatenate(rows), **labels)  # pyright: ignore[reportArgumentType]


class Recorded:
    """Recorded faces, with what one step of the cascade sees of them.

    Args:
        folders: Folders that `record` wrote.
        network: The network; its earlier steps are trained.
        step: Number of the step that is trained.
    """

    def __init__(self, folders: list[Path], network: FaceNetwork, step: int) -> None:
        labels: list[dict[str, Any]] = []
        for folder in folders:
            with np.load(folder / "labels.npz") as file:
                labels.append({name: file[name] for name in file.files})
        joined = {name: np.concatenate([one[name] for one in labels]) for name in labels[0]}
        self.rows = joined.pop("rows")
        self.labels = {name: torch.from_numpy(value) for name, value in joined.items()}
        shapes: list[Tensor] = []
        seen: list[Tensor] = []
        network.train(False)
        start = 0
        for folder in folders:
            maps = np.load(folder / "maps.npy", mmap_mode="r")
            for first in range(0, len(maps), 256):
                part = torch.from_numpy(maps[first : first + 256].astype(np.float32))
                shape = self.labels["shape"][start : start + len(part)]
                with torch.no_grad():
                    for number in range(step):
                        earlier = network.steps[number]
                        assert isinstance(earlier, CascadeStep)
                        shape = earlier(earlier.look(part, network.points(shape)), shape).shape
                    here = network.steps[step]
                    assert isinstance(here, CascadeStep)
                    seen.append(here.look(part, network.points(shape)).half())
                shapes.append(shape)
                start += len(part)
        self.shape, self.seen = torch.cat(shapes), torch.cat(seen)

    def batch(self, chosen: Tensor) -> FaceBatch:
        """Return labels of some faces, without crops.

        Args:
            chosen: Their numbers.
        """
        value = {name: label[chosen] for name, label in self.labels.items()}
        nothing = torch.zeros(len(chosen), 3, 128, 0)
        return FaceBatch(
            nothing,
            value["points"].float(),
            value["units"],
            value["emotions"],
            value["face"],
            self.rows[chosen.numpy()],
            value["moved"],
            value["flip"],
        )


class CascadeTask:
    """Teaches one step of the cascade; see `auface.lora_training.loop.Task`.

    Args:
        network: The network; only the step is changed.
        number: Which step.
        faces: Recorded for this step.
        shown: What landmarks show.
        batch: Faces of a step of training.
        seed: Of chance.
    """

    def __init__(
        self, network: FaceNetwork, number: int, faces: Recorded, shown: ShownUnits, batch: int = 384, seed: int = 0
    ) -> None:
        network.train(False)
        step = network.steps[number]
        assert isinstance(step, CascadeStep)
        self.network, self.step, self.faces, self.shown, self.size = network, step.train(), faces, shown, batch
        self.random = torch.Generator().manual_seed(seed)
        self.known = torch.nonzero(faces.labels["face"] > 0.5).flatten()
        self._weights = landmark_weights()

    def parts(self) -> dict[str, nn.Module]:
        """Return the step."""
        return {"step": self.step}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps of training done so far.
        """
        place = torch.randint(len(self.known), (self.size,), generator=self.random)
        chosen = self.known[place]
        batch = self.faces.batch(chosen)
        with torch.autocast("cpu", torch.bfloat16):
            found = self.step(self.faces.seen[chosen].float(), self.faces.shape[chosen])
        found = StepOutput(*(value.float() for value in found))
        points = self.network.points(found.shape)
        off = ((points - batch.points).abs() * torch.tensor([1.0, 1.0, 0.4])).sum(-1) * self._weights
        units, scale = found.units.reshape(-1, 2, len(UNITS), 2).unbind(1)
        together = torch.as_tensor(TOGETHER)[:, None]
        units = torch.where(together, units.mean(-1, keepdim=True), units)
        scale = torch.where(together, scale.mean(-1, keepdim=True), scale)
        scale = torch.exp(scale.clamp(-4, math.log(5.0)))
        return {
            **unit_losses(units, scale, batch.units),
            "points": 12 * off.mean(),
            "shown": 2 * self.shown.loss(points, batch),
            "emotions": 0.1 * F.cross_entropy(found.emotions, batch.emotions),
            "_landmark_pixels": (points.detach() - batch.points)[..., :2].norm(dim=-1).mean() * 128,
        }

    def state(self) -> dict[str, Any]:
        """Return the state of chance."""
        return {"random": self.random.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.random.set_state(state["random"])
