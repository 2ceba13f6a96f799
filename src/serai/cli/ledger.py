"""The ledger of promises and claims."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serai.cli.app import AsJson, AsOf, PackageName, app, open_, print_json, split
from serai.core.errors import InputError

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.evidence.ledger.entries import Source
    from serai.evidence.ledger.review import Claimed, Verdict
    from serai.evidence.ledger.store import Ledger

ledger_app = typer.Typer(
    help="Promises and claims: what was said, what became of it, who judged it on what evidence.",
    no_args_is_help=True,
)
app.add_typer(ledger_app, name="ledger")
Database = Annotated[
    str | None,
    typer.Option(
        "--database", envvar="SERAI_LEDGER", help="sqlite:///FILE or postgresql://USER@HOST/NAME; your own by default."
    ),
]
Reviewer = Annotated[str, typer.Option("--reviewer", help="Your name: you answer for it.")]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def open_book(package: Package, database: str | None) -> Ledger:
    """Open the ledger and enter what the package has that it lacks."""
    from serai.evidence.ledger.entries import sync_package
    from serai.evidence.ledger.store import open_ledger

    ledger = open_ledger(database)
    sync_package(ledger, package, _now())
    return ledger


@ledger_app.command("list")
def ledger_list(
    party: Annotated[str | None, typer.Option(help="Only with these parties, such as AAA,BBB.")] = None,
    kind: Annotated[str | None, typer.Option(help="entries, claims or all.")] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Only claims that wait for a reviewer.")] = False,
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """List agreements with the state of their milestones, and claims with where they stand."""
    from serai.api import as_day
    from serai.evidence.ledger.entries import read_book
    from serai.evidence.ledger.exchange import claim_frame, to_json
    from serai.evidence.ledger.review import read_docket
    from serai.evidence.ledger.view import entry_rows

    if kind not in {None, "entries", "claims", "all"}:
        raise InputError(f"--kind {kind} is not known", "Use entries, claims or all.")
    ledger = open_book(open_(package, None), database)
    day = as_day(as_of)
    docket = read_docket(ledger)
    entries = [] if queue or kind == "claims" else entry_rows(read_book(ledger), day, split(party))
    waiting = {c.id for c in docket.queue()}
    frame = claim_frame(docket)
    claims = to_json({"claims": frame})["claims"] if len(frame) and kind != "entries" else []
    claims = [c for c in claims if not queue or c["id"] in waiting]
    if as_json:
        print_json({"as_of": day.isoformat(), "entries": entries, "claims": claims})
        return
    from serai.report.ledger import print_entries

    print_entries(entries, claims, day)


@ledger_app.command("due")
def ledger_due(
    all_: Annotated[bool, typer.Option("--all", help="Also what is kept, abandoned or far off.")] = False,
    days: Annotated[int, typer.Option(help="Promises due within so many days, beside the overdue.")] = 365,
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """List what is overdue and what falls due next."""
    from serai.api import as_day
    from serai.evidence.ledger.entries import read_book
    from serai.evidence.ledger.exchange import promise_frame, to_json

    day = as_day(as_of)
    frame = promise_frame(read_book(open_book(open_(package, None), database)), day)
    rows = to_json({"milestones": frame})["milestones"]
    if not all_:
        last = (day + dt.timedelta(days)).isoformat()
        rows = [r for r in rows if r["state"] in {"overdue", "in-grace"} or (r["state"] == "open" and r["due"] <= last)]
    if as_json:
        print_json({"as_of": day.isoformat(), "milestones": rows})
        return
    from serai.report.ledger import print_due

    print_due(rows, day)


@ledger_app.command("show")
def ledger_show(
    name: Annotated[str, typer.Argument(help="Identifier of an entry, milestone or claim.")],
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Show one entry or claim: other accounts, milestones, sources, opinions, replies, corrections, history."""
    from serai.api import as_day
    from serai.evidence.ledger.view import show

    ledger = open_book(open_(package, None), database)
    day = as_day(as_of)
    content = show(ledger, name, day)
    if as_json:
        print_json({"as_of": day.isoformat(), **content})
        return
    from serai.report.ledger import print_record

    print_record(content)


def _evidence(text: str) -> Source:
    """Take an address, or the id of a row of the package, as evidence."""
    from serai.evidence.ledger.entries import Source, source_id_of
    from serai.evidence.ledger.text import checked_text

    address = text if text.startswith(("http://", "https://")) else f"package:{checked_text('The evidence', text)}"
    return Source(source_id_of(address), text, "given by the reviewer", "", address)


