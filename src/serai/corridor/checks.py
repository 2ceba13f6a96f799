"""Predictions of the base beside what ports, crossings and lines really carried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.units import DAYS_PER_YEAR
from serai.freight.calibrate import ScaleFit, fit_scale, r_squared, share_sd
from serai.freight.equilibrium import FreightEquilibrium, assign
from serai.freight.facilities import TEU
from serai.freight.flows import arc_flows, route_flows
from serai.freight.prepared import FreightModel, prepare
from serai.freight.sensitivity import flow_sensitivity
from serai.freight.settle import Response
from serai.network.figures import parameter
from serai.network.topology import LAND_MODES, ArcKind

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.corridor.world import World
    from serai.freight.search import Array

    Bools = npt.NDArray[np.bool_]

PORT_ARCS = {
    "in": (ArcKind.IMPORT,),
    "out": (ArcKind.EXPORT,),
    "both": (ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One published figure and the model's.

    Attributes
    ----------
    modelled
        What the demand of the model carries, in the row's unit; NaN where the model has no such figure.
    background
        Traffic the demand does not hold, for rows that set levels; 0 elsewhere.
    why_not
        Why a row is not compared; empty if it is.
    """

    id: str
    kind: str
    object: str
    direction: str
    mode: str
    metric: str
    use: str
    family: str
    low: float
    observed: float
    high: float
    modelled: float
    background: float
    why_not: str

    @property
    def predicted(self) -> float:
        """Modelled with background."""
        return self.modelled + self.background

    @property
    def error(self) -> float:
        """Modelled over observed, less one."""
        return self.modelled / self.observed - 1.0 if self.observed else float("nan")


@dataclass(frozen=True, slots=True)
class _Flows:
    """Flows in every unit: tonnes a day by commodity on arcs [K, A] and routes [K, R]."""

    arc: Array
    route: Array


def checks(world: World) -> tuple[Check, ...]:
    """Set the base beside every row of observed throughputs."""
    flows = _Flows(arc_flows(world.freight, world.base.freight), route_flows(world.freight, world.base.freight))
    return tuple(_check(world, flows, r) for r in world.package["throughputs"].to_dict("records"))


def _check(world: World, flows: _Flows, r: dict[str, Any]) -> Check:
    why = _unlike(r)
    modelled = float("nan") if why else _modelled(world, world.freight, flows, r)
    if not why and not np.isfinite(modelled):
        why = "no traffic of the whole in the model"
    level = r["use"] == "tonnes" and r["kind"] == "port" and np.isfinite(modelled)
    return Check(
        id=r["id"], kind=r["kind"], object=r["object"], direction=r["direction"], mode=r["mode"], metric=r["metric"],
        use=r["use"], family=r["family"], low=float(r["value_low"]), observed=float(r["value"]),
        high=float(r["value_high"]), modelled=modelled,
        background=max(float(r["value"]) - modelled, 0.0) if level else 0.0, why_not=why,
    )  # fmt: skip


def _unlike(r: dict[str, Any]) -> str:
    if r["kind"] == "passage":
        return "ships are not what the model counts"
    if r["metric"] == "vehicles_per_day" and r["mode"] != "road":
        return "trains, wagons and ships are not lorries"
    return ""


def _modelled(world: World, m: FreightModel, flows: _Flows, r: dict[str, Any]) -> float:
    wanted = set(str(r["object"]).split(";"))
    per = _per_tonne(world, m, str(r["metric"]), str(r["commodity"]))
    if r["kind"] == "country":
        by = flows.route[:, transit(world, m, str(r["object"]), str(r["mode"]))].sum(axis=1)
        return float(per @ by) * DAYS_PER_YEAR
    if r["kind"] == "gateway_share":
        return _share(world, m, flows, r, per)
    arcs = _arcs(world, str(r["kind"]), wanted, str(r["mode"]), str(r["direction"]), "")
    day = float(per @ flows.arc[:, arcs].sum(axis=1))
    if r["metric"] != "vehicles_per_day":
        return day * DAYS_PER_YEAR
    # Lorries come back: each direction sees as many as the fuller one needs.
    kind, mode = str(r["kind"]), str(r["mode"])
    way = [float(per @ flows.arc[:, _arcs(world, kind, wanted, mode, d, "")].sum(axis=1)) for d in ("in", "out")]
    return max(way) * (2.0 if r["direction"] == "both" else 1.0)


