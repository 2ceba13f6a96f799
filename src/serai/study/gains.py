"""What is traded, and who gains from each scenario of the study, against the same day without it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.core.errors import NoEquilibriumError, ScenarioError
from serai.core.progress import track
from serai.corridor.cases import Case
from serai.corridor.gradient import gradient
from serai.corridor.ranges import CORNERS, gain_range, range_rows, settings, under_all
from serai.corridor.service import (
    certificate,
    gains,
    gradient_rows,
    new_trade_rows,
    open_corridor,
    prior_beside,
    regions,
    solve_case,
    solve_day,
    trade_changes,
)
from serai.data.names import place_names, short_name
from serai.data.scenario import apply, parse_scenario, read_scenario
from serai.study.executors import where
from serai.study.flows import arc_flows, flow_tables, gate_arcs

if TYPE_CHECKING:
    import datetime as dt

    from serai.corridor.ranges import Setting
    from serai.corridor.service import PriorBeside
    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.data.package import Package
    from serai.study.spec import StudySpec
    from serai.trade.base import Array

CASES = ("scenario", "title", "solved", "why", "residual", "world_usd_m", "members_usd_m", "created_usd_m",
         "lost_usd_m", "diverted_usd_m", "members_fees_usd_m", "stranded_mt_per_year", "members_low_usd_m",
         "members_high_usd_m", "held_cells", "held_usd_m", "sources")  # fmt: skip
NEW_TRADE = ("point", "cells", "prior_usd_m", "trade_change_usd_m", "members_gain_usd_m", "world_gain_usd_m")


def trade_summary(package: Package, world: World) -> dict[str, pd.DataFrame]:
    """Totals before and after rebasing, anchors with both reporters, and what does not use the network."""
    from serai.trade.matrix import compile_trade, section_seed

    data = compile_trade(package)
    seed = section_seed(package, data.position).sum(axis=0)
    value, carried = data.value_usd_m, data.value_usd_m * data.network_share
    none = np.zeros(len(data.economies))
    lost = world.unallocated_t_per_year.sum(axis=(0, 2)) / 1e6
    off, slight = 1.0 - carried.sum() / value.sum(), world.slight
    names = package["economies"]["name"]
    totals = pd.DataFrame(
        {
            "economy": data.economies, "name": list(names),
            "seed_exports_usd_m": seed.sum(axis=1), "reported_exports_usd_m": data.exports_usd_m,
            "exports_usd_m": value.sum(axis=(0, 2)), "seed_imports_usd_m": seed.sum(axis=0),
            "reported_imports_usd_m": data.imports_usd_m, "imports_usd_m": value.sum(axis=(0, 1)),
            "exports_off_network_share": 1.0 - _ratio(carried.sum(axis=(0, 2)), value.sum(axis=(0, 2)), none),
            "exports_mt_on_network": data.tonnes_per_year.sum(axis=(0, 2)) / 1e6,
            "exports_mt_unallocated": lost,
        }
    )  # fmt: skip
    summary = pd.DataFrame(
        [
            {"what": "Year of the trade", "value": data.year, "unit": "year"},
            {"what": "Year of the seed matrix", "value": float(package["trade_seed"]["year"].max()), "unit": "year"},
            {"what": "Largest relative residual of the rebasing", "value": data.residual, "unit": "1"},
            {"what": "Rounds of the rebasing", "value": data.iterations, "unit": "1"},
            {"what": "Value of all trade", "value": value.sum(), "unit": "USD m"},
            {"what": "Share of the value that does not use the network", "value": off, "unit": "1"},
            {"what": "Tonnes on the network", "value": data.tonnes_per_year.sum() / 1e6, "unit": "Mt a year"},
            {"what": "Tonnes no pair of zones can carry", "value": lost.sum(), "unit": "Mt a year"},
            {"what": "Flows that keep the freight of the base", "value": float(slight.cells), "unit": "1"},
            {"what": "Tonnes of these", "value": slight.t_per_year / 1e6, "unit": "Mt a year"},
            {"what": "Value of these", "value": slight.value_usd_m, "unit": "USD m"},
        ]
    )  # fmt: skip
    return {"trade_summary": summary, "trade_by_economy": totals, "trade_checks": anchor_table(package, value)}


def _ratio(a: Array, b: Array, otherwise: Array) -> Array:
    return np.divide(a, b, out=otherwise.copy(), where=b > 0)


def anchor_table(package: Package, value_usd_m: Array) -> pd.DataFrame:
    """Every pair with a newer figure: all its reporters, the ratio of the largest to the smallest, and the model's.

    Parameters
    ----------
    value_usd_m : float64[K, N, N]
        Trade of the base year.
    """
    position = {e: i for i, e in enumerate(package["economies"]["id"])}
    rows = []
    for (exporter, importer), mine in package["trade_anchors"].groupby(["exporter", "importer"], sort=False):
        seen = mine["value_usd_m"].to_numpy(dtype=float)
        rows.append(
            {
                "exporter": exporter, "importer": importer,
                "reports": "; ".join(f"{r.reporter}, {r.period}: {r.value_usd_m:g}" for r in mine.itertuples()),
                "reporters": len(mine), "low_usd_m": seen.min(), "high_usd_m": seen.max(),
                "largest_to_smallest": seen.max() / seen.min() if seen.min() > 0 else np.nan,
                "held_at_usd_m": value_usd_m[:, position[str(exporter)], position[str(importer)]].sum(),
                "source": ";".join(dict.fromkeys(s for text in mine["source"] for s in str(text).split(";"))),
            }
        )  # fmt: skip
    columns = ["exporter", "importer", "reports", "reporters", "low_usd_m", "high_usd_m", "largest_to_smallest",
               "held_at_usd_m", "source"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def created_and_diverted(before: Array, after: Array, importer: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Trade created, lost and diverted, over some importers.

    Per importer, what its purchases abroad grow or shrink by in all is created or lost; the smaller of what grew
    and what shrank among its suppliers has changed hands, and is diverted.

    Parameters
    ----------
    before, after : float64[N, N]
        Trade of exporters with importers, same unit; the diagonal does not count.
    importer : bool[N]
        Which importers count.

    Returns
    -------
    created, lost, diverted
    """
    change = after - before
    change = change - np.diag(np.diag(change))
    up, down = np.maximum(change, 0).sum(axis=0)[importer], np.maximum(-change, 0).sum(axis=0)[importer]
    net = up - down
    return float(np.maximum(net, 0).sum()), float(np.maximum(-net, 0).sum()), float(np.minimum(up, down).sum())


