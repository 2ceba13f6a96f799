"""Write and read agreements and their milestones; the package's own rows are the first."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from serai.core.errors import InputError
from serai.evidence.ledger.promises import Entry, Milestone
from serai.evidence.ledger.scales import OUTCOMES
from serai.evidence.ledger.store import ChangedError
from serai.evidence.ledger.text import checked_address, checked_id, checked_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from serai.data.package import Package
    from serai.evidence.ledger.store import AnyRow, Ledger

LANGUAGES: Final = ("en", "ru", "ur", "kk")
SYNC_ATTEMPTS: Final = 3
Record = TypeVar("Record", Entry, Milestone)


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read."""

    id: str
    title: str
    publisher: str
    published: str
    address: str


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the ledger holds of promises, each in its latest version, by identifier."""

    entries: dict[str, Entry]
    milestones: dict[str, Milestone]
    sources: dict[str, Source]

    def variants(self, entry: str) -> list[Entry]:
        """Other accounts of an entry, in the order of their identifiers."""
        return [e for e in self.entries.values() if e.variant_of == entry]

    def of(self, entry: str) -> tuple[Milestone, ...]:
        """Milestones of an entry and of its other accounts."""
        family = {entry, *(e.id for e in self.variants(entry))}
        return tuple(m for m in self.milestones.values() if m.entry_id in family)


def source_id_of(address: str) -> str:
    """Name a source of which only the address is given."""
    return f"page-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _number(value: float) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def package_book(tables: Mapping[str, Any], reviewer: str) -> Book:
    """Read the entries of a package's tables ``agreements``, ``milestones`` and ``sources``."""
    used = {
        s
        for table in ("agreements", "milestones")
        for cell in tables[table]["source"]
        for s in _split(cell)
    }  # fmt: skip
    sources = {
        r.id: Source(r.id, r.title, r.publisher, r.date, r.address or f"package:{r.id}")
        for r in tables["sources"].itertuples(index=False)
        if r.id in used
    }
    entries = {
        r.id: Entry(
            id=r.id,
            kind=r.kind,
            parties=_split(r.parties),
            title={"en": r.title, "ru": r.title_ru, "ur": r.title_ur, "kk": r.title_kk},
            date=r.date,
            place=r.place,
            value=_number(r.value),
            unit=r.unit,
            stated_deadline=r.stated_deadline,
            deadline_date=r.deadline_date or None,
            variant_of=r.variant_of,
            sources=_split(r.source),
            basis=r.basis,
            note=r.note,
            reviewer=reviewer,
        )
        for r in tables["agreements"].itertuples(index=False)
    }
    milestones = {
        r.id: Milestone(
            id=r.id,
            entry_id=r.agreement,
            what={"en": r.what, "ru": r.what_ru, "ur": r.what_ur, "kk": r.what_kk},
            due=r.due or None,
            grace_days=int(r.grace_days),
            outcome=r.outcome,
            done_on=r.done_on or None,
            evidence=r.evidence,
            sources=_split(r.source),
            basis=r.basis,
            note=r.note,
            reviewer=reviewer,
        )
        for r in tables["milestones"].itertuples(index=False)
    }
    return Book(entries, milestones, sources)


def _latest(connection: Connection, name: str) -> list[AnyRow]:
    """Rows of a versioned table, each subject's latest, in the order of identifiers."""
    from sqlalchemy import func, select

    from serai.evidence.ledger import models

    table = models.metadata.tables[name]
    last = select(table.c.id, func.max(table.c.version).label("version")).group_by(table.c.id).subquery()
    query = select(table).join(last, (table.c.id == last.c.id) & (table.c.version == last.c.version))
    return sorted(connection.execute(query).all(), key=lambda r: r.id)


def _titles(row: AnyRow, name: str) -> dict[str, str]:
    return {"en": getattr(row, name)} | {k: getattr(row, f"{name}_{k}") for k in LANGUAGES[1:]}


def _entry(row: AnyRow) -> Entry:
    return Entry(
        row.id, row.kind, _split(row.parties), _titles(row, "title"), row.date, row.place, row.value, row.unit,
        row.stated_deadline, row.deadline_date, row.variant_of or "", (row.source_id, *_split(row.more_sources)),
        row.basis, row.note, row.reviewer, row.version,
    )  # fmt: skip


