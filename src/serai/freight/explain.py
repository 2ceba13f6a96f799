"""Why this route, what is next best, and what would have to change for the choice to flip.

Generalized cost is linear in the hours and fees of a border, in a rate and in the value of time, so each
break-even is exact: the value at which two given routes cost the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from serai.core.units import DAYS_PER_YEAR, HOURS_PER_DAY
from serai.network.figures import haul_usd, parameter
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from serai.freight.routes import Network, Route
    from serai.network.spread import Array

What = Literal["border hours", "border fee", "rate", "value of time", "days open a year"]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The value at which the best route and another cost the same.

    Attributes
    ----------
    what
        The quantity that is varied.
    object
        Border place or rate; empty for the value of time.
    now, value
        Its value now and at the flip; in `unit`.
    factor
        ``value / now``.
    on_best
        Whether the object lies on the best route (else on the other).
    """

    what: What
    object: str
    unit: str
    now: float
    value: float
    factor: float
    on_best: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two routes side by side, part by part.

    Attributes
    ----------
    gap_usd_per_t
        Generalized cost of the other less that of the best.
    parts
        (part, best, other): generalized cost of each part of the trip in USD/t, largest difference first.
    break_evens
        Sorted by how small a change flips the choice.
    """

    best: Route
    other: Route
    gap_usd_per_t: float
    parts: tuple[tuple[str, float, float], ...]
    break_evens: tuple[BreakEven, ...]


def part_name(network: Network, arc: int) -> str:
    """Name the part of a trip an arc belongs to."""
    names, countries = network.compiled.place_names, network.compiled.country_names
    a = network.topology.arcs[arc]
    if a.kind == ArcKind.LINE_HAUL:
        return f"{a.tail.mode} in {countries[a.owner]}" if a.owner else a.tail.mode
    place = names[a.place].split(" (")[0]
    if a.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
        return f"border {place}"
    if a.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}:
        return f"port of {place}"
    if a.kind in {ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE, ArcKind.TERMINAL}:
        return f"{a.kind.name.lower().replace('_', ' ')} at {place}"
    return f"waiting for {a.service}" if a.service else "access"


def arc_costs_of(network: Network, route: Route, k: int) -> Array:
    """Generalized cost of each arc of a route in USD/t, at the load of the whole trip; they add up to the route's."""
    index = list(route.arcs)
    figures = network.costs.figures
    money = (haul_usd(figures, network.worth.ids[k]) + figures.fee_usd.mean)[index] / route.payload_t
    hours, spread = network.costs.mean_time_h[index], network.costs.spread_h[index]
    return np.asarray(money + network.worth.vot_usd_per_t_h[k] * hours + network.worth.vor_usd_per_t_h[k] * spread)


def _time_worth(network: Network, k: int, arcs: tuple[int, ...]) -> float:
    """Worth of the hours and their spread on some arcs, USD/t."""
    index = list(arcs)
    hours, spread = network.costs.mean_time_h[index].sum(), network.costs.spread_h[index].sum()
    return float(network.worth.vot_usd_per_t_h[k] * hours + network.worth.vor_usd_per_t_h[k] * spread)


def _border_arcs(network: Network, route: Route) -> dict[str, tuple[int, ...]]:
    out: dict[str, list[int]] = {}
    for a in route.arcs:
        arc = network.topology.arcs[a]
        if arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
            out.setdefault(arc.place, []).append(a)
    return {place: tuple(arcs) for place, arcs in out.items()}


def _flip(gap: float, weight: float, *, on_best: bool) -> float:
    """Factor on a part of the cost at which the gap closes; not positive means that no value does."""
    if weight <= 0:
        return np.nan
    factor = 1.0 + gap / weight if on_best else 1.0 - gap / weight
    return factor if factor > 0 else np.nan


def break_evens(network: Network, best: Route, other: Route, commodity: str) -> tuple[BreakEven, ...]:
    """Values at which two routes cost the same.

    Parameters
    ----------
    network
        The network both were found on.
    best, other
        The cheaper and the dearer route, by generalized cost.
    commodity
        The commodity both were found for.

    Notes
    -----
    Hours of a border are varied with their spread in proportion. The days a crossing must be open are for
    a shipper who commits to the best route and, when it is shut, waits for `divert_after_h` at the price of
    demurrage and then takes the other: with c the share of days shut, c (g_other + penalty - g_best) =
    g_other - g_best.
    """
    k = network.worth.index(commodity)
    gap = other.generalized_usd_per_t - best.generalized_usd_per_t
    out = [
        *_border_flips(network, best, other, k, gap),
        *_rate_flips(network, best, other, k, gap),
        *_value_of_time_flip(network, best, other, k),
        *_open_days(network, best, other, k, gap),
    ]
    good = [b for b in out if np.isfinite(b.value) and b.value >= 0]
    return tuple(sorted(good, key=lambda b: (abs(np.log(b.factor)) if b.factor > 0 else np.inf, b.what, b.object)))