def _per_tonne(world: World, m: FreightModel, metric: str, commodities: str) -> Array:
    worth = world.compiled.worth
    n = len(worth.ids)
    per = {"teu_per_year": m.facilities.unit_per_t[TEU], "vehicles_per_day": 1.0 / worth.payload_t}.get(
        metric, np.ones(n)
    )
    listed = {c for c in commodities.split(";") if c}
    return np.asarray(per * np.array([not listed or c in listed for c in worth.ids]))


def _arcs(world: World, kind: str, wanted: set[str], mode: str, direction: str, economy: str) -> Bools:
    """Arcs a figure counts: bool[A]. `in` enters the economy; without one, it enters a border's first country."""
    first = dict(zip(world.package["places"]["id"], world.package["places"]["country"], strict=True))
    out = np.zeros(world.compiled.topology.n_arcs, dtype=bool)
    for i, a in enumerate(world.compiled.topology.arcs):
        here = a.place in wanted
        if a.kind == ArcKind.EXIT:
            leaves = a.tail.side == (economy or first[a.place])
            fits = kind in {"crossing", "gateway_share"} and here and mode in {"", a.tail.mode}
            out[i] = fits and direction in {"both", "out" if leaves else "in"}
        elif a.kind == ArcKind.LINE_HAUL and kind == "link":
            out[i] = a.row in wanted and direction in {"both", "in" if a.back else "out"}
        elif a.kind == ArcKind.LINE_HAUL and kind == "port" and mode == "rail":
            # What a port has by rail is what its railways carry away and bring.
            ends = (a.tail.place in wanted, a.head.place in wanted)
            on_rail = a.tail.mode == "rail" and ends[0] != ends[1]
            out[i] = on_rail and direction in {"both", "in" if ends[0] else "out"}
        elif kind in {"port", "gateway_share"} and mode != "rail":
            out[i] = here and a.kind in PORT_ARCS[direction]
    return out


def transit(world: World, m: FreightModel, country: str, mode: str) -> Bools:
    """Routes over land of a country that neither begin nor end in it: bool[R].

    A route is of the mode in which it enters the country, so that modes add to the whole, as published ones do.
    """
    codes = list(world.package["countries"]["iso3"])
    t = world.compiled.topology
    haul = np.array([a.kind == ArcKind.LINE_HAUL and a.tail.mode in LAND_MODES for a in t.arcs])
    on = (haul & world.compiled.countries[:, codes.index(country)])[m.routes.leg_arc]
    leg = np.where(on, np.arange(on.size), on.size)
    first = np.minimum.reduceat(leg, m.routes.leg_ptr[:-1])
    through = first < on.size
    if mode:
        of_mode = np.array([a.tail.mode == mode for a in t.arcs])
        through &= of_mode[m.routes.leg_arc[np.minimum(first, on.size - 1)]]
    own = np.array([country in world.compiled.sides[z] for z in m.routes.zones])
    pair = m.routes.route_pair
    return np.asarray(through & ~own[m.routes.pair_origin[pair]] & ~own[m.routes.pair_dest[pair]])


def _share(world: World, m: FreightModel, flows: _Flows, r: dict[str, Any], per: Array) -> float:
    """Share of a gateway: of what passes the places named as the whole, else of the transit of the economy."""
    wanted, whole = set(str(r["object"]).split(";")), {p for p in str(r["via"]).split(";") if p}
    mode, way, economy = str(r["mode"]), str(r["direction"]), str(r["economy"])
    mine = _arcs(world, "gateway_share", wanted, mode, way, economy)
    if whole:
        all_of_it = _arcs(world, "gateway_share", whole, mode, way, economy)
        total = float(per @ flows.arc[:, all_of_it].sum(axis=1))
        return float(per @ flows.arc[:, mine].sum(axis=1)) / total if total > 0 else float("nan")
    through = transit(world, m, economy, mode)
    over = through & np.bitwise_or.reduceat(mine[m.routes.leg_arc], m.routes.leg_ptr[:-1])
    total = float(per @ flows.route[:, through].sum(axis=1))
    return float(per @ flows.route[:, over].sum(axis=1)) / total if total > 0 else float("nan")


