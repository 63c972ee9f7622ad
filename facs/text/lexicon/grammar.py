"""Words that hold a description together: verbs of direction, sides, turns, negations, breaks and fillers."""

from __future__ import annotations

CARRIERS = """
    pull*, drawn, draw, draws, drew, drawing, push*, held, hold, holds, holding, keep, keeps, kept, keeping, force*,
    bring, brings, brought, bringing, move*, thrust, thrusts, thrusting, stuck, stick, sticks, sticking, tug*, drag*,
    dragging, dragged, put, puts, set, let, lets, letting, go, goes, going, went, make, makes, making, give, gives,
    giving, gave, get, gets, getting, yank*, jerk*, twitch*, wiped, run, caught, catch, catches, are, is, be, being,
    stay, stays, remain, remains, cast, bent, throw, throws, thrown, throwing, hang, hangs, hanging, jam*, shove*,
    shoved, squeeze*, squeezed, squeezing, roll*, haul*, shoot, shoots, shot, press*, slid, spread, spreads,
    spreading, twist*, crease*, snap*, stand, stands, standing, stood, fix, fixed, curve*, curving, flick*, peek*,
    hitch*, hitched, swept, pop, pops, popped, start, starts, starting, angled, angle, slant*, slope*, sloping,
    wrench*, come, comes, coming, came
"""
"""Verbs that only carry a direction: "pulled" in "pulled up"."""

LOOKS = """
    look, looks, looking, looked, gazing, gazes, gazed, glance, glances, glancing, glanced, peer, peers, peering,
    stares, staring, stared, peered, eyeing, gaze, peek, peeking, sidelong, stare
"""
"""Verbs whose part is the gaze."""

NEGATORS = """
    not, no, without, never, nor, neither, cannot, zero, lack of, lacking, hardly any, none of, instead of, rather
    than, free of, devoid of, minus, absence of, un, anything but, refuses to, refusing to, fails to, failing to,
    barely any, absent
"""
"""Words that deny what follows."""

POST_NEGATORS = """
    cannot show at same time, cannot show, is impossible, are impossible, not possible, is absent, are absent, nowhere
    to be seen, is missing, are missing
"""
"""Words that deny the sentence they stand in."""

SIDES: dict[str, str] = {
    "L": """
        left sided, on left side of, at left side of, left hand side of, on left hand side of, on left hand side, on
        left hand side only, left hand one, left hand, left side of, left half of, left, on left, on left side, on
        left side only, on left only, at left, on left side of face, on left side of mouth, left side, left hand side,
        left side of face, on subject left, viewer right, on viewer right, screen right, picture right, camera right,
        image right, on right of picture, on right side of picture, at left side, left half of face, left only, left
        one, on right of image, on right side of image, on right of frame, on right of screen, subject left, own left,
        on own left, proper left, on right as we look at, on own left side, on right from viewer perspective, on right
        from viewer point of view, on viewer right side, on camera right, on screen right
    """,
    "R": """
        right sided, on right side of, at right side of, right hand side of, on right hand side of, on right hand
        side, on right hand side only, right hand one, right hand, right side of, right half of, right, on right, on
        right side, on right side only, on right only, at right, on right side of face, on right side of mouth, right
        side, right hand side, right side of face, on subject right, viewer left, on viewer left, screen left, picture
        left, camera left, image left, on left of picture, on left side of picture, at right side, right half of face,
        right only, right one, on left of image, on left side of image, on left of frame, on left of screen, subject
        right, own right, on own right, proper right, on left as we look at, on own right side, on left from viewer
        perspective, on left from viewer point of view, on viewer left side, on camera left, on screen left
    """,
    "LR": """
        both, on both sides, both sides, equally on both sides, bilateral, symmetrical, symmetrically, bilaterally,
        each
    """,
    "one": """
        one side of, one half of, only one side of, one, single, one side of face, on one side, on one side only, one
        side, asymmetrical, asymmetrically, lopsided, one sided, crooked, lopsidedly, half of face, unilateral,
        unilaterally, one of, on only one side, to one side, wry
    """,
}
"""Side words. Sides are the subject's own; what is said of the viewer or the picture is turned round."""

DIRECTIONS: dict[str, str] = {
    "L": """
        to left, toward left, towards left, leftward, leftwards, off to left, to left side, over left shoulder, toward
        left shoulder, towards left shoulder, to left shoulder, to subject left, to own left, toward right of picture,
        toward right of frame, to viewer right, to camera right, to screen right, toward right edge of picture, toward
        right hand edge of picture, to right of picture, toward viewer right, to right of frame, towards right edge of
        picture, towards right of picture, towards right of frame, to right edge of picture, toward right edge of
        frame, towards right edge of frame, to right edge of frame, towards right hand edge of picture
    """,
    "R": """
        to right, toward right, towards right, rightward, rightwards, off to right, to right side, over right
        shoulder, toward right shoulder, towards right shoulder, to right shoulder, to subject right, to own right,
        toward left of picture, toward left of frame, to viewer left, to camera left, to screen left, toward left edge
        of picture, toward left hand edge of picture, to left of picture, toward viewer left, to left of frame,
        towards left edge of picture, towards left of picture, towards left of frame, to left edge of picture, toward
        left edge of frame, towards left edge of frame, to left edge of frame, towards left hand edge of picture
    """,
    "one": """
        to side, sideways, sidewise, sidelong, to one side, aside, toward side, askance, off to side, toward one side,
        sidewards, away
    """,
}
"""Words for where the head, the eyes or the jaw turn."""

HARD_BREAKS = """
    , ; . : ( ) ! ? | / but while although though whereas yet then except however
"""
"""What ends a phrase; the part of the face is still remembered."""

SOFT_BREAKS = """
    and with & + plus above over behind by under beneath below into that which who as around in at of against giving
    for from beside through until so making showing between despite across
"""
"""What joins phrases."""

ALTERNATIVES = "or nor"
"""What joins phrases under one negation."""

DROPPED = "the a an his her their its my your our this that's these those s 's its own"
"""Articles and possessives, left out before anything is matched."""

FILLERS = """
    without word, without words, face shows, glare of, fan out, fans out, fanning out, face, facial, expression,
    expressions, person, woman, man, girl, boy, child, portrait, photo, picture, image, close up, closeup, shot, she,
    he, they, it, i, you, we, him, them, has, have, having, had, was, were, been, features, look, looks, looking, on,
    to, of, up close, at camera, at viewer, in camera, at you, straight ahead, straight at camera, straight at viewer,
    subject, model, character, someone, somebody, all, rest, too, also, else, other, there, here, same, time, just,
    only, very slightly, very, as, if, like, when, where, herself, himself, themselves, can, will, would, could, may,
    might, do, does, did, what, than, now, still, even, own, every, muscle, into oblique line, from, line, any, an,
    off, both, each, kind, way, though, ones, little more, more, almost as if, who, whose, such, one, slight, skin,
    muscles, full face, whole, seen, appears, appear, seems, seem, becoming, become, becomes, into, sort, upon,
    toward, towards, about, nice, good, out of, seemingly, tip
"""
"""Words that say nothing about the face and are passed over in silence."""

VIEWERS = "viewer picture image camera screen frame photo photograph shot"
"""Who or what has a left and a right that are not the subject's."""

PARTICLES = """
    up, down, back, out, in, forward, forwards, together, apart, upward, upwards, downward, downwards, inward, outward
"""
"""Directions that move a part only beside its name or after a verb that carries them."""
