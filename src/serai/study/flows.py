"""Who takes which way: flows of a solved world at ports, crossings, gates and lines, and beside what was counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.core.units import DAYS_PER_YEAR
from serai.corridor.checks import checks
from serai.corridor.service import facility_name
from serai.data.names import place_names, short_name
from serai.freight.equilibrium import route_shares
from serai.freight.facilities import TEU, times
from serai.freight.queues import wait
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from serai.corridor.gradient import ArcGradient
    from serai.corridor.solve import Outcome
    from serai.corridor.world import World
    from serai.freight.equilibrium import FreightEquilibrium
    from serai.freight.search import Array

SEA_WORDS = {ArcKind.IMPORT: "in", ArcKind.EXPORT: "out"}
FIT = {"tonnes": "fit", "choice": "fit", "held_out": "held out", "none": "shown only"}
BACKGROUND = "ports also handle sea trade of coasts, which is background and not in the demand"
ERRORS = ("use", "metric", "rows", "without_flow", "median_factor", "r2_of_logs", "mean_abs_share")
BESIDE = ("kind", "name", "mode", "direction", "metric", "year", "use", "modelled", "background", "published", "source")
LEAST_T_PER_DAY = 1e-6
"""Flow that counts as none."""


GATES = (ArcKind.EXIT, ArcKind.IMPORT, ArcKind.EXPORT)
"""Arcs that gates are counted on."""


def arc_flows(
    world: World,
    freight: FreightEquilibrium,
    kinds: Sequence[ArcKind] = GATES,
    entry: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """Load what is carried onto arcs of some kinds.

    Parameters
    ----------
    world, freight
        The world, and flows of one of its outcomes.
    kinds
        Kinds of arcs to count on; others stay zero.
    entry : bool[E]
        Only these entries; all by default.

    Returns
    -------
    float64[K, A]
        Tonnes a day.
    """
    m = world.freight
    r = m.routes
    tonnes = freight.tonnes_per_day if entry is None else np.where(entry, freight.tonnes_per_day, 0.0)
    route, of = m.entries.routes()
    option = tonnes[of] * route_shares(m, freight)
    used = np.flatnonzero(option > 0)
    n_k, n_r, n_a = m.n_commodities, r.n_routes, world.compiled.topology.n_arcs
    flat = m.entries.commodity.astype(np.int64)[of[used]] * n_r + route[used]
    flow = np.bincount(flat, option[used], n_k * n_r).reshape(n_k, n_r)
    on = np.isin(world.compiled.topology.kind, kinds)[r.leg_arc]
    arc, by = r.leg_arc[on], np.repeat(np.arange(n_r), np.diff(r.leg_ptr))[on]
    return np.stack([np.bincount(arc, f[by], n_a) for f in flow])


def _arcs(world: World, kinds: Sequence[ArcKind]) -> list[int]:
    return np.flatnonzero(np.isin(world.compiled.topology.kind, kinds)).tolist()


def _sums(world: World, flow: Array) -> tuple[Array, Array, Array]:
    """Tonnes, TEU and loaded trucks a day of flows float64[K, ...] summed over commodities."""
    return (
        flow.sum(axis=0),
        world.freight.facilities.unit_per_t[TEU] @ flow,
        (1.0 / world.compiled.worth.payload_t) @ flow,
    )


def gate_arcs(world: World) -> dict[tuple[str, str, str, str], list[int]]:
    """Arcs by gate: (crossing, place, mode, ``AAA>BBB``) and (port, place, sea, in or out)."""
    rows = world.package["crossings"].set_index("id")[["exit_country", "entry_country"]]
    way = {str(i): f"{a}>{b}" for i, a, b in rows.itertuples(name=None)}
    out: dict[tuple[str, str, str, str], list[int]] = {}
    for a in _arcs(world, GATES):
        arc = world.compiled.topology.arcs[a]
        if arc.kind == ArcKind.EXIT:
            key = ("crossing", arc.place, arc.tail.mode, way[arc.row])
        else:
            key = ("port", arc.place, "sea", SEA_WORDS[arc.kind])
        out.setdefault(key, []).append(a)
    return dict(sorted(out.items()))


def throughput_table(world: World, outcome: Outcome) -> pd.DataFrame:
    """Tonnes and TEU at every port and crossing on the day and at the base date, with capacity, use and queue."""
    f, names = world.freight.facilities, place_names(world.package)
    now, base = arc_flows(world, outcome.freight), arc_flows(world, world.base.freight)
    capacity = outcome.conditions.capacity_per_day
    capacity = f.capacity_per_day if capacity is None else capacity
    used = outcome.freight.flow_per_day + f.background_per_day
    queue, _ = wait(used / capacity, f.scale_h)
    rows = []
    for (kind, place, mode, way), arcs in gate_arcs(world).items():
        t, teu, _ = _sums(world, now[:, arcs].sum(axis=1))
        before, _, _ = _sums(world, base[:, arcs].sum(axis=1))
        if max(t, before) < LEAST_T_PER_DAY:
            continue
        h = int(f.arc_facility[arcs[0]])
        has = h >= 0
        rows.append(
            {
                "kind": kind, "place": place, "name": short_name(names[place]), "mode": mode, "direction": way,
                "t_per_day": t, "teu_per_day": teu, "t_per_day_base": before,
                "capacity_unit": ("TEU/day" if f.unit[h] == TEU else "t/day") if has else "",
                "published_capacity_per_day": world.published_capacity_per_day[h] if has else np.nan,
                "capacity_per_day": capacity[h] if has else np.nan,
                "use_of_capacity": used[h] / capacity[h] if has else np.nan,
                "queue_h": queue[h] if has else np.nan,
                "time_h": outcome.freight.time_h[h] if has else np.nan,
                "time_h_base": world.base.freight.time_h[h] if has else np.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("t_per_day", ascending=False, kind="stable", ignore_index=True)


def link_table(world: World, outcome: Outcome) -> pd.DataFrame:
    """Tonnes a day over every link, both directions together."""
    flow = arc_flows(world, outcome.freight, (ArcKind.LINE_HAUL,)).sum(axis=0)
    total: dict[str, float] = {}
    for a in _arcs(world, (ArcKind.LINE_HAUL,)):
        row = world.compiled.topology.arcs[a].row
        total[row] = total.get(row, 0.0) + float(flow[a])
    links = world.package["links"].set_index("id")
    return pd.DataFrame(
        [
            {"link": row, **{c: links.loc[row, c] for c in ("from", "to", "mode")}, "t_per_day": t}
            for row, t in sorted(total.items())
            if t > LEAST_T_PER_DAY and row in links.index
        ],
        columns=["link", "from", "to", "mode", "t_per_day"],
    )  # fmt: skip


def gate_traffic(world: World, outcome: Outcome, own_ports: Sequence[str]) -> pd.DataFrame:
    """Traffic of the corridor's own gates by direction and commodity: its ports, and crossings between members."""
    flow, names = arc_flows(world, outcome.freight), place_names(world.package)
    goods = world.package["commodities"].set_index("id")
    members = set(world.package["countries"].query("member")["iso3"])
    rows = []
    for (kind, place, mode, way), arcs in gate_arcs(world).items():
        if (place not in own_ports) if kind == "port" else not set(way.split(">")) <= members:
            continue
        for k, commodity in enumerate(world.compiled.worth.ids):
            t = float(flow[k, arcs].sum())
            if t > LEAST_T_PER_DAY:
                rows.append(
                    {"kind": kind, "place": place, "name": short_name(names[place]), "mode": mode, "direction": way,
                     "commodity": commodity, "sitc": str(goods.loc[commodity, "sitc"]), "t_per_day": t}
                )  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "place", "name", "mode", "direction", "commodity", "sitc", "t_per_day"])


