"""Equilibrium assignment of a trip table to a network in the TNTP format."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serai.cli.app import AsJson, app, print_json
from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.freight.assign.network import LinkNetwork
    from serai.freight.assign.result import Assignment
    from serai.freight.assign.solve import Method


class MethodName(StrEnum):
    """Methods by their names on the command line."""

    wardrop = "wardrop"
    logit = "logit"
    fw = "fw"
    cfw = "cfw"
    bfw = "bfw"


def _method(name: MethodName, gap: float, theta: float | None, max_iterations: int | None) -> Method:
    from serai.freight.assign.frank_wolfe import BiconjugateFrankWolfe, ConjugateFrankWolfe, FrankWolfe
    from serai.freight.assign.gradient_projection import GradientProjection
    from serai.freight.assign.stochastic import Logit

    limit = {} if max_iterations is None else {"max_iterations": max_iterations}
    if name is MethodName.logit:
        if theta is None:
            raise InputError("--method logit needs --theta", "Give the sensitivity to cost, such as --theta 0.5.")
        return Logit(theta, gap) if max_iterations is None else Logit(theta, gap, max_iterations=max_iterations)
    if theta is not None:
        raise InputError("--theta belongs to --method logit", "Leave one of them out.")
    kinds: dict[MethodName, Callable[..., Method]] = {
        MethodName.wardrop: GradientProjection,
        MethodName.fw: FrankWolfe,
        MethodName.cfw: ConjugateFrankWolfe,
        MethodName.bfw: BiconjugateFrankWolfe,
    }
    return kinds[name](gap, **limit)


@app.command()
def assign(
    network: Annotated[Path, typer.Argument(help="Links, a TNTP file.")],
    trips: Annotated[Path, typer.Argument(help="Trip table, a TNTP file.")],
    method: Annotated[
        MethodName,
        typer.Option(
            help="wardrop: gradient projection on paths; logit: stochastic; "
            "fw, cfw, bfw: Frank-Wolfe, plain, conjugate, bi-conjugate."
        ),
    ] = MethodName.wardrop,
    gap: Annotated[float, typer.Option(help="Relative gap to reach.")] = 1e-8,
    theta: Annotated[float | None, typer.Option(help="Sensitivity of logit to cost, per unit of cost.")] = None,
    max_iterations: Annotated[int | None, typer.Option(help="Stop with an error after so many.")] = None,
    toll_weight: Annotated[float, typer.Option(help="Time that a unit of toll is worth.")] = 0.0,
    distance_weight: Annotated[float, typer.Option(help="Time that a unit of length is worth.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Assign a trip table to a network, both in the TNTP format, in equilibrium."""
    from serai.freight.assign.solve import assign as solve
    from serai.freight.assign.tntp import read_network, read_trips

    chosen = _method(method, gap, theta, max_iterations)
    links = read_network(network, toll_weight=toll_weight, distance_weight=distance_weight)
    table = read_trips(trips, links.zones)
    _load_kernels(_method(method, 1e-2, theta, 1000))
    start = time.perf_counter()
    found = solve(links, table, chosen)
    seconds = time.perf_counter() - start
    if as_json:
        print_json(_json(links, found, seconds))
    else:
        _table(links, found, seconds)


def _load_kernels(method: Method) -> None:
    """Solve two parallel links first: a compiler's time is not the method's."""
    import numpy as np

    from serai.freight.assign.network import LinkNetwork, Trips
    from serai.freight.assign.solve import assign as solve
    from serai.freight.assign.volume_delay import bpr

    one = np.ones(2)
    ends = np.zeros(2, dtype=np.int32)
    links = LinkNetwork(ends, ends + 1, bpr(one, one, one, one), zones=2, nodes=2)
    solve(links, Trips(ends[:1], ends[:1] + 1, one[:1]), method)


def _json(links: LinkNetwork, found: Assignment, seconds: float) -> dict[str, object]:
    return {
        "objective": found.objective,
        "total_travel_time": found.total_travel_time,
        "relative_gap": found.relative_gap,
        "residual": found.residual,
        "lower_bound": found.lower_bound,
        "iterations": found.iterations,
        "seconds": seconds,
        "assigned_trips": found.assigned_trips,
        "intrazonal_trips": found.intrazonal_trips,
        "imbalance": found.imbalance,
        "unassigned": found.unassigned.to_dict("records"),
        "links": [
            {"from": int(a) + 1, "to": int(b) + 1, "flow": float(x), "cost": float(c)}
            for a, b, x, c in zip(links.tail, links.head, found.flow, found.cost, strict=True)
        ],
    }


def _table(links: LinkNetwork, found: Assignment, seconds: float) -> None:
    import numpy as np
    from rich.table import Table

    from serai.report.console import terminal

    figures = Table(show_header=False)
    figures.add_column("figure")
    figures.add_column("value", justify="right")
    for name, value in (
        ("objective", f"{found.objective:,.4f}"),
        ("total travel time", f"{found.total_travel_time:,.4f}"),
        ("relative gap", f"{found.relative_gap:.3g}"),
        ("iterations", str(found.iterations)),
        ("seconds", f"{seconds:.3f}"),
        ("trips assigned", f"{found.assigned_trips:,.2f}"),
        ("trips inside a zone", f"{found.intrazonal_trips:,.2f}"),
        ("trips without a path", f"{found.unassigned['trips'].sum():,.2f}"),
        ("largest imbalance at a node", f"{found.imbalance:.3g}"),
    ):
        figures.add_row(name, value)
    busiest = Table(title="Busiest links")
    for name in ("from", "to", "flow", "cost"):
        busiest.add_column(name, justify="right")
    for a in np.argsort(-found.flow, kind="stable")[:10]:
        busiest.add_row(str(links.tail[a] + 1), str(links.head[a] + 1), f"{found.flow[a]:,.2f}", f"{found.cost[a]:.4f}")
    console = terminal()
    console.print(figures)
    console.print(busiest)
    if len(found.unassigned):
        lost = Table(title="Pairs without a path")
        for name in ("origin", "destination", "trips"):
            lost.add_column(name, justify="right")
        for row in found.unassigned.itertuples():
            lost.add_row(str(row.origin), str(row.destination), f"{row.trips:,.2f}")
        console.print(lost)
