"""From items to hits: which part each movement belongs to, how far it goes, on which side, and whether it is denied.

Rules, in the order of English: a movement belongs to the part before it ("brows raised"), or to the part after it when
the part before has its movement already ("raised brows and parted lips"); a phrase without a part goes on with the last
one ("brows raised and drawn together"). A degree word belongs to the movement after it, else to the one before it.
A side before a part is the part's; any other is that of the last movement. "Not" denies up to the next break.
"""

from __future__ import annotations

from .hit import LEFT_ASSUMED, Emotion, Hit, Unit, can_move, meaning
from .lexicon.emotion import EMOTION_REGIONS
from .lexicon.meaning import PARENTS
from .neighbor import WIDE, ends_phrase, leads_to, leads_to_part, leads_to_unknown, next_is
from .scanner import Item
from .segment import Segment

_TURNING = ("head", "eye", "gaze", "jaw", "lid")
_TURNS = {("head", "L"): 51, ("head", "R"): 52, ("gaze", "L"): 61, ("gaze", "R"): 62}
_TILTS = {"L": 55, "R": 56}
_EYES_ONLY = (1, 2, 4, 5, 7)  # what an emotion still moves when the mouth smiles


class ClauseReader:
    """Walks over the items of a text and collects what it finds.

    Attributes:
        hits: Movements, idioms and units, in order.
        emotions: Emotion words, in order.
        neutral: Items that say that the face does nothing.
        unread: Items that were not understood.
    """

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.emotions: list[Emotion] = []
        self.neutral: list[Item] = []
        self.unread: list[Item] = []
        self._part = ""
        self._part_side = ""
        self._part_item: Item | None = None
        self._group: list[Hit] = []  # the hits of the last movement
        self._waiting: list[
            tuple[Item, int, Item | None]
        ] = []  # movements without a part yet, their degree and its word
        self._denied = False
        self._sentence = 0
        self._sentence_start = 0  # index of its first hit
        # A word may have several roles; the first of these that takes it decides.
        self._handlers = (
            ("N", self._deny),
            ("n", self._deny_sentence),
            ("P", self._name_part),
            ("A", self._notation),
            ("0", self._neutral),
            ("E", self._emotion),
            ("Q", self._shows),
            ("T", self._direction),
            ("S", self._side),
            ("I", self._idiom),
            ("M", self._movement),
            ("V", self._look),
        )

    def read(self, items: list[Item]) -> None:
        """Collect everything from the items of a text.

        Args:
            items: Result of `scan`.
        """
        phrase: list[Item] = []
        joined, alternative = False, False
        for index, item in enumerate(items):
            roles = item.roles
            if "M" in roles and "&" in roles and (index + 1 == len(items) or ends_phrase(items[index + 1])):
                phrase.append(item)  # "drawn in" at the end of a phrase, not "in the middle"
            elif "," in roles or "&" in roles or "|" in roles:
                self._phrase(phrase, joined, alternative)
                phrase = []
                joined, alternative = "," not in roles, "|" in roles
                if "," in roles and roles[","] != ",":
                    self._give_up(self._waiting)
                    self._waiting = []
                    self._sentence += 1
                    self._sentence_start = len(self.hits)
            else:
                phrase.append(item)
        self._phrase(phrase, joined, alternative)
        self._give_up(self._waiting)

    def _phrase(self, items: list[Item], joined: bool, alternative: bool) -> None:
        if not items:
            return
        self._denied = self._denied and alternative
        phrase = Segment(items, joined, len(self._waiting))
        for index, item in enumerate(items):
            roles = item.roles
            if not roles:
                self.unread.append(item)
                continue
            for role, handle in self._handlers:
                if role in roles and handle(phrase, index, item):
                    break
        if phrase.open and self._part_item is not None:
            self._name_side(self._part_side, self._part_item, self._part)
        self._grade_tail(phrase)

    # One item each: True if it was taken in this role

    def _deny(self, phrase: Segment, index: int, item: Item) -> bool:
        self._denied = True
        return True

    def _deny_sentence(self, phrase: Segment, index: int, item: Item) -> bool:
        for hit in self.hits[self._sentence_start :]:
            hit.negated = True
        return True

    def _name_part(self, phrase: Segment, index: int, item: Item) -> bool:
        if "V" in item.roles and next_is(phrase.items, index, "TSE"):
            return False  # "stares to the left" looks; "a stare" is a part
        self._part, side = item.roles["P"]
        said = phrase.side if side in ("", "single") and phrase.side else side
        self._part_side = "" if said == "LR" else said
        self._part_item = item
        phrase.side = ""
        phrase.named = True
        phrase.moved = bool(self._waiting) and self._settle(phrase)
        if phrase.open and index and "E" in phrase.items[index - 1].roles and self.emotions:
            _limit(self.emotions[-1], self._part)  # "sad eyes"
        return True

    def _notation(self, phrase: Segment, index: int, item: Item) -> bool:
        hit = self._hit((), 3, item)
        hit.said = {int(unit): sides for unit, sides in item.roles["A"].items()}
        hit.units = tuple((unit, 0) for unit in hit.said)
        self._group = [hit]
        return True

    def _neutral(self, phrase: Segment, index: int, item: Item) -> bool:
        if "M" in item.roles and phrase.open:
            return False
        self.neutral.append(item)
        return True

    def _emotion(self, phrase: Segment, index: int, item: Item) -> bool:
        if "cross" in item.roles.get("M", ()) and (
            phrase.named or next_is(phrase.items, index, "P") or self._part == "eye"
        ):
            return False  # "cross eyes" rather than a cross face
        emotion = Emotion(item.roles["E"], item, self._sentence, self._denied)
        emotion.degree = max(phrase.degrees.get(index, 0), 0)
        if phrase.open:
            _limit(emotion, self._part)  # "her eyes are sad"
        self.emotions.append(emotion)
        return True

    def _shows(self, phrase: Segment, index: int, item: Item) -> bool:
        self._group = [self._hit(tuple((unit, 0) for unit in item.roles["Q"]), 0, item)]
        return True

    def _direction(self, phrase: Segment, index: int, item: Item) -> bool:
        side = item.roles["T"]
        if not phrase.named and self._group and self._group[-1].note == LEFT_ASSUMED:
            if side != "one":
                self._name_side(side, item)
            return True
        if not phrase.looked and self._part not in _TURNING and ("M" in item.roles or self._group):
            return False  # a sideways pull of something that does not turn
        return self._turn(side, phrase, index, item)

    def _side(self, phrase: Segment, index: int, item: Item) -> bool:
        side = item.roles["S"]
        part_follows = leads_to_part(phrase.items, index)
        turns = phrase.looked or phrase.turned or phrase.tilted
        if turns and not part_follows and self._part in (*_TURNING, ""):
            return self._turn(side, phrase, index, item)
        if part_follows or leads_to(phrase.items, index, "I"):
            phrase.side = side
        elif leads_to(phrase.items, index, "0") or leads_to_unknown(phrase.items, index):
            pass  # "the left cheek raised, the right one relaxed"; "scowling at the left-hand door"
        elif phrase.open:  # "the corner on the left is drawn up"
            self._part_side = "" if side == "LR" else side
        elif self._group and (phrase.moved or phrase.tail or item.end - item.start > len("right")):
            self._set_side(side, item)
        elif side != "one" and not self._group:
            phrase.side = side
        return True

    def _idiom(self, phrase: Segment, index: int, item: Item) -> bool:
        if "M" in item.roles and phrase.has_part_for(index, item.roles["M"], self._part):
            return False  # "her eyes squint"
        row, values, fixed = item.roles["I"]
        units = tuple((unit, int(max(sides)) if fixed else 0) for unit, sides in values.items())
        hit = self._hit(units, 3 if len(units) == 1 else 2, item)
        hit.excludes = row.without
        if row.one_sided:
            hit.side, hit.note = "L", LEFT_ASSUMED
        elif any(left != right for left, right in values.values()):
            hit.side = "L" if next(iter(values.values()))[0] else "R"
        elif self._group and self._group[-1].side and set(units) & set(self._group[-1].units):
            hit.side = self._group[-1].side  # "the left corner tucked into a dimple"
        _grade(hit, phrase.degrees.get(index), phrase.words.get(index))
        if row.follows and not hit.degree and len(self.hits) > 1:
            hit.degree = self.hits[-2].degree
        self._group = [hit]
        self._waiting = self._waiting[: phrase.waited]  # "dropping a wink" drops nothing else
        if phrase.side:
            self._set_side(phrase.side, item)
        elif phrase.open and self._part_side in ("L", "R") and row.one_sided:  # "a right-eye wink"
            self._set_side(self._part_side, item)
        phrase.side = ""
        phrase.moved = True
        if self.emotions and self.emotions[-1].end + 1 >= item.start and 12 in values:
            self.emotions[-1].only = _EYES_ONLY  # "a sad smile": the mouth smiles, the eyes are sad
        return True

    def _movement(self, phrase: Segment, index: int, item: Item) -> bool:
        degree = phrase.degrees.get(index, 0)
        if degree < 0:
            return True  # it serves as a degree word
        word = phrase.words.get(index)
        movements = item.roles["M"]
        if "tilt" in movements and phrase.concerns(index, "head", self._part):
            phrase.tilted = True
            if self._part == "head" and phrase.named:
                return True
        if "B" in item.roles and not (phrase.named or phrase.looked or next_is(phrase.items, index, "P")):
            carried = any("C" in before.roles or "M" in before.roles for before in phrase.items[:index])
            if not (self._part and carried):
                return True  # "walked out", "the boy at the back"
        phrase.turned = phrase.turned or "turn" in movements
        part_follows = leads_to_part(phrase.items, index)
        if (phrase.named and phrase.moved and next_is(phrase.items, index, "P")) or (not phrase.named and part_follows):
            self._waiting.append((item, degree, word))
            return True
        if phrase.looked and not phrase.named:
            self._part, self._part_side, self._part_item = "gaze", "", item
        if self._move(phrase, item, degree, word):
            phrase.moved = True
        elif "V" in item.roles:
            return False
        elif not self._part:
            if part_follows or "C" not in item.roles:
                self._waiting.append((item, degree, word))
        elif not (phrase.turned or phrase.tilted) and item.roles.keys().isdisjoint("CDX"):
            self._waiting.append((item, degree, word))
        return True

    def _look(self, phrase: Segment, index: int, item: Item) -> bool:
        phrase.looked = True
        return True

    # Hits

    def _hit(self, units: tuple[Unit, ...], rank: int, item: Item) -> Hit:
        hit = Hit(units, rank, item)
        hit.negated = self._denied
        self.hits.append(hit)
        return hit

    def _move(self, phrase: Segment, item: Item, degree: int, word: Item | None) -> bool:
        """Record a movement of the current part; False if it means nothing there."""
        movements = item.roles["M"]
        if degree == WIDE and "open" in movements:  # "opened her mouth wide"
            movements, degree = ("wide open", *movements), 0
        if phrase.tilted and self._part == "head":
            units: tuple[Unit, ...] = ()
            if "back" in movements or "up" in movements:
                units = ((53, 0),)
            elif "down" in movements or "forward" in movements:
                units = ((54, 0),)
        else:
            units = meaning(self._part, movements)
        if not units:
            return False
        hit = self._hit(units, 3, item)
        hit.part, hit.side = self._part, self._part_side
        if not phrase.named and phrase.side in ("L", "R"):  # "of the two eyebrows, the left one is raised"
            hit.side = phrase.side
        if self._part_item is not None and phrase.named:
            hit.cover(self._part_item)
        if hit.side == "single":  # "a raised eyebrow" is one, "a furrowed eyebrow" both
            hit.side = "one" if units == ((1, 0), (2, 0)) else ""
        if hit.side == "one":
            hit.side, hit.note = "L", LEFT_ASSUMED
        _grade(hit, degree, word)
        if not hit.degree and not phrase.named and phrase.joined and self._group and self._group[-1].part == hit.part:
            hit.degree = self._group[-1].degree  # "slightly lowered and drawn together"
        self._group = [hit]
        return True

    def _settle(self, phrase: Segment) -> bool:
        """Give the movements that wait to the part just named; True if one of them fits."""
        waited, self._waiting = self._waiting, []
        found: list[Hit] = []
        for item, degree, word in waited:
            if self._move(phrase, item, degree, word):
                found += self._group
            else:
                self._give_up([(item, degree, word)])
        if found:
            self._group = found
        return bool(found)

    def _give_up(self, waited: list[tuple[Item, int, Item | None]]) -> None:
        self.unread += [item for item, _, _ in waited if item.roles.keys().isdisjoint("CDVX")]

    def _turn(self, side: str, phrase: Segment, index: int, item: Item) -> bool:
        """Record a turn of the head, the eyes or the jaw, or a pull of another part to one side."""
        note = ""
        if side == "one":
            side, note = "L", LEFT_ASSUMED
        if side not in ("L", "R"):
            return True
        part = "gaze" if phrase.looked or self._part in ("eye", "lid", "gaze") else self._part
        units: tuple[Unit, ...]
        if part == "jaw":
            units = ((30, 0),)
        elif part == "head" and phrase.tilted:
            units = ((_TILTS[side], 0),)
        elif (part, side) in _TURNS:
            units = ((_TURNS[part, side], 0),)
        else:
            units = meaning(part, ("stretch",))
        if not units:
            self.unread.append(item)
            return True
        hit = self._hit(units, 3, item)
        hit.side, hit.part, hit.note = side, self._part, note
        if self._part_item is not None:
            hit.cover(self._part_item)
        _grade(hit, phrase.degrees.get(index), phrase.words.get(index))
        self._group = [hit]
        phrase.moved = True
        return True

    # Sides and degrees that come afterwards

    def _set_side(self, side: str, item: Item) -> None:
        for hit in self._group:
            hit.cover(item)
            if side == "one":
                if not hit.side:
                    hit.side, hit.note = "L", LEFT_ASSUMED
            elif side != "LR":
                hit.side, hit.note = side, ""

    def _name_side(self, side: str, item: Item, part: str = "") -> None:
        """Name a side afterwards, or replace an assumed one: "winking with the right eye", "up at the left corner"."""
        if side not in ("L", "R"):
            return
        for hit in self._group:
            fits = not part or not can_move(part).isdisjoint(unit for unit, _ in hit.units)
            if hit.note == LEFT_ASSUMED or (not hit.side and fits and hit.rank > 1):
                hit.cover(item)
                hit.side, hit.note = side, ""
                if hit.units == ((61, 0),) and side == "R":
                    hit.units = ((62, 0),)

    def _grade_tail(self, phrase: Segment) -> None:
        """Apply degrees that found no movement: "..., slightly on the left and strongly on the right"."""
        if not all(item.roles for item in phrase.items):
            return  # they may be about something else
        for index in phrase.tail:
            level = phrase.items[index].roles["D"][0]
            after = phrase.items[index + 1] if index + 1 < len(phrase.items) else None
            for hit in self._group:
                hit.cover(phrase.items[index])
                if after is not None and after.roles.get("S") in ("L", "R"):
                    hit.cover(after)
                    hit.sides[after.roles["S"]] = level
                else:
                    hit.degree = level


def _grade(hit: Hit, degree: int | None, word: Item | None) -> None:
    if degree is not None and degree > 0:
        if word is not None:
            hit.cover(word)
        hit.degree = 4 if degree == WIDE else degree % 10
        hit.manner = 10 < degree < WIDE


def _limit(emotion: Emotion, part: str) -> None:
    """Leave an emotion only what it does in one part of the face."""
    while part and part not in EMOTION_REGIONS:
        part = PARENTS.get(part, "")
    if part:
        emotion.only = EMOTION_REGIONS[part]
