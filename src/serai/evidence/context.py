"""One sentence with all that was found in it, and the sentence's place in the article."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from serai.evidence.types import Modality, Slot, names_in

if TYPE_CHECKING:
    import datetime as dt

    from serai.evidence.dates import When
    from serai.evidence.gazetteer import Entity
    from serai.evidence.lexicon import Lexicon
    from serai.evidence.quantities import Quantity
    from serai.evidence.types import Speaker

_BASE: Final = re.compile(r"(?:compared (?:to|with)|than in|against|по сравнению с|чем в|مقابلے)\s+(?:\w+\s+)?$")
_TO_BE: Final = re.compile(r"\b(?:will|would|to|can|could|may|might|shall|should)\s+(?:\w+\s+)?be\s+(?:\w+ly\s+)?$")
_IS_TO: Final = re.compile(r"(?:was|were) (?:planned|expected|projected|scheduled|supposed|forecast|due) to\b")
_HEAD: Final = re.compile(
    r"\w*[\s:(]*(?:of|at|for|to|is|was|в|на)?\s*(?:an?\s+|the\s+)?"
    r"(?:(?:another|additional|further|estimated|total)\s+)*"
)
_CLAUSE: Final = re.compile(
    r";|\.\s|,\s+(?:while|whereas|but|and (?:it|they|he|she)|а|но|к|тогда как|при этом|причем|в то время"
    r"|جبکہ|لیکن|اسے|جسے|تاہم|ал|бірақ)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim before it has a number: positions are those of the folded text."""

    type: str
    modality: Modality
    slots: dict[str, Slot]
    start: int
    end: int
    confidence: float = 0.5
    negated: bool = False

    def names(self, name: str) -> tuple[str, ...]:
        """Return a slot that lists names."""
        return names_in(self.slots, name)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of folded text; every position counts from the beginning of the article."""

    lex: Lexicon
    text: str
    start: int
    end: int
    whole: str
    entities: tuple[Entity, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[When, ...]
    ref: dt.date | None
    parties: tuple[str, ...]
    project: str = ""
    asset_before: bool = False
    trade_before: bool = False
    flow_before: bool = False
    speaker: Speaker | None = None
    prior: str = ""
    ports: frozenset[str] = frozenset()
    crossings: frozenset[str] = frozenset()
    works: frozenset[str] = frozenset()
    flags: dict[str, bool] = field(default_factory=dict)

    def has(self, concept: str) -> bool:
        """Whether the sentence speaks of a concept."""
        if concept not in self.flags:
            self.flags[concept] = self.lex.has(concept, self.text)
        return self.flags[concept]

    def near(self, concept: str, quantity: Quantity, *, reach: float = 40.0) -> float:
        """How near a concept stands to a quantity, 0 to 1.

        It falls with the characters between, by half where another quantity of the family stands between, and by a
        third across a clause.
        """
        if not self.has(concept):
            return 0.0
        best = 0.0
        for x, y in self.lex.near(concept, self.text):
            if concept == "actual" and _TO_BE.search(self.text[max(0, x - 24) : x]):
                continue  # "will be increased" tells nothing that happened
            if concept == "actual" and _IS_TO.match(self.text[x : y + 34]):
                continue  # nor does "were planned to be sent"
            a, b = x + self.start, y + self.start
            if a < quantity.end and quantity.start < b:
                gap, between = 0, ""
            elif b <= quantity.start:
                gap, between = quantity.start - b, self.whole[b : quantity.start]
            else:
                gap, between = a - quantity.end, self.whole[quantity.end : a]
            score = 1.0 / (1.0 + gap / reach)
            lo, hi = min(b, quantity.end), max(a, quantity.start)
            if any(q is not quantity and q.family == quantity.family and lo <= q.start < hi for q in self.quantities):
                score *= 0.5
            if _CLAUSE.search(between):
                score *= 0.67
            best = max(best, score)
        return best

    def bound(self, concept: str, quantity: Quantity) -> bool:
        """Whether a concept governs a quantity: it ends right before it, with a preposition at most between."""
        spots = [y + self.start for _, y in self.lex.near(concept, self.text)]
        return any(b <= quantity.start and _HEAD.fullmatch(self.whole[b : quantity.start]) for b in spots)

    def clause(self, quantity: Quantity, size: int = 120) -> str:
        """Text before a quantity, within its own clause."""
        return _CLAUSE.split(self.left(quantity, size))[-1]

    def clause_after(self, quantity: Quantity, size: int = 120) -> str:
        """Text after a quantity, within its own clause."""
        return _CLAUSE.split(self.right(quantity, size))[0]

    def nearest_to(self, concept: str, quantity: Quantity) -> bool:
        """Whether no other quantity of its family, or without one, stands nearer to each mention of a concept."""
        rivals = [q for q in self.quantities if q is not quantity and q.family in {quantity.family, "bare"}]

        def gap(q: Quantity, a: int, b: int) -> int:
            return max(0, q.start - b, a - q.end)

        spots = [(a + self.start, b + self.start) for a, b in self.lex.near(concept, self.text)]
        return any(all(gap(quantity, a, b) <= gap(q, a, b) for q in rivals) for a, b in spots) or not spots

    def left(self, quantity: Quantity, size: int) -> str:
        """Text before a quantity, within the sentence."""
        return self.whole[max(self.start, quantity.start - size) : quantity.start]

    def right(self, quantity: Quantity, size: int) -> str:
        """Text after a quantity, within the sentence."""
        return self.whole[quantity.end : min(self.end, quantity.end + size)]

    def around(self, quantity: Quantity, size: int) -> str:
        """Text on both sides of a quantity, with it."""
        return self.whole[max(self.start, quantity.start - size) : min(self.end, quantity.end + size)]

    def date_near(self, position: int, reach: int = 90) -> When | None:
        """Return the date or period nearest to a position."""
        dates = [w for w in self.dates if not _BASE.search(self.whole[max(self.start, w.start - 26) : w.start])]

        def far(w: When) -> int:
            gap = min(abs(w.start - position), abs(w.end - position))
            return 20 * gap if w.start > position and re.search(r"[,;]", self.whole[position : w.start]) else gap

        best = min(dates, key=far, default=None)
        if best is None or min(abs(best.start - position), abs(best.end - position)) > reach:
            return None
        return best

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries named, in order, each once."""
        return tuple(dict.fromkeys(e.id for e in self.entities if e.kind == "country"))

    @property
    def places(self) -> tuple[Entity, ...]:
        """Places named, in order."""
        return tuple(e for e in self.entities if e.kind == "place")


