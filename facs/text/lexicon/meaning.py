"""What the movement of a part is in FACS: the heart of the reader's lexicon."""

from __future__ import annotations

_BROWS_RAISED = (1, 2)

# fmt: off
MEANINGS: dict[str, dict[str, tuple[int | tuple[int, int], ...]]] = {
    "brow": {
        "up": _BROWS_RAISED, "arch": _BROWS_RAISED, "down": (4,), "together": (4,), "furrow": (4,), "pinch": (4,),
        "wrinkle": (4,),
        "up middle": (1, 4), "up together": (1, 4), "down together": (4,), "oblique": (1, 4), "tight": (4,),
        "in": (4,), "press": (4,),
        "narrow": (4,), "frown": (4,), "droop": (4,), "downturn": (4,), "upturn": _BROWS_RAISED, "compress": (4,),
        "squint": (4,),
    },
    "inner brow": {
        "up": (1,), "down": (4,), "together": (4,), "pinch": (4,), "up together": (1, 4), "oblique": (1, 4),
        "furrow": (4,), "in": (4,),
        "arch": (1,), "up middle": (1, 4), "upturn": (1,), "down together": (4,), "squint": (4,),
    },
    "outer brow": {"up": (2,), "arch": (2,), "upturn": (2,), "down": (4,)},
    "forehead": {"wrinkle": (1, 2), "furrow": (4,), "up": (1, 2), "frown": (4,), "tight": (4,)},
    "brow gap": {"wrinkle": (4,), "furrow": (4,), "deepen": (4,), "pinch": (4,), "tight": (4,)},
    "upper lid": {
        "up": (5,), "widen": (5,), "down": ((43, 2),), "tight": (7,), "close": (43,), "droop": ((43, 2),),
        "downturn": ((43, 2),), "back": (5,), "open": (5,),
    },
    "lower lid": {"tight": (7,), "up": (7,), "narrow": (7,), "squint": (7,), "press": (7,)},
    "lid": {
        "tight": (7,), "narrow": (7,), "up": (5,), "widen": (5,), "close": (43,), "droop": ((43, 2),),
        "downturn": ((43, 2),), "down": ((43, 2),),
        "squeeze shut": (43, (7, 4)), "squint": (7,), "press": (7,), "together": (7,), "wide open": (5,),
        "back": (5,),
    },
    "eye": {
        "widen": (5,), "narrow": (7,), "squint": (7,), "tight": (7,), "close": (43,), "blink": (45,), "wink": (46,),
        "squeeze shut": (43, (7, 4)),
        "up": (63,), "down": (64,), "upturn": (63,), "downturn": (64,), "droop": ((43, 2),), "apart": (65,),
        "outward": (65,), "cross": (66,), "in": (66,), "to nose": (66,), "roll up": (63,), "to floor": (64,),
        "crinkle": (6,), "wrinkle": (6,), "smile": (6,), "wide open": (5,), "out": (5,), "pinch": (7,),
        "compress": (7,), "together": (66,), "straight up": (63,), "furrow": (6,),
    },
    "eye corner": {"wrinkle": (6,), "furrow": (6,), "crinkle": (6,), "squint": (6,), "bunch": (6,), "tight": (6,)},
    "gaze": {
        "up": (63,), "down": (64,), "upturn": (63,), "downturn": (64,), "roll up": (63,), "to floor": (64,),
        "to nose": (66,), "cross": (66,), "straight up": (63,),
    },
    "cheek": {
        "up": (6,), "blow": (33,), "puff": (34,), "suck in": (35,), "hollow": (35,), "in": (35,), "out": (34,),
        "bulge tongue": (36,), "dimple": (14,),
        "widen": (34,), "furrow": (6,), "pinch": (35,), "upturn": (6,),
    },
    "nose": {
        "wrinkle": (9,), "furrow": (9,), "sniff": (40,), "flare": (38,), "pinch": (39,), "crinkle": (9,),
        "squint": (9,), "up": (9,), "narrow": (39,), "pucker": (9,), "curl": (9,), "upturn": (9,),
    },
    "nostril": {
        "flare": (38,), "funnel": (38,), "outward": (38,),
        "widen": (38,), "narrow": (39,), "pinch": (39,), "compress": (39,), "tight": (39,),
        "in": (39,), "wide open": (38,), "press": (39,), "squint": (39,), "out": (38,), "open": (38,),
        "together": (39,), "thin": (39,),
    },
    "fold": {"deepen": (11,), "furrow": (11,), "show": (11,), "pinch": (11,), "up": (11,)},
    "upper lip": {
        "up": (10,), "curl": (10,), "tight": (23,), "bite": (32,), "upturn": (10,), "suck in": (28,), "back": (10,),
        "wrinkle": (10,), "squint": (10,), "roll in": (28,), "stretch": (20,), "lick": (37,),
    },
    "lower lip": {
        "down": (16,), "out": (17, 22), "bite": (32,), "up": (17,), "suck in": (28,), "roll in": (28,),
        "tight": (23,), "downturn": (16,), "in": (28,), "forward": (17, 22),
        "back": (16,), "lick": (37,), "stretch": (20,), "tuck": (28,),
    },
    "lip": {
        "part": (25,), "open": (25,), "wide open": (25, 27), "press": (24,), "together": (24,), "compress": (24,),
        "tight": (23,), "narrow": (23,), "thin": (23,), "pucker": (18,),
        "funnel": (22,), "outward": (22,), "stretch": (20,), "suck in": (28,), "roll in": (28,), "in": (28,),
        "bite": (32,), "curl": (10,), "lick": (37,), "toward": (8,), "agape": (25, 26), "out": (22,),
        "forward": (22,), "back": (10, 16, 25), "tuck": (28,), "smile": (12,), "up back": (12,), "upturn": (12,),
        "downturn": (15,), "over lips": (37,), "squint": (18,), "wrinkle": (18,), "pinch": (24,), "droop": (15,),
        "furrow": (18,), "clench": (24,),
    },
    "mouth": {
        "open": (25, 26), "agape": (25, 26), "wide open": (25, 27), "widen": (25, 27), "stretch open": (27,),
        "stretch": (20,), "pucker": (18,), "funnel": (22,), "press": (24,), "tight": (23,),
        "down": (15,), "downturn": (15,), "droop": (15,), "up": (12,), "upturn": (12,), "frown": (15,),
        "compress": (24,), "wrinkle": (18,), "smile": (12,), "part": (25,), "pinch": (24,), "together": (24,),
        "clench": (24,), "narrow": (23,), "thin": (23,), "bite": (32,), "in": (28,), "tuck": (14,), "back": (20,),
        "up back": (12,), "squint": (18,), "furrow": (18,), "curl": (12,), "stretch sideways": (20,),
    },
    "corner": {
        "up": (12,), "up back": (12,), "upturn": (12,), "straight up": (13,), "down": (15,), "downturn": (15,),
        "droop": (15,), "in": (14,), "tuck": (14,), "dimple": (14,), "tight": (14,),
        "stretch": (20,), "out": (20,), "outward": (20,), "back": (20,), "pinch": (14,), "press": (14,),
        "apart": (20,), "suck in": (14,), "compress": (14,), "smile": (12,), "frown": (15,), "together": (18,),
        "quirk": (12,),
    },
    "jaw": {
        "down": (26,), "open": (26,), "agape": (26,), "wide open": (27,), "stretch open": (27,), "forward": (29,),
        "out": (29,), "grit": (31,), "press": (31,), "clench": (31,), "tight": (31,), "widen": (27,), "droop": (26,),
        "downturn": (26,),
    },
    "chin": {
        "up": (17,), "furrow": (17,), "wrinkle": (17,), "dimple": (17,), "pucker": (17,), "tight": (17,),
        "press": (17,), "down": (54,), "tuck": (54,), "forward": (29,), "out": (29,), "back": (58,), "squint": (17,),
    },
    "tongue": {"out": (19,), "show": (19,), "over lips": (37,), "lick": (37,), "forward": (19,), "down": (19,)},
    "teeth": {
        "press": (31,), "together": (31,), "bare": (10, 16, 25), "grit": (10, 16, 25, 31), "clench": (31,),
        "show": (25,),
    },
    "head": {
        "up": (53,), "upturn": (53,), "down": (54,), "downturn": (54,), "droop": (54,), "bow": (54,),
        "forward": (57,), "out": (57,), "back": (58,), "straight up": (53,), "in": (58,),
    },
    "neck": {
        "tight": (21,), "out": (21,), "widen": (21,), "stretch": (21,), "clench": (21,), "show": (21,),
        "squeeze": (21,),
    },
}
# fmt: on
"""Part -> movement -> FACS numbers, or (number, level) where the words themselves say how far."""

PARENTS = {
    "inner brow": "brow",
    "outer brow": "brow",
    "upper lid": "lid",
    "lower lid": "lid",
    "lid": "eye",
    "upper lip": "lip",
    "lower lip": "lip",
}
"""Where to look for a movement that has no meaning for the part itself."""
