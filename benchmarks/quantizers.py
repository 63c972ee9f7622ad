"""Which quantizer the tokenizer has: finite scalar or residual quantization, with the same number of bits.

    python benchmarks/quantizers.py --data FACES [--steps N]

FACES is the folder of face sets of the training (`auface.lora_training.structure`). Each quantizer gets the same
network, steps and faces; residual quantization is that of vector-quantize-pytorch, one codebook of 625 entries for each
token.
Writes the reconstruction error on people of the validation split, in percent of the inter-ocular distance, and how many
entries of the codebooks are used, to `benchmarks/results/quantizers.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from machine import birth_certificate
from torch import Tensor, nn
from vector_quantize_pytorch import ResidualVQ

from auface.lora_training.structure.faces import FaceSet
from auface.structure.tokenizer import SCALE, ExpressionTokenizer, TokenizerConfig

CANDIDATES = {
    "finite scalar, 5 5 5 5": (5, 5, 5, 5),
    "finite scalar, 8 5 5 3": (8, 5, 5, 3),
    "residual, 625 entries": None,
}


class ResidualQuantizer(nn.Module):
    """Residual quantization of the tokens of each region, in place of `ScalarQuantizer`."""

    channels = 4

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.tokens = list(config.tokens.values())
        self.regions = nn.ModuleList(
            ResidualVQ(dim=self.channels * count, num_quantizers=count, codebook_size=625, kmeans_init=True)
            for count in self.tokens
        )
        self.loss = torch.zeros(())
        self.used: list[Tensor] = []

    def forward(self, z: Tensor) -> Tensor:
        """Return quantized codes, (batch, 2, tokens, channels)."""
        found: list[Tensor] = []
        self.used, self.loss = [], torch.zeros(())
        for part, region in zip(z.split(self.tokens, 2), self.regions, strict=True):
            flat = part.flatten(2).flatten(0, 1)[None]
            quantized, indices, loss = region(flat)
            self.loss = self.loss + loss.sum()
            self.used += list(indices[0].unbind(-1))
            found.append(quantized[0].unflatten(0, part.shape[:2]).unflatten(-1, part.shape[2:]))
        return torch.cat(found, 2)


def measured(levels: tuple[int, ...] | None, training: FaceSet, validation: FaceSet, steps: int) -> dict[str, float]:
    """Train a tokenizer, and return its error and the share of codebook entries in use."""
    torch.manual_seed(0)
    config = TokenizerConfig(levels=levels or (5, 5, 5, 5))
    tokenizer = ExpressionTokenizer(config)
    residual = ResidualQuantizer(config) if levels is None else None
    if residual is not None:
        tokenizer.quantizer = residual  # pyright: ignore[reportAttributeAccessIssue]
    optimizer = torch.optim.AdamW(tokenizer.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps)
    neutral, moved = torch.from_numpy(training.neutral), torch.from_numpy(training.displacement)
    person = torch.from_numpy(training.person).long()
    for _ in range(steps):
        rows = torch.randint(len(moved), (96,))
        rest, target = neutral[person[rows]], moved[rows].float()
        decoded = tokenizer.decode(tokenizer.encode(target, rest), rest)
        loss = ((decoded - target) / SCALE).norm(dim=-1).mean()
        if residual is not None:
            loss = loss + 0.1 * residual.loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    tokenizer.eval()
    rest, target = (
        torch.from_numpy(validation.neutral[validation.person]),
        torch.from_numpy(validation.displacement).float(),
    )
    with torch.no_grad():
        codes = tokenizer.encode(target, rest)
        error = 100 * (tokenizer.decode(codes, rest) - target).norm(dim=-1).mean()
    if residual is not None:
        used = [len(indices.unique()) / 625 for indices in residual.used]
    else:
        indices = tokenizer.quantizer.indices(tokenizer.quantizer.digits(codes))
        size = tokenizer.quantizer.codebook_size
        used = [len(indices[:, :, place].unique()) / size for place in range(indices.shape[2])]
    return {
        "reconstruction": round(float(error), 4),
        "codes used, mean share": round(float(np.mean(used)), 3),
        "codes used, least share": round(float(np.min(used)), 3),
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    training = FaceSet.load(*(given.data / f"train-{number:03d}.npz" for number in range(6)))
    validation = FaceSet.load(given.data / "validation-000.npz")
    result: dict[str, object] = {
        **birth_certificate(),
        "command": "python benchmarks/quantizers.py --data FACES",
        "steps": given.steps,
    }
    for name, levels in CANDIDATES.items():
        result[name] = measured(levels, training, validation, given.steps)
    path = Path(__file__).parent / "results" / "quantizers.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
