"""The ledger as the server shows it; what no reviewer has judged is shown to the newsroom only."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from serai.core.errors import MissingPartError

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.server.questions import Review

ROOM = "serai.evidence.ledger"
PUBLIC = ("published",)


def has_ledger() -> bool:
    """Whether this installation keeps a ledger."""
    return find_spec(ROOM) is not None


def _part(name: str) -> Any:  # noqa: ANN401
    if not has_ledger():
        raise MissingPartError("This installation keeps no ledger", "Install a version of Serai that does.")
    return import_module(f"{ROOM}.{name}")


def _open(package: Package, database: str | None) -> Any:  # noqa: ANN401
    store, entries = _part("store"), _part("entries")
    ledger = store.open_ledger(database)
    entries.sync_package(ledger, package, dt.datetime.now(dt.UTC))
    return ledger


def ledger_lists(package: Package, database: str | None, day: dt.date, *, drafts: bool) -> dict[str, Any]:
    """Entries, promises by urgency, and claims: those that stand, and with `drafts` those that wait as well."""
    ledger = _open(package, database)
    entries, exchange, review, view = (_part(n) for n in ("entries", "exchange", "review", "view"))
    book, docket = entries.read_book(ledger), review.read_docket(ledger)
    claims = [view.claim_json(c, docket) for c in docket.claims.values()]
    return {
        "as_of": day.isoformat(),
        "entries": view.entry_rows(book, day, []),
        "milestones": exchange.to_json({"milestones": exchange.promise_frame(book, day)})["milestones"],
        "claims": [c for c in claims if drafts or c["stage"] in PUBLIC],
    }


def ledger_record(package: Package, database: str | None, day: dt.date, name: str, *, drafts: bool) -> dict[str, Any]:
    """Everything of one entry, promise or claim.

    Raises
    ------
    InputError
        When there is no such record, or none that is public.
    """
    ledger = _open(package, database)
    shown: dict[str, Any] = _part("view").show(ledger, name, day)
    if "claim" in shown and not drafts and shown["claim"]["stage"] not in PUBLIC:
        return dict(_part("view").show(ledger, "", day))
    return {"as_of": day.isoformat(), **shown}


def give_review(package: Package, database: str | None, claim: str, word: Review, by: str, day: dt.date) -> str:
    """Enter a reviewer's word on a claim; returns where the claim stands now."""
    ledger = _open(package, database)
    review, entries = _part("review"), _part("entries")
    known = review.read_docket(ledger).claims.get(claim)
    address = word.evidence if word.evidence.startswith(("http://", "https://")) else f"package:{word.evidence}"
    source = entries.Source(entries.source_id_of(address), word.evidence, "given by the reviewer", "", address)
    opinion = review.Opinion(
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
    return str(review.give_opinion(ledger, opinion, dt.datetime.now(dt.UTC)))


def take_in(package: Package, database: str | None, report: Any, by: str) -> dict[str, Any]:  # noqa: ANN401
    """Enter the claims of a checked article as drafts."""
    drafts = _part("intake").all_claimed(report.article, report.checks)
    written = _part("review").write_claims(_open(package, database), drafts, by, dt.datetime.now(dt.UTC))
    return {"found": len(drafts), "written": written, "claims": [d.id for d in drafts]}
