"""The price of one container in lines, as a forwarder would quote it.

Lines are haulage by country and mode, each border, each terminal and port, each sea leg, then the
shipper's charges (guarantees, papers, box, insurance). Each has a date, a basis and a source; what is not
known is named, not guessed. The price is the sum of its lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from serai.core.errors import InputError
from serai.core.units import HOURS_PER_DAY, REFERENCE_LOAD_T
from serai.freight.boxes import home_country
from serai.freight.draws import band
from serai.freight.lines import PORT_KINDS, Line, leg_lines, mean_of
from serai.network.spread import N_DRAWS, correlated, log_spreads, quantiles

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.freight.routes import Leg, Network, Route
    from serai.network.spread import Array

KG_PER_T = 1000.0
Ends = tuple[str, str]
"""Countries in which a shipment begins and ends; empty at a border."""
LEAST_LOAD_T = 0.001
"""A load below which a price per tonne means nothing: one kilogram."""
NOT_INCLUDED = (
    "duties and taxes of any country",
    "delivery and collection within the cities at both ends, loading and unloading there",
    "what is listed beside the price, and storage, demurrage and detention beyond the free time where nothing is",
    "packing, weighing, inspection ordered by customs, fines and unofficial payments beyond the border fees",
)


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is to be shipped.

    Attributes
    ----------
    container
        Identifier of the container type.
    load_t
        Goods in the box, t.
    value_usd
        Value of the goods in the box.
    hs
        HS code given, or empty.
    first
        Whether it is the shipper's first shipment on this way.
    """

    container: str
    load_t: float
    value_usd: float
    commodity: str
    hs: str
    goods: str
    reefer: bool
    dangerous: bool
    first: bool


