"""What a route asks for and whom it exposes: requirements, sanctions, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.data.status import LIMITED
from serai.network.topology import LAND_MODES, ArcKind

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from serai.freight.routes import Network, Route

FEW_TRUCKS_A_DAY = 100
TRUCK_T = 20.0
MAINLY = 0.5
PORT_KINDS = (ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement that applies to a route."""

    id: str
    kind: str
    country: str
    place: str
    title: str
    issuer: str
    days: float
    fee_usd: float
    authority: str
    carrier: str
    source: str
    basis: str
    note: str
    limit: float
    unit: str


def _valid(start: dt.date | None, end: dt.date | None, day: dt.date) -> bool:
    return not ((start and start > day) or (end and end < day))


def sanctioned_arcs(network: Network, authority: str) -> npt.NDArray[np.bool_]:
    """Arcs in a country, place or mode under a sanction of one authority on the day."""
    topology = network.topology
    out = np.zeros(topology.n_arcs, dtype=bool)
    ports = set(network.package["ports"]["place"])
    for r in network.compiled.requirements:
        if r.kind != "sanction" or r.authority != authority or not _valid(r.valid_from, r.valid_to, network.costs.day):
            continue
        for i, arc in enumerate(topology.arcs):
            here = arc.place == r.place if r.place else r.country in network.compiled.arc_sides[i]
            if r.place in ports and arc.kind not in PORT_KINDS:
                continue
            mode = topology.states[topology.tail[i]].mode
            if here and (not r.mode or mode == r.mode) and arc.kind != ArcKind.ACCESS:
                out[i] = True
    return out


def requirements_of(network: Network, route: Route, commodity: str) -> tuple[Requirement, ...]:
    """Find the requirements that apply to a route on its day.

    Transit rows apply where the country is neither the first nor the last; import and export rows at the
    ends; rows between two countries where the way enters both; rows of carriers of one nationality
    always, since the carrier is not known.
    """
    countries = set(route.countries)
    first, last = route.countries[0], route.countries[-1]
    places = {leg.origin for leg in route.legs} | {leg.destination for leg in route.legs}
    ports = set(network.package["ports"]["place"])
    modes_in = {(leg.side, leg.mode) for leg in route.legs if leg.side}
    out = []
    for r in network.compiled.requirements:
        if not _valid(r.valid_from, r.valid_to, network.costs.day) or r.country not in countries:
            continue
        if r.partner and r.partner not in countries:
            continue
        # What is asked of a port does not touch a truck that drives through its city.
        passed = route.ports if r.place in ports and r.mode not in LAND_MODES else places
        if (r.place and r.place not in passed) or (r.mode and (r.country, r.mode) not in modes_in):
            continue
        if r.commodity and commodity not in r.commodity.split(";"):
            continue
        inside = r.country not in {first, last}
        if (r.applies == "transit" and not inside) or (r.applies == "import" and r.country != last):
            continue
        if (r.applies == "export" and r.country != first) or (r.applies == "bilateral" and inside):
            continue
        out.append(
            Requirement(
                r.id, r.kind, r.country, r.place, r.title, r.issuer, float(r.days), float(r.fee_usd), r.authority,
                r.carrier, r.source, r.basis, r.note, float(r.value), r.unit,
            )
        )  # fmt: skip
    return tuple(out)


def evidence_share(route: Route) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of the price and of the time of a route by the ground of the figures."""
    cost = dict.fromkeys(("reported", "derived", "assumed"), 0.0)
    time = dict.fromkeys(("reported", "derived", "assumed"), 0.0)
    for leg in route.legs:
        if leg.cost_basis:
            cost[leg.cost_basis] += leg.usd_per_t
        if leg.time_basis:
            time[leg.time_basis] += leg.hours + leg.end_dwell_h
    for share in (cost, time):
        total = sum(share.values())
        for basis in share:
            share[basis] = share[basis] / total if total else 0.0
    return cost, time


def warnings_of(network: Network, route: Route, commodity: str) -> tuple[str, ...]:
    """Say what a user must know before trusting or taking a route."""
    names = network.compiled.place_names
    out = []
    for s in route.statuses:
        name = names.get(s.object, s.object)
        if not s.known or s.state in LIMITED:
            out.append(f"{name}: {s.words()} ({s.reason})" if s.state in LIMITED else f"{name}: {s.words()}")
    on_record = {s.object for s in route.statuses}
    out += [f"{names[place]}: no status on record" for place in route.borders if place not in on_record]
    exposed: dict[str, set[str]] = {}
    countries = network.compiled.country_names
    for r in requirements_of(network, route, commodity):
        if r.kind == "sanction":
            where = str(names.get(r.place, r.place)) if r.place else countries[r.country]
            exposed.setdefault(where, set()).add(r.authority or "another authority")
    out += [f"sanctions exposure in {where}: {', '.join(sorted(who))}" for where, who in exposed.items()]
    capacities = network.compiled.crossing_capacity_t_per_day
    for place, mode in dict.fromkeys((leg.origin, leg.mode) for leg in route.legs if leg.table == "crossings"):
        capacity = capacities.get((place, mode), np.inf)
        if capacity < FEW_TRUCKS_A_DAY * TRUCK_T:
            out.append(f"{names[place]} takes only about {capacity / TRUCK_T:.0f} trucks a day")
    cost, time = evidence_share(route)
    if cost["assumed"] > MAINLY or time["assumed"] > MAINLY:
        out.append(
            f"not established: {cost['assumed']:.0%} of the price and {time['assumed']:.0%} of the time rest on "
            "assumed figures"
        )
    return tuple(dict.fromkeys(out))
