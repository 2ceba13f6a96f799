"""Everything the site shows, gathered once for all languages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from serai.core.progress import track
from serai.data.status import LIMITED, board
from serai.evidence.briefs.facts import PairFacts, names_of, object_names, pair_facts
from serai.evidence.briefs.grammar import LANGUAGES, language
from serai.freight.routes import compile_package

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.data.status import Status
    from serai.evidence.briefs.facts import Names
    from serai.evidence.ledger.entries import Book
    from serai.evidence.ledger.promises import Entry
    from serai.evidence.ledger.review import Docket
    from serai.study.spec import StudySpec

DAYS_BEFORE: Final = 90
FEWEST_RECORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Change:
    """A state that is another on the second day; None where there was no row."""

    name: Names
    mode: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class SiteData:
    """What the pages show.

    Attributes
    ----------
    day, since
        Day of the site, and the day its changes are counted from.
    statuses
        Every state on the day, with the name of its object.
    changes
        States that differ between the two days.
    pairs
        Figures of the study's main pairs.
    country_pairs
        Pairs of ISO codes with a page of their own, the one with most on record first.
    trade
        Rows of the table of trade as each side reports it.
    """

    package: Package
    spec: StudySpec
    day: dt.date
    since: dt.date
    statuses: tuple[tuple[Names, Status], ...]
    changes: tuple[Change, ...]
    pairs: tuple[PairFacts, ...]
    country_pairs: tuple[tuple[str, str], ...]
    trade: tuple[Any, ...]
    countries: dict[str, Names]
    country_of: dict[str, str]
    book: Book
    docket: Docket

    def entries_of(self, a: str, b: str) -> list[Entry]:
        """First accounts of what two countries announced together, the newest first."""
        found = [e for e in self.book.entries.values() if not e.variant_of and e.has(a, b)]
        return sorted(sorted(found, key=lambda e: e.id), key=lambda e: e.date, reverse=True)

    def trade_of(self, a: str, b: str) -> list[Any]:
        """Give reports of the trade between two countries."""
        return [r for r in self.trade if {r.reporter, r.partner} == {a, b}]


def reviewed(book: Book) -> Book:
    """Leave out what nobody answers for."""
    from serai.evidence.ledger.entries import Book as Kept

    entries = {k: e for k, e in book.entries.items() if e.reviewer}
    milestones = {k: m for k, m in book.milestones.items() if m.reviewer and m.entry_id in entries}
    return Kept(entries, milestones, book.sources)


def weight(s: Status) -> int:
    """Order states for a reader: shut or limited, then unknown, then open."""
    if s.state == "closed":
        return 0 if s.known else 1
    if s.state in LIMITED:
        return 2 if s.known else 3
    return 5 if s.known else 4


def _changes(package: Package, a: dt.date, b: dt.date, names: dict[str, Names]) -> tuple[Change, ...]:
    before, after = board(package, a).entries, board(package, b).entries
    out = []
    for key in sorted({*before, *after}):
        x, y = before.get(key), after.get(key)
        said = [(s.state, s.known) if s else None for s in (x, y)]
        if said[0] != said[1]:
            out.append(Change(names.get(key[1], {"en": key[1]}), key[2], x, y))
    return tuple(sorted(out, key=lambda c: (weight(c.after) if c.after else 9, c.name["en"])))


def country_pairs(
    book: Book, trade: tuple[Any, ...], ends: set[tuple[str, str]], members: set[str]
) -> list[tuple[str, str]]:
    """Choose pairs of members with enough on record, and those of the main pairs; most on record first."""
    count: Counter[tuple[str, str]] = Counter()
    for e in book.entries.values():
        own = sorted(set(e.parties) & members)
        count.update((a, b) for i, a in enumerate(own) for b in own[i + 1 :])
    for r in trade:
        if {r.reporter, r.partner} <= members:
            a, b = sorted((r.reporter, r.partner))
            count[a, b] += 1
    kept = {p for p, n in count.items() if n >= FEWEST_RECORDS} | ends
    return sorted(kept, key=lambda p: (-count[p], p))


def gather(package: Package, book: Book, docket: Docket, day: dt.date, since: dt.date | None = None) -> SiteData:
    """Gather what the site shows.

    Parameters
    ----------
    package, book, docket
        The data, the promises, and what was said of claims.
    day, since
        Day of the site, and the day changes are counted from: the last date of the study before it by default.
    """
    from serai.study.spec import read_spec

    spec = read_spec(package)
    earlier = [d for d in spec.dates if d < day]
    start = since or (max(earlier) if earlier else day - dt.timedelta(DAYS_BEFORE))
    passages = {code: language(code).words["passage"] for code in LANGUAGES}
    names = object_names(package, passages)
    compiled = compile_package(package)
    facts = tuple(
        pair_facts(compiled, a, b, day=day, commodity=spec.commodities[0], passages=passages)
        for a, b in track(spec.pairs, "pairs")
    )
    statuses = [(names.get(s.object, {"en": s.object}), s) for s in board(package, day).sorted()]
    country_of = dict(zip(package["places"]["id"], package["places"]["country"], strict=True))
    kept = reviewed(book)
    trade = tuple(package["trade_reports"].itertuples(index=False))
    frame = package["countries"]
    members = set(frame.loc[frame["member"], "iso3"])
    ends = {tuple(sorted((country_of[a], country_of[b]))) for a, b in spec.pairs if country_of[a] != country_of[b]}
    return SiteData(
        package,
        spec,
        day,
        start,
        tuple(sorted(statuses, key=lambda x: (weight(x[1]), x[0]["en"], x[1].mode))),
        _changes(package, start, day, names),
        facts,
        tuple(country_pairs(kept, trade, ends, members)),
        trade,
        names_of(frame, "iso3"),
        country_of,
        kept,
        docket,
    )