@dataclass(frozen=True, slots=True)
class AirBenchmark:
    """What the goods would cost and take by air; no route uses it. Central value and the ends of its range."""

    usd: float
    usd_low: float
    usd_high: float
    days: float
    days_low: float
    days_high: float
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price in lines.

    Attributes
    ----------
    lines
        They add up to `usd`.
    deposits
        What is paid and comes back; not in the price, but its cost in interest is.
    options
        Customary, the trader's own or likely, such as detention after a mean stay; not in the price.
    not_included
        What the price does not hold.
    air
        The same goods by air, as a benchmark.
    usd_p10, usd_p90
        10th and 90th percentile of the sum, USD: prices of lines share part of their variance.
    """

    shipment: Shipment
    lines: tuple[Line, ...]
    deposits: tuple[Line, ...]
    options: tuple[Line, ...]
    not_included: tuple[str, ...]
    air: AirBenchmark
    usd_p10: float
    usd_p90: float

    @property
    def usd(self) -> float:
        """Sum of the lines."""
        return sum(line.usd for line in self.lines)

    @property
    def usd_per_t(self) -> float:
        """Price per tonne of goods."""
        return self.usd / self.shipment.load_t


def find_goods(package: Package, hs: str) -> dict[str, Any]:
    """Return the row of the goods table with the longest code that fits.

    Raises
    ------
    InputError
        When the code has no digits or its chapter does not exist.
    """
    digits = hs.replace(".", "").replace(" ", "")
    if not digits.isdigit() or not 2 <= len(digits) <= 10:
        raise InputError(f"--hs {hs!r} is no HS code", "Give 2 to 10 digits, such as 5201 or 5201.00.")
    rows = {r["hs"]: r for r in package["goods"].to_dict("records")}
    for length in (4, 2):
        if digits[:length] in rows:
            found: dict[str, Any] = rows[digits[:length]]
            return found
    raise InputError(f"HS chapter {digits[:2]} is not in the package", "Check the code; chapters run from 01 to 97.")


def shipment(
    package: Package, commodity: str, container: str, load_t: float | None, hs: str, *, first: bool
) -> Shipment:
    """Complete a shipment from what the shipper says.

    Raises
    ------
    InputError
        For an unknown commodity or container, a load the box cannot take, or chilled goods in a dry box.
    """
    boxes = {r["id"]: r for r in package["containers"].to_dict("records")}
    if not boxes:
        raise InputError(f"Package {package.meta.name} has no container types", "Fill its table containers.")
    if container not in boxes:
        raise InputError(f"There is no container type {container!r}", f"Use one of: {', '.join(boxes)}.")
    box = boxes[container]
    goods = find_goods(package, hs) if hs else None
    commodities = {r["id"]: r for r in package["commodities"].to_dict("records")}
    if not goods and commodity not in commodities:
        raise InputError(f"There is no commodity {commodity!r}", f"Use one of: {', '.join(commodities)}.")
    row = goods or commodities[commodity]
    usual = float(row["payload_t_per_feu"]) * (1.0 if box["teu"] > 1 else 0.5 + 0.5 * (row["payload_t_per_feu"] > 18))
    load = min(usual, float(box["max_load_t"])) if load_t is None else load_t
    if not LEAST_LOAD_T <= load <= box["max_load_t"]:
        raise InputError(
            f"--load-t {load:g} does not fit a {container} container, which takes {box['max_load_t']:g} t",
            f"Give a load from {LEAST_LOAD_T:g} t up to that.",
        )
    if bool(row["reefer"]) and not box["reefer"]:
        what = goods["name"] if goods else commodity
        raise InputError(f"{what} needs a refrigerated container", "Use --container 40RF.")
    return Shipment(
        container=container,
        load_t=load,
        value_usd=float(row["value_usd_per_t"]) * load,
        commodity=str(goods["commodity"]) if goods else commodity,
        hs=hs,
        goods=str(goods["name"]) if goods else str(row["name"]),
        reefer=bool(row["reefer"]),
        dangerous=bool(goods["dangerous"]) if goods else False,
        first=first,
    )


def _fits_goods(row: dict[str, Any], goods: Shipment) -> bool:
    return not (
        (row["applies"] == "first_shipment" and not goods.first)
        or (row["commodity"] and goods.commodity not in row["commodity"].split(";"))
        or (row["container"] and goods.container not in row["container"].split(";"))
        or (row["kind"] == "reefer_power" and not goods.reefer)
    )


def _fits_way(network: Network, route: Route, row: dict[str, Any], passages: set[str], ends: Ends) -> bool:
    if row["passage"] and row["passage"] not in passages:
        return False
    places = {x for leg in route.legs for x in (leg.origin, leg.destination)}
    in_ports = row["place"] in set(network.package["ports"]["place"])
    if row["place"] and row["place"] not in (route.ports if in_ports else places):
        return False
    country = row["country"]
    if country:
        moves = not row["mode"] or any(_mode_of(x) == row["mode"] and x.side == country for x in route.legs)
        return moves and country in route.countries and _concerns(country, ends, str(row["applies"]))
    # Without a country the goods must move by the mode; a terminal's or a port's road side is no journey by road.
    moved = {leg.side for leg in route.legs if leg.kind == "line_haul" and leg.mode == (row["mode"] or leg.mode)}
    if row["mode"] and not moved:
        return False
    return row["applies"] != "transit" or bool(moved - set(ends))


def _due(network: Network, route: Route, goods: Shipment, row: dict[str, Any], passages: set[str], ends: Ends) -> bool:
    day = network.costs.day
    if (row["valid_from"] and row["valid_from"] > day) or (row["valid_to"] and row["valid_to"] < day):
        return False
    return _fits_goods(row, goods) and _fits_way(network, route, row, passages, ends)


def _concerns(country: str, ends: Ends, applies: str) -> bool:
    """Whether goods with these homes are in transit, imported or exported; within one country they are neither."""
    first, last = ends
    return {
        "transit": country not in ends,
        "import": country == last != first,
        "export": country == first != last,
    }.get(applies, True)


def _units(row: dict[str, Any], route: Route, goods: Shipment, hours: float, km: float) -> float:
    """How many units of a charge fall due; USD of value for what is a share of value."""
    days = max(hours / HOURS_PER_DAY - (0.0 if np.isnan(row["free_days"]) else float(row["free_days"])), 0.0)
    return {
        "value_percent": goods.value_usd / 100.0,
        "day": days,
        "tonne": goods.load_t,
        "km": km,
    }.get(str(row["per"]), 1.0)


def _mode_of(leg: Leg) -> str:
    """Mode to which a leg belongs: what is done in a port belongs to the sea, though the goods came by road."""
    return "sea" if leg.kind in {*PORT_KINDS, "transship"} else leg.mode


def _falls_due_on(row: dict[str, Any], leg: Leg) -> bool:
    """Whether the time and the length of a leg count towards a charge: at its place or in its country, on its mode.

    The clock of a box that is hired or stored runs on whatever moves it.
    """
    if row["mode"] and row["kind"] not in {"box_rental", "demurrage"} and _mode_of(leg) != row["mode"]:
        return False
    if row["place"]:
        return bool(leg.origin == leg.destination == row["place"])
    return not row["country"] or leg.side == row["country"]


def _charge_lines(network: Network, route: Route, goods: Shipment) -> tuple[list[Line], list[Line], list[Line]]:
    used = network.package["links"].set_index("id")["passages"]
    passages = {p for leg in route.legs if leg.kind == "line_haul" for p in str(used[leg.row]).split(";") if p}
    home = home_country(network.package)
    ends = home[route.legs[0].origin], home[route.legs[-1].destination]
    countries = network.compiled.country_names
    lines: list[Line] = []
    deposits: list[Line] = []
    options: list[Line] = []
    for row in network.package["charges"].to_dict("records"):
        if not _due(network, route, goods, row, passages, ends):
            continue
        here = [leg for leg in route.legs if _falls_due_on(row, leg)]
        units = _units(row, route, goods, sum(leg.hours + leg.end_dwell_h for leg in here), sum(leg.km for leg in here))
        low, median, high = (float(row[c]) * units for c in ("amount_low", "amount", "amount_high"))
        if high == 0:
            continue
        country = countries.get(row["country"], "")
        where = f" ({country})" if country and country not in row["title"] else ""
        line = Line(
            str(row["kind"]).replace("_", " "),
            f"{row['title']}{where}",
            mean_of(low, median, high),
            low,
            high,
            str(row["as_of"]),
            str(row["basis"]),
            str(row["source"]),
            str(row["note"]),
        )
        (deposits if row["refundable"] else options if row["optional"] else lines).append(line)
    return lines, deposits, options


def air_benchmark(package: Package, goods: Shipment) -> AirBenchmark:
    """Give price and time of a shipment by air, from the package's parameters."""
    rows = package["parameters"].set_index("id")
    rate, days = rows.loc["air_freight_usd_per_kg"], rows.loc["air_freight_days"]
    kg = goods.load_t * KG_PER_T
    usd = [float(rate[c]) * kg for c in ("value", "value_low", "value_high")]
    time = [float(days[c]) for c in ("value", "value_low", "value_high")]
    return AirBenchmark(
        usd=usd[0],
        usd_low=usd[1],
        usd_high=usd[2],
        days=time[0],
        days_low=time[1],
        days_high=time[2],
        basis=str(rate["basis"]),
        source=str(rate["source"]),
    )


