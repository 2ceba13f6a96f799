"""The command line. Thin: it reads options, calls the Python interface and prints.

Exit codes: 0 done; 1 a fault of Serai's own; 2 a wrong input (one line says what, where and the remedy);
3 no answer exists, such as no route; 4 an optional part is not installed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serai.core.errors import EXIT_NO_ANSWER, InputError, SeraiError

if TYPE_CHECKING:
    from serai.data.package import Package

app = typer.Typer(
    help="Examine whether an economic corridor works, and whether what is said about it is true.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="Check, describe and write data packages.", no_args_is_help=True)
status_app = typer.Typer(
    help="What is open, restricted or closed, and when that was last confirmed.", no_args_is_help=True
)
app.add_typer(data_app, name="data")
app.add_typer(status_app, name="status")

AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of the answer, YYYY-MM-DD; today by default.")]
With = Annotated[list[Path] | None, typer.Option("--with", help="Your own figures, .xlsx or .csv; may be repeated.")]
PackageName = Annotated[str, typer.Option("--package", "-p", help="Name or folder of the data package.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _open(package: str, overlays: list[Path] | None) -> Package:
    from serai.api import open_package

    return open_package(package, overlays=overlays or [])


def _print_json(content: Any) -> None:  # noqa: ANN401
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


@app.command()
def routes(
    origin: Annotated[str, typer.Argument(help="From: a place by name, alias or identifier, in any script.")],
    destination: Annotated[str, typer.Argument(help="To.")],
    commodity: Annotated[str, typer.Option("--commodity", "-c", help="Commodity.")] = "manufactures",
    as_of: AsOf = None,
    k: Annotated[int, typer.Option("-k", help="How many routes.")] = 5,
    by: Annotated[str, typer.Option(help="Minimise generalized cost, cost or time.")] = "generalized",
    modes: Annotated[str | None, typer.Option(help="Only these modes, such as road,rail.")] = None,
    avoid: Annotated[list[str] | None, typer.Option(help="Country not to enter; may be repeated.")] = None,
    close: Annotated[list[str] | None, typer.Option(help="Place, link or passage to take as shut.")] = None,
    via: Annotated[list[str] | None, typer.Option(help="Place to pass; may be repeated, in order.")] = None,
    exclude_sanctioned: Annotated[
        str | None, typer.Option(help="Stay clear of what US, EU, UN or UK sanctions touch, such as US,EU.")
    ] = None,
    scenario: Annotated[Path | None, typer.Option(help="Scenario file to apply first.")] = None,
    legs: Annotated[bool, typer.Option("--legs", help="Show every leg of the first route.")] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Say why the first way leads, and what would flip the choice.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Show time and cost over distance, and border indicators.")
    ] = False,
    papers: Annotated[
        bool, typer.Option("--papers", help="List permits, papers and sanctions of the first way.")
    ] = False,
    container: Annotated[str | None, typer.Option(help="Price one container: 20, 40, 40HC or 40RF.")] = None,
    load_t: Annotated[float | None, typer.Option("--load-t", help="Goods in the container, in t.")] = None,
    hs: Annotated[str, typer.Option("--hs", help="HS code of the goods; sets commodity, value and reefer need.")] = "",
    first_shipment: Annotated[
        bool, typer.Option("--first-shipment", help="Add what only a first shipment pays.")
    ] = False,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Find ways between two places: cost, time, risk, and what they rest on."""
    from serai.api import routes as ask
    from serai.freight.answer import answer_json

    if by not in {"generalized", "cost", "time"}:
        raise InputError(f"--by {by} is not known", "Use generalized, cost or time.")
    answer = ask(
        _open(package, overlays),
        origin,
        destination,
        commodity=commodity,
        as_of=as_of,
        k=k,
        by=by,  # type: ignore[arg-type]
        modes=_split(modes),
        avoid=avoid or [],
        close=close or [],
        via=via or [],
        exclude_sanctioned=_split(exclude_sanctioned),
        scenario=scenario,
        container=container,
        load_t=load_t,
        hs=hs,
        first_shipment=first_shipment,
    )
    if as_json:
        _print_json(answer_json(answer))
    else:
        from serai.report.console import Show, print_answer

        print_answer(answer, Show(legs=legs, why=why, profile=profile, papers=papers))
    if not answer.routes and not answer.if_open:
        raise typer.Exit(EXIT_NO_ANSWER)


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
    from serai.freight.answer import status_json

    opened = _open(package, overlays)
    board = status(opened, as_of=as_of)
    entries = [s for s in board.sorted() if not (stale and s.known)]
    if as_json:
        _print_json({"as_of": board.day.isoformat(), "entries": [status_json(s) for s in entries]})
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
        _open(package, None),
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


@app.command()
def study(
    name: Annotated[str, typer.Argument(help="Name or folder of the data package.")] = "ewec",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the report; build/NAME by default.")
    ] = None,
    as_of: AsOf = None,
    overlays: With = None,
) -> None:
    """Examine a corridor from end to end and write the report."""
    from serai.api import as_day
    from serai.report import write
    from serai.study import run

    package = _open(name, overlays)
    result = run(package, as_day(as_of))
    folder = out or Path("build") / package.meta.name
    write(result, folder)
    from serai.report.console import print_study

    print_study(result, folder)


