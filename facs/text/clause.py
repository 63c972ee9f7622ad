"""From items to hits: which part each movement belongs to, how far it goes, on which side, and whether it is denied.

Rules, in the order of English: a movement belongs to the part before it ("brows raised"), or to the part after it when
the part before has its movement already ("raised brows and parted lips"); a phrase without a part goes on with the last
one ("brows raised and drawn together"). A degree word belongs to the movement after it, else to the one before it.
A side before a part is the part's; any other is that of the last movement. "Not" denies up to the next break.
"""

from __future__ import annotations

from .emotion import EMOTION_REGIONS
from .hit import LEFT_ASSUMED, Emotion, Hit, Unit, meaning
from .meaning import PARENTS
from .neighbor import WIDE, bind_degrees, ends_phrase, leads_to_idiom, leads_to_part, next_is
from .scanner import Item

_TURNING = ("head", "eye", "gaze", "jaw", "lid")
_TURNS = {("head", "L"): 51, ("head", "R"): 52, ("gaze", "L"): 61, ("gaze", "R"): 62}


class ClauseReader:
    """Walks over the items of a text and collects hits, emotions, and what was not understood."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.emotions: list[Emotion] = []
        self.unread: list[Item] = []
        self.neutral: list[Item] = []
        self._part = ""
        self._part_side = ""
        self._part_item: Item | None = None
        self._group: list[Hit] = []  # the hits of the last movement
        self._denied = False
        self._sentence = 0
        self._sentence_start = 0
        self._pending: list[tuple[Item, int]] = []  # movements that still wait for their part

    def read(self, items: list[Item]) -> None:
        """Collect everything from the items of a text.

        Args:
            items: Result of `scan`.
        """
        chunk: list[Item] = []
        joint = ","
        for index, item in enumerate(items):
            roles = item.roles
            if "M" in roles and "&" in roles and (index + 1 == len(items) or ends_phrase(items[index + 1])):
                chunk.append(item)  # "drawn in" at the end of a phrase, not "in the middle"
            elif "," in roles or "&" in roles or "|" in roles:
                self._chunk(chunk, joint)
                chunk = []
                if "," in roles:
                    joint = ","
                    if roles[","] != ",":
                        self._sentence += 1
                        self._sentence_start = len(self.hits)
                elif "|" in roles:
                    joint = "|"
                else:
                    joint = "and" if roles["&"] in ("and", "&", "+", "plus") else "&"
            else:
                chunk.append(item)
        self._chunk(chunk, joint)
        self._give_up(self._pending)

    def _chunk(self, items: list[Item], joint: str) -> None:
        """Read the items between two breaks."""
        if not items:
            return
        if joint != "|":
            self._denied = False
        if joint == ",":
            self._group_shared = False
        else:
            self._group_shared = True
        degrees, tail = bind_degrees(items)
        waiting = ""  # a side that waits for its part
        tilt = turned = looked = False
        fresh = False  # whether the current part was named in this chunk
        moved = False  # whether it has its movement
        for index, item in enumerate(items):
            roles = item.roles
            if not roles:
                self.unread.append(item)
            elif "N" in roles:
                self._denied = True
            elif "n" in roles:
                for hit in self.hits[self._sentence_start :]:
                    hit.negated = True
            elif "P" in roles and not ("V" in roles and "P" in roles and next_is(items, index, "TSE")):
                part, side = roles["P"]
                self._part, self._part_side, self._part_item = part, side or waiting, item
                if waiting == "LR":
                    self._part_side = ""
                waiting = ""
                fresh, moved = True, False
                if self._pending:
                    moved = self._settle_pending()
                if not moved and index and "E" in items[index - 1].roles and self.emotions:
                    self._limit(self.emotions[-1], part)
                    moved = False
            elif "A" in roles:
                hit = self._hit((), 3, item)
                hit.said = {int(unit): sides for unit, sides in roles["A"].items()}
                hit.units = tuple((unit, 0) for unit in hit.said)
                self._group = [hit]
            elif "0" in roles and not ("M" in roles and fresh and not moved):
                self.neutral.append(item)
            elif "E" in roles and not (
                "M" in roles and (fresh or next_is(items, index, "P") or self._part == "eye") and "cross" in roles["M"]
            ):
                self._emotion(roles["E"], item, degrees.get(index), fresh and not moved)
            elif "Q" in roles:
                self._group = [self._hit(tuple((unit, 0) for unit in roles["Q"]), 0, item)]
            elif "T" in roles and not fresh and self._group and self._group[-1].note == LEFT_ASSUMED:
                if roles["T"] in ("L", "R"):
                    self._name_side(roles["T"], item)
            elif "T" in roles and self._turns(items, index, looked):
                hits = self._turn(roles["T"], item, degrees.get(index), tilt, looked)
                moved = moved or bool(hits)
            elif (
                "S" in roles
                and (looked or turned or tilt)
                and not leads_to_part(items, index)
                and self._part in (*_TURNING, "")
            ):
                hits = self._turn(roles["S"], item, degrees.get(index), tilt, looked)
                moved = moved or bool(hits)
            elif "S" in roles:
                if leads_to_part(items, index) or leads_to_idiom(items, index):
                    waiting = roles["S"]
                elif fresh and not moved:  # "the corner on the left is drawn up"
                    self._part_side = "" if roles["S"] == "LR" else roles["S"]
                elif self._group:
                    self._set_side(roles["S"], item)
                elif "one" not in roles["S"]:
                    waiting = roles["S"]
            elif "I" in roles and not ("M" in roles and self._belongs(items, index, roles["M"], fresh, moved)):
                self._idiom(item, degrees.get(index), waiting)
                waiting = ""
                moved = True
            elif "M" in roles and not (index in degrees and degrees[index] == -1):
                movements = roles["M"]
                if "tilt" in movements and self._named_soon(items, index, fresh, "head"):
                    tilt = True
                    if fresh and self._part == "head":
                        continue
                if "turn" in movements:
                    turned = True
                if (fresh and moved and next_is(items, index, "P")) or (not fresh and leads_to_part(items, index)):
                    self._pending.append((item, degrees.get(index, 0)))
                    continue
                if looked and not fresh:
                    self._part, self._part_side, self._part_item = "gaze", "", item
                found = self._movement(item, degrees.get(index), fresh, tilt)
                if found:
                    moved = True
                elif "V" in roles:
                    looked = True
                elif not self._part:
                    if leads_to_part(items, index) or "C" not in roles:
                        self._pending.append((item, degrees.get(index, 0)))
                elif not ("C" in roles or "D" in roles or turned or tilt or "X" in roles):
                    self._pending.append((item, degrees.get(index, 0)))
            elif "V" in roles:
                looked = True
            elif "D" in roles and tail and index in tail:
                pass
        if fresh and not moved and self._part_side in ("L", "R") and self._group and self._part_item is not None:
            self._name_side(self._part_side, self._part_item)
        self._tail(items, tail)

    # One item each

    def _hit(self, units: tuple[Unit, ...], rank: int, item: Item) -> Hit:
        hit = Hit(units, rank, item)
        hit.negated = self._denied
        self.hits.append(hit)
        return hit

    def _movement(self, item: Item, degree: int | None, fresh: bool, tilt: bool) -> bool:
        """Record a movement of the current part; False if it means nothing there."""
        movements = item.roles["M"]
        if degree == WIDE and "open" in movements:  # "opened her mouth wide"
            movements, degree = ("wide open", *movements), None
        if tilt and self._part == "head":
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
        if self._part_item is not None and fresh:
            hit.cover(self._part_item)
        if hit.side == "one":
            hit.side, hit.note = "L", LEFT_ASSUMED
        self._grade(hit, item, degree)
        if not hit.degree and not fresh and self._group and self._group[-1].part == hit.part and self._group_shared:
            hit.degree = self._group[-1].degree
        self._group = [hit]
        return True

    def _settle_pending(self) -> bool:
        """Give the movements that wait to the part just named; True if one of them fits."""
        waited, self._pending = self._pending, []
        found: list[Hit] = []
        for item, degree in waited:
            if self._movement(item, degree or None, True, False):
                found += self._group
            else:
                self._give_up([(item, degree)])
        if found:
            self._group = found
        return bool(found)

    def _give_up(self, waited: list[tuple[Item, int]]) -> None:
        self.unread += [item for item, _ in waited if item.roles.keys().isdisjoint("CXV")]

    def _idiom(self, item: Item, degree: int | None, side: str) -> None:
        row, values, said = item.roles["I"]
        units = tuple((unit, 0 if said == "default" else int(max(sides))) for unit, sides in values.items())
        hit = self._hit(units, 3 if len(units) == 1 else 2, item)
        hit.excludes = row.without
        if row.one_sided:
            hit.side, hit.note = "L", LEFT_ASSUMED
        elif self._group and self._group[-1].side and set(units) & set(self._group[-1].units):
            hit.side = self._group[-1].side  # "the left corner tucked into a dimple"
        self._grade(hit, item, degree)
        if row.follows and not hit.degree and len(self.hits) > 1:
            hit.degree = self.hits[-2].degree
        self._group = [hit]
        if side:
            self._set_side(side, item)
        if self.emotions and self.emotions[-1].end + 1 >= item.start and 12 in values:
            self.emotions[-1].only = (1, 2, 4, 5, 7)  # "a sad smile": the mouth smiles, the eyes are sad

    def _emotion(self, name: str, item: Item, degree: int | None, of_part: bool) -> None:
        emotion = Emotion(name, item, self._sentence, self._denied)
        emotion.degree = degree or 0
        if of_part:
            self._limit(emotion, self._part)
        self.emotions.append(emotion)

    def _limit(self, emotion: Emotion, part: str) -> None:
        while part and part not in EMOTION_REGIONS:
            part = PARENTS.get(part, "")
        if part:
            emotion.only = EMOTION_REGIONS[part]

    def _turns(self, items: list[Item], index: int, looked: bool) -> bool:
        """Whether a direction is that of the head, eyes or jaw, rather than a sideways pull of something else."""
        if "M" not in items[index].roles:
            return looked or self._part in _TURNING or not self._group
        return looked or self._part in _TURNING

    def _turn(self, side: str, item: Item, degree: int | None, tilt: bool, looked: bool) -> list[Hit]:
        """Record a turn of the head, the eyes or the jaw."""
        note = ""
        if side == "one":
            side, note = "L", LEFT_ASSUMED
        if side not in ("L", "R"):
            return []
        part = self._part
        if looked or part in ("eye", "lid", "gaze"):
            part = "gaze"
        if part == "jaw":
            hit = self._hit(((30, 0),), 3, item)
            hit.side = side
        elif part == "head" and tilt:
            hit = self._hit(((55 if side == "L" else 56, 0),), 3, item)
        elif (part, side) in _TURNS:
            hit = self._hit(((_TURNS[part, side], 0),), 3, item)
        else:
            units = meaning(part, ("stretch",))
            if not units:
                self.unread.append(item)
                return []
            hit = self._hit(units, 3, item)
            hit.side = side
        hit.part, hit.note = self._part, note
        if self._part_item is not None:
            hit.cover(self._part_item)
        self._grade(hit, item, degree)
        self._group = [hit]
        return [hit]

    def _grade(self, hit: Hit, item: Item, degree: int | None) -> None:
        if degree is not None and degree > 0:
            hit.degree = 4 if degree == WIDE else degree % 10
            hit.manner = 10 < degree < WIDE

    def _set_side(self, side: str, item: Item) -> None:
        for hit in self._group:
            hit.cover(item)
            if side == "one":
                if not hit.side:
                    hit.side, hit.note = "L", LEFT_ASSUMED
            elif side != "LR":
                hit.side, hit.note = side, ""

    def _name_side(self, side: str, item: Item) -> None:
        """Replace an assumed side by one that is said afterwards: "winking with the right eye"."""
        for hit in self._group:
            if hit.note == LEFT_ASSUMED:
                hit.cover(item)
                hit.side, hit.note = side, ""
                if hit.units == ((61, 0),) and side == "R":
                    hit.units = ((62, 0),)

    def _tail(self, items: list[Item], tail: list[int]) -> None:
        """Apply degrees that found no movement: "..., slightly on the left and strongly on the right"."""
        for index in tail:
            level = items[index].roles["D"][0]
            after = items[index + 1].roles if index + 1 < len(items) else {}
            for hit in self._group:
                hit.cover(items[index])
                if after.get("S") in ("L", "R"):
                    hit.cover(items[index + 1])
                    hit.sides[after["S"]] = level
                else:
                    hit.degree = level

    # Looking around

    def _named_soon(self, items: list[Item], index: int, fresh: bool, part: str) -> bool:
        if fresh:
            return self._part == part
        return any(item.roles.get("P", ("",))[0] == part for item in items[index + 1 :])

    def _belongs(self, items: list[Item], index: int, movements: tuple[str, ...], fresh: bool, moved: bool) -> bool:
        """Whether a word that may be an idiom is a movement of a part beside it ("her eyes squint")."""
        if fresh and not moved and meaning(self._part, movements):
            return True
        for item in items[index + 1 :]:
            if "P" in item.roles:
                return bool(meaning(item.roles["P"][0], movements))
            if "S" not in item.roles:
                break
        return False
