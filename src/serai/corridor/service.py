"""Open a corridor and ask it: the few functions that faces and studies call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import SeraiError
from serai.core.progress import track
from serai.corridor.cases import Case, conditions_for
from serai.corridor.gradient import ArcGradient, gradient
from serai.corridor.inputs import observed_flows, trade_inputs
from serai.corridor.newtrade import Added, NewCells, Prior, added, gravity_prior, new_cells, new_trade
from serai.corridor.ranges import gain_range, range_rows, settings
from serai.corridor.solve import Outcome, solve
from serai.corridor.store import path_for
from serai.corridor.world import World, open_world
from serai.data.names import place_names, short_name
from serai.data.scenario import apply, read_scenario
from serai.freight.facilities import TEU
from serai.freight.flows import arc_tonnes
from serai.freight.routes import compile_package
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from serai.data.package import Package
    from serai.network.topology import Arc


@dataclass(frozen=True, slots=True)
class Extras:
    """What is worked out beside a result: ranges of gains, and the trade of pairs that have none."""

    ranges: bool = False
    new_trade: bool = False


_worlds: dict[str, World] = {}
KEPT_WORLDS = 3
"""Worlds held at once: every workbook of a user makes another, and none of them is small."""
_days: dict[tuple[str, dt.date], Outcome] = {}
KEPT_DAYS = 4


def open_corridor(package: Package) -> World:
    """Open the world of a package: routes, base equilibrium and trade; once per package and process.

    Raises
    ------
    InputError
        Where the package holds no trade.
    NoEquilibriumError
        Where its base does not settle.
    """
    key = package.meta.digest
    if key in _worlds:
        _worlds[key] = _worlds.pop(key)
    else:
        days = (package.meta.base_date, *sorted({d for d in package["status"]["confirmed_on"] if d is not None})[-1:])
        hold(open_world(
            package, trade_inputs(package), compile_package(package), days, observed_per_day=observed_flows(package),
            store_at=path_for(key, *(d.isoformat() for d in days)),
        ))  # fmt: skip
    return _worlds[key]


def hold(world: World) -> None:
    """Hold an open world for the next question; the longest unasked goes where there are too many."""
    while len(_worlds) >= KEPT_WORLDS:
        gone = next(iter(_worlds))
        del _worlds[gone]
        for held in [d for d in _days if d[0] == gone]:
            del _days[held]
    _worlds[world.package.meta.digest] = world


def solve_case(world: World, case: Case, start: Outcome | None = None) -> Outcome:
    """Solve a case of a world, from the base or from the outcome of the same day without the case's changes."""
    return solve(world, conditions_for(world, case), start=start.start if start else None)


def solve_day(world: World, day: dt.date) -> Outcome:
    """Solve a day of a world as it stands; the last few are kept."""
    key = (world.package.meta.digest, day)
    if key not in _days:
        found = solve_case(world, Case("as it stands", world.package, day))
        while len(_days) >= KEPT_DAYS:
            del _days[next(iter(_days))]
        _days[key] = found
    return _days[key]


def facility_name(world: World, key: str) -> str:
    """Name a facility for people: ``Gate (road, from Aland to Bland)``."""
    return _facility_names(world, (key,))[0]


def _facility_names(world: World, keys: Sequence[str]) -> list[str]:
    names, links = place_names(world.package), world.package["links"].set_index("id")[["from", "to"]]
    ends = {str(i): (short_name(names[a]), short_name(names[b])) for i, a, b in links.itertuples()}
    return [_facility_name(world, key, names, ends) for key in keys]


def _facility_name(world: World, key: str, names: Mapping[str, str], ends: Mapping[str, tuple[str, str]]) -> str:
    kind, rest = key.split(":", 1)
    if kind == "crossing":
        place, mode, way = rest.split(":")
        out, into = way.split(">")
        country = world.compiled.country_names
        return f"{short_name(names[place])} ({mode}, {country[out]} to {country[into]})"
    if kind == "port":
        port = short_name(names[rest])
        return port if "Port" in port.split() else f"Port of {port}"
    line = ends[rest[:-1]]
    return "Line " + " to ".join(line if rest.endswith(">") else line[::-1])


