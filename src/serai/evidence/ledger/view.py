"""The ledger as plain data for lists, pages and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.core.errors import InputError
from serai.evidence.ledger.entries import read_book
from serai.evidence.ledger.promises import STATES, due_first
from serai.evidence.ledger.review import read_docket

if TYPE_CHECKING:
    import datetime as dt

    from serai.evidence.ledger.entries import Book
    from serai.evidence.ledger.promises import Entry, Milestone
    from serai.evidence.ledger.review import Claimed, Docket
    from serai.evidence.ledger.store import Ledger


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def milestone_json(m: Milestone, day: dt.date) -> dict[str, Any]:
    """One milestone with its state on a day."""
    return {
        "id": m.id,
        "entry": m.entry_id,
        "what": m.what,
        "due": _iso(m.due),
        "grace_days": m.grace_days,
        "state": m.state(day),
        "done_on": _iso(m.done_on),
        "evidence": m.evidence,
        "sources": list(m.sources),
        "reviewer": m.reviewer or None,
    }


def entry_json(e: Entry) -> dict[str, Any]:
    """One entry as it was announced."""
    return {
        "id": e.id,
        "kind": e.kind,
        "parties": list(e.parties),
        "title": e.title,
        "date": e.date,
        "place": e.place or None,
        "value": e.value,
        "unit": e.unit or None,
        "stated_deadline": e.stated_deadline or None,
        "deadline_date": _iso(e.deadline_date),
        "variant_of": e.variant_of or None,
        "sources": list(e.sources),
        "basis": e.basis,
        "note": e.note or None,
        "reviewer": e.reviewer or None,
    }


def entry_rows(book: Book, day: dt.date, parties: list[str]) -> list[dict[str, Any]]:
    """First accounts with the number of others and the worst state among their milestones."""
    rows = []
    for e in book.entries.values():
        if e.variant_of or not e.has(*parties):
            continue
        states = [m.state(day) for m in book.of(e.id)]
        worst = min(states, key=STATES.index) if states else None
        rows.append(entry_json(e) | {"variants": [v.id for v in book.variants(e.id)], "state": worst})
    return rows


def claim_json(c: Claimed, docket: Docket) -> dict[str, Any]:
    """One claim with what is proposed, what reviewers held, and the verdict where one stands."""
    v = docket.verdicts.get(c.id)
    return {
        "id": c.id,
        "stage": docket.stage(c.id),
        "type": c.type,
        "modality": c.modality,
        "slots": dict(c.slots),
        "quote": c.quote,
        "speaker": c.speaker or None,
        "said_on": _iso(c.said_on),
        "article": c.source.address,
        "proposed": {"then": c.proposed_then, "now": c.proposed_now, "materiality": c.materiality},
        "arithmetic": c.arithmetic or None,
        "evidence": list(c.evidence),
        "next_question": c.next_question or None,
        "opinions": [
            {
                "reviewer": o.reviewer,
                "decision": o.decision,
                "then": o.verdict_then,
                "now": o.verdict_now,
                "why": o.rationale,
                "evidence": o.evidence.address,
                "as_of": o.as_of.isoformat(),
            }
            for o in docket.opinions.get(c.id, ())
        ],
        "verdict": None
        if v is None
        else {
            "then": v.verdict_then,
            "now": v.verdict_now,
            "materiality": v.materiality,
            "why": v.rationale,
            "as_of": v.as_of.isoformat(),
            "reviewers": [r for r in (v.reviewer, v.second_reviewer) if r],
        },
    }


def history(ledger: Ledger, name: str) -> list[dict[str, Any]]:
    """Every version of a record, with who wrote it and when."""
    from sqlalchemy import select

    from serai.evidence.ledger import models

    out: list[dict[str, Any]] = []
    with ledger.reading() as connection:
        for table in (models.entry, models.milestone, models.claim):
            query = select(table).where(table.c.id == name).order_by(table.c.version)
            out += [
                {"version": r.version, "recorded_by": r.recorded_by, "recorded_on": r.recorded_at.date().isoformat()}
                for r in connection.execute(query)
            ]
    return out


def show(ledger: Ledger, name: str, day: dt.date) -> dict[str, Any]:
    """Everything the ledger holds of one entry, milestone or claim.

    Raises
    ------
    InputError
        When there is no such record.
    """
    book, docket = read_book(ledger), read_docket(ledger)
    about = {
        "replies": [
            {"party": r.party, "words": r.words, "received_on": r.received_on.isoformat(), "source": r.source.address}
            for r in docket.replies
            if r.subject_id == name
        ],
        "corrections": [
            {"was": c.was, "now": c.now_is, "why": c.why, "decided_on": c.decided_on.isoformat()}
            for c in docket.corrections
            if c.subject_id == name
        ],
        "history": history(ledger, name),
    }
    if name in docket.claims:
        return {"claim": claim_json(docket.claims[name], docket), **about}
    if name in book.milestones:
        m = book.milestones[name]
        return {"milestone": milestone_json(m, day), "sources": _sources(book, list(m.sources)), **about}
    if name not in book.entries:
        raise InputError(f"There is no {name!r} in the ledger", "`serai ledger list` shows what there is.")
    variants = book.variants(name)
    cited = [s for e in (book.entries[name], *variants) for s in e.sources]
    return {
        "entry": entry_json(book.entries[name]),
        "variants": [entry_json(v) for v in variants],
        "milestones": [milestone_json(m, day) for m in due_first(book.of(name), day)],
        "sources": _sources(book, cited),
        **about,
    }


def _sources(book: Book, wanted: list[str]) -> list[dict[str, str]]:
    return [
        {"id": s.id, "title": s.title, "publisher": s.publisher, "date": s.published, "address": s.address}
        for name in dict.fromkeys(wanted)
        for s in [book.sources[name]]
    ]
