"""Training of auface-mini's UNet, text encoder and adapter together: latent diffusion (arXiv 2112.10752).

It predicts v (arXiv 2202.00512, appendix D) on Stable Diffusion's noise schedule. Times weigh as in min-SNR (arXiv
2303.09556, with gamma 5), but the noisy ones as much as in plain v: min(SNR + 1, 5) for the error of the picture. Eyes,
brows and mouth weigh more. Prompt and expression are each left out by chance, for guidance (arXiv 2207.12598) and for a
plain model that works without the adapter. A second loss may be how far off the recognizer finds landmarks, or units,
in the pictures that the answers lead to: in soft pictures a lid or a lip in the wrong place costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import CLIPTextModel, CLIPTokenizer

from auface.lora_training.face_consistency import Shown
from auface.lora_training.sight import Sight
from auface.pipelines.adapter.attention import ExpressionAttention
from auface.pipelines.adapter.maps import FaceMap
from auface.pipelines.adapter.model import AUFaceAdapter
from auface.recognition.unit_table import COUNTED

from .faces import MiniBatch, MiniFaces
from .norm import quick_norms

Learns = Literal["all", "prompt", "adapter"]
"""What learns: everything; the UNet's layers that hear the prompt; the adapter. The rest stays as it is."""

_GAMMA = 5.0
_MATTER = [FaceMap.BROWS, FaceMap.EYES, FaceMap.LIPS, FaceMap.MOUTH, FaceMap.MARGINS]


@dataclass(frozen=True, kw_only=True)
class UNetConfig:
    """What the UNet is and how it learns.

    Attributes:
        channels: Channels by resolution of the latents, the full one first; multiples of 32. All but the last have
            attention, as in Stable Diffusion.
        layers: Residual blocks at each resolution.
        head: Channels of an attention head.
        token_channels: Width of expression tokens.
        text_width: Width of the text's vectors.
        text_layers: Layers of the text encoder.
        batch: Faces of a step; of several processes each has so many.
        no_prompt: Share of faces without prompt.
        no_expression: Share of faces without maps and without expression tokens.
        maps_only: Share of faces with maps but no tokens.
        tokens_only: Share of faces with tokens but no maps.
        detail: How much more eyes, brows and mouth weigh.
        noisiness: How much more often noisy times come, at which a picture's colors and the person are decided: the
            density of a time from 0 to 1 goes with its power of `noisiness - 1`; 1 for all alike.
        rare: How much more often faces with hair of a rare color come; see `MiniFaces`.
        learns: What learns.
        hearing: How many times as fast the layers learn that hear the prompt: the UNet's loss hardly depends on it, so
            that they learn late.
        landmark_weight: Weight of the recognizer's error of landmarks, in distances between the eyes.
        unit_weight: Weight of its error of units that heads show clearly, in intensities of 5; where both are 0 nothing
            is read.
        read: Faces of a step that are read, at most, the noisiest that may be: it takes as long as all the rest.
        read_times: Share of times, the least noisy, at which faces are read.
    """

    channels: tuple[int, ...] = (64, 128, 192)
    layers: int = 1
    head: int = 64
    token_channels: int = 192
    text_width: int = 192
    text_layers: int = 3
    batch: int = 32
    no_prompt: float = 0.12
    no_expression: float = 0.12
    maps_only: float = 0.06
    tokens_only: float = 0.06
    detail: float = 2.0
    noisiness: float = 1.0
    rare: float = 0.0
    learns: Learns = "all"
    hearing: float = 1.0
    landmark_weight: float = 0.0
    unit_weight: float = 0.0
    read: int = 4
    read_times: float = 0.6

    def __post_init__(self) -> None:
        if self.noisiness <= 0 or self.hearing <= 0 or not 0 <= self.rare <= 1:
            raise ValueError(
                f"`noisiness` is {self.noisiness}, `hearing` {self.hearing} and `rare` {self.rare}; accepted are two "
                "positive numbers, and 0 to 1."
            )
        if min(self.landmark_weight, self.unit_weight) < 0 or self.read < 1 or not 0 < self.read_times <= 1:
            raise ValueError(
                f"`landmark_weight` is {self.landmark_weight}, `unit_weight` {self.unit_weight}, `read` {self.read} "
                f"and `read_times` {self.read_times}; accepted are numbers from 0, one from 1, and a share above 0."
            )
        if self.learns not in get_args(Learns):
            raise ValueError(f"`learns` is {self.learns!r}; accepted are {', '.join(map(repr, get_args(Learns)))}.")
        if any(value % 32 or value % self.head for value in self.channels):
            raise ValueError(f"`channels` is {self.channels}; accepted are multiples of 32 and of `head`, {self.head}.")

    @property
    def reads_faces(self) -> bool:
        """Whether the recognizer reads what is drawn."""
        return self.landmark_weight > 0 or self.unit_weight > 0