def _milestone(row: AnyRow) -> Milestone:
    return Milestone(
        row.id, row.entry_id, _titles(row, "what"), row.due, row.grace_days, row.outcome, row.done_on, row.evidence,
        (row.source_id, *_split(row.more_sources)), row.basis, row.note, row.reviewer, row.second_reviewer, row.version,
    )  # fmt: skip


def read_book(ledger: Ledger) -> Book:
    """Read all entries and milestones in one state of the ledger."""
    from sqlalchemy import select

    from serai.evidence.ledger import models

    with ledger.reading() as connection:
        entries = {r.id: _entry(r) for r in _latest(connection, "entry")}
        milestones = {r.id: _milestone(r) for r in _latest(connection, "milestone")}
        rows = connection.execute(select(models.source).order_by(models.source.c.id)).all()
    return Book(entries, milestones, {r.id: Source(*r) for r in rows})


def add_source(connection: Connection, source: Source) -> None:
    """Write a source where it is not there yet."""
    from sqlalchemy import insert, select

    from serai.evidence.ledger import models

    if connection.execute(select(models.source.c.id).where(models.source.c.id == source.id)).first() is None:
        row = {f.name: getattr(source, f.name) for f in fields(Source)}
        connection.execute(insert(models.source).values(**row))


def add_subject(connection: Connection, name: str, kind: str) -> None:
    """Give a new entry, milestone or claim its identity; a name of another kind is refused."""
    from sqlalchemy import insert, select

    from serai.evidence.ledger import models

    found = connection.execute(select(models.subject.c.kind).where(models.subject.c.id == name)).scalar()
    if found is None:
        connection.execute(insert(models.subject).values(id=checked_id(name), kind=kind))
    elif found != kind:
        raise InputError(f"{name} is the name of another kind of record ({found})", "Choose another identifier.")


def _checked_texts(record: Entry | Milestone) -> None:
    for field in fields(record):
        value = getattr(record, field.name)
        texts = value.values() if isinstance(value, dict) else [value] if isinstance(value, str) else ()
        for text in texts:
            checked_text(f"{record.id}, {field.name}", text)


def _version(record: Entry | Milestone, name: str) -> dict[str, Any]:
    """Columns shared by both kinds."""
    texts = record.title if isinstance(record, Entry) else record.what
    return {name: texts["en"], **{f"{name}_{k}": texts.get(k, "") for k in LANGUAGES[1:]}} | {
        "id": record.id,
        "version": record.version,
        "source_id": record.sources[0] if record.sources else None,
        "more_sources": ";".join(record.sources[1:]),
        "basis": record.basis,
        "note": record.note,
        "reviewer": record.reviewer,
    }


