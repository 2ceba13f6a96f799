"""Quantities that are not money: goods carried or to be, capacity, length, time, shares and growth."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import TO, Draft, common_slots, date_slots, draft_of
from serai.evidence.sums import aimed, is_delta
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
_SIZED: Final = re.compile(r"\d[^\W\d]*-(?:\w+-)?ton")
_STORE: Final = re.compile(
    r"[\s-]+(?:\w+\s+){0,2}(?:elevator|silos?|terminal|warehouse|storage|depot|wharf|berth|jetty)\b"
)
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
_UP: Final = re.compile(r"\b(?:r[io]se|rising|risen|increas|gr[eo]w|вырос|увелич|рост)")
_PER_YEAR: Final = re.compile(
    r"^\W{0,3}(?:\w+\s+){0,4}?(?:a year|per year|annually|per annum|yearly|each year|every year|"
    r"в год|ежегодно|سالانہ|жылына|жыл сайын)"
)
_CHEAPER: Final = re.compile(r"\bcheap|\b(?:по|у)?дешев|арзан|سست")
_OF_COST: Final = re.compile(
    r"\s*(?:of|in|on|off) (?:the |their |its )?(?:\w+ ){0,2}(?:costs?|expens|tariffs?|rates?|charges)\b"
    r"|\s*(?:\w+ )?(?:стоимости|тариф\w+|затрат)"
)
_FEWER: Final = re.compile(r"\s*(?:fewer|less|more|shorter|longer|faster)\b")
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
_BY_SO_MUCH: Final = re.compile(r"\b(?:by|на)\s+(?:\w+\s+)?$")
_BY_KK: Final = re.compile(r"-?(?:ға|ге|қа|ке)\b")
_CAME_TO: Final = re.compile(
    r"\s+(?:дейін\s+)?(?:жетті|жеттік|ұлғайды|өсті|артты|арттырды|ұлғайтты|төмендеді|азайды|жеткен)(?!\w)"
)
_PASSED: Final = re.compile(r"\b(?:has|have|had|already)\s+(?:surpassed|exceeded|topped|reached|passed)\b[^.;]{0,30}$")
_COVERED_IN: Final = re.compile(r"\s*(?:in|within|за|в течение)\s+(?:(?:about|only|just|some|около|всего)\s+)?")
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
_CAPACITY_GROWS: Final = re.compile(
    r"\bcapacity\b(?:\s+(?:of|at|on)\s+(?:[\w-]+\s+){1,5})?\s*(?:(?:has|had|is|was|will|would|to|be|been|set"
    r"|due)\s+)*"
    r"(?:grow|grew|r[io]se|increas|doubl|tripl|expand)\w*[^,;.]{0,16}$"
)
_CAPACITY_RAISED: Final = re.compile(
    r"\bcapacity\b[^,;.]{0,80}\b(?:increas|rais|expand|doubl|tripl|brought|grow|gr[eo]w|r[io]se)\w*[^,;.]{0,16}$"
    r"|(?:мощност|пропускн\w+ способност)\w*[^,;.]{0,80}\b(?:увелич|вырос|вырас|возрас|довед|расшир)\w*[^,;.]{0,16}$"
)
_ABLE: Final = re.compile(r"capacit|capab|able to|could|\bcan\b|мощност|способн|صلاحیت|گنجائش|қуат|қабілет")
_IN: Final = re.compile(r"\b(?:in|over|during|within|for|за)\s+$")
_AHEAD: Final = re.compile(r"\b(?:(?:over|in|within) the (?:next|coming)|within|за|в течение)\s+$")
_COULD_BE: Final = re.compile(r"\b(?:can|could|may|might) be \w+ed\s+(?:by\s+)?$")
_EXPECTED: Final = re.compile(
    r"\b(?:expected|projected|planned|forecast|target(?:ed)?|anticipated)\s+(?:[^\W\d_]+\s+){0,3}(?:for|in|of"
    r"|is|was|at|stands)\b"
)
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
