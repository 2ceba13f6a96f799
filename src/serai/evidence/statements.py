"""Claims that rest on words: agreements, routes, gateways, stability, borders, firsts, superlatives, positions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import Draft
from serai.evidence.numbers import find_numbers
from serai.evidence.paths import ordered, route
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.evidence.context import Sentence
    from serai.evidence.gazetteer import Entity, Gazetteer
    from serai.evidence.types import Slot

_CARRIED: Final = {"t", "TEU", "container", "train", "truck", "%"}
_SIDES: Final = re.compile(
    r"[\s-]*(?:\w+\s+){0,2}(?:countries|nations|states|sides|parties|governments|leaders|presidents|ministers"
    r"|neighbou?rs"
    r"|стран|сторон|государств|правительств|лидер|президент|министр|ел\b|елдің|тарап|мемлекет|ممالک|ملکوں|فریق|رہنما)"
)
_DEALS: Final = {"agreement", "contract", "document"}


def _span_of(s: Sentence, concept: str) -> tuple[int, int]:
    a, b = s.lex.near(concept, s.text)[0]
    return s.start + a, s.start + b


def counted(s: Sentence) -> tuple[int, int, int] | None:
    """Find a number of documents: count, start, end."""
    for number in find_numbers(s.lex, s.text):
        if number.plain_year or number.value != int(number.value) or not 2 <= number.value <= 500:
            continue
        tail = s.text[number.end : number.end + 64]
        words = re.match(r"(?:[\s,/-]+[^\s,.;]+){1,5}", tail)
        if not words:
            continue
        for _, pattern in s.lex.instruments:
            hit = pattern.search(words.group())
            if hit and not re.search(r"\d|%|\$", words.group()[: hit.start()]) and not _SIDES.match(words.group()):
                return int(number.value), s.start + number.start, s.start + number.end + hit.end()
    return None


def agreement(s: Sentence, valued: bool = False) -> list[Draft]:
    """Find what was signed, or is to be."""
    if not s.has("sign") and not s.has("sign_plan"):
        return []
    negated = s.has("sign_not")
    rest = s.lex.concepts["sign_plan"].sub(" ", s.text)
    planned = s.has("sign_plan") and not s.lex.has("sign", rest)
    kinds = [(name, m.start(), m.end()) for name, pattern in s.lex.instruments if (m := pattern.search(s.text))]
    count = counted(s)
    if valued:  # the deals that were valued are told by their value; other papers of the sentence stay
        inside = (count[1] - s.start, count[2] - s.start) if count else (-1, -1)
        deals = _DEALS if count else {*_DEALS, "MoU"}
        kinds = [k for k in kinds if k[0] not in deals and not inside[0] <= k[1] < inside[1]]
        count = None
    if not kinds:
        return []
    name, a, b = kinds[0]
    slots: dict[str, Slot] = {"instrument": name}
    start, end = s.start + a, s.start + b
    if count:
        slots["n"] = count[0]
        start, end = count[1], count[2]
        before = s.whole[max(s.start, start - 16) : start]
        if any(p.search(before) for q, p in s.lex.qualifiers_before if q == "over"):
            slots["qual"] = "over"
    if s.parties:
        slots["parties"] = s.parties
    if s.project:
        slots["project"] = s.project
    if s.places:
        slots["place"] = s.places[-1].label
    when = s.date_near(start)
    day = s.ref.isoformat() if s.ref else "9999"
    if when and (planned or when.first < day or when.last <= day):
        slots["date"] = when.text  # what was signed was not signed on a day to come
    kind, modality = ("agreement_planned", Modality.PLANNED) if planned else ("agreement_signed", Modality.ACTUAL)
    told = s.lex.lang == "en" and re.search(r"\b(?:the|this|these|that)\s+(?:[\w-]+\s+)?$", s.text[max(0, a - 20) : a])
    generic = (bool(told) or name in {"agreement", "document", "package", "contract"}) and not count
    generic = generic and not any(e.kind == "project" for e in s.entities)
    if negated and name in {"agreement", "document", "package", "contract"}:
        return []  # that nothing was signed is no claim of a signing
    return [Draft(kind, modality, slots, start, end, 0.4 if generic else 0.65, negated)]


def _owner(s: Sentence) -> Entity | None:
    """Country whose ports are spoken of: named beside the word, or that which has or gives a way out."""
    owner = None
    lands = [e for e in s.entities if e.kind == "country"]
    russian = s.lex.lang == "ru"
    for a, b in s.lex.near("port", s.text):
        before = [e for e in lands if 0 <= s.start + a - e.end <= 12]
        after = [e for e in lands if 0 <= e.start - s.start - b <= 4]
        if russian:  # who is given access does not own the port
            before = [e for e in before if not s.whole[e.start : e.end].endswith("у")]
        near = after or before if russian else before
        own = _WAY_OUT.search(s.text) and _OWN.search(s.text[max(0, a - 24) : a])
        leads = bool(own and lands and lands[0].end <= s.start + a)
        offered = russian and lands and _GRANTS.match(s.whole[lands[0].end : s.end])
        owner = near[-1] if near else lands[0] if leads or offered else owner
    return owner


def gateway(s: Sentence, gaz: Gazetteer) -> list[Draft]:
    """Ports said to be someone's way to the sea."""
    frame = gaz.package["places"]
    kinds = dict(zip(frame["id"], frame["kind"], strict=True))
    ports = [e for e in ordered(s.places) if kinds.get(e.id) == "port" and not _BODY.match(s.whole[e.end : s.end])]
    spoken = s.has("port") or (bool(ports) and s.has("sea"))
    if not spoken or not s.has("gateway") or s.has("closed"):
        return []
    slots: dict[str, Slot]
    if ports:
        homes = {e.country for e in ports}
        slots = {"ports": tuple(e.label for e in ports), "port_ids": tuple(e.id for e in ports)}
        start, end = ports[0].start, ports[-1].end
    else:
        owner = _owner(s)
        if owner is None:
            return []
        homes = {owner.id}
        ids = [
            i
            for i, k, c in zip(frame["id"], frame["kind"], frame["country"], strict=True)
            if k == "port" and c == owner.id
        ]
        if not ids:
            return []
        slots = {"ports": (f"{owner.id} ports",), "port_ids": tuple(ids)}
        start, end = owner.start, owner.end
    users = [c for c in s.countries if c not in homes] or [c for c in s.parties if c not in homes]
    regions = [e.label for e in s.entities if e.kind == "region"]
    named = any(c not in homes for c in s.countries)
    said = named or regions or s.has("position") or s.has("sea") or (s.speaker and s.speaker.country)
    hub = not named and not regions and s.lex.lang == "en" and not s.lex.has("gateway", _HUB.sub(" ", s.text))
    if hub or (_SENT.search(s.text) and not _OFFERED.search(s.text)):
        return []  # a hub, of nobody in particular; goods that went through a port
    nobody = s.lex.lang != "en" and not said  # elsewhere "through" alone makes no gateway
    if nobody or not (users or regions) or (any(q.family in _CARRIED for q in s.quantities) and not (named or regions)):
        return []  # goods that went through a port; nobody's way to the sea
    slots["for"] = tuple(users or regions)
    return [Draft("gateway", Modality.POSITION, slots, start, end, 0.6)]


