"""What is open, and when that was last confirmed."""

from __future__ import annotations

from typing import Annotated

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_, print_json

status_app = typer.Typer(
    help="What is open, restricted or closed, and when that was last confirmed.", no_args_is_help=True
)
app.add_typer(status_app, name="status")


@status_app.command("list")
def status_list(
    stale: Annotated[bool, typer.Option("--stale", help="Only what is past its shelf life.")] = False,
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """List the state of every crossing, port, link and passage with one on record."""
    from serai.api import status
    from serai.freight.forms import status_json

    opened = open_(package, overlays)
    board = status(opened, as_of=as_of)
    entries = [s for s in board.sorted() if not (stale and s.known)]
    if as_json:
        print_json({"as_of": board.day.isoformat(), "entries": [status_json(s) for s in entries]})
        return
    from serai.report.console import print_status

    print_status(opened, board.day, entries)


@status_app.command("set")
def status_set(
    place: Annotated[str, typer.Argument(help="Crossing, port, link or passage.")],
    state: Annotated[str, typer.Argument(help="open, restricted or closed.")],
    since: Annotated[str, typer.Option("--from", help="First day of the state, YYYY-MM-DD.")],
    source: Annotated[str, typer.Option(help="Address of the page or document that says so.")],
    confirmed_on: Annotated[str | None, typer.Option(help="Day it was confirmed; today by default.")] = None,
    mode: Annotated[str, typer.Option(help="road, rail, sea or ferry, if only one.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "reported by the user",
    package: PackageName = "ewec",
) -> None:
    """Add a dated, sourced status of your own. Nothing is overwritten; the package stays as it is."""
    from serai.api import as_day, today
    from serai.data.record import add_status

    path = add_status(
        open_(package, None),
        place=place,
        state=state,
        since=as_day(since),
        confirmed_on=as_day(confirmed_on),
        source=source,
        mode=mode,
        reason=reason,
        today=today(),
    )
    typer.echo(f"Added to {path}")
