"""Write web/face_data.json, what the face picker knows of the language: `python docs/face_data.py`.

A test compares the file with what this script makes, so the page cannot drift from the package.
"""

import json
import sys
from pathlib import Path
from typing import Any

from auface.facs import ActionUnit, Expression, Kind, Sides, describe
from auface.facs.conflict_table import RULES
from auface.facs.preset import preset, preset_names

FILE = Path(__file__).resolve().parents[1] / "web" / "face_data.json"


# What the face picker calls a unit where the package's own words for what moves, and which way, would be too long.
SHORT = {
    4: "Brow down, together",
    6: "Cheek up",
    7: "Lids tight, squint",
    9: "Nose wrinkled",
    12: "Lip corner up: smile",
    13: "Lip corner straight up",
    14: "Lip corner tight: dimple",
    15: "Lip corner down: frown",
    17: "Chin up: pout",
    18: "Lips pursed: kiss",
    20: "Lip corner sideways",
    21: "Neck tense",
    22: "Lips funneled: oh",
    23: "Lips tight, narrow",
    25: "Lips apart",
    26: "Jaw dropped",
    27: "Mouth wide open",
    28: "Lips rolled in",
    31: "Jaw clenched",
    32: "Lip bitten",
    33: "Cheeks blowing",
    34: "Cheeks puffed",
    35: "Cheeks sucked in",
    36: "Tongue in cheek",
    37: "Tongue along lips",
    40: "Sniff",
    43: "Eye closed",
}


def data() -> str:
    """Return the text of the file: one unit, conflict or preset a line, so that changes can be read."""
    parts: dict[str, list[dict[str, Any]]] = {
        "units": [_unit(unit) for unit in ActionUnit],
        "conflicts": [
            {
                "first": rule.first,
                "second": rule.second,
                "kind": rule.kind.value,
                "limit": rule.limit,
                "because": rule.because,
            }
            for rule in RULES
        ],
        "presets": [{"name": name, "notation": preset(name).notation()} for name in preset_names()],
    }
    blocks = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
        for name, rows in parts.items()
    ]
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _unit(unit: ActionUnit) -> dict[str, Any]:
    facts = unit.facts
    if facts.kind in (Kind.HEAD, Kind.EYES) or unit in (ActionUnit.AU45, ActionUnit.AU46):
        plain = facts.label
    elif unit in SHORT:
        plain = SHORT[unit]
    else:
        plain = f"{facts.moves[0].upper()}{facts.moves[1:]} {facts.direction}"
    one_side = (3.0, 0.0) if unit.sides is Sides.ONE else 3.0
    words = " ".join([facts.label, facts.muscles, describe(Expression.of({unit: one_side}), length="tag")])
    return {
        "unit": unit.value,
        "plain": plain,
        "label": facts.label,
        "region": facts.region.value,
        "sides": unit.sides.value,
        "default": unit.default_intensity,
        "mirror": unit.mirrored.value,
        "words": words.lower(),
    }


if __name__ == "__main__":
    FILE.write_text(data(), encoding="utf-8")
    sys.stdout.write("web/face_data.json written\n")