_SENT: Final = re.compile(
    r"\b(?:arrived|departed|dispatched|delivered|transported|shipped|handled|unloaded|loaded|reached|sent"
    r"|passed through|increased|grew|rose|fell"
    r"|transited|stuck|stranded|suspended|stopped|banned|halted|signed|met|visited)\b"
    r"|\b(?:прибы[лв]|отправи[лв]|доставлен|доставил|перевез|перевал|отгру[зж]ен|вырос|увеличил|прекрат|приостанов)"
    r"|پہنچ گ|پہنچا\b|پہنچی|روانہ|منتقل|لنگر انداز"
    r"|(?<!\w)(?:жөнелтіл|тасымалданды|тасымалданған|жетті|өсті|артты|аттан|келді|жүріп өтті)"
)
_OFFERED: Final = re.compile(
    r"\b(?:access|gateway|outlet|doorway|warm waters|shortest|nearest|can\b|could|may\b|would|want|wish|seek"
    r"|interest|offer|ready|allow|enabl|provid|facilitat"
    r"|benefit|opportunit|potential|propos|hope|intend|plan|use\b|using)"
    r"|доступ|выход\w* (?:к|на)|ворот|кратчайш|может|могут|позволит|готов|предлож|использова|заинтересован"
    r"|возможност|планир|намерен"
    r"|رسائی|گیٹ ?وے|استعمال|مختصر ترین|سکتا|سکتے|سکتی|پیشکش|خواہ|موقع"
    r"|қақпа|шығу|шыға|қолжетім|пайдалан|қысқа|мүмкін|мүдделі|қызығ|ұсын|дайын"
)
_WAY_OUT: Final = re.compile(r"access|outlet|nearest|shortest|رسائی|روٹ|راستہ|доступ|выход|шығ")
_OWN: Final = re.compile(r"\b(?:its|their|our|own|сво\w+|өз|اپنی|اپنے)\s+(?:\w+\s+){0,2}$")
_GRANTS: Final = re.compile(r"\s+(?:готов\w*|предостав\w*|предлож\w*|предлага\w*|откр\w*|обеспеч\w*)\s")
_HAD_BEEN: Final = re.compile(r"\bhad (?:\w+ )?been (?:\w+ )?$")
_AT_HOUR: Final = re.compile(r"\w*\s+at \d|\w*\s+(?:on (?:sun|mon|tues|wednes|thurs|fri|satur)days)\b")
_BODY: Final = re.compile(r"\s+(?:port\s+)?(?:trust|authority)\b")
_HUB: Final = re.compile(r"\bhubs?\b")
_BACKGROUND: Final = re.compile(
    r"\b(?:after|following|since|prevent\w*|against|combat\w*|curb\w*|due to|because of|stems? from"
    r"|после|из-за|вследствие|против|предотвра\w*)\b[^.;]*$"
)


