"""Ways between two places, and two cases side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_, print_json, split
from serai.core.errors import EXIT_NO_ANSWER, InputError

if TYPE_CHECKING:
    from serai.data.package import Package


@app.command()
def routes(
    origin: Annotated[str, typer.Argument(help="From: a place by name, alias or identifier, in any script.")],
    destination: Annotated[str, typer.Argument(help="To.")],
    commodity: Annotated[
        str | None, typer.Option("--commodity", "-c", help="Commodity; manufactures by default, or that of --hs.")
    ] = None,
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
    scenario: Annotated[
        str | None, typer.Option(help="Scenario to apply first: a name that `serai scenarios` lists, or a file.")
    ] = None,
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
    from serai.freight.forms import answer_json
    from serai.freight.model import By

    if by not in get_args(By):
        raise InputError(f"--by {by} is not known", "Use generalized, cost or time.")
    answer = ask(
        open_(package, overlays),
        origin,
        destination,
        commodity=commodity,
        as_of=as_of,
        k=k,
        by=cast("By", by),
        modes=split(modes),
        avoid=avoid or [],
        close=close or [],
        via=via or [],
        exclude_sanctioned=split(exclude_sanctioned),
        scenario=scenario,
        container=container,
        load_t=load_t,
        hs=hs,
        first_shipment=first_shipment,
    )
    if as_json:
        print_json(answer_json(answer))
    else:
        from serai.report.answer import Show, print_answer

        print_answer(answer, Show(legs=legs, why=why, profile=profile, papers=papers))
    if not answer.routes and not answer.if_open:
        raise typer.Exit(EXIT_NO_ANSWER)


@app.command()
def compare(
    case_a: Annotated[
        str, typer.Argument(help="A day, a scenario (name or file), an overlay file, or several joined by +.")
    ],
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
    from serai.data.names import find_place
    from serai.study.compare import compare_cases, difference_json, read_case

    opened = open_(package, overlays)
    pairs = []
    for text in pair or []:
        ends = text.split(":")
        if len(ends) != 2:
            raise InputError(f"--pair {text!r} does not name two places", "Join them by a colon.")
        pairs.append((find_place(opened["places"], ends[0]), find_place(opened["places"], ends[1])))
    a, b = (read_case(opened, text, today()) for text in (case_a, case_b))
    found = compare_cases(a, b, pairs or _pairs_of_study(opened), commodity)
    if as_json:
        print_json({"a": case_a, "b": case_b, "pairs": [difference_json(d) for d in found]})
        return
    from serai.report.console import print_differences

    print_differences(opened, a, b, found)


def _pairs_of_study(package: Package) -> tuple[tuple[str, str], ...]:
    from serai.study import read_spec

    try:
        return read_spec(package).pairs
    except InputError as fault:
        raise InputError(fault.what, f"Name two places, such as --pair A:B. {fault.remedy}") from fault
