"""Reading English: parts, movements, degrees, sides, denials, emotions, and what is not understood."""

import json
import random

import pytest
from hypothesis import given, settings, strategies as st
from phrasing_score import phrasings, score

from auface.facs import Expression, read
from auface.facs.border import MAX_TEXT_LENGTH
from auface.facs.text import degree
from auface.facs.text.lexicon import emotion, grammar, idiom, movement, part


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("raised eyebrows", "1+2"),
        ("the inner brows are slightly raised", "1B"),
        ("her left eyebrow is arched sharply", "L1D+L2D"),
        ("an eyebrow cocked", "L1+L2"),
        ("lips slightly parted, eyes wide", "25B+5"),
        ("parted lips and a furrowed brow", "25+4"),
        ("brows lowered and drawn together, lips pressed", "4+24"),
        ("mouth wide open", "25+27"),
        ("half-closed eyes", "43C"),
        ("gently closed eyes", "43"),
        ("eyes squeezed shut", "43+7D"),
        ("a funnelled mouth", "22"),
        ("a funneled mouth", "22"),
        ("grey_hair, open_mouth, closed_eyes", "25+26+43"),
        ("(raised eyebrows:1.3), smile", "1+2+12"),
        ("AU12D with AU6", "12D+6"),
        ("a genuine smile", "6+12"),
        ("a forced smile", "12"),
        ("a sad smile", "1+4+12"),
        ("sad eyes and an angry mouth", "23"),
        ("looking over her left shoulder", "61"),
        ("head tilted to the right, gaze down", "56+64"),
        ("winking with the right eye", "R46"),
        ("lip corners pulled up, slightly on the left and strongly on the right", "L12B+R12D"),
    ],
)
def test_common_phrasings(text: str, notation: str) -> None:
    assert read(text).expression == Expression.parse(notation)


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("her left eye closed", "L43"),
        ("the eye on the viewer's left is closed", "R43"),
        ("the corner on the right of the picture is pulled up", "L12"),
        ("camera-left eyebrow raised", "R1+R2"),
        ("a smirk on the right", "R12"),
    ],
)
def test_sides_are_the_subjects_own_unless_the_picture_is_spoken_of(text: str, notation: str) -> None:
    assert read(text).expression == Expression.parse(notation)


def test_a_side_that_is_not_said_is_taken_as_the_left_and_noted() -> None:
    (span,) = read("one eyebrow raised").spans
    assert span.note == "side not said: taken as the left"
    assert Expression(span.activations) == Expression.parse("L1+L2")
    assert read("left eyebrow raised").spans[0].note == ""


@pytest.mark.parametrize(
    ("text", "notation", "denied"),
    [
        ("a grin, lips not parted", "6+12", "25"),
        ("no smile", "neutral", "12"),
        ("brows raised but without a frown", "1+2", "4"),
        ("she isn't smiling or frowning", "neutral", "4+12"),
        ("eyes aren't closed, jaw clenched", "31", "43"),
        ("a smile that doesn't reach the eyes", "12", "6"),
    ],
)
def test_negations(text: str, notation: str, denied: str) -> None:
    reading = read(text)
    assert reading.expression == Expression.parse(notation)
    assert set(reading.negated.units) == set(Expression.parse(denied).units)


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("happy", "6+12"),
        ("slightly angry", "4B+5B+7B+23B"),
        ("fearfully surprised", "1+2+5+20+25"),
        ("a mixture of joy and disgust", "10+12+25"),
        ("contempt", "R12A+R14A"),
        ("surprised, jaw barely dropped", "1+2+5+26A"),
        ("a neutral expression", "neutral"),
    ],
)
def test_emotion_words(text: str, notation: str) -> None:
    assert read(text).expression == Expression.parse(notation)


def test_spans_say_what_was_understood_and_unread_what_was_not() -> None:
    text = "An old pirate, brows slightly raised, grinning at a parrot"
    reading = read(text)
    assert [text[span.start : span.end] for span in reading.spans] == ["brows slightly raised", "grinning"]
    assert [Expression(span.activations).notation() for span in reading.spans] == ["1B+2B", "6C+12C+25C"]
    assert [text[piece.start : piece.end] for piece in reading.unread] == ["old pirate", "parrot"]
    assert all(piece.text == text[piece.start : piece.end] for piece in (*reading.spans, *reading.unread))


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), (" \n\t", "empty"), ("smile " * 20_000, f"accepted are {MAX_TEXT_LENGTH}")]
)
def test_wrong_texts_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(text)


@pytest.mark.parametrize("text", [None, 12, b"smile"])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="accepted is text"):
        read(text)  # type: ignore[arg-type]


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    for piece in (*reading.spans, *reading.unread):
        assert text[piece.start : piece.end] == piece.text


@settings(max_examples=500)
@given(st.integers(0, 2**32))
def test_any_jumble_of_known_words_is_read(seed: int) -> None:
    rng = random.Random(seed)
    text = " ".join(rng.choices(WORDS, k=rng.randint(1, 40)))
    reading = read(text)
    for piece in (*reading.spans, *reading.unread):
        assert text[piece.start : piece.end] == piece.text
    assert Expression.parse(reading.expression.notation()) == reading.expression


def _words() -> list[str]:
    """Every word that the reader knows, breaks included."""
    sources = [*part.PARTS.values(), *part.SIDED_PARTS.values(), *movement.MOVEMENTS.values(), grammar.CARRIERS]
    sources += [grammar.LOOKS, grammar.NEGATORS, grammar.POST_NEGATORS, *grammar.SIDES.values(), grammar.FILLERS]
    sources += [*grammar.DIRECTIONS.values(), *emotion.EMOTION_WORDS.values(), emotion.NEUTRAL_WORDS]
    sources += [row.words for row in idiom.IDIOMS] + [", ".join(degree.READ_DEGREES)]
    words = {word.strip("*").replace("{S}", "left") for source in sources for word in source.replace(",", " ").split()}
    return sorted(words) + [*grammar.HARD_BREAKS.split(), *grammar.SOFT_BREAKS.split(), "or", "AU12D", "LAU4"] * 3


WORDS = _words()


def test_phrasings_written_apart_from_the_reader_score_as_published(checkout) -> None:
    results = json.loads((checkout / "benchmarks" / "results" / "language.json").read_text(encoding="utf-8"))
    for name, published in results["phrasings"].items():
        measured = score(phrasings(name))._asdict()
        assert {key: round(value, 4) for key, value in measured.items()} == published