def _of_economy(world: World, economy: str, direction: str) -> npt.NDArray[np.bool_]:
    c, i = world.coupling, world.inputs.country_economy.get(economy, -1)
    out, into = c.exporter[c.entry_cell] == i, c.importer[c.entry_cell] == i
    return np.asarray({"out": out, "in": into}.get(direction, out | into))


def gateway_shares(world: World, outcome: Outcome) -> pd.DataFrame:
    """For each landlocked member, the ports where its trade leaves or reaches land, as shares of all its tonnes."""
    countries, names = world.package["countries"], place_names(world.package)
    gates = gate_arcs(world)
    rows = []
    for economy in countries.loc[countries["member"] & countries["landlocked"], "iso3"]:
        passed: dict[str, float] = {}
        total = 0.0
        for direction in ("out", "in"):
            mine = _of_economy(world, economy, direction)
            flow = arc_flows(world, outcome.freight, entry=mine).sum(axis=0)
            total += float(outcome.freight.tonnes_per_day[mine].sum())
            for (kind, place, _, way), arcs in gates.items():
                if kind == "port" and way == direction:
                    passed[place] = passed.get(place, 0.0) + float(flow[arcs].sum())
        rows += [
            {"economy": economy, "gateway": p, "name": short_name(names[p]), "t_per_day": t,
             "share_of_trade": t / total}
            for p, t in sorted(passed.items(), key=lambda x: (-x[1], x[0]))
            if t > 1e-4 * total
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["economy", "gateway", "name", "t_per_day", "share_of_trade"])


