"""Projects that a text names by where they begin and end: the railway from A to B.

What a project's ends and stops are comes from the package alone: the chains of places in its name and description, and
the links that exist only once it is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from serai.evidence.text import fold

if TYPE_CHECKING:
    from serai.evidence.gazetteer import Entity, Gazetteer

_DASH: Final = re.compile(r"\s*[-–—/]\s*")
_CHAIN: Final = re.compile(r"[A-Z][\w']*(?: [A-Z][\w']*)*(?:[-–—/][A-Z][\w']*(?: [A-Z][\w']*)*)+")
_KINDS: Final = {
    "rail": re.compile(
        r"\brail|\b(?:line|track)s?\b|железн|ж/д|\bлини[яиюей]|магистрал|ریل|لائن|پٹری|темір ?жол|желі|магистраль"
    ),
    "road": re.compile(
        r"(?<!rail)road\b|highway|motorway|expressway|(?<!железной )(?<!железная )(?<!железную )\bдорог|автодорог"
        r"|трасс|шоссе|سڑک|شاہراہ|موٹر ?وے"
        r"|тасжол|автожол|автомобиль жол"
    ),
}
_BEFORE: Final = 60
_AFTER: Final = 45
_MENDS: Final = re.compile(
    r"upgrad|rehabilit|reconstruct|moderni[sz]|repair|rebuil|realign|doubl|second track|electrif|restor|reopen"
    r"|реконструк|модерниз|ремонт|восстанов|вторы[ехм]|второй пут|электрифи|обновл|بحالی|مرمت|اپ ?گریڈ|دوہرا|جدید"
    r"|жаңғырт|жөнде|қайта (?:құр|сал)|екінші жол|электрленд|қалпына"
)
_LED_BY: Final = {
    "to": re.compile(
        r"\b(?:from|link\w*|connect\w*|join\w*)\s+(?:the\s+)?(?:(?:border|port|city|town)\s+(?:\w+\s+)?of\s+)?$"
    ),
    "and": re.compile(r"\b(?:between|link\w*|connect\w*|join\w*)\s+(?:the\s+)?(?:(?:cities|towns|ports)\s+of\s+)?$"),
    "до": re.compile(r"\b(?:от|из|с)\s+(?:[^\W\d]+\s+)?$"),
    "в": re.compile(r"\b(?:из|от)\s+(?:[^\W\d]+\s+)?$"),
    "и": re.compile(r"\b(?:между|соедин\w+|свя[зж]\w+)\s+(?:[^\W\d]+\s+)?$"),
}
_LED_BY_OF: Final = {"with": "and", "с": "и", "со": "и"}
_JOINT: Final = re.compile(
    r"(?:\s+(?:in|в)\s+[^,.;]{2,28}?)?,?\s+(to|and|with|до|в|и|с|со)\s+(?:the\s+)?(?:(?:border|port"
    r"|city)\s+(?:\w+\s+)?of\s+|город\w+\s+|порт\w+\s+)?"
)
_URDU: Final = (
    (re.compile(r"\s*سے\s+"), re.compile(r"\s*تک\b")),
    (re.compile(r"\s*اور\s+"), re.compile(r"\s*(?:کے درمیان|کو (?:آپس میں )?(?:ملا|جوڑ|منسلک))")),
    (re.compile(r"\s*کو\s+"), re.compile(r"\s*سے\s+(?:ملا|جوڑ|منسلک)")),
)
_KAZAKH_AND: Final = re.compile(r"\s+(?:мен|пен|бен|және)\s+")
_KAZAKH_TIED: Final = re.compile(r"\w*\s*(?:қалаларын|арасын|байланыстыр|қосатын|жалғайтын|жалғастыратын)")
_KAZAKH_FROM: Final = re.compile(r"[дтн][ае]н$")
_KAZAKH_TO: Final = re.compile(r"(?:[ғқ]а|[гк]е|н[ае]|а|е)$")


@dataclass(frozen=True, slots=True)
class Work:
    """A project with the places it joins: pairs of its ends, and all stops; `adds` if links exist only with it."""

    id: str
    label: str
    kind: str
    ends: frozenset[frozenset[str]]
    stops: frozenset[str]
    countries: frozenset[str]
    adds: bool


def works_of(gaz: Gazetteer) -> tuple[Work, ...]:
    """Railways and roads among the projects of a package, with their ends."""
    frame, links = gaz.package["projects"], gaz.package["links"]
    arcs: dict[str, list[tuple[str, str]]] = {}
    for project, start, end in zip(links["project"], links["from"], links["to"], strict=True):
        if project:
            arcs.setdefault(str(project), []).append((str(start), str(end)))
    out = []
    for name, kind, title, what, lands in zip(
        frame["id"], frame["kind"], frame["name"], frame["what"], frame["countries"], strict=True
    ):
        if kind not in _KINDS:
            continue
        chains = _chains(gaz, str(title)) or _chains(gaz, str(what or ""))
        laid = arcs.get(str(name), [])
        seen = [place for arc in laid for place in arc]
        starts = {c[0] for c in chains} | {a for a, _ in laid[:1]}
        ends = {c[-1] for c in chains} | {b for _, b in laid if seen.count(b) == 1}
        pairs = frozenset(frozenset((a, b)) for a in starts for b in ends if a != b)
        stops = frozenset([*seen, *(place for chain in chains for place in chain)])
        label = gaz.labels[("project", str(name))]
        out.append(Work(str(name), label, str(kind), pairs, stops, frozenset(str(lands).split(";")), bool(laid)))
    return tuple(out)


def _chains(gaz: Gazetteer, text: str) -> list[list[str]]:
    """Places of a text with a dash between; a word that begins the name of one place only stands for it."""
    out: list[list[str]] = []
    for chain in _CHAIN.findall(text):
        found = []
        for part in _DASH.split(chain):
            hits = gaz.find(fold(part, "en"), part)
            near = {
                place
                for (kind, place), label in gaz.labels.items()
                if kind == "place" and label.startswith((f"{part}-", f"{part} "))
            }
            found += [e.id for e in hits if e.kind == "place"][:1] or (sorted(near) if len(near) == 1 else [])
        if len(found) > 1:
            out.append(found)
    return out


def work_named(
    works: tuple[Work, ...], text: str, start: int, end: int, entities: tuple[Entity, ...], lang: str
) -> str:
    """Label of the project whose ends a sentence names; the shortest, where several share them; empty where none is.

    Parameters
    ----------
    works
        From :func:`works_of`.
    text, start, end
        Folded text of the article, and the sentence in it.
    entities
        Names found in the sentence.
    lang
        Language of the article.
    """
    spots = tuple(e for e in entities if e.kind in {"place", "country"})
    for run in _runs(spots, text, start, lang):
        around = text[max(start, run[0].start - _BEFORE) : min(end, run[-1].end + _AFTER)]
        hits = [w for w in works if _KINDS[w.kind].search(around) and _is_of(w, run, text[start:end])]
        if hits:  # a part of a longer line has its own project
            fewest = min(len(w.stops) for w in hits)
            return min(w.label for w in hits if len(w.stops) == fewest)
    return ""


def _is_of(work: Work, run: tuple[Entity, ...], sentence: str) -> bool:
    """Whether a run of names is that of a project; one that adds no line must be spoken of as a repair."""
    ids = [e.id for e in run]
    if not work.adds and not _MENDS.search(sentence):
        return False
    if all(e.kind == "country" for e in run):
        return len(set(ids)) >= 3 and frozenset(ids) == work.countries
    if frozenset((ids[0], ids[-1])) in work.ends:
        return all(i in work.stops or e.kind == "country" for i, e in zip(ids, run, strict=True))
    return len(ids) >= 4 and sum(i in work.stops for i in ids) >= len(ids) - 1


def _runs(spots: tuple[Entity, ...], text: str, start: int, lang: str) -> list[tuple[Entity, ...]]:
    """Names joined as the ends or stops of one line, longest first."""
    chains: list[list[Entity]] = []
    for entity in spots:
        if chains and _DASH.fullmatch(text[chains[-1][-1].end : entity.start]):
            chains[-1].append(entity)
        else:
            chains.append([entity])
    runs = [tuple(c) for c in chains if len(c) > 1]
    for i, first in enumerate(spots):
        runs += [(first, second) for second in spots[i + 1 : i + 4] if _tied(first, second, text, start, lang)]
    lands = [e for e in spots if e.kind == "country"]
    if len(lands) >= 3 and all(
        re.fullmatch(r"(?:,|\s|and|и|және|мен|пен|бен|اور|،)+", text[a.end : b.start]) for a, b in pairwise(lands)
    ):
        runs.append(tuple(lands))
    return sorted(runs, key=len, reverse=True)


def _tied(first: Entity, second: Entity, text: str, start: int, lang: str) -> bool:
    """Whether two names are told as the ends of something: from A to B, between A and B."""
    between, head, tail = text[first.end : second.start], text[start : first.start], text[second.end : second.end + 24]
    if lang == "ur":
        return any(joint.fullmatch(between) and after.match(tail) for joint, after in _URDU)
    if lang.startswith("kk"):
        if _KAZAKH_AND.fullmatch(between):
            return _KAZAKH_TIED.match(tail) is not None
        ends = text[first.start : first.end], text[second.start : second.end]
        return not between.strip() and all(p.search(w) for p, w in zip((_KAZAKH_FROM, _KAZAKH_TO), ends, strict=True))
    joint = _JOINT.fullmatch(between)
    if joint is None:
        return False
    word = joint.group(1)
    lead = _LED_BY[_LED_BY_OF.get(word, word)]
    return lead.search(head) is not None or (word == "to" and _LED_BY["and"].search(head) is not None)
