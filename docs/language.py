"""Write docs/language.md from its template and the data of the language: `python docs/language.py`.

A test compares the page with what this script makes, so the page cannot drift from the code.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from auface.facs import ActionUnit, ConflictKind, Expression, Sides, describe, notation
from auface.facs.blendshape import to_arkit
from auface.facs.conflict_table import REMARKS, RULES
from auface.facs.intensity import LETTERS, LEVEL_WORDS
from auface.facs.prototype import BASIC_EMOTIONS, THEORIES, compound_emotions, prototypes, theory_source
from auface.facs.text.blend import BLENDS
from auface.facs.text.degree import DEGREES
from auface.facs.text.wording import WORDINGS
from auface.facs.valence_arousal import RATINGS, affect

FOLDER = Path(__file__).resolve().parent
EXAMPLES = ("1+2+5B+26", "1B+4D+15C", "6D+12D+25", "L12B+L14", "24D+26", "4+5+7+23", "L1B+R1D")
_SIDES = {Sides.TOGETHER: "both at once", Sides.EACH: "L, R or both", Sides.ONE: "L or R"}


def page() -> str:
    """Return the whole page."""
    template = (FOLDER / "language.template").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: PARTS[match.group(1)](), template)


def table(*rows: Iterable[object]) -> str:
    """Return a Markdown table; the first row is the heading."""
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * (lines[0].count("|") - 1))
    return "\n".join(lines)


def alone(unit: ActionUnit, intensity: float) -> Expression:
    """Return one unit, on the left if it needs a side."""
    return Expression.of({unit: (intensity, 0.0 if unit.sides is Sides.ONE else intensity)})


def plain(expression: Expression) -> str:
    """Return notation without the letters that default intensities do not need."""
    terms: list[str] = []
    for unit, left, right in expression:
        term = Expression.of({unit: (left, right)}).notation()
        is_default = max(left, right) == unit.default_intensity and "+" not in term
        terms.append(term.rstrip(LETTERS) if is_default else term)
    return "+".join(terms) or "neutral"


def _units() -> str:
    rows: list[tuple[object, ...]] = [("AU", "name", "muscles", "sides", "words", "with it shows")]
    for unit in ActionUnit:
        words = describe(alone(unit, unit.default_intensity), length="tag")
        shows = "; ".join(dict.fromkeys(text for row in WORDINGS if row.units == (unit,) for text in row.shows))
        rows.append((unit.value, unit.label, unit.facts.muscles, _SIDES[unit.sides], words, shows))
    return table(*rows)


def _intensities() -> str:
    rows: list[tuple[object, ...]] = [("letter", "number", "FACS calls it", *(scale.value for scale in DEGREES))]
    for index, letter in enumerate(LETTERS):
        words = [dict.fromkeys(word or "(no word)" for word in degrees.before[index]) for degrees in DEGREES.values()]
        rows.append((letter, index + 1, LEVEL_WORDS[letter], *map(", ".join, words)))
    return table(*rows)


def _grammar() -> str:
    """Return the grammar from the docstring of the parser, its block as a fenced one."""
    text = (notation.__doc__ or "").split("::\n\n", 1)[1]
    block, prose = text.split("\n\n", 1)
    lines = [line.removeprefix("    ") for line in block.splitlines()]
    return "\n".join(["Letters in any case:", "", "```text", *lines, "```", "", prose.rstrip()])


def _conflicts() -> str:
    rows: list[tuple[object, ...]] = [("units", "kind", "limit", "because")]
    for rule in RULES:
        limit = f"{rule.limit:g}" if rule.kind is ConflictKind.ANTAGONISTS else ""
        rows.append((f"{rule.first}, {rule.second}", rule.kind.value, limit, rule.because))
    return table(*rows)


def _remarks() -> str:
    return "\n".join(f"- {first} and {second}: {remark}" for (first, second), remark in REMARKS)


def _blends() -> str:
    rows: list[tuple[object, ...]] = [("units", "equally strong", "differently strong")]
    groups = [*(row.units for row in WORDINGS if len(row.units) > 1), *(blend.units for blend in BLENDS)]
    for units in dict.fromkeys(groups):
        levels = {unit: (2.0, 4.0)[index % 2] for index, unit in enumerate(units)}
        if units[:2] == (1, 2):
            levels = {1: 2.0, 2: 2.0, 4: 4.0}
        different = describe(Expression.of(levels), length="tag", conflict_policy="keep")
        equal = describe(Expression.of(dict.fromkeys(units, 3.0)), length="tag", conflict_policy="keep")
        has_blend = any(blend.units == units for blend in BLENDS)
        rows.append(("+".join(map(str, units)), equal, different if has_blend else "each by itself"))
    return table(*rows)


def _examples() -> str:
    lines: list[str] = []
    for text in EXAMPLES:
        expression = Expression.parse(text)
        lines.append(f"- `{text}`: {describe(expression)} *{describe(expression, length='detailed')}*")
    return "\n".join(lines)


def _results() -> dict:
    return json.loads((FOLDER.parent / "benchmarks" / "results" / "language.json").read_text(encoding="utf-8"))


def _machine() -> str:
    results = _results()
    return f"{results['machine']}, one of them used, {results['date']}"


def _speed() -> str:
    results = _results()
    rows: list[tuple[object, ...]] = [("length", "read back exactly", "descriptions per second", "reads per second")]
    for length in ("tag", "sentence", "detailed"):
        share = results[f"round trip, {length}"]["share read back exactly"]
        speed = results["per second"]
        rows.append((length, f"{share:.3%}", f"{speed[f'describe {length}']:,}", f"{speed[f'read {length}']:,}"))
    return (
        table(*rows) + f"\n\n302,000 sampled captions took {results['CPU seconds for 302,000 captions']} CPU seconds."
    )


def _phrasings() -> str:
    rows: list[tuple[object, ...]] = [("set", "rows", "units and sides", "and levels within one letter", "all exactly")]
    for name, score in _results()["phrasings"].items():
        shares = (score["units"], score["within_one_letter"], score["exact"])
        rows.append((name, score["rows"], *(f"{share:.1%}" for share in shares)))
    return table(*rows)


def _prototypes() -> str:
    rows: list[tuple[object, ...]] = [("theory", *BASIC_EMOTIONS)]
    for theory in THEORIES:
        known = prototypes(theory)  # type: ignore[arg-type]
        cells: list[str] = []
        for emotion in BASIC_EMOTIONS:
            variants = known.get(emotion, ())
            more = f" (+{len(variants) - 1})" if len(variants) > 1 else ""
            cells.append(f"{plain(variants[0])}{more}" if variants else "")
        rows.append((theory, *cells))
    return table(*rows)


def _sources() -> str:
    lines: list[str] = []
    for theory in THEORIES:
        source = theory_source(theory)  # type: ignore[arg-type]
        lines.append(f"- {theory}: {source.title}; {source.where}. {source.note}".rstrip())
    return "\n".join(lines)


def _compounds() -> str:
    rows: list[tuple[object, ...]] = [("emotion", "units", "description")]
    for name, emotion in compound_emotions().items():
        star = "" if emotion.checked else " *"
        rows.append((name, plain(emotion.expression) + star, describe(emotion.expression)))
    return table(*rows)


def _affect() -> str:
    rows: list[tuple[object, ...]] = [("emotion", "valence", "arousal")]
    for word in ("happy", "sad", "surprised", "fearful", "angry", "disgusted", "contemptuous"):
        rows.append((word, f"{affect(word).valence:g}", f"{affect(word).arousal:g}"))
    return table(*rows)


def _arkit() -> str:
    rows: list[tuple[object, ...]] = [("AU", "ARKit shapes at intensity 5")]
    for unit in ActionUnit:
        shapes = {name: amount for name, amount in to_arkit(alone(unit, 5.0)).items() if amount}
        if shapes:
            rows.append((unit.value, ", ".join(f"{name} {amount:g}" for name, amount in shapes.items())))
    return table(*rows)


PARTS: dict[str, Callable[[], str]] = {
    "units": _units,
    "intensities": _intensities,
    "grammar": _grammar,
    "conflicts": _conflicts,
    "remarks": _remarks,
    "blends": _blends,
    "examples": _examples,
    "machine": _machine,
    "speed": _speed,
    "phrasings": _phrasings,
    "prototypes": _prototypes,
    "sources": _sources,
    "compounds": _compounds,
    "ratings": lambda: str(len(RATINGS)),
    "affect": _affect,
    "arkit": _arkit,
}


if __name__ == "__main__":
    (FOLDER / "language.md").write_text(page(), encoding="utf-8")
    sys.stdout.write("docs/language.md written\n")