def price(network: Network, route: Route, goods: Shipment) -> Price:
    """Price one container on a route.

    Parameters
    ----------
    network
        The network the route was found on.
    route
        A route.
    goods
        What is shipped; see :func:`shipment`.

    Raises
    ------
    InputError
        When the load is heavier than a vehicle may carry on the way.
    """
    boxes = {r["id"]: r for r in network.package["containers"].to_dict("records")}
    cap = float(network.costs.figures.load_cap_t[list(route.arcs)].min())
    lines = leg_lines(network, route, boxes[goods.container])
    charges, deposits, options = _charge_lines(network, route, goods)
    notes = list(NOT_INCLUDED)
    vehicles = 1.0
    if goods.load_t > cap:
        # A load above what the road takes is split over two vehicles, and the road is paid twice.
        vehicles = float(np.ceil(goods.load_t / cap))
        notes.append(f"the way takes {cap:g} t a vehicle: haulage and borders are counted for {vehicles:.0f} vehicles")
    elif goods.load_t > REFERENCE_LOAD_T:
        notes.append(f"prices are stated for loads up to {REFERENCE_LOAD_T:g} t; heavier boxes may pay more by road")
    scaled = [
        Line(x.group, x.what, x.usd * f, x.usd_p10 * f, x.usd_p90 * f, x.as_of, x.basis, x.source, x.note)
        for x in lines
        for f in [vehicles if x.group in {"haulage", "borders"} else 1.0]
    ]
    if goods.dangerous:
        notes.append("surcharges for dangerous goods, which these goods usually are")
    priced = (*scaled, *charges)
    total = band(sum(x.usd for x in priced), _sum_draws(priced, network.compiled.correlation["price"]))
    air = air_benchmark(network.package, goods)
    return Price(goods, priced, tuple(deposits), tuple(options), tuple(notes), air, total.p10, total.p90)


def _sum_draws(lines: tuple[Line, ...], correlation: float) -> Array:
    """Draws of the sum of the lines, USD; a line without a range is a constant."""
    total = np.zeros(N_DRAWS)
    for line in lines:
        if not 0 < line.usd_p10 < line.usd_p90:
            total += line.usd
            continue
        low, median, high = (np.asarray(x) for x in (line.usd_p10, _median_of(line), line.usd_p90))
        total += quantiles(
            median, *log_spreads(low, median, high), correlated("price", f"line:{line.what}", correlation)
        )
    return total


_HALVINGS: Final = 30


def _median_of(line: Line) -> float:
    """Median at which a two-piece lognormal with the ends of a line has the mean of the line."""
    low, high = line.usd_p10, line.usd_p90
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if mean_of(line.usd_p10, middle, line.usd_p90) < line.usd:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def whole_usd(lines: tuple[Line, ...]) -> tuple[int, ...]:
    """Lines in whole USD that add up to their sum in whole USD: what is left goes to the largest remainders."""
    exact = [line.usd for line in lines]
    floors = [int(np.floor(x)) for x in exact]
    left = round(sum(exact)) - sum(floors)
    first = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])[:left]
    return tuple(floor + (i in first) for i, floor in enumerate(floors))
