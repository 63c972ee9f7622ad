"""Speed and fidelity of the language: `python benchmarks/language.py` writes `benchmarks/results/language.json`.

Measured in one process, in CPU seconds, which a busy machine disturbs less than wall seconds: sampled captions per
second of expressions with 1 to 7 units, reads per second, a set of 302,000 captions, the share of 100,000 random
expressions whose sampled description is read back to the same units, sides and levels, and the score on hand-written
phrasings.
"""

import json
import random
import time
from pathlib import Path

from machine import birth_certificate
from phrasing_score import phrasings, score

from auface.facs import ActionUnit, Expression, Sides, describe, read, resolve
from auface.facs.intensity import level

COUNT = 100_000
SET_SIZE = 302_000  # image-text pairs in BP4D-AUText, as its abstract says
LENGTHS = ("tag", "sentence", "detailed")


def random_expression(rng: random.Random) -> Expression:
    """Return 1 to 7 units at random, with conflicts, on one or both sides."""
    values: dict[int, tuple[float, float]] = {}
    for unit in rng.sample(list(ActionUnit), rng.randint(1, 7)):
        left = right = float(rng.randint(1, 5)) if rng.random() < 0.5 else round(rng.uniform(0.1, 5), 2)
        if unit.sides is Sides.ONE or (unit.sides is Sides.EACH and rng.random() < 0.2):
            left, right = rng.choice([(left, 0.0), (0.0, right)])
        elif unit.sides is Sides.EACH and rng.random() < 0.1:
            right = float(rng.randint(1, 5))
        values[int(unit)] = (left, right)
    return Expression.of(values)


def rounded(expression: Expression) -> Expression:
    """Return the expression that whole letters can say."""
    return Expression.of({unit: (level(left), level(right)) for unit, left, right in expression})


def main() -> None:
    """Measure and write the result."""
    rng = random.Random(0)
    asked = [random_expression(rng) for _ in range(COUNT)]
    result: dict[str, object] = birth_certificate()
    texts: list[str] = []
    seconds: dict[str, float] = {}
    for length in LENGTHS:
        start = time.process_time()
        texts = [describe(expression, length=length, seed=seed) for seed, expression in enumerate(asked)]
        seconds[f"describe {length}"] = time.process_time() - start
        start = time.process_time()
        readings = [read(text) for text in texts]
        seconds[f"read {length}"] = time.process_time() - start
        failures = [
            {"asked": expression.notation(), "text": text, "read": reading.expression.notation()}
            for expression, text, reading in zip(asked, texts, readings, strict=True)
            if reading.expression != rounded(resolve(expression))
        ]
        result[f"round trip, {length}"] = {
            "expressions": COUNT,
            "share read back exactly": 1 - len(failures) / COUNT,
            "texts with words not understood": sum(bool(reading.unread) for reading in readings),
            "failures": failures[:20],
        }
    result["per second"] = {name: round(COUNT / taken) for name, taken in seconds.items()}
    start = time.process_time()
    for seed in range(SET_SIZE):
        describe(asked[seed % COUNT], seed=seed)
    result["CPU seconds for 302,000 captions"] = round(time.process_time() - start, 2)
    result["phrasings"] = {
        name: {key: round(value, 4) for key, value in score(phrasings(name))._asdict().items()}
        for name in ("test", "development")
    }
    path = Path(__file__).parent / "results" / "language.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))  # noqa: T201 - a script that reports


if __name__ == "__main__":
    main()
