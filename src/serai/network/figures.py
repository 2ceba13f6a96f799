"""Figures of arcs that do not depend on the day: hours, prices, fees, delays and emissions, with their ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serai.core.units import HOURS_PER_DAY, REFERENCE_LOAD_T
from serai.network.spread import log_spreads, mean_and_sd
from serai.network.topology import ArcKind, Topology

if TYPE_CHECKING:
    import pandas as pd

    from serai.data.package import Package
    from serai.network.spread import Array

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
CLASSES = ("road", "rail", "border", "port")
"""Kinds of delay that hang together along a trip."""
WEAKEST = {"assumed": 0, "derived": 1, "reported": 2}


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A figure per arc with its range (see :mod:`serai.network.spread`).

    Attributes
    ----------
    median, s_lo, s_hi : float64[A]
        Median in the figure's unit; spreads of its logarithm.
    mean, sd : float64[A]
        Mean and standard deviation, in the figure's unit.
    group
        Name of the figure behind each arc; arcs of one group move together.
    """

    median: Array
    s_lo: Array
    s_hi: Array
    mean: Array
    sd: Array
    group: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay that strikes a share of trips on one arc; empty `months` means the whole year."""

    row: str
    factor: str
    months: tuple[int, ...]
    share: float
    median_h: float
    s_lo: float
    s_hi: float
    mean_h: float
    sd_h: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What does not depend on the day, for the A arcs.

    Attributes
    ----------
    time_h, haul_usd, fee_usd
        Time, price of movement and handling, and border fees of one 40-foot load, with ranges.
    delays
        Delays that strike some trips, by arc.
    bulk
        By commodity that some railway carries at a rate of its own: float64[A], price of movement over that of a
        40-foot load of the same commodity.
    load_cap_t : float64[A]
        Largest load of a vehicle; infinite where the road sets no limit below the usual.
    distance_km, co2e_kg_per_t, noise_h2 : float64[A]
        Length; emission per tonne; variance of time that no shared factor explains.
    bilateral, unproven : bool[A]
        Only trade between the two countries; nothing is known of third-country transit.
    needs_project : bool[A]
        Exists only once a project is built.
    time_class : int32[A]
        Position in :data:`CLASSES`; -1 where time has no range.
    time_basis, cost_basis, source, price_date, origin
        Ground of the figures of an arc.
    status_keys
        Objects (kind, name, mode) whose status may govern some arc.
    governed_arc, governed_key : int32[pairs]
        Which arc is governed by which of them.
    """

    time_h: Uncertain
    haul_usd: Uncertain
    fee_usd: Uncertain
    bulk: dict[str, Array]
    delays: dict[int, tuple[Delay, ...]]
    load_cap_t: Array
    distance_km: Array
    co2e_kg_per_t: Array
    noise_h2: Array
    bilateral: Bools
    unproven: Bools
    needs_project: Bools
    time_class: Ints
    time_basis: tuple[str, ...]
    cost_basis: tuple[str, ...]
    source: tuple[str, ...]
    price_date: tuple[str, ...]
    origin: tuple[str, ...]
    status_keys: tuple[tuple[str, str, str], ...]
    governed_arc: Ints
    governed_key: Ints


def parameter(package: Package, name: str) -> float:
    """Central value of a parameter."""
    frame = package["parameters"]
    return float(frame.loc[frame["id"] == name, "value"].iloc[0])