def stability(s: Sentence) -> list[Draft]:
    """Find that a place has become calm, or is not."""
    lands = s.countries or tuple(e.label for e in s.places)
    if not lands:
        return []
    if s.has("stable") and not s.has("stable_not") and not s.has("unstable"):
        a, b = _span_of(s, "stable")
        nearest = min((e for e in s.entities if e.kind in {"country", "place"}), key=lambda e: abs(e.start - a))
        slots: dict[str, Slot] = {"place": nearest.id, "state": "stabilised"}
        if s.dates:
            slots["since"] = int(s.dates[0].first[:4])
        return [Draft("stability", Modality.ACTUAL, slots, min(nearest.start, a), max(nearest.end, b), 0.6)]
    told = [(x, y) for x, y in s.lex.near("unstable", s.text) if not _BACKGROUND.search(s.text[max(0, x - 44) : x])]
    if told and (s.has("border") or len(told) > 1):
        a, b = s.start + told[0][0], s.start + told[0][1]
        slots = {"place": lands[0], "state": "violence"}
        return [Draft("stability", Modality.ACTUAL, slots, a, b, 0.45)]
    return []


def border(s: Sentence) -> list[Draft]:
    """Find that a border or crossing is shut or open."""
    named = [(e.start - s.start, e.end - s.start) for e in s.places if e.id in s.crossings]
    if not (named or s.has("border")) or s.has("hypothetical"):
        return []
    for concept, state in (("closed", "closed"), ("reopened", "open")):
        if not s.has(concept) or (state == "open" and s.has("reopened_not")):
            continue
        spots = s.lex.near(concept, s.text)
        gates = [*s.lex.near("border", s.text), *named]
        if state == "closed":  # "had been closed" is how it was before
            spots = [(a, b) for a, b in spots if not _HAD_BEEN.search(s.text[max(0, a - 20) : a])]
            spots = [(a, b) for a, b in spots if not _AT_HOUR.match(s.text[b : b + 16])]
        pairs = [(abs(a - c), a, b) for a, b in spots for c, _ in gates if abs(a - c) < 90]
        if not pairs:
            continue
        _, a, b = min(pairs)
        slots: dict[str, Slot] = {"state": state}
        if s.places:
            slots["place"] = s.places[0].label
            slots["place_ids"] = tuple(e.id for e in s.places)
        if s.parties:
            slots["parties"] = s.parties
        if s.dates:
            slots["date"] = s.dates[0].text
        if (
            state == "closed"
            and s.has("reopened")
            and not s.has("reopened_not")
            and len(s.lex.near("reopened", s.text)) >= len(spots)
        ):
            slots["state"] = "open"
        return [Draft("border_status", Modality.ACTUAL, slots, s.start + a, s.start + b, 0.55)]
    return []


def first(s: Sentence) -> list[Draft]:
    """Find that something went that way for the first time."""
    if s.has("trade") and any(q.family == "money" for q in s.quantities):
        return []  # a sum exceeded for the first time
    if not s.has("first") or s.has("first_not") or not (s.has("flow") or s.has("transit") or s.has("route")):
        return []
    a, b = _span_of(s, "first")
    slots: dict[str, Slot] = {"what": s.whole[a : min(s.end, b + 60)].strip()}
    if s.parties:
        slots["parties"] = s.parties
    return [Draft("first_event", Modality.ACTUAL, slots, a, b, 0.5)]