def _border_flips(network: Network, best: Route, other: Route, k: int, gap: float) -> list[BreakEven]:
    out = []
    mine, theirs = _border_arcs(network, best), _border_arcs(network, other)
    fee = network.costs.figures.fee_usd.mean
    for on_best, here, there, route in ((True, mine, theirs, best), (False, theirs, mine, other)):
        for place, arcs in here.items():
            if place in there:
                continue
            index = list(arcs)
            hours = float(network.costs.mean_time_h[index].sum())
            factor = _flip(gap, _time_worth(network, k, arcs), on_best=on_best)
            out.append(BreakEven("border hours", place, "h", hours, hours * factor, factor, on_best))
            money = float(fee[index].sum())
            factor = _flip(gap, money / route.payload_t, on_best=on_best)
            out.append(BreakEven("border fee", place, "USD/FEU", money, money * factor, factor, on_best))
    return out


def _rate_flips(network: Network, best: Route, other: Route, k: int, gap: float) -> list[BreakEven]:
    group = network.costs.figures.haul_usd.group
    haul = haul_usd(network.costs.figures, network.worth.ids[k])
    weights: dict[str, float] = {}
    for route, sign in ((best, 1.0), (other, -1.0)):
        for a in route.arcs:
            if group[a].startswith("rates:"):
                weights[group[a]] = weights.get(group[a], 0.0) + sign * float(haul[a]) / route.payload_t
    rates = network.package["rates"].set_index("id")["usd_per_tkm"]
    out = []
    for name, weight in weights.items():
        if abs(weight) > 1e-9:
            rate = name.removeprefix("rates:")
            now = float(rates[rate])
            factor = 1.0 + gap / weight
            if factor > 0:
                out.append(BreakEven("rate", rate, "USD/t-km", now, now * factor, factor, weight > 0))
    return out


def _value_of_time_flip(network: Network, best: Route, other: Route, k: int) -> list[BreakEven]:
    vot = float(network.worth.vot_usd_per_t_h[k])
    worth = [_time_worth(network, k, r.arcs) for r in (best, other)]
    if vot <= 0 or worth[0] == worth[1]:
        return []
    factor = (best.cost_usd_per_t.mean - other.cost_usd_per_t.mean) / (worth[1] - worth[0])
    if factor <= 0:
        return []
    per_day = vot * HOURS_PER_DAY
    return [BreakEven("value of time", "", "USD/t/day", per_day, per_day * factor, factor, on_best=True)]


def _open_days(network: Network, best: Route, other: Route, k: int, gap: float) -> list[BreakEven]:
    wait_h = parameter(network.package, "divert_after_h")
    demurrage = parameter(network.package, "demurrage_usd_per_day") * wait_h / HOURS_PER_DAY / best.payload_t
    penalty = float(network.worth.vot_usd_per_t_h[k]) * wait_h + demurrage
    shut_share = gap / (gap + penalty)
    days = DAYS_PER_YEAR * (1.0 - shut_share)
    only = [p for p in best.borders if p not in other.borders]
    return [
        BreakEven("days open a year", p, "days", DAYS_PER_YEAR, days, days / DAYS_PER_YEAR, on_best=True) for p in only
    ]


def compare(network: Network, best: Route, other: Route, commodity: str) -> Comparison:
    """Set two routes side by side, part by part, with the values that would flip the choice."""
    k = network.worth.index(commodity)
    sums: dict[str, list[float]] = {}
    for position, route in enumerate((best, other)):
        for a, cost in zip(route.arcs, arc_costs_of(network, route, k), strict=True):
            sums.setdefault(part_name(network, a), [0.0, 0.0])[position] += float(cost)
    parts = [(name, a, b) for name, (a, b) in sums.items() if abs(a - b) > 1e-9]
    parts.sort(key=lambda p: (-abs(p[2] - p[1]), p[0]))
    return Comparison(
        best,
        other,
        other.generalized_usd_per_t - best.generalized_usd_per_t,
        tuple(parts),
        break_evens(network, best, other, commodity),
    )