class _Rows:
    """Rows of one table by identifier."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.rows: dict[str, dict[str, Any]] = {r["id"]: r for r in frame.to_dict("records")}

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self.rows[key]


def _triple(row: dict[str, Any], name: str) -> tuple[float, float, float]:
    return float(row[f"{name}_low"]), float(row[name]), float(row[f"{name}_high"])


def _weakest(*rows: dict[str, Any]) -> str:
    return min((str(r["basis"]) for r in rows), key=WEAKEST.__getitem__)


@dataclass(slots=True)
class _Draft:
    """Figures of one arc while they are collected."""

    hours: tuple[float, float, float] = (0.0, 0.0, 0.0)
    haul: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fee: tuple[float, float, float] = (0.0, 0.0, 0.0)
    time_group: str = ""
    price_group: str = ""
    time_class: str = ""
    time_basis: str = ""
    cost_basis: str = ""
    source: str = ""
    price_date: str = ""
    origin: str = ""
    km: float = 0.0
    cap_t: float = np.inf
    extra_time: tuple[float, float] = (0.0, 0.0)


def _scaled(triple: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    return triple[0] * factor, triple[1] * factor, triple[2] * factor


def _line_haul(arc_row: dict[str, Any], speed: dict[str, Any], rate: dict[str, Any], driver: dict[str, Any]) -> _Draft:
    km = float(arc_row["length_km"])
    low, mid, high = _triple(speed, "speed_kmh")
    hours = (km / high, km / mid, km / low)
    extra = (0.0, 0.0)
    if speed["clock"] == "driving":
        d_low, d_mid, d_high = _triple(driver, "value")
        hours = _scaled(hours, HOURS_PER_DAY / d_mid)
        lo, hi = log_spreads(*(np.array([v]) for v in (d_low, d_mid, d_high)))
        extra = (float(hi[0]), float(lo[0]))
    cap = arc_row["payload_cap_t"]
    return _Draft(
        hours=hours,
        haul=_scaled(_triple(rate, "usd_per_tkm"), km * REFERENCE_LOAD_T),
        time_group=f"speeds:{speed['id']}",
        price_group=f"rates:{rate['id']}",
        time_class="port" if arc_row["mode"] in {"sea", "ferry"} else arc_row["mode"],
        time_basis=_weakest(arc_row, speed),
        cost_basis=_weakest(arc_row, rate),
        source=";".join(dict.fromkeys(f"{rate['source']};{arc_row['source']};{speed['source']}".split(";"))),
        price_date=rate["as_of"],
        origin=_origin(arc_row, speed, rate),
        km=km,
        cap_t=np.inf if np.isnan(cap) else float(cap),
        extra_time=extra,
    )


def _origin(*rows: dict[str, Any]) -> str:
    marks = [r["origin"] for r in rows if r["origin"] != "package"]
    return marks[0] if marks else "package"


def _point(row: dict[str, Any], hours: str, money: str, kind: str, table: str, *, fee: bool = False) -> _Draft:
    triple = _triple(row, money)
    return _Draft(
        hours=_triple(row, hours),
        haul=(0.0, 0.0, 0.0) if fee else triple,
        fee=triple if fee else (0.0, 0.0, 0.0),
        time_group=f"{table}:{row['id']}",
        price_group=f"{table}:{row['id']}",
        time_class=kind,
        time_basis=row["basis"],
        cost_basis=row["basis"],
        source=row["source"],
        price_date=str(row.get("as_of", "") or ""),
        origin=row["origin"],
    )


def _boarding(row: dict[str, Any]) -> _Draft:
    # A random arrival waits between nothing and a whole headway: the percentiles of a uniform wait.
    low, mid, high = _triple(row, "headway_h")
    draft = _point(row, "headway_h", "usd_per_feu", "port", "services")
    draft.hours = (0.1 * low, 0.5 * mid, 0.9 * high)
    draft.time_class = "border" if row["kind"] == "convoy" else "port"
    return draft


def _drafts(package: Package, topology: Topology) -> list[_Draft]:
    rows = {
        name: _Rows(package[name])
        for name in ("links", "speeds", "rates", "crossings", "transfers", "ports", "services", "parameters")
    }
    driver = rows["parameters"]["driver_hours_per_day"]
    drafts = []
    for arc in topology.arcs:
        if arc.kind == ArcKind.LINE_HAUL:
            link = rows["links"][arc.row]
            rate = link["rate_back"] if arc.back and link["rate_back"] else link["rate"]
            drafts.append(_line_haul(link, rows["speeds"][link["speed"]], rows["rates"][rate], driver))
        elif arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
            row = rows["crossings"][arc.row]
            drafts.append(_point(row, "hours", "fee_usd_per_feu", "border", "crossings", fee=True))
        elif arc.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}:
            drafts.append(_point(rows["ports"][arc.row], "dwell_h", "usd_per_feu", "port", "ports"))
        elif arc.kind == ArcKind.BOARD:
            drafts.append(_boarding(rows["services"][arc.row]))
        elif arc.kind in {ArcKind.TERMINAL, ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE}:
            kind = "border" if arc.kind == ArcKind.VEHICLE_CHANGE else "rail"
            drafts.append(_point(rows["transfers"][arc.row], "hours", "usd_per_feu", kind, "transfers"))
        else:
            drafts.append(_Draft())
    return drafts


def _uncertain(
    triples: list[tuple[float, float, float]],
    groups: list[str],
    extra: list[tuple[float, float]] | None = None,
) -> Uncertain:
    low, mid, high = np.array(triples, dtype=np.float64).reshape(-1, 3).T
    s_lo, s_hi = log_spreads(low, mid, high)
    if extra is not None:
        more = np.array(extra, dtype=np.float64).reshape(-1, 2).T
        s_lo, s_hi = np.hypot(s_lo, more[0]), np.hypot(s_hi, more[1])
    mean, sd = mean_and_sd(mid, s_lo, s_hi)
    return Uncertain(mid, s_lo, s_hi, mean, sd, tuple(groups))


def _mode(topology: Topology, i: int) -> str:
    """Mode a delay or status names for an arc: that of its tail, at sea for what leaves a port."""
    arc = topology.arcs[i]
    return arc.head.mode if arc.kind == ArcKind.EXPORT else arc.tail.mode


def _delays(package: Package, topology: Topology) -> dict[int, tuple[Delay, ...]]:
    by_object: dict[tuple[str, str, str], list[Delay]] = {}
    frame = package["delays"]
    low, mid, high = (frame[c].to_numpy() for c in ("hours_low", "hours", "hours_high"))
    s_lo, s_hi = log_spreads(low, mid, high)
    mean, sd = mean_and_sd(mid, s_lo, s_hi)
    for i, d in enumerate(frame.itertuples(index=False)):
        hit_mean = d.share * float(mean[i])
        second = float(sd[i] ** 2 + mean[i] ** 2)
        by_object.setdefault((d.table, d.object, d.mode), []).append(
            Delay(
                row=d.id,
                factor=d.factor,
                months=tuple(int(m) for m in d.months.split(";") if m),
                share=float(d.share),
                median_h=float(mid[i]),
                s_lo=float(s_lo[i]),
                s_hi=float(s_hi[i]),
                mean_h=hit_mean,
                sd_h=float(np.sqrt(max(d.share * second - hit_mean**2, 0.0))),
            )
        )
    out: dict[int, tuple[Delay, ...]] = {}
    for i in range(topology.n_arcs):
        mode = _mode(topology, i)
        found: list[Delay] = []
        for key in _delay_keys(topology, i):
            found += by_object.get((*key, mode), []) + by_object.get((*key, ""), [])
        if found:
            out[i] = tuple(found)
    return out


def _delay_keys(topology: Topology, i: int) -> list[tuple[str, str]]:
    arc = topology.arcs[i]
    if arc.kind == ArcKind.LINE_HAUL:
        return [("links", arc.row)]
    if arc.kind == ArcKind.EXIT:
        return [("crossings", arc.place), ("places", arc.place)]
    if arc.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}:
        return [("ports", arc.row), ("ports", arc.place), ("places", arc.place)]
    return []


def _governing(topology: Topology, passages: dict[str, str], i: int) -> list[tuple[str, str, str]]:
    """Objects whose status bears on an arc: its crossing, its link and passages, or its port."""
    arc = topology.arcs[i]
    mode = _mode(topology, i)
    if arc.kind in {ArcKind.EXIT, ArcKind.ENTRY, ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE}:
        return [("crossing", arc.place, mode)]
    if arc.kind == ArcKind.LINE_HAUL:
        return [("link", arc.row, mode), *(("passage", p, "") for p in passages[arc.row].split(";") if p)]
    if arc.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}:
        return [("place", arc.place, mode)]
    return []


def _emissions(package: Package, topology: Topology, drafts: list[_Draft]) -> Array:
    factors = dict(zip(package["emissions"]["id"], package["emissions"]["kg_co2e_per_tkm"], strict=True))
    speeds = dict(zip(package["links"]["id"], package["links"]["speed"], strict=True))
    out = np.zeros(topology.n_arcs)
    for i, arc in enumerate(topology.arcs):
        if arc.kind == ArcKind.LINE_HAUL:
            mode = topology.states[topology.tail[i]].mode
            names = (speeds[arc.row], f"{mode}.{arc.owner.lower()}", mode)
            out[i] = drafts[i].km * next(float(factors[n]) for n in names if n in factors)
    return out


def _bulk(package: Package, groups: list[str]) -> dict[str, Array]:
    """Price of movement by commodity over that of a 40-foot load, for rows of ``bulk_rates``."""
    usual = dict(zip(package["rates"]["id"], package["rates"]["usd_per_tkm"], strict=True))
    goods = package["commodities"]
    payload = dict(zip(goods["id"], goods["payload_t_per_feu"], strict=True))
    out: dict[str, Array] = {}
    for r in package["bulk_rates"].itertuples(index=False):
        on = np.array([g == f"rates:{r.rate}" for g in groups])
        for commodity in r.commodities.split(";"):
            # The price of a load is that of REFERENCE_LOAD_T and is shared by the commodity's own payload.
            share = r.usd_per_tkm / usual[r.rate] * payload[commodity] / REFERENCE_LOAD_T
            out.setdefault(commodity, np.ones(len(groups)))[on] = share
    return out


def arc_figures(package: Package, topology: Topology) -> Figures:
    """Figures of all arcs that do not depend on the day.

    Parameters
    ----------
    package, topology
        The topology must come from a package with the same rows.
    """
    drafts = _drafts(package, topology)
    km = np.array([d.km for d in drafts])
    noise = {c: parameter(package, f"{c}_noise_h2_per_km") for c in ("road", "rail", "sea")}
    per_km = np.array([noise["sea" if d.time_class == "port" else d.time_class] if d.km else 0.0 for d in drafts])
    scopes = dict(zip(package["crossings"]["id"], package["crossings"]["scope"], strict=True))
    scope = np.array([scopes.get(a.row, "") if a.table == "crossings" else "" for a in topology.arcs])
    links = package["links"]
    passages = dict(zip(links["id"], links["passages"], strict=True))
    projects = set(links.loc[links["project"] != "", "id"])
    pairs = [(i, key) for i in range(topology.n_arcs) for key in _governing(topology, passages, i)]
    keys = tuple(sorted({key for _, key in pairs}))
    position = {key: n for n, key in enumerate(keys)}
    return Figures(
        time_h=_uncertain([d.hours for d in drafts], [d.time_group for d in drafts], [d.extra_time for d in drafts]),
        haul_usd=_uncertain([d.haul for d in drafts], [d.price_group for d in drafts]),
        fee_usd=_uncertain([d.fee for d in drafts], [d.price_group for d in drafts]),
        bulk=_bulk(package, [d.price_group for d in drafts]),
        delays=_delays(package, topology),
        load_cap_t=np.array([d.cap_t for d in drafts]),
        distance_km=km,
        co2e_kg_per_t=_emissions(package, topology, drafts),
        noise_h2=km * per_km,
        bilateral=scope == "bilateral",
        unproven=scope == "unknown",
        needs_project=np.array([a.kind == ArcKind.LINE_HAUL and a.row in projects for a in topology.arcs]),
        time_class=np.array([CLASSES.index(d.time_class) if d.time_class else -1 for d in drafts], dtype=np.int32),
        time_basis=tuple(d.time_basis for d in drafts),
        cost_basis=tuple(d.cost_basis for d in drafts),
        source=tuple(d.source for d in drafts),
        price_date=tuple(d.price_date for d in drafts),
        origin=tuple(d.origin for d in drafts),
        status_keys=keys,
        governed_arc=np.array([i for i, _ in pairs], dtype=np.int32),
        governed_key=np.array([position[key] for _, key in pairs], dtype=np.int32),
    )


def haul_usd(figures: Figures, commodity: str) -> Array:
    """Mean price of movement and handling of a load of one commodity on each arc: float64[A], USD."""
    return np.asarray(figures.haul_usd.mean * figures.bulk.get(commodity, 1.0))
