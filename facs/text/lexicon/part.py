"""Names of the parts of the face, as the reader knows them; without articles and possessives."""

from __future__ import annotations

PARTS: dict[str, str] = {
    "brow": "brow, brows, eyebrows, browline",
    "inner brow": """
        inner brow, inner brows, inner eyebrow, inner eyebrows, inner {end} of {brow}, inner {end}, middle of {brow},
        center of {brow}, centre of {brow}, {brow} inner {end}, medial {brow}, inside {end} of {brow}
    """,
    "outer brow": """
        outer brow, outer brows, outer eyebrow, outer eyebrows, outer {end} of {brow}, {brow} outer {end}, tail of
        {brow}, tails of {brow}, {brow} tails, {brow} tail, outside {end} of {brow}, lateral {brow}
    """,
    "forehead": "forehead",
    "brow gap": "between {brow}, between eyes, glabella, space between {brow}, skin between {brow}",
    "upper lid": "upper lid, upper lids, upper eyelid, upper eyelids, top lid, top lids, top eyelid, top eyelids",
    "lower lid": """
        lower lid, lower lids, lower eyelid, lower eyelids, bottom lid, bottom lids, bottom eyelid, bottom eyelids
    """,
    "lid": "lid, lids, eyelid, eyelids",
    "eye": "peeper, peepers, orb, orbs, eye, eyes",
    "gaze": "gaze, stare, pupils, irises, glance, eye line, eyeline",
    "cheek": "cheek, cheeks, cheekbones, apples of cheeks",
    "eye corner": """
        corners of eyes, corner of eye, outer corners of eyes, eye corners, skin around eyes, skin round eyes, skin
        beside eyes, temples
    """,
    "nose": """
        schnozz, schnoz, snout, conk, hooter, beak, nose, bridge of nose, nose bridge, sides of nose, side of nose,
        tip of nose
    """,
    "nostril": "nostril, nostrils, wings of nose, nose wings",
    "fold": """
        nasolabial fold, nasolabial folds, folds beside nose, fold beside nose, fold on side of nose, smile lines,
        laugh lines, nasolabial furrow, nasolabial furrows, nasolabials, folds running from nose to mouth, folds that
        run from nose to mouth, lines from nose to mouth, folds from nose to mouth, folds between nose and mouth
    """,
    "upper lip": "upper lip, top lip, upper lips",
    "lower lip": "lower lip, bottom lip, lower lips, underlip",
    "lip": "lip, lips, both lips",
    "mouth": "gob, maw, kisser, piehole, mouth",
    "corner": """
        lip corner, lip corners, corner of mouth, corners of mouth, corner of lips, corners of lips, mouth corner,
        mouth corners, corners, corner, edges of mouth, edges of lips, ends of mouth, ends of lips
    """,
    "jaw": "jaw, jaws, mandible, lower jaw",
    "chin": "chin",
    "tongue": "tongue, tip of tongue, tongue tip",
    "teeth": """
        choppers, fangs, gnashers, pearly whites, teeth, both rows of teeth, rows of teeth, upper and lower teeth, top
        and bottom teeth
    """,
    "head": "head",
    "neck": """
        cords, tendons, neck, neck cords, cords of neck, neck muscles, neck tendons, tendons of neck, cords in neck,
        tendons in neck, throat
    """,
}
"""Part -> its names. `{brow}` and `{end}` stand for brow(s)/eyebrow(s) and for ends, corners, edges, tips, parts."""

ABBREVIATIONS = {
    "{brow}": ("brow", "brows", "eyebrow", "eyebrows"),
    "{end}": (
        "end",
        "ends",
        "corner",
        "corners",
        "edge",
        "edges",
        "tip",
        "tips",
        "part",
        "parts",
        "half",
        "halves",
        "portion",
    ),
}

SIDED_PARTS: dict[str, str] = {
    "inner brow": "inner {end} of {S} brow, inner {end} of {S} eyebrow",
    "outer brow": "outer {end} of {S} brow, outer {end} of {S} eyebrow, tail of {S} brow, tail of {S} eyebrow",
    "nose": "{S} side of nose, {S} half of nose",
    "fold": "fold on {S} side of nose, {S} nasolabial fold, {S} smile line, {S} laugh line",
    "corner": """
        {S} lip corner, {S} corner of mouth, {S} mouth corner, {S} corner of lips, {S} corner, {S} side of mouth, {S}
        half of mouth, {S} side of lips, corner of mouth on {S}, {S} edge of mouth, {S} end of mouth
    """,
    "upper lip": "{S} side of upper lip, upper lip on {S} side, {S} half of upper lip, upper lip on {S}, {S} upper lip",
    "lower lip": "{S} side of lower lip, lower lip on {S} side, {S} half of lower lip, lower lip on {S}, {S} lower lip",
    "lip": "{S} side of lip",
    "neck": "{S} side of neck",
    "brow": "{S} side of brow",
}
"""Names that carry the side inside; all others take it in front ("left cheek")."""