@dataclass(slots=True)
class _Tables:
    """Rows of each table, as they come."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    economies: list[dict[str, Any]] = field(default_factory=list)
    regions: list[dict[str, Any]] = field(default_factory=list)
    trade: list[dict[str, Any]] = field(default_factory=list)
    ports: list[dict[str, Any]] = field(default_factory=list)
    ranges: list[dict[str, Any]] = field(default_factory=list)
    new_trade: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What every scenario is set beside: the day, under every setting too, what ports handle, and the prior."""

    today: Outcome
    settings: tuple[Setting, ...]
    under: dict[str, Array | str]
    prior: PriorBeside
    ports: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Work:
    """What every scenario is solved in."""

    world: World
    spec: StudySpec
    as_of: dt.date
    beside: _Beside


def _port_flows(world: World, outcome: Outcome, ports: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    flow = arc_flows(world, outcome.freight)
    teu = world.freight.facilities.unit_per_t[1] @ flow
    total = flow.sum(axis=0)
    arcs: dict[str, list[int]] = {p: [] for p in ports}
    for (kind, place, _, _), found in gate_arcs(world).items():
        if kind == "port" and place in arcs:
            arcs[place] += found
    return {p: (float(total[a].sum()), float(teu[a].sum())) for p, a in arcs.items()}


def _beside(world: World, spec: StudySpec, today: Outcome) -> _Beside:
    every = settings(world)
    ports = _port_flows(world, today, (*spec.own_ports, *spec.rival_ports))
    return _Beside(today, every, under_all(world, every, today), prior_beside(world, today), ports)


def _case_rows(w: _Work, name: str, now: Outcome, t: _Tables) -> dict[str, Any]:
    world, spec, beside = w.world, w.spec, w.beside
    own, places, today = world.members(), place_names(world.package), beside.today
    rows = gains(world, now, today)
    r = gain_range(world, beside.settings, now, today, beside.under)
    for row, low, high in zip(rows, r.low.tolist(), r.high.tolist(), strict=True):
        row.update(low_usd_m=low / 1e6, high_usd_m=high / 1e6)
    under = range_rows(world, now, r, today)
    t.ranges += [{"scenario": name, **x} for x in under]
    prior = new_trade_rows(world, now, beside.prior)
    t.new_trade += [{"scenario": name, **{k: p[k] for k in NEW_TRADE}} for p in prior["points"]]
    ends = [x["members_usd_m"] for x in under if x["setting"] in {"middle", *CORNERS} and not x["why_not"]]
    fees = now.trade.fee_usd_m - today.trade.fee_usd_m
    t.economies += [
        {"scenario": name, **r, "member": bool(own[i]), "fee_change_usd_m": float(fees[i])} for i, r in enumerate(rows)
    ]
    t.regions += [{"scenario": name, **r} for r in regions(rows)]
    t.trade += [{"scenario": name, **r} for r in trade_changes(world, now, today, 12)]
    before, after = beside.ports, _port_flows(world, now, tuple(beside.ports))
    t.ports += [
        {"scenario": name, "port": p, "name": short_name(places[p]), "own": p in spec.own_ports,
         "t_per_day_before": before[p][0], "t_per_day": after[p][0],
         "teu_per_day_before": before[p][1], "teu_per_day": after[p][1]}
        for p in before
    ]  # fmt: skip
    created, lost, diverted = created_and_diverted(today.trade.V.sum(axis=0), now.trade.V.sum(axis=0), own)
    gain = np.array([r["gain_usd_m"] for r in rows])
    c = certificate(now)
    return {
        "solved": True, "why": "", "residual": c["residual"], "world_usd_m": float(gain.sum()),
        "members_usd_m": float(gain[own].sum()), "created_usd_m": created, "lost_usd_m": lost,
        "diverted_usd_m": diverted, "members_fees_usd_m": float(fees[own].sum()),
        "stranded_mt_per_year": c["stranded_t_per_year"] / 1e6, "members_low_usd_m": min(ends),
        "members_high_usd_m": max(ends), "held_cells": c["held_cells"], "held_usd_m": c["held_usd_m"],
    }  # fmt: skip


def _solved(work: _Work, name: str) -> _Tables:
    """Rows of one scenario; what does not settle is a row that says why."""
    package, t = work.world.package, _Tables()
    file = parse_scenario(package.scenarios[name], name)
    head: dict[str, Any] = {"scenario": name, "title": file.title, "sources": ";".join(file.sources)}
    try:
        changed = apply(package, read_scenario(name, package.scenarios))
        now = solve_case(work.world, Case(name, changed, work.as_of), work.beside.today)
        t.cases.append({**head, **_case_rows(work, name, now, t)})
    except (NoEquilibriumError, ScenarioError) as fault:
        t.cases.append({**head, "solved": False, "why": fault.what})
    return t


def scenario_tables(world: World, spec: StudySpec, as_of: dt.date, today: Outcome) -> dict[str, pd.DataFrame]:
    """Solve every scenario of the study on its day, side by side in processes where the package is large."""
    t = _Tables()
    if spec.scenarios:
        work = _Work(world, spec, as_of, _beside(world, spec, today))
        found = track(where(world).run(_solved, work, spec.scenarios), "Scenarios", len(spec.scenarios))
        for _, part in sorted(found, key=lambda x: x[0]):
            for f in fields(t):
                getattr(t, f.name).extend(getattr(part, f.name))
    return {
        "scenarios": pd.DataFrame(t.cases, columns=list(CASES)),
        "gains": pd.DataFrame(t.economies),
        "gains_by_region": pd.DataFrame(t.regions),
        "trade_changes": pd.DataFrame(t.trade),
        "ports_by_scenario": pd.DataFrame(t.ports),
        "gains_under": pd.DataFrame(t.ranges),
        "new_trade": pd.DataFrame(t.new_trade, columns=["scenario", *NEW_TRADE]),
    }


def solved_tables(package: Package, spec: StudySpec, as_of: dt.date) -> dict[str, pd.DataFrame]:
    """Tables of trade, flows and gains of a package on a day; none where it holds no trade.

    Parameters
    ----------
    package, spec
        Package and study.
    as_of
        Day that every scenario is set beside.

    Raises
    ------
    NoEquilibriumError
        Where the day itself does not settle.
    """
    if not len(package["economies"]) or not len(package["trade_seed"]):
        return {}
    world = open_corridor(package)
    today = solve_day(world, as_of)
    g = gradient(world, today)
    improvements = pd.DataFrame(gradient_rows(world, g)[:10])
    if len(improvements):
        by = "by_economy_usd_m_per_day_less"
        improvements[by] = [
            "; ".join(f"{e} {v:+.1f}" for e, v in sorted(d.items(), key=lambda x: -x[1])[:4]) for d in improvements[by]
        ]
    stretched = world.freight.facilities.capacity_per_day > world.published_capacity_per_day * 1.001
    day = pd.DataFrame(
        [{"as_of": as_of.isoformat(), "base_date": package.meta.base_date.isoformat(), **certificate(today),
          "base_residual": world.base.freight.residual, "clipped_queues": world.freight.facilities.clipped,
          "stretched": int(stretched.sum())}]
    )  # fmt: skip
    return {
        **trade_summary(package, world),
        **flow_tables(world, today, g, spec.own_ports, spec.rival_ports),
        **scenario_tables(world, spec, as_of, today),
        "improvements": improvements,
        "certificate": day,
    }