def capacity_worth(world: World, outcome: Outcome, g: ArcGradient) -> pd.DataFrame:
    """Gain of members and of the world from an hour less, and from a tenth more capacity, at every facility.

    A change of capacity shifts the time a flow meets, dT = -W'(rho) rho dlog(capacity), and so acts as that many
    hours less, to first order, with all that follows.
    """
    f = world.freight.facilities
    capacity = outcome.conditions.capacity_per_day
    model = f if capacity is None else replace(f, capacity_per_day=capacity)
    _, slope = times(model, outcome.freight.flow_per_day)
    hours = 0.1 * slope * (outcome.freight.flow_per_day + f.background_per_day)
    countries = world.package["countries"].set_index("iso3")["member"]
    own = np.array([bool(countries.get(e, False)) for e in world.inputs.economies])
    rows = []
    for h, key in enumerate(f.keys):
        arcs = np.flatnonzero((f.arc_facility == h) & g.defined)
        if arcs.size:
            hour = -g.hours_usd_per_year[arcs].sum(axis=0) / 1e6
            rows.append(
                {"facility": key, "name": facility_name(world, key), "members_usd_m_hour_less": float(hour[own].sum()),
                 "world_usd_m_hour_less": float(hour.sum()), "tenth_more_saves_h": float(hours[h]),
                 "members_usd_m_tenth_more": float(hour[own].sum() * hours[h]),
                 "world_usd_m_tenth_more": float(hour.sum() * hours[h])}
            )  # fmt: skip
    columns = ["facility", "name", "members_usd_m_hour_less", "world_usd_m_hour_less", "tenth_more_saves_h",
               "members_usd_m_tenth_more", "world_usd_m_tenth_more"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("members_usd_m_hour_less", ascending=False, kind="stable", ignore_index=True)


def observed_table(world: World) -> pd.DataFrame:
    """Set observed throughputs beside the base date's, as :func:`serai.corridor.checks.checks` counts them.

    Of one object the newest count of each kind is kept.
    """
    frame = world.package["throughputs"].fillna({"economy": "", "via": "", "mode": "", "commodity": ""})
    key = ["kind", "object", "economy", "mode", "direction", "commodity", "metric"]
    frame = frame.sort_values("year", kind="stable").drop_duplicates(key, keep="last").sort_index()
    counted, names = {c.id: c for c in checks(world)}, place_names(world.package)
    rows = []
    for r in frame.to_dict("records"):
        c = counted[r["id"]]
        rows.append(
            {
                "id": r["id"], "kind": r["kind"],
                "name": ", ".join(short_name(names.get(o, o)) for o in str(r["object"]).split(";")),
                "economy": r["economy"], "mode": r["mode"], "direction": r["direction"], "metric": r["metric"],
                "year": r["year"], "use": FIT[r["use"]], "observed_low": r["value_low"], "observed": r["value"],
                "observed_high": r["value_high"], "modelled": c.modelled,
                # What sets the level of a port also holds the trade of its own coast.
                "why_not": c.why_not or (BACKGROUND if r["kind"] == "port" and r["use"] == "tonnes" else ""),
                "source": r["source"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def beside_published(world: World, observed: pd.DataFrame, ports: Sequence[str]) -> pd.DataFrame:
    """Set the named ports and the crossings of members, base date, beside their published totals.

    Ports get the traffic of table ``background`` where it is in the unit of the row; the sum is what is to be compared.
    """
    f, members = world.freight.facilities, set(world.package["countries"].query("member")["iso3"])
    places = world.package["places"].set_index("id")
    border = set(places.index[places["country"].isin(members) & places["country_b"].isin(members)])
    unit = {"t_per_year": 0, "teu_per_year": TEU}
    objects = world.package["throughputs"].set_index("id")["object"]
    rows = []
    counted = observed if observed.empty else observed[observed["metric"].isin(unit)]
    for r in counted.to_dict("records"):
        where = set(str(objects[r["id"]]).split(";"))
        mine = (r["kind"] == "port" and where <= set(ports)) or (r["kind"] == "crossing" and where <= border)
        if not mine or np.isnan(r["modelled"]):
            continue
        behind = 0.0
        for place in sorted(where):
            key = f"port:{place}"
            if r["kind"] == "port" and r["direction"] == "both" and key in f.keys:
                h = f.keys.index(key)
                behind += f.background_per_day[h] * DAYS_PER_YEAR if f.unit[h] == unit[r["metric"]] else 0.0
        rows.append({
            "kind": r["kind"], "name": r["name"], "mode": r["mode"], "direction": r["direction"],
            "metric": r["metric"], "year": r["year"], "use": r["use"], "modelled": r["modelled"], "background": behind,
            "published": r["observed"], "source": r["source"],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(BESIDE))


def error_table(observed: pd.DataFrame) -> pd.DataFrame:
    """Errors of what was used to fit and of what was held out, apart, by metric.

    ``median_factor`` is exp of the median |ln(modelled / observed)|; ``r2_of_logs`` is of ln modelled against
    ln observed around the line of equality, without rows the model gives no flow, which are counted.
    """
    rows: list[dict[str, Any]] = []
    if observed.empty:
        return pd.DataFrame(rows, columns=list(ERRORS))
    for (use, metric), mine in observed[observed["why_not"] == ""].groupby(["use", "metric"], sort=True):
        seen, made = mine["observed"].to_numpy(dtype=float), mine["modelled"].to_numpy(dtype=float)
        some = (seen > 0) & (made > 0)
        gap = np.log(made[some] / seen[some])
        spread = np.log(seen[some]) - np.log(seen[some]).mean() if some.any() else np.zeros(0)
        share = metric == "share"
        rows.append(
            {"use": use, "metric": metric, "rows": len(mine), "without_flow": int((~some).sum()),
             "median_factor": float(np.exp(np.median(np.abs(gap)))) if some.any() else np.nan,
             "r2_of_logs": float(1 - (gap @ gap) / (spread @ spread)) if some.sum() > 2 and not share else np.nan,
             "mean_abs_share": float(np.abs(made - seen).mean()) if share else np.nan}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(ERRORS))


def flow_tables(
    world: World, outcome: Outcome, g: ArcGradient, own_ports: Sequence[str], rival_ports: Sequence[str] = ()
) -> dict[str, pd.DataFrame]:
    """Make the tables of who takes which way."""
    observed = observed_table(world)
    return {
        "throughput": throughput_table(world, outcome),
        "link_flows": link_table(world, outcome),
        "gate_traffic": gate_traffic(world, outcome, own_ports),
        "gateway_shares": gateway_shares(world, outcome),
        "observed_throughput": observed,
        "observed_errors": error_table(observed),
        "beside_published": beside_published(world, observed, (*own_ports, *rival_ports)),
        "worth_of_capacity": capacity_worth(world, outcome, g),
    }