@app.command()
def compare(
    case_a: Annotated[str, typer.Argument(help="A day, a scenario or an overlay file, or several joined by +.")],
    case_b: Annotated[str, typer.Argument(help="The other case.")],
    pair: Annotated[
        list[str] | None, typer.Option(help="Two places joined by a colon, such as Almaty:Karachi; may be repeated.")
    ] = None,
    commodity: Annotated[str, typer.Option("--commodity", "-c", help="Commodity.")] = "manufactures",
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Set two cases side by side: days, scenarios, your own figures."""
    from serai.api import today
    from serai.compare import compare_cases, difference_json, read_case
    from serai.data.names import find_place
    from serai.study import read_spec

    opened = _open(package, overlays)
    pairs = []
    for text in pair or []:
        ends = text.split(":")
        if len(ends) != 2:
            raise InputError(f"--pair {text!r} does not name two places", "Join them by a colon.")
        pairs.append((find_place(opened["places"], ends[0]), find_place(opened["places"], ends[1])))
    a, b = (read_case(opened, text, today()) for text in (case_a, case_b))
    found = compare_cases(a, b, pairs or read_spec(opened).pairs, commodity)
    if as_json:
        _print_json({"a": case_a, "b": case_b, "pairs": [difference_json(d) for d in found]})
        return
    from serai.report.console import print_differences

    print_differences(opened, a, b, found)


@data_app.command("check")
def data_check(
    path: Annotated[str, typer.Argument(help="Folder or name of a data package.")], overlays: With = None
) -> None:
    """Validate a package; every fault is shown at once."""
    package = _open(path, overlays)
    rows = sum(len(t) for t in package.tables.values())
    typer.echo(
        f"{package.meta.title}: {len(package.tables)} tables, {rows} rows, no fault. Digest {package.meta.digest[:12]}."
    )


@data_app.command("new")
def data_new(folder: Annotated[Path, typer.Argument(help="New folder.")]) -> None:
    """Write an empty package to fill in."""
    from serai.api import today
    from serai.data.package import new_package

    new_package(folder, folder.name.lower(), today())
    typer.echo(f"Wrote an empty package to {folder}; fill the tables and run: serai data check {folder}")


@data_app.command("describe")
def data_describe(
    table: Annotated[str | None, typer.Argument(help="Only this table.")] = None,
    form: Annotated[str, typer.Option("--format", help="text, markdown or json.")] = "text",
    places: Annotated[bool, typer.Option("--places", help="List the places of the package instead.")] = False,
    package: PackageName = "ewec",
) -> None:
    """Describe the format: tables, columns, units."""
    from serai.data import describe

    if places:
        typer.echo(describe.places_text(_open(package, None)))
        return
    typer.echo(describe.format_text(table, form))


@data_app.command("sources")
def data_sources(overlays: With = None, package: PackageName = "ewec", as_json: AsJson = False) -> None:
    """List the sources of a package and how much rests on each."""
    from serai.data import describe

    rows = describe.source_use(_open(package, overlays))
    if as_json:
        _print_json(rows)
        return
    from serai.report.console import print_sources

    print_sources(rows)


@data_app.command("template")
def data_template(
    path: Annotated[Path, typer.Argument(help="Workbook to write, such as my.xlsx.")],
    package: PackageName = "ewec",
) -> None:
    """Write a workbook of the package's figures for you to change and lay over with --with."""
    from serai.data.overlay import write_template

    write_template(_open(package, None), path)
    typer.echo(f"Wrote {path}. Change what you know better, then add --with {path} to any command.")


@data_app.command("sea")
def data_sea(
    origin: Annotated[str, typer.Argument(help="Port.")],
    destination: Annotated[str, typer.Argument(help="Port.")],
    avoid: Annotated[str | None, typer.Option(help="Passages to avoid, such as suez,hormuz.")] = None,
    package: PackageName = "ewec",
) -> None:
    """Measure a sea leg and the passages it uses (needs the extra `sea`)."""
    from serai.data.names import find_place
    from serai.data.sea import measure

    places = _open(package, None)["places"].set_index("id")
    a, b = (find_place(places.reset_index(), t) for t in (origin, destination))
    leg = measure(places.loc[a, ["lat", "lon"]], places.loc[b, ["lat", "lon"]], tuple(_split(avoid)))
    typer.echo(f"{a} - {b}: {leg.length_km:.0f} km (great circle {leg.great_circle_km:.0f}), passages: "
               f"{', '.join(leg.passages) or 'none'}")  # fmt: skip


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    if version:
        from serai import __version__

        typer.echo(f"serai {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a user's mistake is one line on the error stream, never a traceback."""
    try:
        app()
    except SeraiError as fault:
        sys.stderr.write(f"serai: {fault}\n")
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        sys.exit(0)