TO: Final = re.compile(
    r"(?:(?<!amount )(?<!amounts )(?<!amounted )(?<!amounting )(?<!comes )(?<!came )\bto|\bдо)"
    r"\s+(?:(?!and\b|or\b|и\b)\w+\s+){0,2}$"
)


def common_slots(s: Sentence, q: Quantity) -> dict[str, Slot]:
    """Return the slots every claim with a quantity has."""
    slots: dict[str, Slot] = {"value": q.value}
    if q.qual:
        slots["qual"] = q.qual
    if q.before is not None:
        slots["from_value"] = q.before
    if s.parties:
        slots["parties"] = s.parties
    if s.project:
        slots["project"] = s.project
    return slots


def date_slots(s: Sentence, q: Quantity, slots: dict[str, Slot], *, future: bool) -> None:
    """Date a claim: by when, or for which period."""
    when = s.date_near((q.start + q.end) // 2, 110)
    if when is None:
        return
    if future and s.ref and when.last >= s.ref.isoformat():
        slots["deadline"] = when.text
    elif not future and (s.ref is None or when.first <= s.ref.isoformat()):
        slots["period"] = when.text


def draft_of(kind: str, modality: Modality, slots: dict[str, Slot], q: Quantity, confidence: float) -> Draft:
    """Return a draft that stands where its quantity does."""
    return Draft(kind, modality, slots, q.start, q.end, round(min(0.95, max(0.1, confidence)), 2))