def base_at_scale(world: World, scale: float) -> tuple[FreightModel, FreightEquilibrium]:
    """Solve the base with another sensitivity of choice, demand and capacities as they are."""
    m = world.freight.at_sensitivity(scale / parameter(world.package, "route_choice_scale"))
    c, base = world.conditions, world.base.freight
    p = prepare(m, c.arc_cost_usd_per_t, c.one_end)
    response = Response(flow_sensitivity(m, p, base.time_h, base.tonnes_per_day), base.flow_per_day)
    return m, assign(m, p, base.tonnes_per_day, base.flow_per_day, response)


def calibrate_choice(world: World) -> tuple[ScaleFit, tuple[Check, ...]]:
    """Fit the scale of route choice to the rows marked `choice`, and give these rows as they stand.

    Rows whose whole carries nothing in the model say nothing about choice and are left out of the fit.
    """
    usable = [c for c in checks(world) if c.use == "choice" and not c.why_not]
    ids = {c.id for c in usable}
    records = [r for r in world.package["throughputs"].to_dict("records") if r["id"] in ids]

    def predict(scale: float) -> Array:
        m, eq = base_at_scale(world, scale)
        flows = _Flows(arc_flows(m, eq), route_flows(m, eq))
        return np.array([_modelled(world, m, flows, r) for r in records])

    observed = np.array([c.observed for c in usable])
    sd = share_sd(np.array([c.low for c in usable]), np.array([c.high for c in usable]))
    return fit_scale(predict, observed, sd, [c.family for c in usable]), tuple(usable)


def scores(rows: tuple[Check, ...]) -> list[dict[str, Any]]:
    """Score rows by use, kind and unit: R2 of shares or of logarithms, and the median absolute relative error.

    Units are not pooled: spread between them would be taken for skill. Rows the model gives no traffic are counted
    and stay in the median.
    """
    out = []
    for use, kind, metric in sorted({(c.use, c.kind, c.metric) for c in rows}):
        here = [
            c for c in rows if (c.use, c.kind, c.metric) == (use, kind, metric) and not c.why_not and c.observed > 0
        ]
        if not here or use == "none":
            continue
        seen, said = np.array([c.observed for c in here]), np.array([c.modelled for c in here])
        kept = (said > 0) | (metric == "share")
        x, y = (seen, said) if metric == "share" else (np.log(seen[kept]), np.log(said[kept]))
        fit = r_squared(x, y, np.ones(x.size)) if x.size > 1 else float("nan")
        out.append(
            {
                "use": use, "kind": kind, "metric": metric, "n": len(here), "without_traffic": int((said <= 0).sum()),
                "r_squared": fit if np.isfinite(fit) else None,
                "median_abs_error": float(np.median(np.abs(said / seen - 1.0))),
            }
        )  # fmt: skip
    return out


def calibration(world: World) -> dict[str, Any]:
    """Put the fit, the scores and every row beside each other, as plain data."""
    fit, used = calibrate_choice(world)
    at_fit = dict(zip([c.id for c in used], fit.predicted.tolist(), strict=True))
    slope = dict(zip([c.id for c in used], fit.slope.tolist(), strict=True))
    rows = checks(world)
    gap = world.column_gap()
    return {
        "scale_used": parameter(world.package, "route_choice_scale"),
        "fit": {
            "scale": fit.scale, "low": fit.low, "high": fit.high, "sd_log": _number(fit.sd_log),
            "sandwich_sd_log": _number(fit.sandwich_sd_log), "identified": fit.identified,
            "r_squared": _number(fit.r_squared), "families": len({c.family for c in used}), "rows": len(used),
            "profile": [{"scale": x, "squares": y} for x, y in zip(fit.tried_scale, fit.tried_loss, strict=True)],
            "not_identified": "One scale for all commodities: the rows do not tell commodities apart.",
        },
        "column_gap": {"mean": gap.mean, "largest": gap.largest, "above_5_percent_of_t": gap.tonnes_share},
        "scores": scores(rows),
        "rows": [
            {
                "id": c.id, "use": c.use, "kind": c.kind, "metric": c.metric, "observed": c.observed,
                "low": c.low, "high": c.high, "modelled": _number(c.modelled), "background": c.background,
                "error": _number(c.error), "at_fit": at_fit.get(c.id), "slope": slope.get(c.id), "why_not": c.why_not,
            }
            for c in rows
        ],
    }  # fmt: skip


def _number(x: float) -> float | None:
    return float(x) if np.isfinite(x) else None