def superlative(s: Sentence) -> list[Draft]:
    """Find that something is the largest, shortest or safest of its kind."""
    for a, b in s.lex.near("largest", s.text):
        tail = re.split(r"[,;:]|\b(?:for|by|among|для|среди)\b", s.text[b : b + 60])[0]
        of = s.lex.concepts["superlative_of"].search(tail)
        if not of or re.search(
            r"\b(?:one|top \w+) of the\W*$|среди\W*$|(?:десятк|пят[её]рк|тройк|числ)\w+\W*$", s.text[max(0, a - 14) : a]
        ):
            continue
        if re.match(r"s\b", tail[of.end() :]) or re.search(r"\bin (?:the |its |our )?$", tail[: of.start()]):
            continue  # one of several; of a kind that is none of these
        regions = [e.label for e in s.entities if e.kind == "region"]
        subject = next(
            (e for e in s.entities if e.kind in {"country", "place", "project"} and e.start < s.start + a), None
        )
        end = s.start + b + of.end()
        slots: dict[str, Slot] = {"what": s.whole[s.start + a : end], "rank": s.text[a:b]}
        if "landlocked" in tail or "выхода к морю" in s.text or "теңізге шыға" in s.text:
            slots["landlocked"] = True
        if regions:
            slots["scope"] = regions[0]
        if subject:
            slots["subject"] = subject.id
        return [Draft("superlative", Modality.ACTUAL, slots, s.start + a, end, 0.55)]
    return []


_LONG_BARRIER: Final = 200


_LACKING: Final = re.compile(
    r"\b(?:poor|weak|lack|lacks|lacking|inadequate|insufficient|limited|underdeveloped|absence|missing|no) (?:of )?"
    r"|\b(?:слаб|нехватк|недостат|отсутств|плох|неразвит)|کمی\b|فقدان|ناقص|کمزور|әлсіз|жетіспе|нашар|жоқтығы"
)


def barrier(s: Sentence) -> list[Draft]:
    """Find what is said to stand in the way."""
    if not s.has("barrier") or s.has("barrier_not"):
        return []
    a, b = _span_of(s, "barrier")
    items = [s.text[x:y] for x, y in s.lex.near("barrier_items", s.text) if abs(s.start + x - a) < 160]
    if not items or (all(s.lex.has("barrier_weak", item) for item in items) and not _LACKING.search(s.text)):
        return []  # that safety or connectivity is a challenge says nothing one could check
    ends = s.lex.near("barrier_items", s.text)
    slots: dict[str, Slot] = {"items": tuple(dict.fromkeys(items))}
    if s.parties:
        slots["parties"] = s.parties
    first, last = min(a, s.start + ends[0][0]), max(b, s.start + ends[-1][1])
    if last - first > _LONG_BARRIER:  # the word and what it is said of, not the whole sentence
        first, last = a, b
    return [Draft("barrier", Modality.POSITION, slots, first, last, 0.5 + 0.05 * len(items))]


_NO_ACTOR: Final = re.compile(
    r"\b(?:traders|transporters|truckers|drivers|exporters|importers|businessmen) (?:have |had )?$"
    r"|\b(?:it|which|that|services?|routes?|trains?|corridors?|cargo(?:es)?|goods|freight|containers?|lines?"
    r"|would|first) (?:also |first )?$"
)
_NOUN: Final = re.compile(r"\b(?:the|an?|this|that|its|their)\s+$")
_PASSIVE: Final = re.compile(r"\b(?:was|were) (?:\w+ )?(?:propos|invit|urg|offer)\w*$")


def position(s: Sentence) -> list[Draft]:
    """Find what an actor wants, offers or calls for."""
    if not s.has("position") or not s.has("position_topic") or not (s.countries or s.speaker):
        return []
    firm = [
        (x, y)
        for x, y in s.lex.near("position", s.text)
        if not s.lex.has("position_weak", s.text[x:y])
        and not _NO_ACTOR.search(s.text[max(0, x - 30) : x])
        and not (s.text.startswith("propos", x) and _NOUN.search(s.text[max(0, x - 10) : x]))
        and not _PASSIVE.search(s.text[max(0, x - 14) : y])
    ]
    if not firm:
        return []  # that something is important, or a commitment kept up, binds nobody to anything
    a, b = s.start + firm[0][0], s.start + firm[0][1]
    actor = s.speaker.country if s.speaker and s.speaker.country else next(iter(s.countries), "")
    slots: dict[str, Slot] = {"stance": s.whole[a : min(s.end, b + 80)].strip()}
    if actor:
        slots["actor"] = actor
    topics = len(s.lex.near("position_topic", s.text))
    if topics < 2 and s.lex.has("position_vague", s.text[a - s.start :][: b - a]):
        return []
    return [Draft("policy_position", Modality.POSITION, slots, a, min(s.end, b + 80), min(0.6, 0.3 + 0.05 * topics))]


