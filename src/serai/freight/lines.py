"""Lines of haulage, borders, terminals, ports and sea of one container on one route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.freight.boxes import NOTHING, Triple, box_tariffs, triple
from serai.network.figures import WEAKEST
from serai.network.spread import Z90, log_spreads, mean_and_sd
from serai.network.topology import SEA_MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serai.freight.boxes import BoxTariffs, Level
    from serai.freight.routes import Leg, Network, Route
    from serai.network.topology import Arc

HANDLING_KINDS = ("terminal", "gauge_change", "vehicle_change", "import", "export", "transship")
PORT_KINDS = frozenset({"import", "export"})
ORDER = {"haulage": 0, "borders": 1, "ports and terminals": 2, "sea": 3}
BESIDE_SHIP = "one lift between the quay and the train"
THROUGH = "through rate of boxes on container trains"
CROSSING = "rate of a truck that only crosses the country"
INDEXED = "at the level of the freight index nearest the day"
UNSETTLED = "the freight index of this voyage may hold handling in port already"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price, USD per container: mean, and 10th and 90th percentile."""

    group: str
    what: str
    usd: float
    usd_p10: float
    usd_p90: float
    as_of: str
    basis: str
    source: str
    note: str = ""


def mean_of(low: float, median: float, high: float) -> float:
    """Mean of a skewed figure with a 10th percentile, median and 90th percentile."""
    if median == 0:
        return 0.0
    s_lo, s_hi = log_spreads(np.array([low]), np.array([median]), np.array([high]))
    return float(mean_and_sd(np.array([median]), s_lo, s_hi)[0][0])


