"""Ways through places and countries: chains of names, names listed after a word of going through."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from serai.evidence.context import Draft
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.gazetteer import Entity
    from serai.evidence.types import Slot

_CHAIN: Final = re.compile(r"^[\s\u00a0]*(?:[-–—]|→|,)?[\s\u00a0]*(?:[-–—]|→)[\s\u00a0]*$|^\s*[-–—]\s*$")
_NAMED: Final = re.compile(
    r"[\W_]*(?:\([^)]*\)\s*)?(?:rail|gas|pipeline|electric|power|transmission"
    r"|газ|газопровод|құбыр|темір ?жол|железн\w+ дорог|ж/д|ریلوے)"
)
_TITLE: Final = re.compile(
    r"(?:железн\w+ дорог\w*|ж/д(?: \w+)?|магистрал\w*|проект\w*)\s*[\"'«]\s*$|(?:связыва|соединя)\w+\s+$"
)
_LIST: Final = re.compile(r"^(?!\s*$)[\s,]*(?:and|и|اور|мен|пен|және|,|through|via|to)?[\s,]*(?:the\s+)?$")
_VIA: Final = re.compile(r"\b(?:through|via|by way of|through|через|арқылы|براستہ)\b")
_FROM: Final = re.compile(r"\b(?:from|begins? in|starts? in|starting in|beginning in|originat\w+ in)\s+(?:the\s+)?$")
_ONWARD: Final = re.compile(r"\b(?:to|into|reaching|towards?)\s+(?:the\s+)?$")


def ordered(entities: tuple[Entity, ...]) -> list[Entity]:
    """Return names in order, each place or country once."""
    seen: set[str] = set()
    out: list[Entity] = []
    for entity in entities:
        twin = any(entity.id == e.id and (entity.label in e.label or e.label in entity.label) for e in out)
        if entity.label not in seen and not twin:
            seen.add(entity.label)
            out.append(entity)
    return out


def _node(entity: Entity) -> str:
    return entity.id if entity.kind == "country" else entity.label


def _runs(s: Sentence, joined: re.Pattern[str]) -> list[list[Entity]]:
    """Names that follow each other with nothing but a joint between."""
    runs: list[list[Entity]] = []
    for entity in s.entities:
        if entity.kind not in {"country", "place"}:
            continue
        if runs and joined.match(s.whole[runs[-1][-1].end : entity.start]):
            runs[-1].append(entity)
        else:
            runs.append([entity])
    return [run for run in runs if len(run) >= 3]


_TIES: Final = re.compile(
    r"\b(?:railways?|railroad|rail link)\b[^,.;]{0,30}\b(?:linking|connecting|links|connects)\s+(?:the\s+)?$"
)
_TIES_AFTER: Final = re.compile(r"\w*\s*(?:کو\s+)?(?:ملانے|جوڑنے|байланыстыратын|қосатын)")
_AMONG: Final = re.compile(
    r"\b(?:ministers|representatives|officials|delegat\w+|leaders|experts|companies|participants|businessmen"
    r"|traders)\s+from\s+$"
    r"|\b(?:between|among|amongst|by|of|railways of|both)\s+(?:the\s+)?$"
    r"|\b(?:partnerships?|cooperation|relations|trade|ties|talks) with\s+$|\b(?:между|с участием)\s+$"
)
_IN_YEAR: Final = re.compile(r"^\W*(?:in|в|on)\s+(?:\w+\s+)?\d+(?:\s+год\w*)?,?\s*")
_ACTS: Final = re.compile(
    r"\s+(?:также\s+)?(?:подписал|договорил|пров[её]л|обсудил|намерен|согласовал|подтвердил|утвердил|планиру)\w*|"
    r"(?:\s+on (?:\w+day|\d+ \w+|\w+ \d+))?\s+(?:(?:have|has|had|will|would|also|jointly)\s+)*"
    r"(?:reaffirmed|expressed|launched|adopted|approved|held|hold|met|meet|agreed?|sign(?:ed)?|discuss(?:ed)?"
    r"|decided?|plan(?:ned)?|want|seek|announced?|are|were)\b"
)
_DATIVE: Final = re.compile(r"(?:[ғқ]а|[гк]е|на|не)$")
_WITH: Final = re.compile(r"[мпб]ен$")
_DECIDES: Final = re.compile(r"agree|sign|decide|reaffirm|adopt|approv|announc|discuss|подписа|договор")
_GOES_BY: Final = re.compile(
    r"\b(?:проход|пройд|пролег|пересека|соединя|связыва|транзит|маршрут)|سے ہو|گزر|کے راستے|کے ذریعے|جوڑ|ملا"
    r"|өт(?:еді|етін)|бойымен|қосатын"
)
_PASSING: Final = re.compile(r"\b(?:through|via|pass|cross|stretch|runs?\b|travers|links?\b|linking|connect)")


def _company(s: Sentence, run: list[Entity]) -> bool:
    """Whether a list of countries is one of those who meet, trade or own, not a way through them."""
    opens = not re.search(r"\w", _IN_YEAR.sub("", s.text[: run[0].start - s.start]))
    opens = opens or re.search(r"\bthat\s+$", s.whole[s.start : run[0].start]) is not None
    capitals = all(e.kind == "place" for e in run)  # which act for their countries
    acting = _ACTS.match(s.whole[run[-1].end : s.end]) if opens or capitals else None
    if acting and capitals and not opens:
        acting = _DECIDES.search(acting.group())
    if s.lex.lang.startswith("kk") and all(_DATIVE.search(s.whole[e.start : e.end]) for e in run):
        return True  # sent to each of them
    if s.lex.lang.startswith("kk") and _WITH.search(s.whole[run[-1].start : run[-1].end]):
        return True  # together with them
    return bool(acting) or _AMONG.search(s.whole[s.start : run[0].start][-40:]) is not None


def _tied(s: Sentence, run: list[Entity]) -> bool:
    """Whether countries are those a railway ties together, which tells no more than its name."""
    head = s.whole[s.start : run[0].start]
    if _TIES_AFTER.match(s.whole[run[-1].end - 4 : s.end]):
        return True
    return all(e.kind == "country" for e in run) and _TIES.search(head) is not None and not _VIA.search(s.text)


def _with_ends(s: Sentence, run: list[Entity]) -> list[Entity]:
    """Return a list of countries with that from which the way comes and that to which it goes."""
    spots = [e for e in s.entities if e.kind == run[0].kind]
    before = [e for e in spots if e.end <= run[0].start and _FROM.search(s.whole[s.start : e.start][-30:])]
    after = [e for e in spots if e.start >= run[-1].end and _ONWARD.search(s.whole[run[-1].end : e.start][-30:])]
    return ordered((*before[-1:], *run, *after[:1]))


def _led(s: Sentence, lands: list[Entity]) -> bool:
    """Whether a word of going through stands before the second of some countries."""
    if s.lex.lang != "en":
        return _VIA.search(s.text) is not None or _GOES_BY.search(s.text) is not None
    return _PASSING.search(s.whole[s.start : lands[1].start]) is not None


def _route(s: Sentence, nodes: list[Entity], confidence: float) -> Draft:
    slots: dict[str, Slot] = {"nodes": tuple(_node(e) for e in nodes), "node_ids": tuple(e.id for e in nodes)}
    if s.project:
        slots["project"] = s.project
    future = s.has("forecast")
    return Draft(
        "route", Modality.PLANNED if future else Modality.ACTUAL, slots, nodes[0].start, nodes[-1].end, confidence
    )


def _chained(s: Sentence) -> list[Draft]:
    """Ways written as a chain: Termez-Kabul-Peshawar."""
    out = []
    for run in _runs(s, _CHAIN):
        nodes = ordered(tuple(run))
        tail = s.whole[run[-1].end : run[-1].end + 34]
        head = s.whole[max(s.start, run[0].start - 30) : run[0].start]
        if _PACT.match(tail):
            continue  # an agreement of three
        if all(e.kind == "country" for e in nodes) and (_NAMED.match(tail) or _TITLE.search(head)):
            continue  # the name of a project, not a way
        if len(nodes) >= 3:
            out.append(_route(s, nodes, 0.75))
    return out


def _through(s: Sentence, run: list[Entity]) -> bool:
    """Whether a word of going through stands within a list of names, and not only after two joined by `and`."""
    inside = s.whole[run[0].end : run[-1].start]
    return _VIA.search(inside) is not None and not re.fullmatch(r"\s+and\s+", s.whole[run[0].end : run[1].start])


_PACT: Final = re.compile(
    r"\s+(?:[\w-]+\s+)?(?:agreement|commission|forum|council|treaty|meeting|talks|summit|cooperation|chamber)\b"
)
_PRESS: Final = re.compile(r"-based\b|\s+(?:pro|times|news|post|today|observer|پرو)\b")
_SECTION: Final = re.compile(
    r"\s+(?:\w+ )?(?:section|segment|stretch|main ?line|line|track|motorway|highway|expressway)\b"
)


def _bracketed(s: Sentence, names: list[Entity]) -> bool:
    """Whether names stand in brackets, where they say which, not which way."""
    opened = s.whole[s.start : names[0].start].rfind("(")
    return opened >= 0 and ")" not in s.whole[s.start + opened : names[-1].start]


def _visited(s: Sentence) -> list[Entity]:
    """Places of a sentence that make up a way: not only ports, and not ends of several distances or prices."""
    acting = [e for run in _runs(s, _LIST) if _company(s, run) for e in run]
    spots = tuple(e for e in s.places if not _PRESS.match(s.whole[e.end : s.end]) and e not in acting)
    pairs = {
        id(e)
        for a, b in pairwise(spots)
        for e in (a, b)
        if re.fullmatch(r"\s*[-–—]\s*", s.whole[a.end : b.start]) and _SECTION.match(s.whole[b.end : s.end])
    }
    places = ordered(tuple(e for e in spots if id(e) not in pairs))  # a section's name is no way
    inland = [e for e in places if not (s.has("port") and e.id in s.ports)]
    measured = [q for q in s.quantities if q.family in {"km", "money", "day", "hour", "t", "TEU", "container"}]
    if places and ";" in s.whole[places[0].start : places[-1].end]:
        return []
    if places and _bracketed(s, places):
        return []
    return places if len({e.id for e in places}) >= 3 and len(inland) >= 2 and len(measured) < 2 else []


def route(s: Sentence) -> list[Draft]:
    """Find a way through three places or countries and more."""
    chains = _chained(s)
    if chains or not s.has("route"):
        return chains
    every = [run for run in _runs(s, _LIST) if len(ordered(tuple(run))) >= 3]
    runs = [run for run in every if not _company(s, run)]
    listed = [run for run in runs if not _tied(s, run) and not _bracketed(s, run)]
    led = [run for run in listed if _through(s, run)]
    lands = ordered(tuple(e for e in s.entities if e.kind == "country"))
    out: list[Draft] = []
    mixed = bool(led) and len({e.kind for e in led[0]}) > 1
    if mixed and len(_visited(s)) > sum(e.kind == "place" for e in led[0]):
        out = [_route(s, _visited(s), 0.55)]
    elif led:
        out = [_route(s, ordered(tuple(led[0])), 0.6)]
    elif s.has("route_not") or s.has("closed"):
        out = []
    elif visited := _visited(s):
        out = [_route(s, visited, 0.55)]
    elif listed:
        out = [_route(s, _with_ends(s, listed[0]), 0.55)]
    elif (
        len(lands) >= 4
        and listed == every
        and not s.has("sign")
        and _led(s, lands)
        and "(" not in s.whole[lands[0].start : lands[-1].end]
    ):
        out = [_route(s, lands, 0.4)]
    return out
