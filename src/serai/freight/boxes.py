"""What a container pays where that is not what the load of the flow model pays.

Boxes on container trains go at through rates per kilometre, a box that changes between ship and train
inside a port is handled there once, and what the ports table holds of the sea freight belongs to the
voyage. The flow model keeps its own rates; these figures act on the price of a container and on the
choice of ways for one.
"""

from __future__ import annotations

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
class BoxTariffs:
    """Tariffs of containers in a package.

    Attributes
    ----------
    through
        Rows of ``box_rates`` by the rate they stand beside and by where they hold: ``transit`` or ``import_export``.
    at_port
        Rows of ``port_rail`` by place.
    voyage
        Rows of ``sea_terms`` by rate.
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
    rates: dict[str, tuple[str, str]]
    length: dict[str, tuple[str, str]]
    country: dict[str, str]

    def rate(self, arc: Arc) -> str:
        """Return the identifier of the rate a line haul is priced at."""
        there, back = self.rates[arc.row]
        return back if arc.back and back else there

    def home(self, origin: str, destination: str) -> frozenset[str] | None:
        """Countries in which a shipment begins or ends; None if it never leaves its country."""
        ends = (self.country[origin], self.country[destination])
        return None if ends[0] and ends[0] == ends[1] else frozenset(ends)

    def train(self, arc: Arc, home: frozenset[str] | None) -> dict[str, Any] | None:
        """Return the through rate of boxes on a line haul; None where the usual rate holds."""
        if home is None:
            return None
        return self.through.get((self.rate(arc), "import_export" if arc.owner in home else "transit"))


def box_tariffs(package: Package) -> BoxTariffs:
    """Read the tariffs of containers."""
    links = package["links"]
    return BoxTariffs(
        through={(r["rate"], r["applies"]): r for r in package["box_rates"].to_dict("records")},
        at_port={r["place"]: r for r in package["port_rail"].to_dict("records")},
        voyage={r["rate"]: r for r in package["sea_terms"].to_dict("records")},
        rates={i: (a, b) for i, a, b in zip(links["id"], links["rate"], links["rate_back"], strict=True)},
        length={i: (s, b) for i, s, b in zip(links["id"], links["source"], links["basis"], strict=True)},
        country=home_country(package),
    )


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


def for_boxes(compiled: Compiled, origin: str, destination: str, commodity: str) -> Compiled:
    """Return a compiled package in which a commodity goes by rail at the through rates of boxes.

    Only the price of movement by rail changes, and only for that commodity: what it would pay in wagons
    of its own is not asked of a container.

    Parameters
    ----------
    compiled
        The package.
    origin, destination
        Ends of the shipment; they decide where it is in transit.
    commodity
        Commodity in the container.
    """
    tariffs = box_tariffs(compiled.package)
    home = tariffs.home(origin, destination)
    usual = dict(zip(compiled.package["rates"]["id"], compiled.package["rates"]["usd_per_tkm"], strict=True))
    share = np.ones(compiled.topology.n_arcs)
    for a, arc in enumerate(compiled.topology.arcs):
        row = tariffs.train(arc, home) if arc.kind == ArcKind.LINE_HAUL else None
        if row is not None:
            share[a] = float(row["usd_per_feu_km"]) / (float(usual[tariffs.rate(arc)]) * REFERENCE_LOAD_T)
    bulk = {**compiled.figures.bulk, commodity: share}
    return replace(compiled, figures=replace(compiled.figures, bulk=bulk))