def leg_lines(network: Network, route: Route, box: dict[str, Any]) -> list[Line]:
    """Price the movement and handling of a container; legs of one name are added up.

    Parameters
    ----------
    network
        The network the route was found on.
    route
        A route.
    box
        Row of the containers table.
    """
    pieces = list(_Legs(network, route, box).pieces())
    sums: dict[tuple[str, str], list[_Piece]] = {}
    for piece in sorted(pieces, key=lambda p: (ORDER[p.group], p.leg)):
        sums.setdefault((piece.group, piece.what), []).append(piece)
    return [_added(network, same) for same in sums.values()]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one leg adds to a line, USD: mean, and 10th and 90th percentile."""

    leg: int
    group: str
    what: str
    usd: float
    low: float
    high: float
    as_of: str
    basis: str
    sources: tuple[str, ...]
    note: str = ""


def _added(network: Network, pieces: list[_Piece]) -> Line:
    sources = tuple(dict.fromkeys(s for p in pieces for s in p.sources))
    return Line(
        pieces[0].group,
        pieces[0].what,
        sum(p.usd for p in pieces),
        sum(p.low for p in pieces),
        sum(p.high for p in pieces),
        min((p.as_of for p in pieces if p.as_of), default="") or _read_in(network, sources),
        min((p.basis for p in pieces), key=lambda b: WEAKEST[b]),
        ";".join(sources),
        "; ".join(dict.fromkeys(p.note for p in pieces if p.note)),
    )


def _read_in(network: Network, sources: tuple[str, ...]) -> str:
    """Oldest date of the sources of a figure without a date of its own; the price year where none has one."""
    dates = dict(zip(network.package["sources"]["id"], network.package["sources"]["date"], strict=True))
    return min((str(dates[s]) for s in sources if dates.get(s)), default=str(network.package.meta.price_year))


class _Legs:
    """The legs of one route as one container pays them."""

    def __init__(self, network: Network, route: Route, box: dict[str, Any]) -> None:
        self.network, self.legs, self.box = network, route.legs, box
        silent = {"ACCESS", "ALIGHT"}
        self.numbers = [a for a in route.arcs if network.topology.arcs[a].kind.name not in silent]
        self.arcs: list[Arc] = [network.topology.arcs[a] for a in self.numbers]
        self.tariffs: BoxTariffs = box_tariffs(network.package)
        self.home = self.tariffs.home(route.legs[0].origin, route.legs[-1].destination)

    def pieces(self) -> Iterator[_Piece]:
        """Price every leg; legs that cost nothing are left out."""
        for i, leg in enumerate(self.legs):
            if leg.kind in PORT_KINDS:
                yield from self._port(i, leg)
            elif leg.kind == "terminal" and self._beside_ship(i):
                yield from self._tariff(i, leg, self.tariffs.at_port[leg.origin], "usd_per_feu", 1.0)
            elif leg.kind == "line_haul" and (row := self._rate_of_box(i)):
                yield from self._tariff(i, leg, row, "usd_per_feu_km", leg.km)
            elif leg.kind == "line_haul" and (level := self._level(i)):
                yield from (_at_level(piece, level) for piece in self._usual(i, leg))
            else:
                yield from self._usual(i, leg)

    def _usual(self, i: int, leg: Leg) -> Iterator[_Piece]:
        figures, a = self.network.costs.figures, self.numbers[i]
        fee = leg.kind in {"exit", "entry"}
        figure = figures.fee_usd if fee else figures.haul_usd
        # A border charges the vehicle, whatever the box; the rest follows the container's tariff.
        factor = 1.0 if fee else self._factor(i)
        mean = float(figure.mean[a]) * factor
        if mean == 0:
            return
        low, high = (
            float(figure.median[a] * np.exp(sign * Z90 * s[a])) * factor
            for sign, s in ((-1, figure.s_lo), (1, figure.s_hi))
        )
        sources = tuple(leg.source.split(";"))
        yield _Piece(i, _group(leg), self._name(leg), mean, low, high, leg.price_date, leg.cost_basis, sources)

    def _tariff(self, i: int, leg: Leg, row: dict[str, Any], column: str, units: float) -> Iterator[_Piece]:
        """Price a leg from a row of its own."""
        factor = self._factor(i) * units
        low, mid, high = (x * factor for x in triple(row, column))
        if high == 0:
            return
        # The length of a line is a figure of its own, with its own ground.
        grounds = ((row["source"], row["basis"]), *([self.tariffs.length[leg.row]] if leg.km else []))
        sources = tuple(dict.fromkeys(s for source, _ in grounds for s in str(source).split(";")))
        yield _Piece(
            i,
            _group(leg),
            self._name(leg),
            mean_of(low, mid, high),
            low,
            high,
            str(row["as_of"]),
            min((str(basis) for _, basis in grounds), key=lambda b: WEAKEST[b]),
            sources,
            BESIDE_SHIP if leg.kind == "terminal" else CROSSING if leg.mode == "road" else THROUGH,
        )

    def _port(self, i: int, leg: Leg) -> Iterator[_Piece]:
        """Price a port without what its charge holds of the sea freight: that goes to the voyage."""
        usual = next(self._usual(i, leg), None)
        if usual is None:
            return
        at = self._voyage(i, leg)
        terms = self.tariffs.voyage.get(self.tariffs.rate(self.arcs[at])) if at is not None else None
        part: Triple = triple(terms, "port_lump_usd_per_feu") if terms else NOTHING
        # The lump is freight and follows the size of the box as freight does.
        handling, sea = self._factor(i), self._factor(at) if at is not None else 1.0
        lump = min(mean_of(*part), usual.usd / handling)
        inside = terms is not None and terms["handling"] == "unknown"
        yield _Piece(
            i,
            usual.group,
            usual.what,
            usual.usd - lump * handling,
            0.0 if inside else max(usual.low - lump * handling, 0.0),
            max(usual.high - lump * handling, 0.0),
            usual.as_of,
            usual.basis,
            usual.sources,
            UNSETTLED if inside else "",
        )
        if terms is not None and at is not None and lump > 0:
            freight = _Piece(
                at,
                "sea",
                self._name(self.legs[at]),
                lump * sea,
                part[0] * sea,
                part[2] * sea,
                usual.as_of,
                min((str(terms["basis"]), usual.basis), key=lambda b: WEAKEST[b]),
                tuple(str(terms["source"]).split(";")),
            )
            level = self._level(at)
            yield _at_level(freight, level) if level else freight

    def _level(self, i: int) -> Level | None:
        """Level of sea freight of a voyage on the day of the shipment."""
        return self.tariffs.level(self.tariffs.rate(self.arcs[i]), self.network.costs.day)

    def _voyage(self, i: int, leg: Leg) -> int | None:
        """Position of the voyage that begins or ends at a port."""
        way = range(i + 1, len(self.legs)) if leg.kind == "export" else range(i - 1, -1, -1)
        return next((j for j in way if self.legs[j].kind == "line_haul" and self.legs[j].mode in SEA_MODES), None)

    def _beside_ship(self, i: int) -> bool:
        """Whether a box changes between ship and train here, in a port with a tariff for that."""
        near = [self.legs[j] for j in (i - 1, i + 1) if 0 <= j < len(self.legs)]
        place = self.legs[i].origin
        return place in self.tariffs.at_port and any(x.kind in PORT_KINDS and x.origin == place for x in near)

    def _rate_of_box(self, i: int) -> dict[str, Any] | None:
        """Row of a rate of boxes that holds on a line haul; None where the usual rate does."""
        truck = self.tariffs.truck(self.arcs[i])
        if truck is not None and self._only_crosses(i):
            return truck
        return self.tariffs.train(self.arcs[i], self.home)

    def _only_crosses(self, i: int) -> bool:
        """Whether the truck of a leg came into the country by road and leaves it by road, its load untouched."""
        ends = {"entry", "exit", *HANDLING_KINDS}
        before = next((x for x in reversed(self.legs[:i]) if x.kind in ends), None)
        after = next((x for x in self.legs[i + 1 :] if x.kind in ends), None)
        return (
            before is not None
            and after is not None
            and (before.kind, before.mode, after.kind, after.mode) == ("entry", "road", "exit", "road")
        )

    def _factor(self, i: int) -> float:
        """Price of this box over that of a 40-foot one on a leg."""
        leg = self.legs[i]
        if leg.kind in HANDLING_KINDS:
            return float(self.box["handling_factor"])
        if leg.mode not in SEA_MODES:
            return float(self.box[f"{leg.mode}_factor"])
        if leg.kind == "line_haul" and float(self.box["teu"]) == 1:
            terms = self.tariffs.voyage.get(self.tariffs.rate(self.arcs[i]))
            if terms is not None:
                return float(terms["twenty_over_forty"])
        return float(self.box["sea_factor"])

    def _name(self, leg: Leg) -> str:
        names, countries = self.network.compiled.place_names, self.network.compiled.country_names
        if leg.kind in {"exit", "entry"}:
            return f"border {names[leg.origin]}, {countries[leg.side]} side"
        if leg.kind in HANDLING_KINDS:
            return f"{leg.kind.replace('_', ' ')} at {names[leg.origin]}"
        if leg.mode in SEA_MODES:
            return f"{leg.mode} {names[leg.origin]} to {names[leg.destination]}"
        return f"{leg.mode} in {countries[leg.side]}"


def _at_level(piece: _Piece, level: Level) -> _Piece:
    f = level.over_rate
    return _Piece(
        piece.leg,
        piece.group,
        piece.what,
        piece.usd * f,
        piece.low * f,
        piece.high * f,
        level.as_of,
        min((piece.basis, level.basis), key=lambda b: WEAKEST[b]),
        tuple(dict.fromkeys((*level.source.split(";"), *piece.sources))),
        INDEXED,
    )


def _group(leg: Leg) -> str:
    if leg.kind in {"exit", "entry"}:
        return "borders"
    if leg.kind in HANDLING_KINDS:
        return "ports and terminals"
    if leg.kind == "board":
        return "haulage"
    return "sea" if leg.mode in SEA_MODES else "haulage"