_ARRIVING: Final = re.compile(r"arriv|(?:expected|due|set|scheduled) to arriv|will arriv|прибудет|прибыл")
_EVENTS: Final = (
    ("book launch", r"book launch|презентац\w+ книг|کتاب کی (?:تقریب )?رونمائی|кітап\w* тұсаукесер"),
    ("delegation visit", r"delegation|делегац|وفد|делегация"),
    ("visit", r"visit|визит|прибы|دورہ|دورے|сапар"),
    ("forum", r"forum|форум|فورم"),
    ("conference", r"conference|summit|конференц|саммит|کانفرنس|конференция"),
    ("meeting", r"."),
)


def event(s: Sentence) -> list[Draft]:
    """Find a visit, meeting, forum or launch."""
    planned = s.has("event_plan") and not s.has("mil_start")
    if planned and not s.has("event") and s.text[_span_of(s, "event_plan")[0] - s.start :].startswith("scheduled for"):
        planned = False  # works are, too
    if not s.has("event_core") and not planned:
        return []
    named = s.places or s.countries or any(e.kind == "organisation" for e in s.entities)
    if not (named or s.parties):
        return []
    a, b = _span_of(s, "event_core" if s.has("event_core") else "event_plan")
    if _ARRIVING.match(s.text[a - s.start :]) and s.lex.has("flow", s.whole[max(s.start, a - 60) : a]):
        return []  # goods arrived
    if not s.text[a - s.start :].startswith("upcoming") and re.search(
        r"\b(?:during|after|before|ahead of|since)\b[^,]{0,60}$", s.whole[max(s.start, a - 70) : a]
    ):
        return []
    what = next(name for name, pattern in _EVENTS if re.search(pattern, s.text))
    slots: dict[str, Slot] = {"what": what}
    if s.countries:
        slots["parties"] = s.countries
    if s.places:
        slots["place"] = s.places[-1].label
    if when := s.date_near(a):
        slots["date"] = when.text
    kind, modality = ("event_planned", Modality.PLANNED) if planned else ("event", Modality.ACTUAL)
    return [Draft(kind, modality, slots, a, b, 0.45 if what in {"meeting", "conference"} else 0.55)]


def milestone(s: Sentence) -> list[Draft]:
    """When works begin or end."""
    if not (s.project or s.has("asset") or s.asset_before) or not s.dates:
        return []
    for concept, name in (("mil_start", "construction start"), ("mil_done", "completed")):
        if not s.has(concept) or s.has("mil_not"):
            continue
        a, b = _span_of(s, concept)
        when = s.date_near(b, 150 if s.lex.lang[:2] in {"kk", "ur"} else 70)  # there the verb stands last
        if not when:
            continue
        future = not s.ref or when.last > s.ref.isoformat()
        slots: dict[str, Slot] = {"milestone": name, "date": when.text}
        if s.project:
            slots["project"] = s.project
        lo, hi = min(a, when.start), max(b, when.end)
        return [Draft("project_milestone", Modality.PLANNED if future else Modality.ACTUAL, slots, lo, hi, 0.55)]
    return []


def benefit(s: Sentence) -> list[Draft]:
    """Which regions are said to gain."""
    regions = list(dict.fromkeys(e.label for e in s.entities if e.kind == "region"))
    if not s.has("benefit") or len(regions) < 2:
        return []
    spots = [e for e in s.entities if e.kind == "region"]
    a, _ = _span_of(s, "benefit")
    return [
        Draft("benefit", Modality.FORECAST, {"regions": tuple(regions)}, min(a, spots[0].start), spots[-1].end, 0.5)
    ]


PLAIN: Final[tuple[Callable[[Sentence], list[Draft]], ...]] = (
    route,
    stability,
    border,
    first,
    superlative,
    barrier,
    milestone,
    benefit,
    event,
)


def statements(s: Sentence, gaz: Gazetteer, *, valued: bool, numeric: bool) -> list[Draft]:
    """All claims of a sentence that rest on words.

    `valued` if an amount already stands for its agreements, `numeric` if it makes any claim with a number.
    """
    out = [*agreement(s, valued), *gateway(s, gaz)]
    for reader in PLAIN:
        out += reader(s)
    if not numeric and all(d.type in {"event", "barrier"} for d in out):
        out += position(s)
    return out