def new_unet(config: UNetConfig, size: int = 16) -> UNet2DConditionModel:
    """Return a UNet with random weights, in the layout of Stable Diffusion 1.x.

    Args:
        config: Its sizes.
        size: Height and width of the latents that pictures have by default.
    """
    inner = len(config.channels) - 1
    heads: Any = tuple(value // config.head for value in config.channels)  # diffusers: a tuple of one, called dimension
    return UNet2DConditionModel(
        sample_size=size,
        down_block_types=(*("CrossAttnDownBlock2D",) * inner, "DownBlock2D"),
        up_block_types=("UpBlock2D", *("CrossAttnUpBlock2D",) * inner),
        block_out_channels=config.channels,
        layers_per_block=config.layers,
        cross_attention_dim=config.text_width,
        attention_head_dim=heads,
    )


def prompt_layers(unet: nn.Module) -> Iterator[nn.Parameter]:
    """Yield what decides how a UNet hears the prompt: its cross-attentions, and the normalization before each.

    Args:
        unet: The UNet.
    """
    for name, value in unet.named_parameters():
        if ".attn2." in name or (".transformer_blocks." in name and ".norm2." in name):
            yield value


def noise_schedule() -> DDPMScheduler:
    """Return Stable Diffusion's noise schedule, predicting v."""
    return DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction"
    )


