"""Claims that rest on a quantity: trade, deals, costs, flows, capacity, distance, time, shares and growth.

A quantity's family comes first; within it the type whose words stand nearest wins; what is meant by it (that it is, or
is aimed at, expected, possible) is decided apart from the type.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serai.evidence.context import Draft
from serai.evidence.quantities import BARE, MONEY
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity
    from serai.evidence.types import Slot

_MASS: Final = {"t", "TEU", "train", "truck", "container"}
_LEAST: Final = 0.45
_TO: Final = re.compile(
    r"(?:(?<!amounts )(?<!amounted )(?<!amounting )(?<!comes )(?<!came )\bto|\bдо)\s+(?:\w+\s+){0,2}$"
)
_FORMER: Final = re.compile(r"(?:from|с|compared to|against|нынешних|текущих)\s+(?:an?\s+|the\s+)?(?:(?:current|earlier|previous|initial|original)\s+)?$")
_BY: Final = re.compile(r"(?:\bby|\bна)\s+(?:\w+\s+)?$")
_OVER: Final = re.compile(
    r"(?:\bза|первы\w+|последни\w+|\bfirst|\blast|\bpast|رواں سال کے|پہلے|گزشتہ|алғашқы|соңғы)\s+(?:the\s+)?$"
)
_WITHIN: Final = re.compile(r"\s*(?:کے دوران|میں|ішінде|of (?:the|this|last)\b)")
_PER_YEAR: Final = re.compile(
    r"^\W{0,3}(?:\w+\s+){0,4}?(?:a year|per year|annually|per annum|yearly|each year|every year|"
    r"в год|ежегодно|سالانہ|жылына|жыл сайын)"
)


_HEADS: Final = {
    "trade_volume": "trade",
    "agreement_value": "worth",
    "project_cost": "cost",
    "investment_pledge": "invest",
}
_COSTING: Final = re.compile(r"\W*(?:\w+ )?(?:costs?|price|стоимость|لاگت|құны)\s*:")
_EXPECTED: Final = re.compile(
    r"\b(?:expected|projected|planned|forecast|target(?:ed)?|anticipated)\s+(?:[^\W\d_]+\s+){0,3}(?:for|in|of|is|was|at|stands)\b"
)
_SHARE_IS: Final = re.compile(r"\bshare of [^.;%]*$|\bдоля [^.;%]*$")
_MIXED: Final = re.compile(r"[\s-]*(?:[^\W\d_]+[\s-]+){0,2}")


def _qualifies_asset(s: Sentence, q: Quantity) -> bool:
    """Whether a sum stands before what it buys: a $1.2 billion power project."""
    tail = s.right(q, 30)
    spot = next(iter(s.lex.near("asset", tail)), None)
    if s.lex.lang != "en" or spot is None or not _MIXED.fullmatch(tail[: spot[0]]):
        return False
    return not any(w in s.lex.stopwords or w in _LINKS for w in tail[: spot[0]].replace("-", " ").split())


_LINKS: Final = {"into", "between", "through", "via", "over", "trade", "worth", "a", "an", "this", "that"}


def _common(s: Sentence, q: Quantity) -> dict[str, Slot]:
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


def _without_carried(s: Sentence, slots: dict[str, Slot]) -> None:
    """Trade and deals belong to a project only where their own sentence names it."""
    if not any(e.kind == "project" for e in s.entities):
        slots.pop("project", None)


def _dated(s: Sentence, q: Quantity, slots: dict[str, Slot], *, future: bool) -> None:
    when = s.date_near((q.start + q.end) // 2, 110)
    if when is None:
        return
    if future and s.ref and when.last >= s.ref.isoformat():
        slots["deadline"] = when.text
    elif not future and (s.ref is None or when.first <= s.ref.isoformat()):
        slots["period"] = when.text


def _earlier(s: Sentence, q: Quantity) -> Draft | None:
    """Return the value an amount of trade is said to start from."""
    if q.before is None:
        return None
    slots = _common(s, q)
    slots.pop("from_value")
    slots.pop("qual", None)
    slots["value"], slots["cur"] = q.before, q.cur or "USD?"
    return Draft("trade_volume", Modality.ACTUAL, slots, q.start, q.end, 0.6)


def _draft(kind: str, modality: Modality, slots: dict[str, Slot], q: Quantity, confidence: float) -> Draft:
    return Draft(kind, modality, slots, q.start, q.end, round(min(0.95, max(0.1, confidence)), 2))


def aimed(s: Sentence, q: Quantity) -> bool:
    """Whether an amount of trade is aimed at rather than reached."""
    target, actual = s.near("target", q, reach=30), s.near("actual", q, reach=30)
    left = s.left(q, 18)
    if q.before is None and _FORMER.search(left):
        return False
    if q.before is not None:
        verb_last = s.lex.lang[:2] in {"ur", "kk"}
        return s.lex.has("target", s.around(q, 80) if verb_last else s.left(q, 80))
    before = s.clause(q)
    moved = s.lex.has("actual", before) and not s.lex.has("target", before)  # "fell 58% to $334m"
    if not moved and (q.qual == "up to" or _TO.search(left)):
        target += 0.25
    when = s.date_near((q.start + q.end) // 2, 60)
    if when and s.ref and when.first > s.ref.isoformat():
        target += 0.3
    if s.lex.has("target", s.left(q, 16)):
        target += 0.3  # "the goal of $100 million has been named"
    if "potential" in s.left(q, 40):
        target += 0.3
    return target > actual


def money(s: Sentence, q: Quantity) -> Draft | None:  # noqa: PLR0911 (one case, one line)
    """Type an amount of money; None where nothing says what it is for."""
    if q.top < 1e5 and q.cur in {"USD", "EUR", ""}:
        return None
    if s.has("money_not") and not s.has("deal") and s.near("money_not", q, reach=80) > 0.3:
        return None  # losses, duties, profits: sums of something else
    worth, deal = s.near("worth", q), s.near("deal", q)
    asset = s.near("asset", q)
    titled = _COSTING.match(s.clause(q)) is not None
    build = asset or (0.5 if s.project or s.asset_before or titled else 0.0)
    score = {
        "trade_volume": 1.1 * s.near("trade", q) + 0.3 * s.near("bilateral", q),
        "agreement_value": (1.0 * max(worth, 0.4) + 0.9 * deal)
        * (1.0 if worth > 0.3 and deal else 0.45 if deal else 0.0),
        "project_cost": 1.05 * s.near("cost", q) + 0.35 * build if build and s.has("cost") else 0.0,
        "investment_pledge": 1.15 * s.near("invest", q) + 0.15 * build if s.has("invest") else 0.0,
        "export_potential": 2.0 * s.near("potential", q) if s.has("potential") else 0.0,
    }
    for kind, concept in _HEADS.items():
        if score[kind] and s.bound(concept, q):
            score[kind] += 0.4
    if _qualifies_asset(s, q):
        score["project_cost"] += 0.8
    kind = max(score, key=lambda k: score[k])
    if score[kind] < _LEAST and (s.trade_before or s.has("trade")):
        score["trade_volume"] = max(
            s.near("target", q, reach=30), s.near("actual", q, reach=30), 0.5 if s.has("trade") else 0.0
        )
        kind = "trade_volume"
    if kind == "trade_volume" and s.has("money_not") and not s.has("bilateral"):
        return None
    if kind == "project_cost" and q.before is None and _FORMER.search(s.left(q, 24)):
        return None  # what it was thought to cost before
    if score[kind] < _LEAST or (q.family == BARE and kind not in {"trade_volume", "agreement_value"}):
        return None
    slots = _common(s, q)
    slots["cur"] = q.cur or "USD?"
    confidence = 0.35 + 0.3 * score[kind]
    if kind in {"trade_volume", "agreement_value", "export_potential"}:
        _without_carried(s, slots)
    if kind == "trade_volume":
        future = aimed(s, q)
        _dated(s, q, slots, future=future)
        return _draft(
            "trade_target" if future else kind, Modality.TARGET if future else Modality.ACTUAL, slots, q, confidence
        )
    if kind == "project_cost":
        if q.before is not None:
            slots["prev"] = q.before
        return _draft(kind, Modality.FORECAST, slots, q, confidence)
    if kind == "investment_pledge":
        return _draft(kind, Modality.PLANNED, slots, q, confidence)
    if kind == "export_potential":
        return _draft(kind, Modality.CAPACITY, slots, q, confidence)
    if place := s.places:
        slots["place"] = place[0].label
    planned = s.has("sign_plan") and not s.has("sign")
    return _draft(kind, Modality.PLANNED if planned else Modality.ACTUAL, slots, q, confidence)


def mass(s: Sentence, q: Quantity) -> Draft | None:
    """Type an amount of goods: what was carried, is expected, or could be."""
    countable = q.family in {"train", "truck", "container"}
    told = not countable and (s.flow_before or s.lex.has("flow", s.prior))  # tonnes of a sentence that goes on from one on freight
    least = 100 if q.family in {"container", "t", "TEU"} else 20
    if q.top < least or not (s.has("flow") or s.has("capacity") or told):
        return None
    if countable and max(s.near("flow", q), s.near("capacity", q)) < 0.3:
        return None
    could = 1.3 * s.near("capacity", q) * (1.0 if s.nearest_to("capacity", q) else 0.5)
    will, did = s.near("forecast", q, reach=30), s.near("actual", q, reach=30)
    if _TO.search(s.left(q, 14)) or q.qual == "up to":
        will *= 1.15
    if _PER_YEAR.search(s.right(q, 40)) and could:
        could += 0.15
    if could > 0.55 and s.lex.has("capacity", s.left(q, 60)):
        could += 0.4  # the capacity is so and so much: the verb says nothing of a flow
    if _EXPECTED.search(s.clause(q)):
        will += 0.6  # "the expected volume for 2024 is 4 million tons": the copula says nothing of a flow
    slots = _common(s, q)
    slots["unit"] = q.family
    if _PER_YEAR.search(s.right(q, 40)) or _PER_YEAR.search(" " + s.left(q, 24)):
        slots["per"] = "year"
    if could >= max(will, did) and could > 0.35:
        _dated(s, q, slots, future=True)
        return _draft("capacity", Modality.CAPACITY, slots, q, 0.35 + 0.3 * could)
    future = will > did
    _dated(s, q, slots, future=future)
    if future:
        return _draft("flow_forecast", Modality.FORECAST, slots, q, 0.35 + 0.3 * will)
    if countable and s.lex.has("flow_not", s.around(q, 40)):
        return None  # stuck at a border, not carried
    return _draft("flow_volume", Modality.ACTUAL, slots, q, 0.4 + 0.3 * did)


def ships(s: Sentence, q: Quantity) -> Draft | None:
    """Type deadweight: what a port can take."""
    slots = _common(s, q)
    slots["unit"] = "DWT"
    return _draft("capacity", Modality.CAPACITY, slots, q, 0.6)


def length(s: Sentence, q: Quantity) -> Draft | None:
    """Type kilometres: the length of something, or how much shorter a way is."""
    if q.top < 10 or s.near("distance", q) < 0.3:
        return None
    if s.lex.has("distance_not", s.around(q, 22)):
        return None
    slots = _common(s, q)
    slots["unit"] = "km"
    if s.near("reduce", q, reach=25) > 0.5:
        slots["kind"] = "reduction"
    ends = [e for e in s.places if abs(e.start - q.start) < 160]
    if len(ends) >= 2:
        slots["from"], slots["to"] = ends[0].label, ends[-1].label
    elif len(ends) == 1:
        slots["to"] = ends[0].label
    planned = s.has("forecast") and (bool(s.project) or s.asset_before)
    return _draft(
        "distance", Modality.PLANNED if planned else Modality.ACTUAL, slots, q, 0.4 + 0.4 * s.near("distance", q)
    )


def _baseline(s: Sentence, q: Quantity) -> bool:
    """Whether a time is only what another time in the sentence is measured against: `3 days instead of 35`."""
    if not any(other is not q and other.family == q.family for other in s.quantities):
        return False
    side = s.right(q, 14) if s.lex.lang[:2] in {"ur", "kk"} else s.left(q, 34)
    return s.lex.has("baseline", side)


def duration(s: Sentence, q: Quantity) -> Draft | None:
    """Type days, hours, weeks and months: how long a journey takes, or how much less."""
    if s.lex.has("transit_not", s.around(q, 34)) or any(w.start < q.end and q.start < w.end for w in s.dates):
        return None
    if s.has("border") and s.has("closed") and s.near("closed", q) > 0.25:
        return None  # how long a border has been shut
    if q.family == "month" and (built := _building(s, q)):
        return built
    if _baseline(s, q) or (q.family == "month" and (_OVER.search(s.left(q, 24)) or _WITHIN.match(s.right(q, 20)))):
        return None
    near = s.near("transit", q)
    if any(_baseline(s, other) for other in s.quantities if other is not q and other.family == q.family):
        near = min(1.0, 2 * near)  # what it is measured against does not stand in its way
    if near < 0.3 or (q.family == "month" and near < 0.6):
        return None
    slots = _common(s, q)
    slots["unit"] = q.family
    if q.family == "month":
        slots["value"] = tuple(v * 30.0 for v in q.values) if len(q.values) > 1 else q.values[0] * 30.0
        slots["unit"] = "day"
    shorter = s.near("reduce", q, reach=25) > 0.45
    if shorter and q.before is None and not re.search(r"(?:\bto|\bдо)\s+(?:\w+ )?$", s.left(q, 14)):
        slots["kind"] = "reduction_by"
    ends = s.places
    if len(ends) >= 2:
        slots["from"], slots["to"] = ends[0].label, ends[-1].label
    future = s.near("forecast", q) > s.near("actual", q)
    return _draft(
        "transit_time", Modality.FORECAST if future or shorter else Modality.ACTUAL, slots, q, 0.35 + 0.4 * near
    )


def _building(s: Sentence, q: Quantity) -> Draft | None:
    """Type a time as that which works take."""
    near = s.near("buildtime", q)
    if near <= 0.5 or not (s.project or s.has("asset") or s.asset_before) or (s.has("trade") and s.has("target")):
        return None
    if _AGO.match(s.right(q, 8)) or _PAST.search(s.left(q, 24)):
        return None
    slots: dict[str, Slot] = {"milestone": "construction duration", "value": q.value, "unit": q.family}
    if s.project:
        slots["project"] = s.project
    return _draft("project_milestone", Modality.PLANNED, slots, q, 0.4 + 0.4 * near)


_PAST: Final = re.compile(r"(?:past|last|previous|последни\w+|прошл\w+|گزشتہ|соңғы)\s+$")
_UP: Final = re.compile(r"\b(?:r[io]se|rising|risen|increas|gr[eo]w|вырос|увелич|рост)")
_AGO: Final = re.compile(r"\s*(?:ago|earlier|later|before|late)\b")


def years(s: Sentence, q: Quantity) -> Draft | None:
    """Type years: how long two sides have had relations, or how long something takes to build."""
    close = s.around(q, 46)
    value = tuple(v * 10 for v in q.values) if q.family == "decade" else q.values
    ahead = re.search(
        r"(?:next|coming|last|past|over|in|of|within|в течение|за|ближайш\w+|آئندہ|алдағы|соңғы)\s+$", s.left(q, 14)
    )
    if (
        s.lex.has("relation", s.text if _AGO.match(s.right(q, 8)) else close)
        and (not ahead or re.search(r"^\W*of\b", s.right(q, 6)))
        and not (s.has("buildtime") and s.has("asset"))
    ):
        slots: dict[str, Slot] = {"years": value[0]}
        if s.parties:
            slots["parties"] = s.parties[:2]
        if q.qual:
            slots["qual"] = q.qual
        return _draft("relationship_duration", Modality.ACTUAL, slots, q, 0.7)
    return _building(s, q) if q.top <= 25 and q.family == "year" else None


def ratio(s: Sentence, q: Quantity) -> Draft | None:
    """Type percentages and multiples: time or cost saved, a share, or growth."""
    slots = _common(s, q)
    slots["unit"] = q.family
    saved = s.near("reduce", q)
    if s.has("reduce") and s.lex.has("costword", s.clause(q)) and not _UP.search(s.clause(q)):
        saved = max(saved, 0.5)  # "time will fall from 35 days to 5, and the cost by 40 percent"
    if saved > 0.4:
        cost, time = s.near("costword", q, reach=60), s.near("time", q, reach=60)
        left = re.split(r"[,;]", s.left(q, 90))[-1]
        if s.lex.has("costword", left) != s.lex.has("time", left):  # what stands before the number in its clause
            cost, time = (max(cost, 0.5), 0.0) if s.lex.has("costword", left) else (0.0, max(time, 0.5))
        if max(cost, time) > 0.2:
            if cost >= time:
                slots["kind"] = "reduction"
                return _draft("cost_change", Modality.FORECAST, slots, q, 0.6)
            slots["kind"] = "reduction_pct"
            return _draft("transit_time", Modality.FORECAST, slots, q, 0.6)
    share, grow = s.near("share", q), s.near("grow", q)
    if s.has("progress") and s.near("progress", q) > 0.4:
        return None  # how much of the works is done
    if _SHARE_IS.search(s.clause(q)):
        share = max(share, 0.9)  # "the share of exports along this route has reached 74 percent"
    if re.match(r"\s*[-–—•*]", s.text) and s.lex.has("grow", s.prior):
        grow = max(grow, 0.5)  # a list that goes on from a line with the verb
    if q.family == "%" and share > max(grow, 0.5):
        if s.lex.has("baseline", s.left(q, 34)):
            return None
        return _draft("market_share", Modality.ACTUAL, slots, q, 0.35 + 0.3 * share)
    told = s.flow_before or s.lex.has("flow", s.prior)
    if grow > 0.4 and (s.has("trade") or s.has("flow") or s.trade_before or told):
        goods = (s.has("flow") or (told and not s.trade_before)) and not s.lex.has("bilateral", s.text)
        future = s.near("forecast", q) > s.near("actual", q)
        if q.family == "x":
            slots["growth_x"] = q.value
            slots.pop("value")
            if goods and future:
                return _draft("flow_forecast", Modality.FORECAST, slots, q, 0.4)
            if goods:
                return _draft("flow_volume", Modality.ACTUAL, slots, q, 0.45)
        slots["what"] = "freight" if goods else "trade"
        future = future and aimed(s, q)
        return _draft("growth", Modality.FORECAST if future else Modality.ACTUAL, slots, q, 0.35 + 0.3 * grow)
    return None


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


def _absorb_growth(drafts: list[Draft]) -> list[Draft]:
    """Return a growth beside a level is told with the level, not as a claim of its own."""
    levels = [d for d in drafts if d.type in {"trade_volume", "flow_volume", "trade_target"} and "value" in d.slots]
    out = []
    for draft in drafts:
        is_growth = draft.type == "growth" or (draft.type == "flow_volume" and "value" not in draft.slots)
        home = min(levels, key=lambda d: abs(d.start - draft.start), default=None) if is_growth else None
        if home is None:
            out.append(draft)
        elif "growth_x" in draft.slots:
            home.slots["growth_x"] = draft.slots["growth_x"]
        else:
            home.slots["growth_pct"] = draft.slots["value"]
    return out


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
    money_ = first.family == second.family == MONEY and first.cur != second.cur
    return money_ and re.fullmatch(r"\s*\((?:or\s+|i\.e\.\s+)?", between) is not None


def amounts(s: Sentence, last_cost: Draft | None = None) -> list[Draft]:
    """All claims of a sentence that rest on a quantity; `last_cost` is the project cost of the sentence before."""
    drafts: list[Draft] = []
    last: tuple[Quantity, Draft | None] | None = None
    for found in s.quantities:
        quantity = _implied(s, found)
        reader = _READERS.get(quantity.family)
        if last and _converted(s, last[0], quantity):
            draft = last[1] and replace(last[1], slots={**last[1].slots, "value": quantity.value, "cur": quantity.cur})
            drafts = [d for d in drafts if d is not last[1]] if quantity.cur == "USD" else drafts
            draft = draft if quantity.cur == "USD" else None
        else:
            draft = (reader(s, quantity) if reader else None) or _other_estimate(quantity, last_cost)
        last = (quantity, draft)
        if draft and draft.type == "project_cost":
            last_cost = draft
        if draft:
            drafts.append(draft)
            first = _earlier(s, quantity) if draft.type in {"trade_volume", "trade_target"} else None
            if first:
                drafts.append(first)
    return _absorb_growth(drafts)
