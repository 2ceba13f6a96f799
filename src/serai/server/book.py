"""The ledger as the server shows it; what no reviewer has judged is shown to the newsroom only."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.evidence.check import Report
    from serai.evidence.ledger.store import Ledger
    from serai.server.questions import Review

PUBLIC: Final = ("published",)


@cache
def _ledger(database: str | None, home: str) -> Ledger:
    """Open a ledger once per process, so that its connections are used again; `home` is where the default one lies."""
    from serai.evidence.ledger.store import open_ledger

    del home
    return open_ledger(database)


def _open(package: Package, database: str | None) -> Ledger:
    from serai.core.files import user_folder
    from serai.evidence.ledger.entries import sync_package

    ledger = _ledger(database, str(user_folder()))
    sync_package(ledger, package, dt.datetime.now(dt.UTC))
    return ledger


def ledger_lists(package: Package, database: str | None, day: dt.date, *, drafts: bool) -> dict[str, Any]:
    """Entries, promises by urgency, and claims: those that stand, and with `drafts` those that wait as well."""
    from serai.evidence.ledger.entries import read_book
    from serai.evidence.ledger.exchange import promise_frame, to_json
    from serai.evidence.ledger.review import read_docket
    from serai.evidence.ledger.view import claim_json, entry_rows

    ledger = _open(package, database)
    book, docket = read_book(ledger), read_docket(ledger)
    claims = [claim_json(c, docket) for c in docket.claims.values()]
    return {
        "as_of": day.isoformat(),
        "entries": entry_rows(book, day, []),
        "milestones": to_json({"milestones": promise_frame(book, day)})["milestones"],
        "claims": [c for c in claims if drafts or c["stage"] in PUBLIC],
    }


def ledger_record(package: Package, database: str | None, day: dt.date, name: str, *, drafts: bool) -> dict[str, Any]:
    """Everything of one entry, promise or claim.

    Raises
    ------
    InputError
        When there is no such record, or none that is public.
    """
    from serai.core.errors import InputError
    from serai.evidence.ledger.view import show

    shown = show(_open(package, database), name, day)
    if "claim" in shown and not drafts and shown["claim"]["stage"] not in PUBLIC:
        raise InputError(f"There is no {name!r} in the ledger", "`serai ledger list` shows what there is.")
    return {"as_of": day.isoformat(), **shown}


def give_review(package: Package, database: str | None, claim: str, word: Review, by: str, day: dt.date) -> str:
    """Enter a reviewer's word on a claim; returns where the claim stands now."""
    from serai.evidence.ledger.entries import Source, source_id_of
    from serai.evidence.ledger.review import Opinion, give_opinion, read_docket

    ledger = _open(package, database)
    known = read_docket(ledger).claims.get(claim)
    address = word.evidence if word.evidence.startswith(("http://", "https://")) else f"package:{word.evidence}"
    source = Source(source_id_of(address), word.evidence, "given by the reviewer", "", address)
    opinion = Opinion(
        claim_id=claim,
        decision="reject" if word.reject else "accept",
        verdict_then=word.then or (known.proposed_then if known else ""),
        verdict_now=word.verdict or (known.proposed_now if known else ""),
        materiality=word.materiality or (known.materiality if known else ""),
        rationale=word.why,
        evidence=source,
        as_of=day,
        reviewer=by,
    )
    return str(give_opinion(ledger, opinion, dt.datetime.now(dt.UTC)))


def take_in(package: Package, database: str | None, report: Report, by: str) -> dict[str, Any]:
    """Enter the claims of a checked article as drafts."""
    from serai.evidence.ledger.intake import all_claimed
    from serai.evidence.ledger.review import write_claims

    drafts = all_claimed(report.article, report.checks)
    written = write_claims(_open(package, database), drafts, by, dt.datetime.now(dt.UTC))
    return {"found": len(drafts), "written": written, "claims": [d.id for d in drafts]}