def write_entry(connection: Connection, entry: Entry, by: str, now: dt.datetime) -> None:
    """Write a version of an entry; its number must be the next one."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    _checked_texts(entry)
    add_subject(connection, entry.id, "entry")
    same = ("kind", "date", "place", "value", "unit", "stated_deadline", "deadline_date")
    row = _version(entry, "title") | {name: getattr(entry, name) for name in same}
    row |= {"parties": ";".join(entry.parties), "variant_of": entry.variant_of or None}
    connection.execute(insert(models.entry).values(**row, recorded_by=by, recorded_at=now))


def write_milestone(connection: Connection, milestone: Milestone, by: str, now: dt.datetime) -> None:
    """Write a version of a milestone; its number must be the next one."""
    from sqlalchemy import insert

    from serai.evidence.ledger import models

    _checked_texts(milestone)
    if milestone.outcome == "abandoned" and milestone.second_reviewer in {"", milestone.reviewer}:
        raise InputError(f"{milestone.id} cannot be called abandoned by one", "A second reviewer must agree.")
    add_subject(connection, milestone.id, "milestone")
    same = ("entry_id", "due", "grace_days", "outcome", "done_on", "evidence", "second_reviewer")
    row = _version(milestone, "what") | {name: getattr(milestone, name) for name in same}
    connection.execute(insert(models.milestone).values(**row, recorded_by=by, recorded_at=now))


def _next(new: Record, old: Record | None) -> Record | None:
    """Give the version to write; None where nothing has changed."""
    if old is None:
        return replace(new, version=1)
    numbered = replace(new, version=old.version)
    return None if numbered == old else replace(new, version=old.version + 1)


def _variants_last(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda e: (bool(e.variant_of), e.id))


def write_book(ledger: Ledger, new: Book, by: str, now: dt.datetime, *, keep: Book | None = None) -> int:
    """Write what is new or changed in one transaction.

    Parameters
    ----------
    ledger
        The ledger.
    new
        Entries, milestones and sources to write.
    by, now
        Who writes, and when.
    keep
        State that the writer has seen. Where the ledger has moved on from it, ChangedError is raised and
        nothing is written; None takes the state at the time of writing.

    Returns
    -------
    int
        How many versions were written.
    """
    written = 0
    with ledger.writing() as connection:
        old_entries = {r.id: _entry(r) for r in _latest(connection, "entry")}
        old_milestones = {r.id: _milestone(r) for r in _latest(connection, "milestone")}
        if keep is not None:
            _unmoved(keep.entries, old_entries, new.entries)
            _unmoved(keep.milestones, old_milestones, new.milestones)
        for source in new.sources.values():
            if not source.address.startswith("package:"):
                checked_address(source.address)
            add_source(connection, source)
        for entry in _variants_last(new.entries.values()):
            if new_entry := _next(entry, old_entries.get(entry.id)):
                write_entry(connection, new_entry, by, now)
                written += 1
        for milestone in new.milestones.values():
            if new_milestone := _next(milestone, old_milestones.get(milestone.id)):
                write_milestone(connection, new_milestone, by, now)
                written += 1
    return written


def _unmoved(seen: Mapping[str, Any], now: Mapping[str, Any], wanted: Iterable[str]) -> None:
    for name in wanted:
        a, b = seen.get(name), now.get(name)
        if (a.version if a else 0) != (b.version if b else 0):
            raise ChangedError(f"{name} was changed by somebody else", "Look again and repeat.")


def sync_package(ledger: Ledger, package: Package, now: dt.datetime) -> int:
    """Enter what a package has of agreements and milestones; what a person has changed since stays his.

    Returns
    -------
    int
        How many versions were written; 0 when the ledger already has them.
    """
    mark = f"package {package.meta.name}"
    ours = package_book(package.tables, mark)

    def is_new(record: Entry | Milestone, old: Entry | Milestone | None) -> bool:
        return old is None or (old.reviewer == mark and replace(record, version=old.version) != old)

    for attempt in range(SYNC_ATTEMPTS):
        have = read_book(ledger)
        entries = {k: e for k, e in ours.entries.items() if is_new(e, have.entries.get(k))}
        milestones = {k: m for k, m in ours.milestones.items() if is_new(m, have.milestones.get(k))}
        if not entries and not milestones:
            return 0
        new = Book(entries, milestones, ours.sources)
        try:
            return write_book(ledger, new, f"{mark} {package.meta.version}", now, keep=have)
        except ChangedError:
            # Another program entered the package, or a person changed an entry, in between: look again.
            if attempt == SYNC_ATTEMPTS - 1:
                raise
    return 0


def settle(
    ledger: Ledger,
    name: str,
    outcome: str,
    on: dt.date,
    source: Source,
    evidence: str,
    reviewers: tuple[str, str],
    now: dt.datetime,
) -> Milestone:
    """Record what became of a milestone as a new version.

    Parameters
    ----------
    ledger, name
        The ledger and the milestone.
    outcome
        ``kept``, ``partly-kept`` or ``abandoned``; the last takes two reviewers.
    on, source, evidence
        Day of the outcome, where it was read, and what shows it.
    reviewers
        Who answers for it, and the second (or empty).
    now
        When it is recorded.
    """
    became = next((o for o in OUTCOMES[1:] if o == outcome), None)
    if became is None:
        raise InputError(f"{outcome!r} is no outcome", f"Use {', '.join(OUTCOMES[1:])}.")
    if not reviewers[0].strip():
        raise InputError("An outcome needs the name of who answers for it", "Give --reviewer.")
    book = read_book(ledger)
    if name not in book.milestones:
        raise InputError(f"There is no milestone {name!r}", "`serai ledger due --all` lists them.")
    old = book.milestones[name]
    new = replace(
        old,
        outcome=became,
        done_on=on,
        evidence=evidence or old.evidence,
        sources=(source.id, *(s for s in old.sources if s != source.id)),
        reviewer=reviewers[0],
        second_reviewer=reviewers[1],
    )
    write_book(ledger, Book({}, {name: new}, {source.id: source}), reviewers[0], now, keep=book)
    return new
