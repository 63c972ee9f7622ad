"""`LoraConfig`: everything that decides a training, checked; a TOML file has the same options in sections."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from auface.autext.caption import STYLES
from auface.facs import Expression
from auface.lora_training.lora.option import Value, checked, limits_of, option
from auface.lora_training.lora.preset import EMPHASIS_DEFAULTS, PRESETS, SLIDER_DEFAULTS, Preset

READ = ("unit_weight", "landmark_weight")
"""Options that need the recognizer."""

OF_A_LORA = {
    *("rank", "alpha", "targets", "block_rank", "block_alpha", "text_encoder", "text_learning_rate", "dropout"),
    *("slider", "slider_opposite", "slider_from", "teacher_scale", "emphasis", "trigger", "shard"),
}
"""Options that mean nothing to an adapter."""


@dataclass(frozen=True, kw_only=True)
class LoraConfig:
    """All options. Each has its section, its range and a line of help in `option(...)`; `--help` prints them."""

    # What is trained on what.
    base: str = option("", "base", "Folder or hub name of the base model in diffusers' layout; 'mini' is the own one.")
    variant: str = option("", "base", "Variant of the base's weight files, such as 'fp16'.")
    adapter: str = option(
        "",
        "base",
        "Expression adapter beside the LoRA, or to go on with: 'own' is the base's, or a file or folder.",
    )
    data: str = option("", "data", "AUText folder; its split 'train' is learned.")
    out: str = option("", "run", "Folder of the run.")

    resolution: int = option(
        512, "data", "Pictures are scaled to about this times this many pixels.", least=32, most=4096
    )
    bucket_step: int = option(
        64, "data", "Sides of pictures are multiples of this; 8 times a power of two.", least=8, most=256
    )
    bucket_ratio: float = option(
        2.0, "data", "Longest side over shortest, at most; 1 makes all square.", least=1, most=4
    )
    captions: str = option(
        "sampled",
        "data",
        "sampled: new words each epoch; text: those of the data set; person: person and view of synthetic sets alone.",
        choices=("sampled", "text", "person"),
    )
    caption_style: str = option("mixed", "data", "Style of sampled captions.", choices=STYLES)
    caption_variants: int = option(
        4, "data", "Sampled captions of a picture, one for each epoch in turn.", least=1, most=64
    )
    caption_dropout: float = option(0.1, "data", "Share of captions that are left empty.", least=0, most=1)
    trigger: str = option("", "data", "Words before each caption that call the LoRA.")
    template: str = option("{caption}", "data", "Prompt around a caption, such as 'photo of a face, {caption}'.")
    balance: float = option(0.5, "data", "0: every picture as often; 1: every action unit as often.", least=0, most=1)
    flip: float = option(
        0.5, "data", "Share of mirrored pictures; labels and words are mirrored with them.", least=0, most=1
    )
    background: float = option(
        1.0, "data", "Weight of the loss outside the face, from landmarks; 1 is no mask.", least=0, most=1
    )
    parts: float = option(
        1.0, "data", "Weight of the loss on brows, eyes, nose and mouth, skin being 1.", least=1, most=10
    )
    prior_data: str = option("", "data", "AUText folder of pictures whose look is to be preserved.")
    prior_weight: float = option(0.0, "data", "Weight of the loss of these pictures.", least=0, most=10)
    cache: str = option("", "data", "Folder of cached latents and text embeddings; by default inside the run's.")
    cache_text: bool = option(True, "data", "Keep text embeddings on disk (not with a trained text encoder).")

    # The network.
    algorithm: str = option(
        "lora",
        "network",
        "What learns: a LoRA of some kind, or an expression adapter (as `auface train adapter`).",
        choices=("lora", "dora", "loha", "lokr", "adapter"),
    )
    rank: int = option(16, "network", "Rank.", least=1, most=1024)
    alpha: float = option(16.0, "network", "Alpha; the strength at 1.0 is alpha / rank.", least=0.001, most=4096)
    targets: str = option(
        "attention",
        "network",
        "Layers: attention, transformer (all in it) or all (convolutions too).",
        choices=("attention", "transformer", "all"),
    )
    block_rank: Mapping[str, float] = option(
        {}, "network", "Rank by block, such as {'down_blocks.0' = 4}; 0 leaves it out.", least=0, most=1024
    )
    block_alpha: Mapping[str, float] = option({}, "network", "Alpha by block.", least=0.001, most=4096)
    text_encoder: bool = option(False, "network", "Train the text encoders as well.")
    dropout: float = option(0.0, "network", "Dropout inside the adapter.", least=0, most=0.9)

    # The objective.
    snr_gamma: float = option(5.0, "objective", "Min-SNR weighting (arXiv 2303.09556); 0 is none.", least=0, most=100)
    noise_offset: float = option(0.0, "objective", "Shift of the noise of each channel.", least=0, most=1)
    unit_weight: float = option(
        0.0, "objective", "Weight of the recognizer's error of units on the predicted picture.", least=0, most=100
    )
    asked_weight: float = option(
        1.0, "objective", "How much more a unit that is asked for counts in that error.", least=1, most=100
    )
    landmark_weight: float = option(
        0.0,
        "objective",
        "Weight of the recognizer's error of landmarks there, in distances between the eyes.",
        least=0,
        most=100,
    )
    expression_dropout: float = option(
        0.12, "objective", "Share of pictures that an adapter is not told the expression of.", least=0, most=0.5
    )
    unit_steps: float = option(
        0.4, "objective", "The recognizer's errors count for the least noisy share of timesteps.", least=0.01, most=1
    )
    unit_steps_from: float = option(
        0.0, "objective", "And not for this share of them, in which nothing is left to learn.", least=0, most=0.99
    )

    # What the base teaches itself.
    slider: str = option("", "slider", "Expression of the positive end, such as '12E'; empty trains no slider.")
    slider_opposite: str = option(
        "", "slider", "Expression of the negative end; empty is the positive one's way backward."
    )
    slider_from: str = option(
        "base",
        "slider",
        "base: from the base's own answers; data: from labelled pictures of both ends.",
        choices=("base", "data"),
    )
    teacher_scale: float = option(
        1.0,
        "slider",
        "How far the ends of a slider are; 1 is where the base is when asked for them.",
        least=0.1,
        most=30,
    )
    emphasis: Mapping[str, float] = option(
        {}, "slider", "Units that the base shows too weakly, and how much of each is added: {'14' = 0.5}.", most=10
    )

    # The run.
    steps: int = option(1000, "run", "Steps.", least=1, most=10_000_000)
    batch: int = option(4, "run", "Pictures of one process in one go.", least=1, most=4096)
    accumulation: int = option(1, "run", "Goes whose gradients are summed for a step.", least=1, most=4096)
    learning_rate: float = option(2e-4, "run", "Highest learning rate.", least=1e-8, most=10)
    text_learning_rate: float = option(
        0.0, "run", "That of the text encoders; 0 is a half of the other.", least=0, most=10
    )
    schedule: str = option("cosine", "run", "Course of the learning rate.", choices=("cosine", "constant"))
    warmup: int = option(50, "run", "Steps in which the learning rate rises.", least=0, most=1_000_000)
    optimizer: str = option(
        "adamw",
        "run",
        "adamw, adamw8bit (needs bitsandbytes) or prodigy (needs prodigyopt).",
        choices=("adamw", "adamw8bit", "prodigy"),
    )
    weight_decay: float = option(0.01, "run", "Weight decay.", least=0, most=1)
    clip: float = option(1.0, "run", "Largest gradient norm.", least=0.001, most=1e6)
    ema: float = option(0.0, "run", "Decay of averaged weights; 0 for none.", least=0, most=0.99999)
    precision: str = option("float32", "run", "What is computed in.", choices=("float32", "bfloat16", "float16"))
    gradient_checkpointing: bool = option(False, "run", "Less memory, about a third slower.")
    compile: bool = option(False, "run", "torch.compile the network.")
    shard: bool = option(False, "run", "Divide the base among several processes (FSDP), which then need less memory.")
    seed: int = option(0, "run", "Seed of everything.", least=0, most=2**31)
    checkpoint_seconds: float = option(300.0, "run", "Time between checkpoints.", least=0.01, most=1e6)
    log_steps: int = option(10, "run", "Steps between lines of the log.", least=1, most=100_000)
    device: str = option("auto", "run", "cpu, cuda, cuda:1, ... or auto.")

    # Validation.
    validate_steps: int = option(
        0, "validation", "Steps between validations; 0 is only at the end.", least=0, most=10_000_000
    )
    prompts: tuple[str, ...] = option((), "validation", "Fixed prompts, each drawn without an expression.")
    expressions: tuple[str, ...] = option((), "validation", "Fixed expressions; by default the commonest of the data.")
    sample_seeds: int = option(2, "validation", "Pictures of each.", least=1, most=64)
    sample_steps: int = option(20, "validation", "Denoising steps of a picture.", least=1, most=1000)
    guidance_scale: float = option(5.0, "validation", "Guidance of a picture.", least=0, most=30)
    expression_guidance_scale: float = option(
        1.0, "validation", "Guidance of a picture by its expression, with an adapter.", least=0, most=30
    )
    patience: int = option(
        0, "validation", "Stop after so many validations without a better one; 0 never.", least=0, most=1000
    )

    # The file.
    name: str = option("", "export", "Name of the file; by default that of the run's folder.")
    title: str = option("", "export", "Title for galleries.")
    author: str = option("", "export", "Author.")
    license: str = option("", "export", "Licence.")
    description: str = option("", "export", "What it does, in a sentence.")
    export_precision: str = option(
        "float16", "export", "Numbers of the file.", choices=("float16", "bfloat16", "float32")
    )

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, checked(field, getattr(self, field.name)))
        if "{caption}" not in self.template:
            raise ValueError(f"`template` is {self.template!r}; accepted is a text with {{caption}} in it.")
        if self.bucket_step % 8:
            raise ValueError(f"`bucket_step` is {self.bucket_step}; accepted are multiples of 8.")
        if self.prior_weight and not self.prior_data:
            raise ValueError(f"`prior_weight` is {self.prior_weight}, and `prior_data` is empty; accepted is a folder.")
        if self.prior_data and not self.prior_weight:
            raise ValueError(f"`prior_data` is {self.prior_data!r}, and `prior_weight` is 0; accepted is more than 0.")
        if self.slider_opposite and not self.slider:
            raise ValueError("`slider_opposite` is set and `slider` is not; accepted are both, or the slider alone.")
        if (self.slider or self.emphasis) and self.algorithm != "lora":
            raise ValueError(f"`algorithm` is {self.algorithm!r}; accepted for a slider or an emphasis is 'lora'.")
        if self.slider and self.emphasis:
            raise ValueError("`slider` and `emphasis` are both set; accepted is one of them.")
        extras = [name for name in ("prior_weight", "text_encoder") if getattr(self, name)]
        if self.learns_from_base and extras:
            extra = extras[0]
            raise ValueError(
                f"`{extra}` is set; accepted is none where the base is the teacher (`emphasis`, or `slider` with "
                "`slider_from` 'base')."
            )
        if self.unit_steps_from >= self.unit_steps:
            raise ValueError(
                f"`unit_steps_from` is {self.unit_steps_from}; accepted is less than `unit_steps`, {self.unit_steps}."
            )
        if self.learns_from_base and self.landmark_weight and not self.adapter:
            raise ValueError(
                f"`landmark_weight` is {self.landmark_weight} and `adapter` is '', where the base is the teacher: "
                "words do not say where landmarks are to be; accepted is 0, or an adapter."
            )
        if self.trains_adapter and (self.text_encoder or self.block_rank or self.block_alpha):
            extra = next(name for name in ("text_encoder", "block_rank", "block_alpha") if getattr(self, name))
            raise ValueError(f"`{extra}` is set; accepted is none with the algorithm 'adapter', which is no LoRA.")
        # What the base teaches asks the network as often as a process's own pictures need: the others would wait.
        if self.shard and (self.algorithm != "lora" or self.adapter or self.compile or self.learns_from_base):
            raise ValueError(
                "`shard` is true; accepted is false, or a LoRA by the algorithm 'lora' that learns from pictures, "
                "without `adapter` and `compile`."
            )
        if self.patience and not self.validate_steps:
            raise ValueError(
                f"`patience` is {self.patience} without validations; accepted is a `validate_steps` above 0."
            )
        for name in ("slider", "slider_opposite"):
            _expression(name, getattr(self, name))
        for text in self.expressions:
            _expression("expressions", text)
        for unit in self.emphasis:
            _expression("emphasis", f"{unit}C")

    @property
    def trains_adapter(self) -> bool:
        """Whether an expression adapter learns, and no LoRA."""
        return self.algorithm == "adapter"

    @property
    def reads_faces(self) -> str:
        """The first option that needs the recognizer, or "" where none does."""
        return next((name for name in READ if getattr(self, name)), "")

    @property
    def learns_from_base(self) -> bool:
        """Whether the base is the teacher, and pictures only give people and noise."""
        return bool(self.emphasis) or bool(self.slider and self.slider_from == "base")

    @classmethod
    def of(cls, values: Mapping[str, object], preset: str = "") -> LoraConfig:
        """Return a configuration.

        Args:
            values: Options that are not to stay as the preset has them.
            preset: A name of `PRESETS`, or "".

        Raises:
            ValueError: An option is unknown or wrong.
        """
        if preset and preset not in get_args(Preset):
            raise ValueError(f"`preset` is {preset!r}; accepted are {', '.join(get_args(Preset))}.")
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"`{unknown[0]}` is no option; accepted are {', '.join(sorted(known))}.")
        start: dict[str, Any] = dict(PRESETS[preset]) if preset else {}  # pyright: ignore[reportArgumentType]
        wanted = cls(**{**start, **values})
        if not wanted.learns_from_base:
            return wanted
        lessons = SLIDER_DEFAULTS if wanted.slider else EMPHASIS_DEFAULTS
        return cls(**{**start, **lessons.get(preset, {}), **values})

    def sections(self) -> dict[str, dict[str, Value]]:
        """Return all options by section, as a TOML file has them."""
        found: dict[str, dict[str, Value]] = {}
        for field in dataclasses.fields(self):
            found.setdefault(limits_of(field).section, {})[field.name] = getattr(self, field.name)
        return found


def _expression(name: str, text: str) -> None:
    if text:
        try:
            Expression.parse(text)
        except ValueError as error:
            raise ValueError(
                f"`{name}` has {text!r}: {error}; accepted is FACS notation, such as '1+2C+L12D'."
            ) from None
