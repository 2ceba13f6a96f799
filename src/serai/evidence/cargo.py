"""Quantities of goods: what was carried or is to be, what can be, and what a port takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import TO, Draft, common_slots, date_slots, draft_of
from serai.evidence.sums import is_delta
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity

_SIZED: Final = re.compile(r"\d[^\W\d]*-(?:\w+-)?ton")
_STORE: Final = re.compile(
    r"[\s-]+(?:\w+\s+){0,2}(?:elevator|silos?|terminal|warehouse|storage|depot|wharf|berth|jetty)\b"
)
_PER_YEAR: Final = re.compile(
    r"^\W{0,3}(?:\w+\s+){0,4}?(?:a year|per year|annually|per annum|yearly|each year|every year|"
    r"в год|ежегодно|سالانہ|жылына|жыл сайын)"
)
_EACH: Final = re.compile(
    r"\b(?:each|apiece|every (?:ship|vessel|train|wagon|truck))\b(?:\s+\w+){0,3}\s+$"
    r"|\bпо\s+$|әрқайсысы\w*\s+$|ہر ایک\s+$"
)
_EACH_AFTER: Final = re.compile(
    r"\s*(?:\w+ ){0,2}(?:each(?! (?:year|month|day|week|quarter))|apiece|per (?:train|ship|vessel|truck|wagon|car))\b"
    r"|\s*каждый\b"
)
_FEWEST: Final = 10
_CARRYING: Final = re.compile(
    r"\b(?:carr(?:ied|ying|ies)|convey(?:ed|ing)|transport(?:ed|ing)|consist(?:s|ed|ing) of|made up of"
    r"|deliver(?:ed|ing)|dispatched|sent)"
    r"\s+(?:(?:a total of|some|about|only|the)\s+)?$"
    r"|\b(?:состав\w*|поезд\w*|эшелон\w*)\s+(?:из|с)\s+$|\b(?:перевезено|перевезли|отправлено|отправили"
    r"|доставил\w*|прибыло|прибыли)\s+$"
)
_WENT: Final = re.compile(
    r"[^,.;]{0,44}?\b(?:crossed|entered|arrived|departed|passed|transited|were allowed|have been allowed"
    r"|was allowed|were sent|have been sent|were dispatched)\b"
    r"|[^,.;]{0,30}?\b(?:пересекл\w+|въехал\w+|проехал\w+|прошл[иоа]|прибыл\w+|отправил\w+|отправлено|доставлено)\b"
)
_THERE_ARE: Final = re.compile(r"\bthere (?:were|are|was|is|have been|had been)\s+(?:\w+\s+){0,3}$")
_SHIP: Final = re.compile(
    r"\b(?:vessels?|ships?),? carrying (?:a maximum of|up to) $|"
    r"\b(?:handle|accommodate|dock|serve|receive|berth)\w*\s+(?:\w+\s+){0,2}(?:vessels?"
    r"|ships?)\s+carrying\s+(?:up to\s+)?$|"
    r"\b(?:vessels?|ships?)\s+(?:of|with|that (?:can |could )?carry)\s+(?:(?:the"
    r"|a)\s+)?(?:capacity\s+(?:of\s+)?)?(?:up to\s+)?$"
    r"|\b(?:суд|кораб)\w+ \w*вместим\w+ $"
)
_SHIP_AFTER: Final = re.compile(
    r"\s*(?:болатын|тиейтін|сыятын)?\s*(?:\w+ )?(?:кеме|паром)|\s*کا\s+(?:ایک\s+)?(?:بحری\s+)?جہاز"
)
_ONE_SHIP: Final = re.compile(r"\b(?:an?|one|this|that|the)\s+(?:\w+\s+)?(?:vessel|ship|tanker|carrier)\s+of\s+$")
_ONE_TRIP: Final = re.compile(
    r"\s*(?:in|on|per) (?:an?|one|each|every) (?:single )?(?:\w+ )?(?:trial|trip|voyage|run|call)\b"
    r"|\s*за один рейс|\s*бір рейс|\s*ایک چکر"
)
_CAME_TO: Final = re.compile(
    r"\s+(?:дейін\s+)?(?:жетті|жеттік|ұлғайды|өсті|артты|арттырды|ұлғайтты|төмендеді|азайды|жеткен)(?!\w)"
)
_PASSED: Final = re.compile(r"\b(?:has|have|had|already)\s+(?:surpassed|exceeded|topped|reached|passed)\b[^.;]{0,30}$")
_UNTIL: Final = re.compile(r"дейін")
_MADE: Final = re.compile(
    r"harvest|\bcrops?\b|\bproduc(?:tion|ed?)\b|\bmined\b|\b(?:reserves|stocks|stockpiles?)\b|урожа"
    r"|\bдобы[тлч]|производств"
    r"|\bзапас|پیداوار|ذخائر|өндір|өнім ал|жинал|(?<!\w)қор(?:ы(?!т)|лар)"
)
_WHICH: Final = re.compile(r"\b(?:which|that|котор\w+)\b[^;.]*$")
_MOVED: Final = re.compile(
    r"export|import|transport|carri|ship|deliver|handl|экспорт|импорт|перевоз|отгру|постав|برآمد|درآمد|тасымал"
)
_VOLUME: Final = re.compile(r"\bvolumes?\b|\bобъ[её]м|حجم|көлем")
_CAPACITY_RAISED: Final = re.compile(
    r"\bcapacity\b[^,;.]{0,80}\b(?:increas|rais|expand|doubl|tripl|brought|grow|gr[eo]w|r[io]se)\w*[^,;.]{0,16}$"
    r"|(?:мощност|пропускн\w+ способност)\w*[^,;.]{0,80}\b(?:увелич|вырос|вырас|возрас|довед|расшир)\w*[^,;.]{0,16}$"
)
_ABLE: Final = re.compile(r"capacit|capab|able to|could|\bcan\b|мощност|способн|صلاحیت|گنجائش|қуат|қабілет")
_EXPECTED: Final = re.compile(
    r"\b(?:expected|projected|planned|forecast|target(?:ed)?|anticipated)\s+(?:[^\W\d_]+\s+){0,3}(?:for|in|of"
    r"|is|was|at|stands)\b"
)


def _grown_or_stored(before: str) -> bool:
    """Whether what stands before an amount says that it was grown, made or stored, and not since that it was moved."""
    made, moved = list(_MADE.finditer(before)), list(_MOVED.finditer(before))
    if not made or (moved and moved[-1].start() > made[-1].start()):
        return False
    return not moved or _WHICH.search(before[made[-1].end() :]) is not None


def _moved(s: Sentence, q: Quantity) -> bool:
    """Whether a small count is itself what moved: a train that carried 62 containers, 11 trucks that crossed."""
    if q.family not in {"train", "truck", "container"} or q.top < _FEWEST:
        return False
    return _CARRYING.search(s.left(q, 40)) is not None or _WENT.match(s.clause_after(q, 70)) is not None


def _no_freight(s: Sentence, q: Quantity) -> bool:
    """Whether an amount is the size of a ship, what grew or was dug, too small, a difference, or said of no freight."""
    countable = q.family in {"train", "truck", "container"}
    told = not countable and (s.flow_before or s.lex.has("flow", s.prior))  # the sentence goes on from one on freight
    few = q.top < (100 if q.family in {"container", "t", "TEU"} else 20) and not _moved(s, q)
    if few or is_delta(s, q):
        return True
    sized = _SIZED.search(s.whole[q.start : q.end]) and _STORE.match(s.right(q, 40))
    if not (s.has("flow") or s.has("capacity") or told or sized):
        return True
    if countable and max(s.near("flow", q), s.near("capacity", q)) < 0.3:
        return True
    before = s.left(q, 140)
    made = _grown_or_stored(before)
    if countable and _THERE_ARE.search(s.left(q, 40)):
        return True  # what stands about is not carried
    if _EACH.search(s.left(q, 40)) or _EACH_AFTER.match(s.right(q, 24)) or _ONE_TRIP.match(s.right(q, 30)):
        return True  # what one ship or train takes
    return made or _SHIP.search(s.left(q, 44)) is not None or _SHIP_AFTER.match(s.right(q, 30)) is not None


def _could(s: Sentence, q: Quantity) -> float:
    """How near an amount stands to words of what could be carried."""
    risen = any(o.family == "bare" and 0 <= q.start - o.end <= 12 for o in s.quantities)  # from 28 to 48 million tons
    could = 1.3 * s.near("capacity", q) * (1.0 if risen or s.nearest_to("capacity", q) else 0.5)
    if _PER_YEAR.search(s.right(q, 40)) and could:
        could += 0.15
    before = s.clause(q, 160)
    if _VOLUME.search(before) and not _ABLE.search(before):
        could *= 0.4  # "the volume is to be expanded to"
    if _CAPACITY_RAISED.search(s.clause(q, 160)):
        could += 0.6
    if could > 0.5 and s.lex.has("capacity", s.left(q, 70)):
        could += 0.4  # the capacity is so and so much: the verb says nothing of a flow
    return could


def mass(s: Sentence, q: Quantity) -> Draft | None:
    """Type an amount of goods: what was carried, is expected, or could be."""
    if _no_freight(s, q):
        return None
    could = _could(s, q)
    will, did = s.near("forecast", q, reach=30), s.near("actual", q, reach=30)
    if TO.search(s.left(q, 14)) or q.qual == "up to":
        will *= 1.15
    if _CAME_TO.match(s.right(q, 24)):
        did += 0.6  # "came up to": the verb that ends the clause has happened
    if _PASSED.search(s.left(q, 40) + s.whole[q.start : q.end]):
        did += 1.0  # "has surpassed 1.5 million tons and is expected to": the verb before it, not the next
    if q.before is not None and did and s.has("grow"):
        did += 0.3  # from so much to so much, told as what happened
        will *= float(s.lex.has("forecast", _UNTIL.sub(" ", s.text)))  # "up to" alone is no forecast here
    if _EXPECTED.search(s.clause(q)):
        will += 0.6  # "the expected volume for 2024 is 4 million tons": the copula says nothing of a flow
    slots = common_slots(s, q)
    slots["unit"] = q.family
    if _PER_YEAR.search(s.right(q, 40)) or _PER_YEAR.search(" " + s.left(q, 24)):
        slots["per"] = "year"
    store = _SIZED.search(s.whole[q.start : q.end]) and _STORE.match(s.right(q, 40))
    if store or (could >= max(will, did) and could > 0.35):
        date_slots(s, q, slots, future=True)
        return draft_of("capacity", Modality.CAPACITY, slots, q, 0.35 + 0.3 * could)
    if q.family in {"train", "truck", "container"} and s.lex.has("flow_not", _own_clause(s, q)):
        return None  # stuck at a border, not carried
    future = will > did
    date_slots(s, q, slots, future=future)
    if future:
        return draft_of("flow_forecast", Modality.FORECAST, slots, q, 0.35 + 0.3 * will)
    return draft_of("flow_volume", Modality.ACTUAL, slots, q, 0.4 + 0.3 * did)


def _own_clause(s: Sentence, q: Quantity) -> str:
    """Return what its clause says of a quantity: a little before it, and what follows."""
    return s.clause(q, 40) + s.whole[q.start : q.end] + s.clause_after(q, 90)


def ships(s: Sentence, q: Quantity) -> Draft | None:
    """Type deadweight: what a port can take."""
    if _ONE_SHIP.search(s.left(q, 30)):
        return None
    slots = common_slots(s, q)
    slots["unit"] = "DWT"
    return draft_of("capacity", Modality.CAPACITY, slots, q, 0.6)