class UNetTask:
    """Learns to draw; a task of `auface.lora_training.loop`.

    Args:
        config: What to learn.
        faces: What to learn from.
        tokenizer: The tokenizer of prompts.
        text_encoder: The text encoder, which learns too.
        seed: Seed of weights.
        device: Where to compute.
        also: What to learn from in turn with `faces`, at other sizes.
        sight: Says how far off landmarks and units are, if `landmark_weight` or `unit_weight` ask for it.
        processes: How many learn together, and which of them this is.

    Raises:
        ValueError: They ask for a sight, and there is none.
    """

    def __init__(
        self,
        config: UNetConfig,
        faces: MiniFaces,
        tokenizer: CLIPTokenizer,
        text_encoder: CLIPTextModel,
        seed: int = 0,
        device: torch.device | str = "cpu",
        also: Sequence[MiniFaces] = (),
        sight: Sight | None = None,
        processes: tuple[int, int] = (1, 0),
    ) -> None:
        if config.reads_faces and sight is None:
            raise ValueError(
                f"`landmark_weight` is {config.landmark_weight} and `unit_weight` {config.unit_weight} without "
                "`sight`; accepted is 0."
            )
        torch.manual_seed(seed)
        self._sight, self._processes = sight, processes
        self.config, self.faces, self.tokenizer, self.device = config, faces, tokenizer, torch.device(device)
        self.turns = (faces, *also)
        self.unet = new_unet(config, faces.windows.size // 8)
        self.adapter = AUFaceAdapter.for_unet(self.unet, token_channels=config.token_channels)
        self.text_encoder = text_encoder
        for part in (self.unet, self.adapter):
            quick_norms(part.to(self.device, memory_format=torch.channels_last))  # pyright: ignore
        if self.device.type == "cpu":
            self.unet.set_attn_processor(AttnProcessor())
        self.text_encoder.to(self.device)  # pyright: ignore[reportArgumentType]
        if config.learns != "all":
            chosen = prompt_layers(self.unet) if config.learns == "prompt" else self.adapter.parameters()
            learning = {id(value) for value in chosen}
            for part in self.parts().values():
                for value in part.parameters():
                    value.requires_grad_(id(value) in learning)
        self._signal = noise_schedule().alphas_cumprod.to(self.device)

    def parts(self) -> dict[str, nn.Module]:
        """Return the UNet, the text encoder and the adapter."""
        return {"unet": self.unet, "text_encoder": self.text_encoder, "adapter": self.adapter}

    def rates(self, rate: float) -> list[dict[str, Any]]:
        """Return the parameters that learn, in groups: those that hear the prompt have their own rate.

        Args:
            rate: The highest learning rate of the others.
        """
        hearing = {id(value) for value in prompt_layers(self.unet)}
        values = [value for part in self.parts().values() for value in part.parameters() if value.requires_grad]
        groups = (
            (rate, [value for value in values if id(value) not in hearing]),
            (rate * self.config.hearing, [value for value in values if id(value) in hearing]),
        )
        return [{"params": group, "highest": own} for own, group in groups if group]

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the loss of a batch of faces.

        Args:
            step: Steps done so far.
        """
        count, own = self._processes
        # Every process draws the faces of all: their orders stay one, and any number can go on from a checkpoint.
        batch = self.turns[step % len(self.turns)].batch(self.config.batch * count, self.device).share(own, count)
        if self.device.type != "cpu":
            return self.loss_of(batch)
        # Fused attention is slow in bfloat16 on CPUs; plain products of matrices use their matrix units.
        torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp(True)
        with sdpa_kernel(SDPBackend.MATH):
            return self.loss_of(batch)

    def loss_of(self, batch: MiniBatch) -> dict[str, Tensor]:
        """Return the loss of some faces, at random times.

        Args:
            batch: The faces.
        """
        count = len(batch.prompts)
        latents = batch.latents.contiguous(memory_format=torch.channels_last)
        maps = batch.maps.contiguous(memory_format=torch.channels_last)
        # One time in each of as many equal parts: the mean over times is less noisy than that of independent ones.
        time = ((torch.arange(count) + torch.rand(count)) / count) ** (1 / self.config.noisiness)
        time = (time[torch.randperm(count)] * len(self._signal)).long().to(self.device)
        signal = self._signal[time][:, None, None, None]
        noise = torch.randn_like(latents)
        noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
        wanted = signal.sqrt() * noise - (1 - signal).sqrt() * latents
        maps_scale, tokens_scale = self._scales(count)
        told = self.adapter(maps, batch.vectors)
        with ExpressionAttention(self.unet, told, tokens_scale):
            found = self.unet(
                noisy, time, self._text(batch.prompts), down_intrablock_additional_residuals=told.residuals(maps_scale)
            ).sample
        ratio = signal / (1 - signal)
        # min-SNR alone would all but leave out the noisiest times, in which colors and the prompt are decided.
        weight = (ratio + 1).clamp_max(_GAMMA) / (ratio + 1)
        error = (found.float() - wanted).square()
        losses = {"noise": (error * weight * self._importance(maps)).mean(), "_plain": error.detach().mean()}
        if self._sight is not None:
            heard = (maps_scale > 0) & (tokens_scale > 0)  # who is not told the expression cannot know it
            clear = heard & (time < self.config.read_times * len(self._signal))
            # The noisiest of them: what a nearly clean picture shows is decided.
            order = torch.argsort(time, descending=True)
            chosen = order[clear[order]][: self.config.read]
            clean = (signal.sqrt() * noisy - (1 - signal).sqrt() * found)[chosen]
            shown = [
                Shown.by_landmarks(batch.landmarks[number], batch.expressions[number], COUNTED)
                for number in chosen.tolist()
            ]
            errors = self._sight.errors(clean, shown)
            weights = (self.config.unit_weight, self.config.landmark_weight)
            for name, weight, error in zip(("units", "landmarks"), weights, errors, strict=True):
                if weight:
                    losses[name] = weight * error.sum() / max(1, len(chosen))
        return losses

    def state(self) -> dict[str, Any]:
        """Return the place in the data."""
        return {"faces": self.faces.state(), "also": [faces.state() for faces in self.turns[1:]]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.faces.restore(state["faces"])
        for faces, before in zip(self.turns[1:], state.get("also", []), strict=True):
            faces.restore(before)

    def _scales(self, count: int) -> tuple[Tensor, Tensor]:
        config, draw = self.config, torch.rand(count, device=self.device)
        first = config.no_expression
        second = first + config.tokens_only
        maps_off = draw < second
        tokens_off = (draw < first) | ((draw >= second) & (draw < second + config.maps_only))
        return (~maps_off).float(), (~tokens_off).float()

    def _text(self, prompts: list[str]) -> Tensor:
        kept = torch.rand(len(prompts)) >= self.config.no_prompt
        said = [prompt if keep else "" for prompt, keep in zip(prompts, kept.tolist(), strict=True)]
        tokens = self.tokenizer(said, padding="max_length", truncation=True, return_tensors="pt").input_ids
        return self.text_encoder(tokens.to(self.device))[0]

    def _importance(self, maps: Tensor) -> Tensor:
        matter = maps[:, _MATTER].amax(1, keepdim=True)
        return 1 + self.config.detail * nn.functional.max_pool2d(matter, 8)