def gains(world: World, outcome: Outcome, before: Outcome | None = None) -> list[dict[str, Any]]:
    """Equivalent variation of every economy in million USD a year, against the base or another outcome."""
    ev = outcome.trade.ev_usd_per_year - (before.trade.ev_usd_per_year if before else 0.0)
    income = world.trade.income
    frame = world.package["economies"]
    return [
        {
            "economy": r.id,
            "name": r.name,
            "macro_region": r.macro_region,
            "gain_usd_m": float(ev[i] / 1e6),
            "gain_percent": float(100.0 * ev[i] / 1e6 / income[i]),
        }
        for i, r in enumerate(frame[["id", "name", "macro_region"]].itertuples(index=False, name="Economy"))
    ]


def regions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum gains of economies by macro-region, largest first."""
    total: dict[str, float] = {}
    for r in rows:
        total[r["macro_region"]] = total.get(r["macro_region"], 0.0) + r["gain_usd_m"]
    total["World"] = sum(total.values())
    return [{"macro_region": k, "gain_usd_m": v} for k, v in sorted(total.items(), key=lambda x: (-abs(x[1]), x[0]))]


def assumed_share(world: World, outcome: Outcome, day: dt.date) -> dict[str, float]:
    """Parts of the price and of the hours of all that is carried on a day that rest on assumed figures."""
    costs = world.compiled.costs_on(day, "last")
    figures = costs.figures
    tonnes = arc_tonnes(world.freight, outcome.freight)
    parts = {
        "price": (tonnes * (figures.haul_usd.mean + figures.fee_usd.mean), figures.cost_basis),
        "time": (tonnes * costs.mean_time_h, figures.time_basis),
    }
    found = {}
    for name, (weight, basis) in parts.items():
        total = float(weight.sum())
        found[name] = float(weight[np.array(basis) == "assumed"].sum()) / total if total else 0.0
    return found


def facility_table(world: World, outcome: Outcome, before: Outcome | None = None) -> list[dict[str, Any]]:
    """Flow, use and time of every facility, against the base or another outcome."""
    f, base = world.freight.facilities, before.freight if before else world.base.freight
    capacity = outcome.conditions.capacity_per_day
    capacity = f.capacity_per_day if capacity is None else capacity
    return [
        {
            "facility": key,
            "name": name,
            "unit": "TEU/day" if f.unit[h] == TEU else "t/day",
            "flow_per_day": float(outcome.freight.flow_per_day[h]),
            "flow_before_per_day": float(base.flow_per_day[h]),
            "background_per_day": float(f.background_per_day[h]),
            "capacity_per_day": float(capacity[h]),
            "published_capacity_per_day": float(world.published_capacity_per_day[h]),
            "time_h": float(outcome.freight.time_h[h]),
            "time_before_h": float(base.time_h[h]),
        }
        for h, (key, name) in enumerate(zip(f.keys, _facility_names(world, f.keys), strict=True))
    ]


def trade_changes(
    world: World, outcome: Outcome, before: Outcome | None = None, most: int = 20
) -> list[dict[str, Any]]:
    """Pairs whose trade changes most, in million USD a year at the purchaser."""
    was = (before.trade.V if before else world.trade.V).sum(axis=0)
    change = outcome.trade.V.sum(axis=0) - was
    np.fill_diagonal(change, 0.0)
    names = list(world.package["economies"]["name"])
    order = np.argsort(-np.abs(change), axis=None, kind="stable")[:most]
    rows = []
    for n in order.tolist():
        i, j = divmod(n, change.shape[0])
        rows.append(
            {
                "exporter": world.inputs.economies[i], "importer": world.inputs.economies[j],
                "exporter_name": names[i], "importer_name": names[j],
                "before_usd_m": float(was[i, j]), "change_usd_m": float(change[i, j]),
            }
        )  # fmt: skip
    return rows


def certificate(outcome: Outcome) -> dict[str, Any]:
    """Say how far an outcome is from being exact, and what it could not carry."""
    i = outcome.trade.identities
    return {
        "residual": outcome.residual,
        "evaluations": outcome.iterations,
        "trade_residual": outcome.trade.residual,
        "trade_method": outcome.trade.method_used,
        "budget": i.budget,
        "clearing": i.clearing,
        "world_income": i.world_income,
        "fees": i.fees,
        "gains_formula": i.gains,
        "stranded_t_per_year": outcome.stranded_t_per_year,
        "stranded_usd_m": outcome.trade.stranded_usd_m,
        "closed_cells": outcome.trade.closed,
        "costly_cells": outcome.trade.costly,
        "held_cells": outcome.held.cells,
        "held_usd_m": outcome.held.value_usd_m,
    }


def solve_scenario(
    package: Package, changed: Package | None, day: dt.date, name: str = "", extras: Extras = Extras()
) -> dict[str, Any]:
    """Solve a scenario on a day and set it beside the same day without it.

    Parameters
    ----------
    package
        The package.
    changed
        The package with a scenario applied; None for the day alone, set beside the base date.
    day
        The day.
    name
        Of the scenario.
    extras
        What else is worked out.

    Raises
    ------
    NoEquilibriumError
        Where it does not settle.
    """
    world = open_corridor(package)
    today = solve_day(world, day)
    outcome = solve_case(world, Case(name, changed, day), today) if changed is not None else today
    before = today if changed is not None else None
    rows = gains(world, outcome, before)
    found: dict[str, Any] = {}
    if extras.ranges:
        r = gain_range(world, settings(world), outcome, before)
        for row, low, high in zip(rows, r.low.tolist(), r.high.tolist(), strict=True):
            row.update(low_usd_m=low / 1e6, high_usd_m=high / 1e6)
        found["ranges"] = range_rows(world, outcome, r, before)
    if extras.new_trade:
        found["new_trade"] = new_trade_rows(world, outcome, prior_beside(world, before))
    return {
        **found,
        "scenario": name or None,
        "as_of": day.isoformat(),
        "against": "the same day without the scenario" if before else f"the base date {package.meta.base_date}",
        "package": {"name": package.meta.name, "version": package.meta.version, "digest": package.meta.digest},
        "unit": {"money": f"million USD of {package.meta.price_year} a year"},
        "assumed_share": assumed_share(world, outcome, day),
        "gains": sorted(rows, key=lambda r: (-abs(r["gain_usd_m"]), r["economy"])),
        "regions": regions(rows),
        "facilities": facility_table(world, outcome, before),
        "trade": trade_changes(world, outcome, before),
        "certificate": certificate(outcome),
    }


@dataclass(frozen=True, slots=True)
class PriorBeside:
    """The prior of new trade, and what it adds to the outcome that others are set beside; None for the base."""

    prior: Prior
    cells: NewCells | None = None
    before: tuple[Added, ...] | None = None
    why_not: str = ""


def prior_beside(world: World, before: Outcome | None) -> PriorBeside:
    """Work out once what is the same for all outcomes that are set beside one; where that fails, say why."""
    prior = gravity_prior(world)
    try:
        new = new_cells(world, prior)
        return PriorBeside(prior, new, None if before is None else added(world, new, before))
    except SeraiError as fault:
        return PriorBeside(prior, why_not=fault.what)


def new_trade_rows(world: World, outcome: Outcome, beside: PriorBeside) -> dict[str, Any]:
    """Say what pairs that do not trade a good today might add, at three points of the prior's range."""
    prior, new, own, why = beside.prior, beside.cells, world.members(), beside.why_not
    try:
        points = new_trade(new, added(world, new, outcome), beside.before) if new else ()
    except SeraiError as fault:
        points, why = (), fault.what
    names = [e for e, o in zip(world.inputs.economies, own.tolist(), strict=True) if o]
    return {
        "note": "Beside the results, not in them: empty cells at what gravity expects, routes and queues as solved.",
        "why_not": why,
        "empty_cells": int(prior.cell.size),
        "without_route_usd_m": prior.without_route_usd_m,
        "distance_elasticity": list(prior.distance) if np.isfinite(prior.distance[0]) else None,
        "skipped_goods": list(prior.skipped),
        "points": [
            {
                "point": p.point, "cells": p.cells, "prior_usd_m": p.prior_usd_m,
                "trade_change_usd_m": p.after_usd_m - p.before_usd_m,
                "members_gain_usd_m": float(p.ev_usd_per_year[own].sum() / 1e6),
                "world_gain_usd_m": float(p.ev_usd_per_year.sum() / 1e6),
                "gains_usd_m": dict(zip(names, (p.ev_usd_per_year[own] / 1e6).tolist(), strict=True)),
            }
            for p in points
        ],
    }  # fmt: skip


