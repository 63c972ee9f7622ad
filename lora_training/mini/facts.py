"""`TextTask`: auface-mini's text encoder learns to tell what prompts say, before a UNet listens to it.

A UNet needs long to teach a text encoder anything: its loss hardly depends on the prompt. Facts of the head that a
prompt describes are read from the vectors at the end of the text by one linear layer, which is thrown away afterwards;
what the layer can read, the UNet's cross-attention can read too. It takes minutes and no pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from auface.autext.head_caption import EYE_COLORS, HAIR_LENGTH, prompt_of
from auface.autext.head_description import HeadDescription
from auface.autext.heads.sample import SURROUNDINGS, sample_identity, sample_view
from auface.facs import NEUTRAL
from auface.lora_training.random_state import random_state, set_random_state

_EYES = tuple(sorted(set(EYE_COLORS.values())))
_LENGTHS = ("short", *sorted(set(HAIR_LENGTH.values())))
_POOL = 4000  # people and views, of which prompts are said in ever new words

FACTS = (
    "age", "sex", "skin", "hair red", "hair green", "hair blue", "key light", "panorama", "background red",
    "background green", "background blue", *(f"{name} hair" for name in _LENGTHS), *SURROUNDINGS,
    *(f"{name} eyes" for name in _EYES),
)  # fmt: skip
"""What `facts` tells, in order."""

_WEIGHTS = np.array([4, 4, 4, 4, 4, 4, 1, 2, 2, 2, 2, *[1] * (len(FACTS) - 11)], np.float32)


def facts(head: HeadDescription) -> NDArray[np.float32]:
    """Return what prompts say of a head as numbers, (len(FACTS),), each with a spread of about 1.

    Args:
        head: The head.
    """
    look, view = head.identity.look, head.view
    hair = (np.log(np.array(look.hair_color) + 0.01) + 2.8) / 0.9
    color = (np.array(view.background.color) - 0.5) / 0.22 * (not view.background.panorama)
    length = HAIR_LENGTH.get(look.hair, "short")
    values = [
        (head.identity.age - 49) / 18,
        1.0 if head.identity.sex == "male" else -1.0,
        (look.tone - 0.5) / 0.29,
        *hair,
        np.log(view.light.key / view.light.fill) / 0.3,
        1.0 if view.background.panorama else -1.0,
        *color,
        *(2.0 * (length == name) - 1 for name in _LENGTHS),
        *(2.0 * (view.light.surroundings == name) - 1 for name in SURROUNDINGS),
        *(2.0 * (EYE_COLORS[look.eyes] == name) - 1 for name in _EYES),
    ]
    return np.array(values, np.float32)


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """How the text encoder learns.

    Attributes:
        batch: Prompts of a step.
    """

    batch: int = 64


class TextTask:
    """Learns to tell facts; a task of `auface.lora_training.loop`.

    Args:
        config: How to learn.
        tokenizer: The tokenizer of prompts.
        text_encoder: The text encoder.
        seed: Seed of the prompts.
        device: Where to compute.
    """

    def __init__(
        self,
        config: TextConfig,
        tokenizer: CLIPTokenizer,
        text_encoder: CLIPTextModel,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.tokenizer, self.device = config, tokenizer, torch.device(device)
        self.text_encoder = text_encoder.to(self.device)  # pyright: ignore[reportArgumentType]
        self.layer = nn.Linear(int(text_encoder.config.hidden_size), len(FACTS)).to(self.device)  # pyright: ignore
        self._weights = torch.from_numpy(_WEIGHTS / _WEIGHTS.mean()).to(self.device)
        self._rng = Random(seed)
        self._heads: dict[int, HeadDescription] = {}

    def parts(self) -> dict[str, nn.Module]:
        """Return the text encoder and the layer that reads facts."""
        return {"text_encoder": self.text_encoder, "layer": self.layer}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the error of facts that are read from a batch of prompts; what is not said is left to guess.

        Args:
            step: Steps done so far.
        """
        heads = [self._head(self._rng.randrange(_POOL)) for _ in range(self.config.batch)]
        wanted = torch.from_numpy(np.stack([facts(head) for head in heads])).to(self.device)
        found, end = self.read([prompt_of(head, self._rng) for head in heads])
        error = (found - wanted[:, None]).square() * end[:, :, None]
        by_fact = error.sum((0, 1)) / end.sum()
        named = {f"_{name}": by_fact[FACTS.index(name)].detach() for name in ("age", "sex", "skin", "hair blue")}
        return {"facts": (by_fact * self._weights).mean(), **named}

    def read(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Return (batch, tokens, len(FACTS)) facts at each token, and (batch, tokens) 1 from the end of the text on.

        Args:
            prompts: Descriptions.
        """
        ids = self.tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        ids = ids.to(self.device)
        end = (ids == self.tokenizer.eos_token_id).float()  # padding is the same token, and hears all of the text
        return self.layer(self.text_encoder(ids)[0]), end

    def state(self) -> dict[str, Any]:
        """Return the place in the prompts."""
        return {"random": random_state(self._rng)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        set_random_state(self._rng, state["random"])

    def _head(self, seed: int) -> HeadDescription:
        if seed not in self._heads:
            self._heads[seed] = HeadDescription.of(
                NEUTRAL, identity=sample_identity(seed), view=sample_view(seed + _POOL)
            )
        return self._heads[seed]
