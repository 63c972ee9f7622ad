"""Fuzz the notation parser, the reader and the JSON loader: `python benchmarks/fuzz.py --minutes 10`.

Texts are random characters, jumbles of known words, and mutations (characters or words dropped, doubled, swapped or
replaced) of notation, descriptions and hand-written phrasings. Anything but a value or a `ValueError` is a failure.
"""

import argparse
import json
import random
import string
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from language import random_expression
from machine import birth_certificate
from phrasing_score import phrasings

from auface.facs import Expression, as_expression, describe, read

ALPHABET = string.printable + "\u2013\u2014\u2019\u201c\u201d\xe9\xdf\u0130\x00\u202e\ud83d\U0001f600\uff11\uff12"


def mutated(text: str, rng: random.Random) -> str:
    """Return a text with a few characters or words changed."""
    for _ in range(rng.randint(0, 4)):
        pieces = list(text) if rng.random() < 0.5 else text.split(" ")
        at = rng.randrange(len(pieces) or 1)
        change = rng.randrange(5)
        if change == 0 and pieces:
            del pieces[at]
        elif change == 1 and pieces:
            pieces.insert(at, pieces[at])
        elif change == 2:
            pieces.insert(at, rng.choice(ALPHABET))
        elif change == 3 and pieces:
            other = rng.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        elif pieces:
            pieces[at] = rng.choice(ALPHABET)
        text = ("" if all(len(piece) == 1 for piece in pieces) else " ").join(pieces)
    return text


def main() -> int:
    """Fuzz for some minutes; exit code 1 if anything but a ValueError came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    corpus = [row.text for name in ("test", "development") for row in phrasings(name)]
    targets: dict[str, Callable[[str], object]] = {
        "notation": Expression.parse,
        "read": read,
        "request": as_expression,
        "json": Expression.from_json,
    }
    counts = dict.fromkeys([*targets, "values", "ValueErrors"], 0)
    failures: list[str] = []
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end and len(failures) < 20:
        expression = random_expression(rng)
        source = rng.choice(
            [
                expression.notation(),
                expression.to_json(),
                describe(expression, seed=rng.randrange(1000), length=rng.choice(["tag", "sentence", "detailed"])),
                rng.choice(corpus),
                " ".join(rng.choice(rng.choice(corpus).split()) for _ in range(rng.randint(1, 60))),
                "".join(rng.choices(ALPHABET, k=rng.randint(0, 60))),
            ]
        )
        text = mutated(source, rng)
        for name, target in targets.items():
            counts[name] += 1
            try:
                target(text)
                counts["values"] += 1
            except ValueError as error:
                counts["ValueErrors"] += 1
                if "\n" in str(error) or len(str(error)) > 600:
                    failures.append(f"{name}: error text of {text!r} is not one short line: {str(error)[:200]!r}")
            except Exception:
                failures.append(f"{name}: {text!r}\n{traceback.format_exc()}")
    result = {**birth_certificate(), "minutes": options.minutes, "seed": options.seed, **counts, "failures": failures}
    path = Path(__file__).parent / "results" / "fuzz.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(path.read_text(encoding="utf-8"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
