"""`LanguageModel`: what a visual language model says of a face, by the scores of its answers rather than by its words.

Any image-text-to-text model of the package `transformers` serves: an id of the Hugging Face hub, or a local folder.
The way is that of zero-shot compound expression recognition (arXiv 2403.11450, of which only the abstract is known
here); prompts, scores and calibration are definitions of this project.

Forced choice. The model is asked which of the answers fits. The score of answer a with tokens a_1 ... a_n is

    s(a | picture) = 1/n * sum of log P(a_i | picture, question, a_1 ... a_(i-1))

and the opinion is softmax(s(a | picture) - s(a | gray picture)): what the model would answer anyway, whatever it is
shown, is taken off (contextual calibration, arXiv 2102.09690). Nothing is generated and nothing is parsed. The question
is run once for each picture and its keys and values serve all answers. No sampling: the same picture gives the same
opinion.

Free description. The model describes the face in its own words (greedily), and AUFace's reader reads what it said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .opinion import COMPOUND, Opinion
from .question import DESCRIPTION_QUESTION, answer_text, choice_question, description_opinion

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

Doubles = NDArray[np.float64]

DEFAULT_MODEL = "HuggingFaceTB/SmolVLM-500M-Instruct"
"""The default: 0.5 billion parameters, Apache-2.0. Larger ones, such as Qwen/Qwen2.5-VL-3B-Instruct, see more."""

_GRAY = (127, 127, 127)
_PLAIN_PROMPT = "USER: <image>\n{question} ASSISTANT:"  # of the first LLaVA models, which have no template of their own


@dataclass(slots=True, eq=False)
class LanguageModel:
    """A visual language model, ready to be asked.

    Attributes:
        model: An image-text-to-text model of transformers.
        processor: Its processor.
        name: What it was loaded from.
    """

    model: Any
    processor: Any
    name: str = ""
    _gray: dict[tuple[str, ...], Doubles] = field(default_factory=dict[tuple[str, ...], Doubles], repr=False)

    @classmethod
    def load(
        cls, model: str | Path = DEFAULT_MODEL, device: str = "cpu", dtype: torch.dtype | str | None = None
    ) -> LanguageModel:
        """Load a model and its processor. Code that a model brings along is never run.

        Args:
            model: Id of the Hugging Face hub, which is downloaded once, or a local folder.
            device: Where to compute: cpu, cuda, ...
            dtype: Numbers to compute with; None takes float32 on a CPU and what the files hold elsewhere.

        Raises:
            ImportError: transformers is missing, or something that the processor needs.
            ValueError: There is no such model, or it is not an image-text-to-text model.
        """
        try:
            import torch
            from transformers import AutoModelForImageTextToText, AutoProcessor
        except ImportError:
            raise ImportError('visual language models need transformers: pip install "auface[pipelines]"') from None
        place = str(model)
        if dtype is None:
            dtype = "float32" if device == "cpu" else "auto"
        try:
            processor = AutoProcessor.from_pretrained(place)
            loaded = AutoModelForImageTextToText.from_pretrained(place, dtype=dtype)
        except ImportError as error:
            raise ImportError(f"the processor of `model` {place!r} needs more packages: {error}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ValueError(
                f"`model` is {place!r}, which cannot be loaded ({first}); accepted is a hub id or a local folder of an "
                "image-text-to-text model."
            ) from None
        return cls(loaded.to(torch.device(device)).eval(), processor, place)  # pyright: ignore[reportArgumentType]

    def choose(
        self,
        pictures: Sequence[Image],
        classes: Sequence[str] = COMPOUND,
        batch_size: int = 4,
        calibrated: bool = True,
    ) -> list[Opinion]:
        """Return what the model would answer, when it may only choose among some emotions.

        Args:
            pictures: RGB, each of one face.
            classes: The emotions: neutral, basic or compound ones, at least two.
            batch_size: Pictures that are looked at together.
            calibrated: Whether what the model would say of an empty gray picture is taken off.

        Raises:
            ValueError: A class is no emotion, or `batch_size` is less than 1.
        """
        names = tuple(classes)
        scores = np.concatenate(
            [self.scores(part, names) for part in _parts(pictures, batch_size)] or [_nothing(names)]
        )
        if calibrated and len(scores):
            if names not in self._gray:
                self._gray[names] = self.scores([_gray_picture()], names)[0]
            scores = scores - self._gray[names]
        return [Opinion.of_scores("vlm", names, row) for row in scores]

    def scores(self, pictures: Sequence[Image], classes: Sequence[str]) -> Doubles:
        """Return the mean log-probability of the tokens of each answer to each picture, (pictures, answers).

        Args:
            pictures: RGB, looked at together.
            classes: The emotions that are the answers.
        """
        import torch

        inputs = self._inputs(pictures, choice_question(classes))
        answers = [self._tokens(f" {answer_text(name)}.") for name in classes]
        longest = max(map(len, answers))
        count, rows = len(answers), len(pictures)
        with torch.inference_mode():
            prompt = self.model(**inputs, use_cache=True)
            cache = prompt.past_key_values
            cache.batch_repeat_interleave(count)
            tokens = torch.zeros(count, longest, dtype=torch.long, device=self.model.device)
            known = torch.zeros(count, longest, dtype=torch.long, device=self.model.device)
            for place, answer in enumerate(answers):
                tokens[place, : len(answer)] = torch.tensor(answer)
                known[place, : len(answer)] = 1
            tokens, known = tokens.repeat(rows, 1), known.repeat(rows, 1)
            mask = torch.cat([inputs["attention_mask"].repeat_interleave(count, 0), known], 1)
            first = prompt.logits[:, -1:].repeat_interleave(count, 0)
            if longest > 1:
                rest = self.model(
                    input_ids=tokens[:, :-1], attention_mask=mask[:, :-1], past_key_values=cache, use_cache=True
                ).logits
                first = torch.cat([first, rest], 1)
            likely = torch.log_softmax(first.double(), -1).gather(2, tokens[..., None])[..., 0]
            means = (likely * known).sum(1) / known.sum(1)
        return means.reshape(rows, count).cpu().numpy()

    def describe(self, pictures: Sequence[Image], longest: int = 80, batch_size: int = 4) -> list[str]:
        """Return the model's own description of each face.

        Args:
            pictures: RGB, each of one face.
            longest: Most tokens of a description.
            batch_size: Pictures that are looked at together.

        Raises:
            ValueError: `batch_size` is less than 1.
        """
        import torch

        found: list[str] = []
        for part in _parts(pictures, batch_size):
            inputs = self._inputs(part, DESCRIPTION_QUESTION)
            with torch.inference_mode():
                tokens = self.model.generate(**inputs, do_sample=False, num_beams=1, max_new_tokens=longest)
            said = tokens[:, inputs["input_ids"].shape[1] :]
            found += [text.strip() for text in self.processor.batch_decode(said, skip_special_tokens=True)]
        return found

    def described(
        self, pictures: Sequence[Image], classes: Sequence[str] = COMPOUND, batch_size: int = 4
    ) -> list[Opinion | None]:
        """Return what the model's own descriptions say of emotions; None where they say nothing of a face.

        Args:
            pictures: RGB, each of one face.
            classes: The emotions: neutral and basic ones, or compound ones.
            batch_size: Pictures that are looked at together.

        Raises:
            ValueError: `batch_size` is less than 1.
        """
        return [description_opinion(text, classes) for text in self.describe(pictures, batch_size=batch_size)]

    def _inputs(self, pictures: Sequence[Image], question: str) -> Any:
        prompt = self._prompt(question)
        self.processor.tokenizer.padding_side = "left"  # so that every answer begins right after its question
        if self.processor.tokenizer.pad_token is None:
            self.processor.tokenizer.pad_token = self.processor.tokenizer.eos_token
        inputs = self.processor(
            images=[[picture.convert("RGB")] for picture in pictures],
            text=[prompt] * len(pictures),
            padding=True,
            return_tensors="pt",
        )
        return inputs.to(self.model.device, dtype=self.model.dtype)

    def _prompt(self, question: str) -> str:
        if getattr(self.processor, "chat_template", None) is None:
            return _PLAIN_PROMPT.format(question=question)
        content = [{"type": "image"}, {"type": "text", "text": question}]
        return self.processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)

    def _tokens(self, text: str) -> list[int]:
        return self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]


def _parts(pictures: Sequence[Image], batch_size: int) -> Iterator[Sequence[Image]]:
    if batch_size < 1:
        raise ValueError(f"`batch_size` is {batch_size!r}; accepted is a whole number from 1.")
    for start in range(0, len(pictures), batch_size):
        yield pictures[start : start + batch_size]


def _nothing(classes: Sequence[str]) -> Doubles:
    return np.zeros((0, len(classes)))


def _gray_picture() -> Image:
    from PIL import Image

    return Image.new("RGB", (384, 384), _GRAY)