def region_gains(package: Package, scenarios: Sequence[str], day: dt.date) -> dict[str, tuple[float, ...]]:
    """Gain of every macro-region in USD a year from each of some package scenarios on a day.

    Raises
    ------
    NoEquilibriumError
        Where one does not settle.
    """
    world = open_corridor(package)
    today = solve_day(world, day)
    found: dict[str, list[float]] = {}
    for name in track(scenarios, "Gains by region", len(scenarios)):
        changed = apply(package, read_scenario(name, package.scenarios))
        for row in regions(gains(world, solve_case(world, Case(name, changed, day), today), today)):
            found.setdefault(row["macro_region"], []).append(1e6 * row["gain_usd_m"])
    return {region: tuple(v) for region, v in found.items()}


def gradient_table(package: Package, day: dt.date, place: str | None = None, most: int = 10) -> dict[str, Any]:
    """Who gains from a day less, and from a dollar a tonne less, at each border, port, terminal and line.

    Parameters
    ----------
    package, day
        Package and day.
    place
        Only objects at this place.
    most
        How many, by the members' gain from a day less.
    """
    world = open_corridor(package)
    outcome = solve_day(world, day)
    g = gradient(world, outcome)
    rows = gradient_rows(world, g, place)
    return {
        "as_of": day.isoformat(),
        "package": {"name": package.meta.name, "version": package.meta.version, "digest": package.meta.digest},
        "note": "First order, within the frozen route set; objects without cargo are left out, not zero.",
        "assumed_share": assumed_share(world, outcome, day),
        "objects": rows[:most],
        "certificate": certificate(outcome),
    }


