"""Shares, multiples and growth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import Draft, common_slots, draft_of
from serai.evidence.sums import aimed
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity

_UP: Final = re.compile(r"\b(?:r[io]se|rising|risen|increas|gr[eo]w|вырос|увелич|рост)")
_CHEAPER: Final = re.compile(r"\bcheap|\b(?:по|у)?дешев|арзан|سست")
_OF_COST: Final = re.compile(
    r"\s*(?:of|in|on|off) (?:the |their |its )?(?:\w+ ){0,2}(?:costs?|expens|tariffs?|rates?|charges)\b"
    r"|\s*(?:\w+ )?(?:стоимости|тариф\w+|затрат)"
)
_BY_SO_MUCH: Final = re.compile(r"\b(?:by|на)\s+(?:\w+\s+)?$")
_BY_KK: Final = re.compile(r"-?(?:ға|ге|қа|ке)\b")
_CAPACITY_GROWS: Final = re.compile(
    r"\bcapacity\b(?:\s+(?:of|at|on)\s+(?:[\w-]+\s+){1,5})?\s*(?:(?:has|had|is|was|will|would|to|be|been|set"
    r"|due)\s+)*"
    r"(?:grow|grew|r[io]se|increas|doubl|tripl|expand)\w*[^,;.]{0,16}$"
)
_COULD_BE: Final = re.compile(r"\b(?:can|could|may|might) be \w+ed\s+(?:by\s+)?$")
_SHARE_IS: Final = re.compile(r"\bshare of [^.;%]*$|\bдоля [^.;%]*$")
_OF_TRADE: Final = re.compile(
    r"\W{0,3}of (?:the |its |all |total )*(?:[\w'-]+ ){0,3}(?:trade|(?:ex|im)ports|cargo|freight|transit"
    r"|shipments|containers)\b"
)
_MAKES_UP: Final = re.compile(
    r"[^;.]*\b(?:account(?:s|ed|ing)? for|made? up|makes up|constitut\w+|of which|приходи\w+|составля\w+"
    r"|из которых|из них)\s+"
    r"(?:\w+ ){0,2}$"
)
_TRADED: Final = re.compile(
    r"\b(?:trade|turnover|cargo(?:es)?|freight|(?<!passenger )traffic|transit|(?:ex|im)ports?|shipments?"
    r"|markets?|throughput"
    r"|containers?|teus?|tonn?e?s|supplies)\b"
    r"|\b(?:экспорт|импорт|груз|перевоз|транзит|торговл|товарооборот|рынк|рынок|контейнер|поставок|перевалк)"
    r"|تجارت|برآمد|درآمد|کارگو|ٹرانزٹ|مال بردار|سامان|منڈی|کنٹینر"
    r"|(?<!\w)(?:экспорт|импорт|тасымал|жүк|транзит|сауда|тауар айналым|нары[қғ]|контейнер)"
)


def _saved(s: Sentence, q: Quantity) -> Draft | None:
    """Type a percentage or multiple as cost or time saved."""
    clause = s.clause(q)
    saved = s.near("reduce", q)
    if s.has("reduce") and s.lex.has("costword", clause) and not _UP.search(clause):
        saved = max(saved, 0.5)  # "time will fall from 35 days to 5, and the cost by 40 percent"
    cost, time = s.near("costword", q, reach=60), s.near("time", q, reach=60)
    if _OF_COST.match(s.right(q, 40)):
        cost, saved = 1.0, max(saved, 0.5 if s.has("reduce") else 0.0)
    if _CHEAPER.search(s.around(q, 20)):
        cost = 1.0
    left = re.split(r"[,;]", s.left(q, 90))[-1]
    if cost < 1.0 and s.lex.has("costword", left) != s.lex.has(
        "time", left
    ):  # what stands before the number in its clause
        cost, time = (max(cost, 0.5), 0.0) if s.lex.has("costword", left) else (0.0, max(time, 0.5))
    nearby = clause + s.clause_after(q, 60)
    if saved <= 0.4 or max(cost, time) <= 0.2 or not (s.lex.has("costword", nearby) or s.lex.has("time", nearby)):
        return None
    slots = common_slots(s, q)
    slots["unit"], slots["kind"] = q.family, "reduction" if cost >= time else "reduction_pct"
    return draft_of("cost_change" if cost >= time else "transit_time", Modality.FORECAST, slots, q, 0.6)


def _of_trade(s: Sentence, q: Quantity) -> bool:
    """Whether what a percentage is a part of is trade or freight, named beside it or as what the share is of."""
    after = re.split(r"[;.]", s.right(q, 80))[0]
    if s.lex.lang[:2] in {"en", "ru"}:
        told = _SHARE_IS.search(s.clause(q)) or _MAKES_UP.search(s.clause(q, 160))
        return _TRADED.search(after) is not None or (told is not None and _TRADED.search(told.group()) is not None)
    return _TRADED.search(s.clause(q, 70)) is not None or _TRADED.search(after[:40]) is not None


def _shared(s: Sentence, q: Quantity, grow: float) -> Draft | None:
    """Type a percentage as a share."""
    if s.lex.has("share_not", s.right(q, 40)):
        return None  # so much of a loan, of the land, of the work
    if s.lex.lang[:2] == "kk" and _BY_KK.match(s.right(q, 4)) and s.has("grow"):
        return None  # by so many per cent
    if not _of_trade(s, q):
        return None
    share = 0.9 if _SHARE_IS.search(s.clause(q)) or _OF_TRADE.match(s.right(q, 60)) else s.near("share", q)
    if q.family != "%" or share <= max(grow, 0.5) or s.lex.has("baseline", s.left(q, 34)):
        return None
    slots = common_slots(s, q)
    slots["unit"] = q.family
    return draft_of("market_share", Modality.ACTUAL, slots, q, 0.35 + 0.3 * share)


def ratio(s: Sentence, q: Quantity) -> Draft | None:
    """Type percentages and multiples: time or cost saved, a share, or growth."""
    grow = s.near("grow", q)
    if _BY_SO_MUCH.search(s.left(q, 12)) and s.has("grow"):
        grow = max(grow, 0.5)  # "grew: to one country by 20%, to another by 92%"
    if re.match(r"\s*[-–—•*]", s.text) and s.lex.has("grow", s.prior):
        grow = max(grow, 0.5)  # a list that goes on from a line with the verb
    if found := _saved(s, q):
        return found
    if s.has("progress") and s.near("progress", q) > 0.4:
        return None  # how much of the works is done
    of_it = s.lex.has("share_not", s.right(q, 40)) and not _BY_SO_MUCH.search(s.left(q, 12))
    return _shared(s, q, grow) or (_grown(s, q, grow) if grow > 0.4 and not of_it else None)


def _grown(s: Sentence, q: Quantity, grow: float) -> Draft | None:
    """Type a percentage or multiple as growth of trade or of freight."""
    told = s.flow_before or s.lex.has("flow", s.prior)
    if s.lex.has("grow_not", s.clause(q)) or re.match(r"\s+(?:that|this)\b", s.right(q, 8)):
        return None  # passengers, an economy; so many times "that"
    if s.near("capacity", q) > max(s.near("flow", q), 0.3) or _CAPACITY_GROWS.search(s.clause(q)):
        return None
    income = s.has("money_not") and s.near("money_not", q) > 0.4
    if income or not (s.has("trade") or s.has("flow") or s.trade_before or told):
        return None
    slots = common_slots(s, q)
    slots["unit"] = q.family
    goods = (s.has("flow") or (told and not s.trade_before)) and not (s.has("bilateral") and s.has("trade"))
    future = s.near("forecast", q) > s.near("actual", q) or _COULD_BE.search(s.clause(q)) is not None
    if q.family == "x":
        slots["growth_x"] = slots.pop("value")
        if goods:
            kind, modality = ("flow_forecast", Modality.FORECAST) if future else ("flow_volume", Modality.ACTUAL)
            return draft_of(kind, modality, slots, q, 0.45)
    slots["what"] = "freight" if goods else "trade"
    future = future and aimed(s, q)
    return draft_of("growth", Modality.FORECAST if future else Modality.ACTUAL, slots, q, 0.35 + 0.3 * grow)
