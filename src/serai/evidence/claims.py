"""All claims of an article, in the order of its text."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from serai.evidence.amounts import amounts
from serai.evidence.context import Draft, Sentence
from serai.evidence.dates import find_dates
from serai.evidence.gazetteer import Gazetteer, gazetteer
from serai.evidence.lexicon import lexicon
from serai.evidence.quantities import find_quantities
from serai.evidence.speakers import speaker_of
from serai.evidence.statements import counted, statements
from serai.evidence.text import fold, sentences
from serai.evidence.types import Article, Claim, Span, Speaker
from serai.evidence.works import work_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serai.data.package import Package

_CAPS: Final = {
    "policy_position": 1,
    "event": 2,
    "event_planned": 1,
    "stability": 2,
    "first_event": 1,
    "barrier": 1,
    "superlative": 2,
    "border_status": 2,
}
_DATELINE: Final = re.compile(
    r"(?:\([^)]{2,40}\)\s*)?[A-ZА-ЯӘҒҚҢӨҰҮІ]{3,}[A-ZА-ЯӘҒҚҢӨҰҮІ /-]*(?:,\s*[A-Z][a-z]+)?"
    r"(?:,?\s*(?:[A-Z][a-z]+\.? \d{1,2}|\d{1,2} [^\W\d_]+)(?:,? ?\d{4})?(?: жылғы)?)?\s*"
    r"(?:\([^)]{2,30}\)\s*|/[^/]{2,30}/\s*)?(?:[-–—]{1,2}|[:.])\s"
)
_OPENING: Final = re.compile(
    r"[A-Z][a-z]+(?: [A-Z][a-z]+)?, (?:[A-Z][a-z]+\.? \d{1,2}"
    r"|\d{1,2} [A-Z][a-z]+)(?:, \d{4})? ?(?:\([^)]{2,30}\) )?[-–—]{1,2}\s"
    r"|[A-Z][a-z]+(?: [A-Z][a-z]+)?:\s(?=[A-Z])"
)
_NUMERIC: Final = ("value", "growth_x", "years")
_SAME_BY: Final[dict[str, tuple[str, ...]]] = {
    "superlative": ("rank", "landlocked"),
    "gateway": (),
    "border_status": ("state",),
    "stability": ("state", "place"),
    "event": ("what",),
    "event_planned": ("what",),
    "project_milestone": ("milestone", "date", "value"),
}
"""Slots in which two tellings of one claim agree, whatever else they say."""


def article_day(article: Article) -> dt.date | None:
    """Day of an article; the first of the month where only that is known."""
    try:
        return dt.date.fromisoformat(article.date if len(article.date) == 10 else f"{article.date}-01")
    except ValueError:
        return None


def _read(article: Article, gaz: Gazetteer) -> Iterator[Sentence]:
    lex = lexicon(article.lang)
    folded = fold(article.text, article.lang)
    ref = article_day(article)
    found = gaz.find(folded, article.text)
    quantities = find_quantities(lex, folded.text)
    dates = find_dates(article.lang, folded.text, ref)
    counts = Counter(e.id for e in found if e.kind == "country")
    frame = gaz.package["places"]
    kinds = tuple(zip(frame["id"], frame["kind"], strict=True))
    ports, crossings = (frozenset(i for i, kind in kinds if kind == k) for k in ("port", "border"))
    works = frozenset(gaz.package["projects"]["id"])
    main = tuple(code for code, _ in counts.most_common(2))
    project, asset, trade, flow, last, prior = "", False, False, False, Speaker(), ""
    for a, b in sentences(article.text):
        start, end = bisect_left(folded.origin, a), bisect_left(folded.origin, b)
        lead = start + _dateline(article.text[a:b], first=a == 0)
        inside = tuple(e for e in found if lead <= e.start < end)
        own = next((e.label for e in inside if e.kind == "project"), "") or work_named(
            gaz.works, folded.text, start, end, inside, article.lang
        )
        lands = tuple(dict.fromkeys(e.id for e in inside if e.kind == "country"))
        text = folded.text[start:end]
        speaker = (
            speaker_of(lex, article.text, folded.text, start, end, inside, last)
            if article.lang != "kk-Latn"
            else Speaker()
        )
        sentence = Sentence(
            lex=lex,
            text=text,
            start=start,
            end=end,
            whole=folded.text,
            entities=inside,
            quantities=tuple(q for q in quantities if start <= q.start < end),
            dates=tuple(w for w in dates if lead <= w.start < end),
            ref=ref,
            parties=(lands if len(lands) >= 2 else tuple(dict.fromkeys([*lands, *main])))[:4],
            project=own or project,
            asset_before=asset,
            trade_before=trade,
            flow_before=flow,
            ports=ports,
            crossings=crossings,
            works=works,
            speaker=speaker,
            prior=prior,
        )
        yield sentence
        if speaker.name:
            last = speaker
        listed = re.match(r"\s*[-–—•*]", text) is not None
        project = own or (project if sentence.has("asset") or listed else "")
        trade = sentence.has("trade") or (trade and any(q.family == "money" for q in sentence.quantities))
        flow = sentence.has("flow") or (flow and any(q.family in {"t", "TEU", "x"} for q in sentence.quantities))
        asset, prior = sentence.has("asset") or (asset and listed), prior + text if listed else text


def _dateline(sentence: str, *, first: bool = False) -> int:
    """Length of the dateline a sentence begins with: its place and day are those of the report, not of what it says."""
    match = _DATELINE.match(sentence) or (_OPENING.match(sentence) if first else None)
    return match.end() if match else 0


def _key(draft: Draft) -> tuple[object, ...]:
    slots = draft.slots
    if draft.type in {"agreement_signed", "agreement_planned"}:
        return (draft.type, slots.get("n") or slots.get("instrument"))
    if draft.type == "route":
        return (draft.type, frozenset(draft.names("nodes")))
    if draft.type in _SAME_BY:
        return (draft.type, *(slots.get(k) for k in _SAME_BY[draft.type]))
    told = slots.get("value") is not None
    numbers = tuple(slots.get(k) for k in (("value",) if told else _NUMERIC))  # its growth is another's telling
    if any(n is not None for n in numbers):
        return (draft.type, slots.get("unit"), slots.get("cur"), *numbers)
    return (draft.type, tuple(sorted((k, str(v)) for k, v in slots.items())))


def _near_same(a: Draft, b: Draft) -> bool:
    """Whether two routes are one, told twice."""
    x, y = set(a.names("nodes")), set(b.names("nodes"))
    return len(x & y) / len(x | y) >= 0.6


_COUNTED_DEALS: Final = {"MoU", "agreement", "document", "contract"}


def _among_counted(draft: Draft, told: dict[tuple[object, ...], Draft]) -> bool:
    """Whether a paper without a number is one of those counted before: 37 memoranda, then the memoranda."""
    name = draft.slots.get("instrument")
    return name in _COUNTED_DEALS and any(
        d.type == draft.type and "n" in d.slots and d.slots.get("instrument") == name for d in told.values()
    )


def _merge(drafts: list[Draft]) -> list[Draft]:
    """Each claim once; where a kind is often told, only its surest tellings."""
    out: dict[tuple[object, ...], Draft] = {}
    for draft in drafts:
        key = _key(draft)
        if draft.type == "route" and (
            same := [k for k, d in out.items() if d.type == "route" and _near_same(d, draft)]
        ):
            key = same[0]
        if (
            draft.type in {"agreement_signed", "agreement_planned"}
            and draft.confidence < 0.5
            and any(d.type == draft.type for d in out.values())
        ):
            continue  # "the agreement" of a later sentence is the one already told
        if draft.type == "agreement_signed" and "n" not in draft.slots and _among_counted(draft, out):
            continue
        known = out.get(key)
        if known is None:
            out[key] = draft
        elif draft.type == "gateway" and len(draft.names("ports")) > len(known.names("ports")):
            out[key] = replace(draft, confidence=max(draft.confidence, known.confidence))
        elif (draft.type == "border_status" and "place" in draft.slots and "place" not in known.slots) or (
            draft.confidence > known.confidence and draft.type in _CAPS
        ):
            out[key] = draft
    kept = []
    aims = {(d.slots.get("value"), d.slots.get("cur")) for d in out.values() if d.type == "trade_target"}
    for draft in out.values():
        if draft.type == "trade_volume" and (draft.slots.get("value"), draft.slots.get("cur")) in aims:
            continue  # what is aimed at is not reached: the sum was named without its verb
        cap = _CAPS.get(draft.type)
        rivals = sorted((d for d in out.values() if d.type == draft.type), key=lambda d: (-d.confidence, d.start))
        if cap is None or draft in rivals[:cap]:
            kept.append(draft)
    return sorted(kept, key=lambda d: (d.start, d.type))


_OF_BEFORE: Final = re.compile(
    r"\W*(?:according to [^,.;]{0,80},\s+)?"
    r"(?:(?:th[ei]s?|that) (?:(?:figure|result|volume|number|total|amount|indicator) )?"
    r"(?:is|was|represent|mark|amount|constitut|mean|show))"
)
_THENCE: Final = re.compile(r"\W*(?:it|the (?:route|road|line|corridor|railway)|then|from there|далее|затем|он[ао]?)\b")


def _continued(s: Sentence, found: list[Draft], last: Draft | None) -> Draft | None:
    """Join a way to that of the sentence before where it goes on from there; returns the way it ends with."""
    own = next((d for d in found if d.type == "route"), None)
    if own is None or last is None or not _THENCE.match(s.text):
        return own
    for slot in ("nodes", "node_ids"):
        last.slots[slot] = tuple(dict.fromkeys([*last.names(slot), *own.names(slot)]))
    found.remove(own)
    return last


def extract(article: Article, package: Package) -> tuple[Claim, ...]:
    """Find the claims of an article.

    Parameters
    ----------
    article
        A cleaned article; see :func:`serai.evidence.article.read_article`.
    package
        Whose countries, places, projects and names are looked for.

    Returns
    -------
    tuple of Claim
        In the order of the text; ``article.text[span.start:span.end] == span.quote`` for each.
    """
    gaz = gazetteer(package)
    folded = fold(article.text, article.lang)
    drafts: list[Draft] = []
    said: dict[int, Speaker] = {}
    cost: Draft | None = None
    way: Draft | None = None
    for sentence in _read(article, gaz):
        if sentence.lex.teaser.match(sentence.text):
            continue
        found = amounts(sentence, cost)
        cost = next((d for d in reversed(found) if d.type == "project_cost"), None)
        worth = [d for d in found if d.type == "agreement_value"]
        if worth and (count := counted(sentence)):
            worth[0].slots["n"] = count[0]
        found += statements(sentence, gaz, valued=bool(worth), numeric=bool(found))
        if _OF_BEFORE.match(sentence.text) and drafts:  # the growth of what was told before
            found = [d for d in found if d.type != "growth" and (d.type != "flow_volume" or "value" in d.slots)]
        way = _continued(sentence, found, way)
        for draft in found:
            said[id(draft)] = sentence.speaker or Speaker()
        drafts += found
    by_place = {(d.start, d.end, d.type): said[id(d)] for d in drafts}
    claims = []
    for number, draft in enumerate(_merge(drafts), 1):
        start, end = folded.span(draft.start, draft.end)
        while article.text[end - 1 : end].isalnum() and article.text[end : end + 1].isalnum():
            end += 1
        while end > start and article.text[end - 1] in " \n\t,;":
            end -= 1
        claims.append(
            Claim(
                id=f"c{number}",
                type=draft.type,
                modality=draft.modality,
                slots=draft.slots,
                span=Span(start, end, article.text[start:end]),
                lang=article.lang,
                speaker=by_place[draft.start, draft.end, draft.type],
                negated=draft.negated,
                confidence=draft.confidence,
            )
        )
    return tuple(claims)