def gradient_rows(world: World, g: ArcGradient, place: str | None = None) -> list[dict[str, Any]]:
    """Sum a gradient over the arcs of each border, port, terminal and line; the members' largest gain first."""
    groups: dict[str, list[int]] = {}
    for a, arc in enumerate(world.compiled.topology.arcs):
        if g.defined[a] and arc.kind not in {ArcKind.ACCESS, ArcKind.ALIGHT} and place in {None, arc.place}:
            groups.setdefault(_object_of(arc), []).append(a)
    own = world.members()
    rows: list[dict[str, Any]] = []
    for name, arcs in groups.items():
        day_less = -24.0 * g.hours_usd_per_year[arcs].sum(axis=0) / 1e6
        dollar_less = -g.money_usd_per_year[arcs].sum(axis=0) / 1e6
        rows.append(
            {
                "object": name,
                "name": _name_of(world, name),
                "members_usd_m_per_day_less": float(day_less[own].sum()),
                "world_usd_m_per_day_less": float(day_less.sum()),
                "members_usd_m_per_usd_per_t_less": float(dollar_less[own].sum()),
                "by_economy_usd_m_per_day_less": {
                    e: float(day_less[i]) for i, e in enumerate(world.inputs.economies) if own[i]
                },
            }
        )
    rows.sort(key=lambda r: (-r["members_usd_m_per_day_less"], r["object"]))
    return rows


def _object_of(arc: Arc) -> str:
    if arc.kind == ArcKind.LINE_HAUL:
        return f"links:{arc.row}"
    if arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
        return f"crossings:{arc.place}:{arc.tail.mode}"
    return f"{arc.table}:{arc.place}"


def _name_of(world: World, name: str) -> str:
    names = place_names(world.package)
    kind, rest = name.split(":", 1)
    if kind == "links":
        link = world.package["links"].set_index("id").loc[rest]
        ends = (short_name(names[str(link["from"])]), short_name(names[str(link["to"])]))
        return f"{' to '.join(ends)} ({link['mode']})"
    place, *mode = rest.split(":")
    what = {"crossings": "border", "ports": "port", "transfers": "terminal", "services": "service"}[kind]
    return f"{short_name(names[place])} ({' '.join([*mode, what])})"
