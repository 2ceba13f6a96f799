"""Time and cost along a route, and the indicators that transport ministries compare borders by.

The profile is UNESCAP's time/cost-distance method (UNESCAP 2016, "Time/Cost-Distance Methodology"): a line
over the kilometres that rises while cargo moves and jumps where it stands. The indicators are those of
the CAREC programme's corridor performance measurement and monitoring (CPMM): hours and fees per border
crossing, cost per 500 km and 20 t, speed with and without delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import REFERENCE_LOAD_T
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from serai.freight.routes import Network, Route
    from serai.network.spread import Array

CPMM_KM = 500.0
PORT_KINDS = ("import", "export", "transship")


@dataclass(frozen=True, slots=True)
class Profile:
    """Cumulated distance, time and cost after each leg; the first point is the start.

    Attributes
    ----------
    km, hours, usd_per_t : float64[L + 1]
        Door to door; the last point holds the totals of the route.
    place
        Place reached at each point.
    what
        What happened on the way to it.
    """

    km: Array
    hours: Array
    usd_per_t: Array
    place: tuple[str, ...]
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Border:
    """One border crossing of a route, both posts together; means."""

    place: str
    mode: str
    exit_country: str
    entry_country: str
    hours: float
    fee_usd_per_20t: float


@dataclass(frozen=True, slots=True)
class Indicators:
    """CPMM-style indicators of a route.

    Attributes
    ----------
    borders
        Each border crossing.
    hours_per_border, fee_usd_per_border
        TFI1 and TFI2: means over the crossings, for 20 t; NaN without a crossing.
    cost_usd_per_500km_20t
        TFI3: all costs of a 20-t load over 500 km.
    speed_without_delay_kmh
        Land distance over hours in motion, rest of drivers not counted (SWOD).
    speed_with_delay_kmh
        Land distance over hours on land from departure to arrival, borders included, ports not (SWD).
    """

    borders: tuple[Border, ...]
    hours_per_border: float
    fee_usd_per_border: float
    cost_usd_per_500km_20t: float
    speed_without_delay_kmh: float
    speed_with_delay_kmh: float


def profile(route: Route) -> Profile:
    """Time and cost over distance, door to door."""
    km = np.cumsum([0.0, *(leg.km for leg in route.legs)])
    hours = np.cumsum([0.0, *(leg.hours + leg.end_dwell_h for leg in route.legs)])
    usd = np.cumsum([0.0, *(leg.usd_per_t for leg in route.legs)])
    places = (route.legs[0].origin, *(leg.destination for leg in route.legs))
    return Profile(km, hours, usd, places, ("", *(leg.kind for leg in route.legs)))


def _moving_hours(network: Network, route: Route) -> float:
    """Hours in motion on land at the median speed, without the rest of drivers."""
    links = network.package["links"].set_index("id")["speed"]
    speeds = network.package["speeds"].set_index("id")["speed_kmh"]
    return sum(
        leg.km / float(speeds[links[leg.row]])
        for leg in route.legs
        if leg.kind == "line_haul" and leg.mode in {"road", "rail"}
    )


def borders(network: Network, route: Route) -> tuple[Border, ...]:
    """Each border crossing of a route: hours and fees of both posts and of any change between them."""
    topology, costs = network.topology, network.costs
    out: list[Border] = []
    between = False
    hours = fee = 0.0
    exit_country = ""
    for a in route.arcs:
        arc = topology.arcs[a]
        if arc.kind == ArcKind.EXIT:
            between, hours, fee, exit_country = True, 0.0, 0.0, arc.owner
        if between:
            hours += float(costs.mean_time_h[a])
            fee += float(costs.figures.fee_usd.mean[a] + costs.figures.haul_usd.mean[a])
        if arc.kind == ArcKind.ENTRY:
            between = False
            per_20t = fee * REFERENCE_LOAD_T / route.payload_t if route.payload_t < REFERENCE_LOAD_T else fee
            out.append(Border(arc.place, arc.head.mode, exit_country, arc.owner, hours, per_20t))
    return tuple(out)


def indicators(network: Network, route: Route) -> Indicators:
    """CPMM-style indicators of a route."""
    crossed = borders(network, route)
    land = [leg for leg in route.legs if leg.mode in {"road", "rail"} and leg.kind not in PORT_KINDS]
    land_km = sum(leg.km for leg in land)
    land_hours = sum(leg.hours for leg in land)
    moving = _moving_hours(network, route)
    total_20t = route.cost_usd_per_t.mean * REFERENCE_LOAD_T
    return Indicators(
        borders=crossed,
        hours_per_border=float(np.mean([b.hours for b in crossed])) if crossed else np.nan,
        fee_usd_per_border=float(np.mean([b.fee_usd_per_20t for b in crossed])) if crossed else np.nan,
        cost_usd_per_500km_20t=total_20t / route.distance_km * CPMM_KM if route.distance_km else np.nan,
        speed_without_delay_kmh=land_km / moving if moving else np.nan,
        speed_with_delay_kmh=land_km / land_hours if land_hours else np.nan,
    )
