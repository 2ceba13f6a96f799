"""What a container pays where that is not what the load of the flow model pays.

Boxes on container trains go at through rates per kilometre, a box that changes between ship and train
inside a port is handled there once, what the ports table holds of the sea freight belongs to the voyage,
and sea freight stands at the level of its day. The flow model keeps its own rates; these figures act on
the price of a container and on the choice of ways for one.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.units import REFERENCE_LOAD_T
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.freight.model import Compiled
    from serai.network.topology import Arc

Triple = tuple[float, float, float]
"""Low, median and high."""
NOTHING: Triple = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Level:
    """Where the freight index of a lane stood on a day.

    Attributes
    ----------
    over_rate
        Over the level at which the rate of the lane holds.
    as_of
        Nearest day on which the index is known, and the source and basis of it.
    """

    over_rate: float
    as_of: str
    source: str
    basis: str


@dataclass(frozen=True, slots=True)
class BoxTariffs:
    """Tariffs of containers in a package.

    Attributes
    ----------
    through
        Rows of ``box_rates`` by the rate they stand beside and by where they hold: ``transit`` or ``import_export`` on
        trains, ``through_truck`` on the road.
    at_port
        Rows of ``port_rail`` by place.
    voyage
        Rows of ``sea_terms`` by rate.
    levels
        Rows of ``sea_levels`` by rate, in order of their days.
    rates
        Rate of each link, there and back.
    length
        Source and basis of the length of each link.
    country
        Country of each place; empty at a border, which ends no journey.
    """

    through: dict[tuple[str, str], dict[str, Any]]
    at_port: dict[str, dict[str, Any]]
    voyage: dict[str, dict[str, Any]]
    levels: dict[str, list[dict[str, Any]]]
    rates: dict[str, tuple[str, str]]
    length: dict[str, tuple[str, str]]
    country: dict[str, str]

    def rate(self, arc: Arc) -> str:
        """Return the identifier of the rate a line haul is priced at."""
        there, back = self.rates[arc.row]
        return back if arc.back and back else there

    def level(self, rate: str, day: dt.date) -> Level | None:
        """Return the level of sea freight on a day; None where no index of the lane is known.

        Between two days the level lies on a straight line in logarithms, outside them it is that of the nearest.
        """
        terms = self.voyage.get(rate)
        rows = self.levels.get(str(terms["index"]), []) if terms else []
        if not rows or terms is None:
            return None
        after = bisect_left([r["date"] for r in rows], day)
        near = rows[max(after - 1, 0) : after + 1]
        days = [abs((r["date"] - day).days) for r in near]
        closest = near[int(np.argmin(days))]
        usd = float(closest["usd"])
        if len(near) > 1 and min(days) > 0:
            usd = float(np.exp(np.interp(0, [-days[0], days[1]], np.log([r["usd"] for r in near]))))
        over_rate = usd / float(terms["index_usd"])
        return Level(over_rate, closest["date"].isoformat(), str(closest["source"]), str(closest["basis"]))

    def home(self, origin: str, destination: str) -> frozenset[str] | None:
        """Countries in which a shipment begins or ends; None if it never leaves its country."""
        ends = (self.country[origin], self.country[destination])
        return None if ends[0] and ends[0] == ends[1] else frozenset(ends)

    def train(self, arc: Arc, home: frozenset[str] | None) -> dict[str, Any] | None:
        """Return the through rate of boxes on a line haul; None where the usual rate holds."""
        if home is None:
            return None
        return self.through.get((self.rate(arc), "import_export" if arc.owner in home else "transit"))

    def truck(self, arc: Arc) -> dict[str, Any] | None:
        """Return the rate of a truck that only crosses the country of a line haul; None where the usual rate holds."""
        return self.through.get((self.rate(arc), "through_truck"))


def box_tariffs(package: Package) -> BoxTariffs:
    """Read the tariffs of containers."""
    links = package["links"]
    return BoxTariffs(
        through={(r["rate"], r["applies"]): r for r in package["box_rates"].to_dict("records")},
        at_port={r["place"]: r for r in package["port_rail"].to_dict("records")},
        voyage={r["rate"]: r for r in package["sea_terms"].to_dict("records")},
        levels=_by_rate(package["sea_levels"].sort_values("date").to_dict("records")),
        rates={i: (a, b) for i, a, b in zip(links["id"], links["rate"], links["rate_back"], strict=True)},
        length={i: (s, b) for i, s, b in zip(links["id"], links["source"], links["basis"], strict=True)},
        country=home_country(package),
    )


def _by_rate(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["rate"], []).append(row)
    return found


def home_country(package: Package) -> dict[str, str]:
    """Country in which goods are at home that begin or end their journey at a place.

    Goods that are handed over at a border have no home there: they are in transit on both sides.
    """
    places = package["places"]
    rows = zip(places["id"], places["kind"], places["country"], strict=True)
    return {i: "" if kind == "border" else c for i, kind, c in rows}


def triple(row: dict[str, Any], column: str) -> Triple:
    """Low, median and high of a figure."""
    return float(row[f"{column}_low"]), float(row[column]), float(row[f"{column}_high"])


def for_boxes(compiled: Compiled, origin: str, destination: str, commodity: str, day: dt.date) -> Compiled:
    """Return a compiled package in which a commodity moves at the rates of boxes.

    By rail these are the through rates, at sea the level of freight on the day. Only the price of movement
    changes, and only for that commodity: what it would pay in wagons of its own is not asked of a container.

    Parameters
    ----------
    compiled
        The package.
    origin, destination
        Ends of the shipment; they decide where it is in transit.
    commodity
        Commodity in the container.
    day
        Day of the shipment.
    """
    tariffs = box_tariffs(compiled.package)
    home = tariffs.home(origin, destination)
    usual = dict(zip(compiled.package["rates"]["id"], compiled.package["rates"]["usd_per_tkm"], strict=True))
    share = np.ones(compiled.topology.n_arcs)
    for a, arc in enumerate(compiled.topology.arcs):
        if arc.kind != ArcKind.LINE_HAUL:
            continue
        rate = tariffs.rate(arc)
        row, level = tariffs.train(arc, home), tariffs.level(rate, day)
        if row is not None:
            share[a] = float(row["usd_per_feu_km"]) / (float(usual[rate]) * REFERENCE_LOAD_T)
        elif level is not None:
            share[a] = level.over_rate
    bulk = {**compiled.figures.bulk, commodity: share}
    return replace(compiled, figures=replace(compiled.figures, bulk=bulk))
