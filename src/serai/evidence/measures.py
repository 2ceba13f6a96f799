"""Lengths of ways, and times: of journeys, of building, and spans of years."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import Draft, common_slots, draft_of
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity
    from serai.evidence.types import Slot

_OF_TUNNELS: Final = re.compile(
    r"\b(?:tunnels?|bridges?|viaducts?|тоннел\w+|мост\w+)\s+(?:[^\W\d]+\s+){0,5}(?:length|long"
    r"|протяж[её]нност\w+|длин\w+)\b[^,;.]{0,14}$"
)
_BETWEEN_TWO: Final = re.compile(r"\b[^\W\d]{3,}\s?[-–—]\s?[^\W\d]{3,}\s\(\s*$")  # of a section: A - B (272 km)
_BOTH_WAYS: Final = re.compile(r"\bboth (?:ways|directions)\b|\bround trip\b|в обе стороны|туда и обратно")
_PER_DAY: Final = re.compile(r"(?:бір|1) (?:тәулікте|күнде|сағатта)|(?:одни|1) сутки|ایک (?:دن|روز)")
_IN_MONTHS: Final = ("айында", "айда", "айының")
_TERM: Final = re.compile(
    r"\s*(?:[\w-]+\s+){0,6}(?:deal|agreement|contract|lease|concession|loan|plan|program(?:me)?|pact|strategy)\b"
)
_SPEED: Final = re.compile(r"\bspeeds?\b|\bскорост|жылдамды|رفتار")
_OVER: Final = re.compile(
    r"(?:\bза|первы\w+|последни\w+|\bfirst|\blast|\bpast|رواں سال کے|پہلے|گزشتہ|алғашқы|соңғы)\s+(?:the\s+)?$"
)
_WITHIN: Final = re.compile(r"\s*(?:کے دوران|میں|ішінде|of (?:the|this|last)\b)")
_PAST: Final = re.compile(r"(?:past|last|previous|последни\w+|прошл\w+|گزشتہ|соңғы)\s+$")
_AGO: Final = re.compile(r"\s*(?:ago|earlier|later|before|late)\b")
_FEWER: Final = re.compile(r"\s*(?:fewer|less|more|shorter|longer|faster)\b")
_PROCESSING: Final = re.compile(
    r"\b(?:process|clear|handl|load|unload|inspect|check|register|wait|dwell|turnaround|transship|reload)\w*\s+"
    r"(?:\w+\s+){0,2}?(?:times?|periods?|takes?|took|hours?|from|was|has|is)\b"
    r"|\b(?:process|clear|inspect|check|register)ing\s+(?:\w+\s+){1,8}(?:takes?|took)\b"
    r"|\b(?:process|clear|unload|load|inspect|check|register)ed (?:in|within)\b"
    r"|(?:оформлен|обработк|досмотр|погрузк|выгрузк|перегрузк|перевалк|ожидани|простой|простоя|проверк)\w*"
    r"|(?:рәсімде|тексер|тиеу|түсіру|күту)\w*"
)
_FOR_HANDLING: Final = re.compile(
    r"\b(?:for|to)\s+(?:the\s+)?(?:load|unload|process|clear|handl|inspect|check|transship)"
)
_STAY: Final = re.compile(r"\bvisas?\b|\bstay(?:s|ed|ing)?\b|пребывани|безвиз|\bвиз[аыу]\b|ویزا|قیام|\bвиза")
_JOURNEY: Final = re.compile(
    r"deliver|travel|transit time|journey|voyage|reach|door-to-door"
    r"|достав|в пути|прохожден|следован|жеткіз|жолда|سفر|ترسیل|پہنچ"
)
_ON_THE_WAY: Final = re.compile(
    r"\b(?:deliver|travel|transit (?:time|period)|transit\b[^.;]{0,40}\b(?:takes?|took|days)|journey|voyage"
    r"|trips?\b|reach|door-to-door|arriv"
    r"|tak(?:es?|ing) |took |get(?:s|ting)? (?:\w+ )?(?:from|to)\b|cover|makes? the|transport|shipping"
    r"|shipment|convoy|sea ?route"
    r"|to go from|en route|on the (?:way|road)|\bby (?:sea|rail|road)\b|(?:cargo|freight|goods|trains?"
    r"|trucks?)\b[^.;]{0,60}\b(?:in|within)\b"
    r"|time\b|spend|shorten|cut|sav(?:e|ing)|reduc|faster|duration|lasts?\b|route\b|run\b|need(?:s|ed)?\b)"
    r"|достав|в пути|прохожден|следован|транспортир|перевоз|перевез|занима|займ|преодол|дойд|дойт|прибы"
    r"|добира|поездк|идет|идут|проход|проезжа|время|срок|путь|рейс|сократ|быстрее|эконом"
    r"|жеткіз|жолда|жетеді|жетті|жүріп өт|тасымал|уақыт|мерзім|қысқар|жол жүр"
    r"|سفر|ترسیل|پہنچ|دورانیہ|وقت|مسافت|فاصلہ|نقل و حمل|مدت"
)
_STATE_FOR: Final = re.compile(
    r"\b(?:open(?:ed)?|clos(?:ed?|ure)|shut|suspend\w*|stuck|strand\w*|halt\w*|block\w*|stopp\w*|wait\w*|held"
    r"|lasting|extend\w*|valid"
    r"|visit|talks|protest\w*|sit-in|strike|ban(?:ned)?|quarantine|within the first|notice|deadline"
    r"|every)\b(?:\s+[\w-]+){0,5}\s+$"
    r"|\b(?:закры|открыт|приостан|простаива|ждут|ждал|ожида|стоят|стоял|каждые|действ)\w*(?:\s+[\w-]+){0,5}\s+$"
)
_DELIVERY_TIME: Final = re.compile(
    r"\b(?:delivery|transit|travel|journey|shipping|transport(?:ation)?) times?\b"
    r"|\b(?:врем\w+|срок\w*) (?:доставк|в пути|перевоз|транспортиров|прохожден)|жеткізу (?:уақыт|мерзім)"
)
_LONG_WAY: Final = re.compile(r"\s+(?:route|journey|trip|voyage)\b")
_BY_SEA: Final = re.compile(r"\s+by (?:sea|rail|road|land|ship|truck)\b")
_BEFORE_IT: Final = re.compile(
    r"\b(?:before|until|prior to) (?:the|its|their) (?:\w+ )?(?:clos(?:ure|ing)|suspension|visit|summit)\b"
)
_COVERED_IN: Final = re.compile(r"\s*(?:in|within|за|в течение)\s+(?:(?:about|only|just|some|около|всего)\s+)?")
_IN: Final = re.compile(r"\b(?:in|over|during|within|for|за)\s+$")
_AHEAD: Final = re.compile(r"\b(?:(?:over|in|within) the (?:next|coming)|within|за|в течение)\s+$")
_LENGTH_IS: Final = re.compile(
    r"(?:протяж[её]нност|длин)\w* [^.;]{0,110}\b(?:составля\w+|составит|превышает)\s+(?:\w+ )?$"
    r"|\blength of [^.;]{0,110}\b(?:is|was|exceeds)\s+(?:\w+ )?$"
)
_OF_BORDER: Final = re.compile(
    r"[\s-]*(?:long\s+)?(?:(?:land|common|shared|joint|porous|mountainous|state)\s+)?(?:borders?|frontier|boundary)"
    r"\b(?! (?:crossing|post|point|town|section|road|railway))"
    r"|\s+(?:общ\w+ |совместн\w+ |сухопутн\w+ |государственн\w+ )?границ\w*"
    r"|\s*(?:طویل|لمبی|مشترکہ|پر محیط|\s)+\s*(?:سرحد|بارڈر)(?!\w)"
    r"|\w*\s+(?:болатын\s+|құрайтын\s+)?(?:ортақ\s+)?шекара(?:сы|мыз)?(?!\w)"
)
_OF_BORDER_BEFORE: Final = re.compile(
    r"\b(?:border|frontier|boundary)\b(?! (?:crossing|post|point|town))[^.,;]{0,40}"
    r"\b(?:is|of|runs?|stretch\w*|extend\w*) (?:\w+ )?$|границ\w*[^.,;]{0,60}(?:протяж|длин)\w*[^.,;]{0,25}$"
    r"|سرحد[^،۔]{0,20}(?:لمبائی|طوالت)[^،۔]{0,12}$|шекара\w*[^.,;]{0,25}ұзындығы[^.,;]{0,12}$"
)
_LIES: Final = re.compile(r"\s+от\s+[^,;.)]{3,34}\s+на\s+(?:север|юг|запад|восток)")
_ROADS: Final = re.compile(
    r"\s*(?:long\s+)?of\s+(?:(?!railway\b|road\b|highway\b)[\w'-]+\s+){0,4}?(?:roads|highways|motorways|railways|railroads"
    r"|streets|road (?:lines|networks?|sections))\b"
    r"|\s+(?:(?!жел)\w+\s+){0,3}?(?:(?<!железных )дорог|автодорог|автодороги|трасс)\b"
    r"|\s*(?:طویل\s+)?(?:\S+\s+){0,2}?(?:سڑکیں|سڑکوں|شاہراہیں|شاہراہوں)"
    r"|\s+(?:\w+\s+){0,2}?(?:авто(?:мобиль)? ?жол)\w*"
)
_ROADS_BEFORE: Final = re.compile(
    r"\blength of (?:the )?(?:[\w'-]+ ){0,3}(?:roads|highways|road network)\b"
    r"|протяж[её]нност\w+ (?:(?!жел)\w+ ){0,3}(?:(?<!железных )дорог|автодорог)\b"
    r"|(?<!\w)автомобиль жолдар\w* (?:жалпы )?ұзындығы|سڑکوں کی (?:کل |مجموعی )?لمبائی"
)


def _of_everywhere(s: Sentence, q: Quantity) -> bool:
    """Whether a length is that of all roads of somewhere, not of one way: no ends, and no project named."""
    if (
        any(e.kind == "project" for e in s.entities)
        or len({e.id for e in s.entities if e.kind in {"place", "country"}}) >= 2
    ):
        return False
    return _ROADS.match(s.right(q, 70)) is not None or _ROADS_BEFORE.search(s.clause(q, 90)) is not None


def _ends_before(s: Sentence, q: Quantity) -> bool:
    """Whether two places stand right before a length: from one to the other, 1,872 km."""
    pairs = itertools.pairwise(e for e in s.places if e.end <= q.start)
    return any(0 <= b.start - a.end <= 8 and q.start - b.end <= 3 for a, b in pairs)


def length(s: Sentence, q: Quantity) -> Draft | None:
    """Type kilometres: the length of something, or how much shorter a way is."""
    bracketed = re.search(r"\(\s*$", s.left(q, 3)) is not None and (
        any(0 <= q.start - e.end <= 4 for e in s.places) or _BETWEEN_TWO.search(s.left(q, 40)) is not None
    )
    listed = (s.has("distance") or s.asset_before) and sum(o.family == "km" for o in s.quantities) >= 3
    told = bracketed or listed or _LENGTH_IS.search(s.left(q, 150)) is not None or _ends_before(s, q)
    if q.top < 10 or _BOTH_WAYS.search(s.clause(q, 60)) or (s.near("distance", q) < 0.3 and not told):
        return None
    near_by = re.split(r"[,;]", s.left(q, 34))[-1] + s.whole[q.start : q.end] + re.split(r"[,;]", s.right(q, 22))[0]
    if s.lex.has("distance_not", near_by) or _OF_TUNNELS.search(s.left(q, 70)) or _SPEED.search(s.clause(q)):
        return None
    if any(o.family == "km" and 0 <= q.start - o.end <= 6 and abs(o.top / q.top - 1) < 0.02 for o in s.quantities):
        return None  # the same in miles
    if _OF_BORDER.match(s.right(q, 40)) or _OF_BORDER_BEFORE.search(s.left(q, 80)):
        return None  # how long two countries touch, and no way
    if _LIES.match(s.right(q, 60)) or (not bracketed and _of_everywhere(s, q)):
        return None
    slots = common_slots(s, q)
    slots["unit"] = "km"
    if s.near("reduce", q, reach=25) > 0.5:
        slots["kind"] = "reduction"
    ends = [e for e in s.places if abs(e.start - q.start) < 160]
    if len(ends) >= 2:
        slots["from"], slots["to"] = ends[0].label, ends[-1].label
    elif len(ends) == 1:
        slots["to"] = ends[0].label
    planned = s.has("forecast") and (bool(s.project) or s.asset_before)
    return draft_of(
        "distance", Modality.PLANNED if planned else Modality.ACTUAL, slots, q, 0.4 + 0.4 * s.near("distance", q)
    )


def _baseline(s: Sentence, q: Quantity) -> bool:
    """Whether a time is only what another time in the sentence is measured against: `3 days instead of 35`."""
    if not any(other is not q and other.family == q.family for other in s.quantities):
        return False
    side = s.right(q, 14) if s.lex.lang[:2] in {"ur", "kk"} else s.left(q, 34)
    return s.lex.has("baseline", side)


def _rest_of(after: str) -> str:
    """Return what follows the first comma of a text."""
    return after[len(re.split(r"[,;]", after)[0]) :]


def _no_journey(s: Sentence, q: Quantity) -> bool:
    """Whether a time is a date, how long a border has been shut, or what another time is measured against."""
    if _BOTH_WAYS.search(s.clause(q, 90)):
        return True  # twice what was told
    if _PER_DAY.fullmatch(s.whole[q.start : q.end]) or (q.family == "month" and s.whole[: q.end].endswith(_IN_MONTHS)):
        return True  # so many in one day
    beside = s.around(q, 34)
    if s.lex.lang[:2] == "kk":  # the verb ends its clause, so what follows the comma is another's
        beside = beside[: len(beside) - len(_rest_of(s.right(q, 34)))]
    dated = any(w.start < q.end and q.start < w.end for w in s.dates)
    stay = _STAY.search(s.clause(q, 110)) is not None and _JOURNEY.search(s.clause(q)) is None
    if dated or stay or s.lex.has("transit_not", _BEFORE_IT.sub(" ", beside)):
        return True
    if s.has("border") and s.has("closed") and s.near("closed", q) > 0.25:
        return True
    said = s.clause(q) + (re.split(r"[,،]", s.clause_after(q, 40))[0] if s.lex.lang[:2] in {"ur", "kk"} else "")
    if _FOR_HANDLING.search(s.clause_after(q, 60)) or (_PROCESSING.search(said) and not _JOURNEY.search(said)):
        return True  # how long papers or cranes take
    told = any(o is not q and o.family == q.family for o in s.quantities)
    return _baseline(s, q) or (told and _FEWER.match(s.right(q, 10)) is not None)


def _covered(s: Sentence, way: Quantity, q: Quantity) -> bool:
    """Whether a length is gone in a time: `6,500 km in 13 days`."""
    if s.lex.lang[:2] == "ur":
        return 0 <= way.start - q.end <= 6 and s.whole[q.end : way.start].strip() == "میں"
    return way.end <= q.start and _COVERED_IN.fullmatch(s.whole[way.end : q.start]) is not None


def _travelled(s: Sentence, q: Quantity) -> float:
    """How near a time stands to words of a journey."""
    near = s.near("transit", q)
    if any(_baseline(s, other) for other in s.quantities if other is not q and other.family == q.family):
        near = min(1.0, 2 * near)  # what it is measured against does not stand in its way
    rival = any(o is not q and o.family == q.family for o in s.quantities)
    if rival and s.has("transit") and s.near("reduce", q) > 0.3:
        near = max(near, 0.4)  # "the road takes six weeks; the line is to shorten this to three"
    by_sea = _IN.search(s.left(q, 8)) and _BY_SEA.match(s.right(q, 12))
    if by_sea or _DELIVERY_TIME.search(s.clause(q, 200)) or _LONG_WAY.match(s.right(q, 12)):
        near = max(near, 0.6)  # "the delivery time by this way will be 10 days", "in two days by sea"
    if any(_covered(s, o, q) for o in s.quantities if o.family == "km"):
        near = max(near, 0.6)  # "6,500 km in 13 days"
    return near


def _at_rest(s: Sentence, q: Quantity) -> bool:
    """Whether a time is told of what does not move: how long a border was open, or trucks stood."""
    state = _STATE_FOR.search(s.clause(q, 60))
    still = state is not None and not _ON_THE_WAY.search(state.group())
    return still or not _ON_THE_WAY.search(s.clause(q, 160) + s.clause_after(q, 90))


def duration(s: Sentence, q: Quantity) -> Draft | None:
    """Type days, hours, weeks and months: how long a journey takes, or how much less."""
    if _no_journey(s, q):
        return None
    if q.family == "month":
        if built := _building(s, q):
            return built
        carried = any(o.family in {"t", "TEU", "train"} for o in s.quantities) and _IN.search(s.left(q, 12))
        if carried or _OVER.search(s.left(q, 24)) or _WITHIN.match(s.right(q, 20)):
            return None
    if not (
        s.has("flow")
        or s.has("asset")
        or s.has("route")
        or s.flow_before
        or s.asset_before
        or s.lex.has("flow", s.prior)
        or s.lex.lang != "en"
    ):
        return None  # a president spends two days
    near = 0.0 if _at_rest(s, q) else _travelled(s, q)
    if near < 0.3 or (q.family == "month" and near < 0.6):
        return None
    slots = common_slots(s, q)
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
    return draft_of(
        "transit_time", Modality.FORECAST if future or shorter else Modality.ACTUAL, slots, q, 0.35 + 0.4 * near
    )


def _building(s: Sentence, q: Quantity) -> Draft | None:
    """Type a time as that which works take."""
    near = s.near("buildtime", q)
    if near > 0.35 and s.has("forecast") and _AHEAD.search(s.left(q, 20)):
        near = max(near, 0.55)  # "hope to build the railway over the next five years"
    if near <= 0.5 or not (s.project or s.has("asset") or s.asset_before) or (s.has("trade") and s.has("target")):
        return None
    if _AGO.match(s.right(q, 8)) or _PAST.search(s.left(q, 24)):
        return None
    slots: dict[str, Slot] = {"milestone": "construction duration", "value": q.value, "unit": q.family}
    if s.project:
        slots["project"] = s.project
    return draft_of("project_milestone", Modality.PLANNED, slots, q, 0.4 + 0.4 * near)


def years(s: Sentence, q: Quantity) -> Draft | None:
    """Type years: how long two sides have had relations, or how long something takes to build."""
    close = s.around(q, 46)
    value = tuple(v * 10 for v in q.values) if q.family == "decade" else q.values
    ahead = re.search(
        r"(?:next|coming|last|past|over|in|of|within|в течение|за|ближайш\w+|آئندہ|алдағы|соңғы)\s+$", s.left(q, 14)
    )
    if (
        not _TERM.match(s.right(q, 90))
        and s.lex.has("relation", s.text if _AGO.match(s.right(q, 8)) else close)
        and (not ahead or re.search(r"^\W*of\b", s.right(q, 6)))
        and not (s.has("buildtime") and s.has("asset"))
    ):
        slots: dict[str, Slot] = {"years": value[0]}
        if s.parties:
            slots["parties"] = s.parties[:2]
        if q.qual:
            slots["qual"] = q.qual
        return draft_of("relationship_duration", Modality.ACTUAL, slots, q, 0.7)
    return _building(s, q) if q.top <= 25 and q.family == "year" else None