@ledger_app.command("review")
def ledger_review(
    claim: Annotated[str, typer.Argument(help="Identifier of the claim.")],
    reviewer: Reviewer,
    evidence: Annotated[str, typer.Option(help="Address of a page, or row of the package (table/row).")],
    verdict: Annotated[str | None, typer.Option(help="Verdict today; the program's proposal by default.")] = None,
    then: Annotated[str | None, typer.Option(help="Verdict on the day it was said; as proposed by default.")] = None,
    materiality: Annotated[
        str | None, typer.Option(help="minor, material or decisive; as proposed by default.")
    ] = None,
    why: Annotated[str, typer.Option(help="Your reason, in a sentence.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="It is no claim, or was read wrongly.")] = False,
    set_status: Annotated[
        bool, typer.Option("--set-status", help="Record the status that an accepted claim about a border proposes.")
    ] = False,
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Give your opinion of a claim. `contradicted` and `abandoned` stand when two reviewers agree."""
    from serai.api import as_day
    from serai.evidence.ledger.review import Opinion, give_opinion, read_docket

    opened = open_(package, None)
    ledger = open_book(opened, database)
    known = read_docket(ledger).claims.get(claim)
    opinion = Opinion(
        claim_id=claim,
        decision="reject" if reject else "accept",
        verdict_then=then or (known.proposed_then if known else ""),
        verdict_now=verdict or (known.proposed_now if known else ""),
        materiality=materiality or (known.materiality if known else ""),
        rationale=why,
        evidence=_evidence(evidence),
        as_of=as_day(as_of),
        reviewer=reviewer,
    )
    stage = give_opinion(ledger, opinion, _now())
    words = {"second": "waits for a second reviewer", "published": "stands, and may be published", "rejected": "is out"}
    typer.echo(f"{claim} {words[stage]}.")
    docket = read_docket(ledger)
    if stage == "published":
        _propose_status(opened, docket.claims[claim], docket.verdicts[claim], record=set_status)


def _propose_status(package: Package, claim: Claimed, verdict: Verdict, *, record: bool) -> None:
    from serai.api import today
    from serai.data.record import add_status
    from serai.evidence.ledger.review import proposed_status

    row = proposed_status(claim, verdict)
    if row is None:
        return
    if not record:
        typer.echo(
            f'It proposes a status: serai status set "{row.place}" {row.state} --from {row.since} '
            f"--confirmed-on {row.confirmed_on} --source {row.source}  (or repeat with --set-status)"
        )
        return
    path = add_status(
        package,
        place=row.place,
        state=row.state,
        since=row.since,
        confirmed_on=row.confirmed_on,
        source=row.source,
        mode=row.mode,
        reason=row.reason,
        today=today(),
    )
    typer.echo(f"Status added to {path}")


@ledger_app.command("add")
def ledger_add(
    article: Annotated[str, typer.Argument(help="A text file, an HTML file, or an address.")],
    date: Annotated[str | None, typer.Option("--date", help="Day of the article, if it does not say.")] = None,
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Check an article and enter its claims as drafts for a reviewer."""
    from serai.api import as_day, today
    from serai.evidence.article import read_article
    from serai.evidence.check import check_article
    from serai.evidence.ledger.intake import all_claimed
    from serai.evidence.ledger.review import write_claims

    opened = open_(package, None)
    given = as_day(date).isoformat() if date else ""
    report = check_article(read_article(article, today=today(), date=given), opened, as_of=as_day(as_of))
    drafts = all_claimed(report.article, report.checks)
    written = write_claims(open_book(opened, database), drafts, "check", _now())
    typer.echo(f"{len(drafts)} claims found, {written} new or changed. Next: serai ledger list --queue")


@ledger_app.command("settle")
def ledger_settle(
    milestone: Annotated[str, typer.Argument(help="Identifier of the milestone.")],
    outcome: Annotated[str, typer.Argument(help="kept, partly-kept or abandoned.")],
    on: Annotated[str, typer.Option("--on", help="Day of the outcome, YYYY-MM-DD.")],
    reviewer: Reviewer,
    source: Annotated[str, typer.Option(help="Address of the page that shows it.")],
    second: Annotated[str, typer.Option("--second-reviewer", help="Needed for abandoned.")] = "",
    evidence: Annotated[str, typer.Option(help="What shows it, in words.")] = "",
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Record what became of a promise; the version before stays in the history."""
    from serai.api import as_day
    from serai.evidence.ledger.entries import settle

    ledger = open_book(open_(package, None), database)
    if as_day(on) > _now().date():
        raise InputError(f"--on {on} is in the future", "Give the day on which it was reached.")
    settle(ledger, milestone, outcome, as_day(on), _evidence(source), evidence, (reviewer, second), _now())
    typer.echo(f"{milestone}: {outcome} on {on}.")


@ledger_app.command("reply")
def ledger_reply(
    name: Annotated[str, typer.Argument(help="Identifier of the claim or entry.")],
    party: Annotated[str, typer.Option(help="Who replies.")],
    words: Annotated[str, typer.Option(help="The reply, word for word.")],
    source: Annotated[str, typer.Option(help="Address where the reply can be read.")],
    reviewer: Reviewer,
    on: Annotated[str | None, typer.Option("--on", help="Day it was received; today by default.")] = None,
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Enter what a named party replies: it is shown beside the claim."""
    from serai.api import as_day
    from serai.evidence.ledger.review import Reply, write_reply

    ledger = open_book(open_(package, None), database)
    write_reply(ledger, Reply(name, party, words, as_day(on), _evidence(source)), reviewer, _now())
    typer.echo(f"The reply of {party} stands beside {name}.")


@ledger_app.command("correct")
def ledger_correct(
    name: Annotated[str, typer.Argument(help="Identifier of the claim or entry.")],
    was: Annotated[str, typer.Option(help="What was published.")],
    now_is: Annotated[str, typer.Option("--now", help="What is right.")],
    why: Annotated[str, typer.Option(help="Why.")],
    reviewer: Reviewer,
    on: Annotated[str | None, typer.Option("--on", help="Day of the decision; today by default.")] = None,
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Log a correction of something published."""
    from serai.api import as_day
    from serai.evidence.ledger.review import Correction, write_correction

    ledger = open_book(open_(package, None), database)
    write_correction(ledger, Correction(name, was, now_is, why, as_day(on), reviewer), _now())
    typer.echo(f"The correction of {name} is in the log.")


@ledger_app.command("import")
def ledger_import(
    paths: Annotated[list[Path], typer.Argument(help="CSV files, a workbook, or a folder of CSV files.")],
    reviewer: Annotated[
        str, typer.Option("--reviewer", help="Who answers for them; without it they stay drafts.")
    ] = "",
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Enter agreements, milestones and sources from tables; with one fault nothing is entered."""
    from serai.evidence.ledger.entries import read_book, write_book
    from serai.evidence.ledger.exchange import read_files

    ledger = open_book(open_(package, None), database)
    have = read_book(ledger)
    book = read_files(paths, have, reviewer)
    written = write_book(ledger, book, reviewer or "import", _now(), keep=have)
    typer.echo(f"{len(book.entries)} entries and {len(book.milestones)} milestones read, {written} new or changed.")


@ledger_app.command("export")
def ledger_export(
    out: Annotated[Path, typer.Argument(help="A folder for CSV files, or a file ending in .xlsx or .json.")],
    as_of: AsOf = None,
    database: Database = None,
    package: PackageName = "ewec",
) -> None:
    """Write everything as tables: CSV, a workbook, or JSON."""
    from serai.api import as_day
    from serai.evidence.ledger.entries import read_book
    from serai.evidence.ledger.exchange import book_frames, claim_frame, promise_frame
    from serai.evidence.ledger.review import read_docket
    from serai.report.ledger import write_export

    opened = open_(package, None)
    ledger = open_book(opened, database)
    day, book = as_day(as_of), read_book(ledger)
    frames = book_frames(book) | {"promises": promise_frame(book, day), "claims": claim_frame(read_docket(ledger))}
    write_export(frames, out, opened.meta, day)
    typer.echo(f"Wrote {len(book.entries)} entries and {len(book.milestones)} milestones to {out}")


@ledger_app.command("backup")
def ledger_backup(
    out: Annotated[Path, typer.Argument(help="File to write, such as ledger.jsonl.gz.")],
    database: Database = None,
) -> None:
    """Write the whole ledger, with its history, into one file; the server may run meanwhile."""
    from serai.evidence.ledger.backup import backup
    from serai.evidence.ledger.store import open_ledger

    typer.echo(f"Wrote {backup(open_ledger(database), out)} rows to {out}")


@ledger_app.command("restore")
def ledger_restore(
    source: Annotated[Path, typer.Argument(help="File that `serai ledger backup` wrote.")],
    database: Database = None,
) -> None:
    """Fill an empty ledger from a backup; from SQLite to PostgreSQL as well, and back."""
    from serai.evidence.ledger.backup import restore
    from serai.evidence.ledger.store import open_ledger

    ledger = open_ledger(database)
    typer.echo(f"Restored {restore(ledger, source)} rows into {ledger.name}")


@ledger_app.command("coverage")
def ledger_coverage(
    event: Annotated[
        Path, typer.Argument(help="CSV: source, published, claim, value, voice; a row a claim an article.")
    ],
    by: Annotated[str, typer.Option(help="language or country.")] = "language",
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Measure how much of an event each language or country was told."""
    from serai.evidence.coverage import coverage, coverage_json, read_reports

    opened = open_(package, None)
    found = coverage(opened["media"], read_reports(event, opened["media"]), by)
    if as_json:
        print_json(coverage_json(found))
        return
    from serai.report.ledger import print_coverage

    print_coverage(found)
