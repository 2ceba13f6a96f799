"""Claims that rest on a quantity.

A quantity's family comes first; within it the type whose words stand nearest wins; what is meant by it (that it is, or
is aimed at, expected, possible) is decided apart from the type.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serai.evidence.cargo import mass, ships
from serai.evidence.context import Draft
from serai.evidence.measures import duration, length, years
from serai.evidence.quantities import BARE, MONEY
from serai.evidence.rates import ratio
from serai.evidence.sums import earlier_sum, lent, money
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity

_LISTED: Final = re.compile(r"\s+(?:to|до|from|из)\s+[^.;\d]{2,44}(?:,|\band|\bи)\s+(?:(?:and|about|around|и)\s+)?")
_NEAR: Final = 0.2
_THAT_IS: Final = re.compile(
    r",\s+(?:что (?:соответствует|составляет|означает)|which is|representing|marking|or)\b"
    r"|^,\s+(?:(?:some|about|nearly|almost|up to) )?$"
)
_EXPANDED: Final = re.compile(
    r"(?:/year| a year| per year| annually)?,?\s+(?:with|and) (?:\w+ )?(?:expansion|extension|growth) (?:up )?to\s+"
    r"|[^.;\d]{0,12},?\s+(?:но |а |but |and,? )?"
    r"(?:(?:в перспективе|впоследствии|затем|eventually|later|if necessary),? )?"
    r"(?:может быть |can be |could be |may be |будет |will be )?"
    r"(?:увелич\w+|доведен\w*|расшир\w+|increased|expanded|raised)?\s*(?:up to|to|до)\s+"
)
_SHARED_OUT: Final = re.compile(r"\s+(?:is|are|was|were|for)\s+[^.;\d%]{2,40}(?:,|\band|,\s+and)\s+")
_IN_BRACKETS: Final = re.compile(r"\(\s*$")
_INCLUDING: Final = re.compile(
    r"[^.;\d]{0,30},?\s*(?:including|of which|of them|в том числе|из них|из которых|оның ішінде)\s+"
    r"(?:(?:up to|about|до|около)\s+)?"
)
_LEVELS: Final = {"capacity", "flow_volume", "flow_forecast"}
_MASS: Final = {"t", "TEU", "train", "truck", "container"}
_READERS: Final = {
    MONEY: money,
    BARE: money,
    "km": length,
    "day": duration,
    "hour": duration,
    "month": duration,
    "year": years,
    "decade": years,
    "%": ratio,
    "x": ratio,
    "DWT": ships,
    **dict.fromkeys(_MASS, mass),
}


_FROM: Final = re.compile(r"(?:\bfrom|\bс|\bсо)\s+$")
_TO_LEVEL: Final = re.compile(r"[^.;\d]{0,12}(?:\bto|\bдо|[-–—])\s*(?:\w+\s+)?")
_COORDINATED: Final = re.compile(
    r"(?:\s*(?:,|a year|per year|annually|yearly|each year|в год|ежегодно"
    r"|by (?:the end of )?20\d\d|in 20\d\d|к 20\d\d год\w*))*"
    r"\s*(?:,|and|и|, and)\s+(?:(?:then|subsequently|later|затем|впоследствии)\s+)?"
    r"(?:by (?:the end of )?20\d\d\s+|к 20\d\d год\w*\s*[-–—]?\s*)?(?:(?:to|up to|до)\s+)?"
)
_BASE: Final = re.compile(r"(?:compar|than\b|against|versus|по сравнению|чем\b|مقابل|салыстыр)[^.;]{0,50}\(\s*$")


def _base_of(s: Sentence, growth: Draft, level: Draft) -> bool:
    """Whether a level in brackets is what the growth is measured from: up 15% compared with 2024 (51,400 TEU)."""
    return level.start > growth.end and _BASE.search(s.whole[growth.end : level.start]) is not None


def _beside(s: Sentence, growth: Draft, level: Draft) -> bool:
    """Whether a level after a growth is told beside it, or is of another time: up 22%, with 4,000 containers moved."""
    between = s.whole[growth.end : level.start]
    if level.type == "flow_forecast" and _THAT_IS.search(s.whole[level.end : growth.start]):
        return False
    if level.type == "flow_forecast":
        return level.start < growth.end or _TO_LEVEL.fullmatch(between) is None
    return level.start > growth.end and re.search(r",\s+(?:with|while|whereas|but)\b", between) is not None


def _left_behind(s: Sentence, level: Draft) -> bool:
    """Whether a level is what a growth set out from, told apart from what it reached."""
    return "from_value" not in level.slots and _FROM.search(s.whole[s.start : level.start][-8:]) is not None


def _absorb_growth(s: Sentence, drafts: list[Draft]) -> list[Draft]:
    """Return a growth beside a level is told with the level, not as a claim of its own."""
    kinds = {"trade_volume", "flow_volume", "trade_target", "flow_forecast"}
    levels = [d for d in drafts if d.type in kinds and "value" in d.slots]
    grown = [
        d
        for d in drafts
        if d.type == "growth" or (d.type in {"flow_volume", "flow_forecast"} and "value" not in d.slots)
    ]
    pairs = sorted(
        (abs(level.start - g.start), i, j)
        for i, g in enumerate(grown)
        for j, level in enumerate(levels)
        if (level.type == "flow_forecast" or g.type != "flow_forecast")
        and not _base_of(s, g, level)
        and not _left_behind(s, level)
        and not _beside(s, g, level)
    )
    homes: dict[int, int] = {}
    for _, i, j in pairs:  # each growth with the nearest level that has none yet
        if i not in homes and j not in homes.values():
            homes[i] = j
    for i, j in homes.items():
        slots = grown[i].slots
        levels[j].slots.update(
            {"growth_x": slots["growth_x"]} if "growth_x" in slots else {"growth_pct": slots["value"]}
        )
    told = [grown[i] for i in homes]
    return [d for d in drafts if not any(d is g for g in told)]


def _implied(s: Sentence, q: Quantity) -> Quantity:
    """Give a number without a unit that of the goods before it: 4.3 million tons with a capacity of 15 million."""
    if q.family != BARE or s.near("capacity", q) < 0.5:
        return q
    before = [other for other in s.quantities if other.end <= q.start and other.family in _MASS]
    return replace(q, family=before[-1].family) if before else q


def _other_estimate(q: Quantity, last: Draft | None) -> Draft | None:
    """Read a sum that follows a cost and names nothing else as another estimate of it: `earlier it was 4.8 bn`."""
    if last is None or q.family not in {MONEY, BARE} or q.cur not in {last.slots["cur"], ""}:
        return None
    told = last.slots["value"]
    known = max(told) if isinstance(told, tuple) else told
    if not isinstance(known, (int, float)) or not 0.25 < q.top / known < 4 or q.top == known:
        return None
    slots = {**last.slots, "value": q.value, "qual": q.qual or None}
    return Draft("project_cost", Modality.FORECAST, {k: v for k, v in slots.items() if v}, q.start, q.end, 0.4)


def _converted(s: Sentence, first: Quantity, second: Quantity) -> bool:
    """Whether a sum is that before it in another currency: Rs16.5 billion (US$59 million)."""
    between = s.whole[first.end : second.start]
    like = first.top and abs(second.top / first.top - 1) < _NEAR
    money_ = first.family == second.family == MONEY and (first.cur != second.cur or bool(like))
    same = first.family == second.family == "km" and abs(second.top / first.top - 1) < 0.05
    return (money_ or same) and re.fullmatch(r"\s*\((?:or\s+|i\.e\.\s+)?", between) is not None


def _coordinated(
    s: Sentence, last: tuple[Quantity, Draft | None] | None, q: Quantity, draft: Draft | None
) -> Draft | None:
    """Read an amount joined to the one before as its like: to 15 million tons by 2027 and 20 million by 2030."""
    if last is None or last[1] is None or q.family != last[0].family:
        return draft
    between = s.whole[last[0].end : q.start]
    if draft is None:
        lands = any(e.kind == "country" and 0 <= q.start - e.end <= 3 for e in s.entities)
        same: object = last[1].type == "transit_time" and q.before is None and _LISTED.fullmatch(between)
        listed = lands and _IN_BRACKETS.search(between)
        same = same or (last[1].type == "market_share" and (listed or _SHARED_OUT.fullmatch(between)))
        slots = {**last[1].slots, "value": q.value}
        return replace(last[1], slots=slots, start=q.start, end=q.end) if same else None
    if q.family not in _MASS or last[1].type not in _LEVELS:
        return draft
    to = between + ("to " if q.qual == "up to" else "")
    inside = last[1].type == "capacity" and (_INCLUDING.fullmatch(between) or _EXPANDED.fullmatch(to))
    dated = re.search(r"20\d\d", between + s.right(q, 24)) and _COORDINATED.fullmatch(between)
    return replace(draft, type=last[1].type, modality=last[1].modality) if inside or dated else draft


def amounts(s: Sentence, last_cost: Draft | None = None) -> list[Draft]:
    """All claims of a sentence that rest on a quantity; `last_cost` is the project cost of the sentence before."""
    drafts: list[Draft] = []
    last: tuple[Quantity, Draft | None] | None = None
    for found in s.quantities:
        quantity = _implied(s, found)
        reader = _READERS.get(quantity.family)
        draft: Draft | None = None
        if last and last[1] and _converted(s, last[0], quantity):
            if quantity.cur == "USD" != last[0].cur:  # told in dollars, whatever came first
                draft = replace(last[1], slots={**last[1].slots, "value": quantity.value, "cur": quantity.cur})
                drafts = [d for d in drafts if d is not last[1]]
        else:
            draft = reader(s, quantity) if reader else None
            if draft is None and not lent(s, quantity):
                draft = _other_estimate(quantity, last_cost)
        draft = _coordinated(s, last, quantity, draft)
        last = (quantity, draft)
        if draft and draft.type == "project_cost":
            last_cost = draft
        if draft:
            drafts.append(draft)
            first = earlier_sum(s, quantity) if draft.type in {"trade_volume", "trade_target"} else None
            if first:
                drafts.append(first)
    return _absorb_growth(s, drafts)
