"""The answer to "how do goods get from here to there": routes, what they rest on, and what decides.

Where a state is unknown on the day, the answer is given twice: if open, if shut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from serai.core.errors import InputError, NoRouteError
from serai.data.names import country_names, place_names, short_name
from serai.freight.boxes import for_boxes
from serai.freight.exposure import sanctioned_arcs
from serai.freight.price import price
from serai.freight.routes import Compiled, Network, Route, Rules, alternatives, left_out
from serai.freight.validation import validate
from serai.network.costs import Values

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package
    from serai.data.status import Assume, Status
    from serai.freight.price import Price, Shipment
    from serai.freight.routes import By
    from serai.freight.validation import Validation

AUTHORITIES = ("US", "EU", "UN", "UK")
WIDE: Final = 10
ASSUMPTIONS: Final[tuple[Assume, ...]] = ("last", "open", "shut", "reopened")


@dataclass(frozen=True, slots=True)
class Answer:
    """Routes for a pair, a commodity and a day.

    Attributes
    ----------
    routes
        With every unknown state taken as it was when last heard of.
    if_open, if_shut
        With every unknown closure lifted, and with every unknown closure or restriction in force; None
        where nothing unknown bears on the pair.
    unknown
        The unknown states the two answers turn on.
    shut
        Known closures that keep a better or wholly other way out of the answer.
    left_out
        Borders not used because nothing is known of transit through them.
    why_none
        Set when there is no route: the reason.
    prices
        Price of one container on each of `routes`, where a container was asked for.
    """

    network: Network
    origin: str
    destination: str
    commodity: str
    rules: Rules
    routes: tuple[Route, ...]
    if_open: tuple[Route, ...] | None
    if_shut: tuple[Route, ...] | None
    unknown: tuple[Status, ...]
    shut: tuple[Status, ...]
    left_out: tuple[str, ...]
    why_none: str
    validation: Validation | None
    prices: tuple[Price, ...] = ()

    @property
    def day(self) -> dt.date:
        """Day of the answer."""
        return self.network.costs.day

    @property
    def unknown_decides(self) -> bool | None:
        """Whether the best way differs if all that is unknown is open, shut or as last known; None without unknowns."""
        if self.if_open is None or self.if_shut is None:
            return None
        best = [routes[0].arcs if routes else None for routes in (self.routes, self.if_open, self.if_shut)]
        return not best[0] == best[1] == best[2]


def _without_sanctioned(network: Network, authorities: tuple[str, ...]) -> Network:
    opened = network.costs.open.copy()
    for authority in authorities:
        if authority not in AUTHORITIES:
            raise InputError(f"Unknown authority {authority!r}", f"Use one or more of {', '.join(AUTHORITIES)}.")
        opened &= ~sanctioned_arcs(network, authority)
    return replace(network, costs=replace(network.costs, open=opened), _generalized={})


def _try(
    network: Network, origin: str, destination: str, commodity: str, rules: Rules
) -> tuple[tuple[Route, ...], str]:
    try:
        return alternatives(network, origin, destination, commodity, rules), ""
    except NoRouteError as fault:
        return (), fault.what


def _contested(routes: tuple[Route, ...]) -> list[Status]:
    return [s for r in routes for s in r.statuses if s.contested]


def answer(
    compiled: Compiled,
    origin: str,
    destination: str,
    *,
    day: dt.date,
    commodity: str,
    rules: Rules,
    exclude_sanctioned: tuple[str, ...] = (),
    with_validation: bool = True,
    goods: Shipment | None = None,
) -> Answer:
    """Answer a question about routes.

    Parameters
    ----------
    compiled
        The package, with any overlay and scenario already applied, compiled.
    origin, destination
        Identifiers of places.
    day, commodity, rules
        See :func:`serai.freight.routes.alternatives`.
    exclude_sanctioned
        Authorities whose sanctioned countries, places and modes are not to be touched.
    with_validation
        Whether to attach how well the model predicts published journeys.
    goods
        A shipment to price; its value and load, and the rates of boxes on trains,
        then also decide the choice of routes.
    """
    if commodity not in compiled.worth.ids:
        raise InputError(f"There is no commodity {commodity!r}", f"Use one of: {', '.join(compiled.worth.ids)}.")
    if origin == destination:
        raise InputError("Origin and destination are the same place", "Name two places.")
    if goods is not None:
        compiled = replace(compiled, worth=_worth_of(compiled, goods))
        compiled = for_boxes(compiled, origin, destination, goods.commodity, day)
    networks = {}
    for assume in ASSUMPTIONS:
        network = Network(compiled, compiled.costs_on(day, assume), assume)
        networks[assume] = _without_sanctioned(network, exclude_sanctioned) if exclude_sanctioned else network
    pair = (origin, destination, commodity, rules)
    routes, why = _try(networks["last"], *pair)
    if_open, _ = _try(networks["open"], *pair)
    if_shut, _ = _try(networks["shut"], *pair)
    # What shut or unknown borders would offer is looked for more widely than what is shown.
    wide = (*pair[:3], replace(rules, k=max(rules.k, WIDE), per_corridor=WIDE))
    reopened, _ = _try(networks["reopened"], *wide)
    offered, _ = _try(networks["open"], *wide)
    unknown = list(
        dict.fromkeys([*_contested(routes), *_contested(if_open), *_contested(offered), *_contested(if_shut)])
    )
    shut = [s for r in reopened for s in r.statuses if s.known and s.state == "closed"]
    return Answer(
        network=networks["last"],
        origin=origin,
        destination=destination,
        commodity=commodity,
        rules=rules,
        routes=routes,
        if_open=if_open if unknown else None,
        if_shut=if_shut if unknown else None,
        unknown=tuple(unknown),
        shut=tuple(dict.fromkeys(shut)),
        left_out=tuple(left_out(networks["last"], origin, destination)),
        why_none=why,
        validation=validate(compiled.package) if with_validation else None,
        prices=tuple(price(networks["last"], r, goods) for r in routes) if goods else (),
    )


def _worth_of(compiled: Compiled, goods: Shipment) -> Values:
    """Values in which the commodity of a shipment has the shipment's own value and load."""
    worth = compiled.worth
    k = worth.index(goods.commodity)
    frame = compiled.package["commodities"]
    usual = float(frame["value_usd_per_t"].iloc[k])
    scale = np.ones(len(worth.ids))
    scale[k] = goods.value_usd / goods.load_t / usual
    payload = worth.payload_t.copy()
    payload[k] = goods.load_t
    return Values(worth.ids, worth.vot_usd_per_t_h * scale, worth.vor_usd_per_t_h * scale, payload)


def label(package: Package, route: Route) -> str:
    """Name a route by its modes, borders and ports."""
    names = place_names(package)
    modes = " + ".join(route.modes)
    inner = [p for p in route.ports if p not in {route.legs[0].origin, route.legs[-1].destination}]
    via = [short_name(names[b]) for b in _along(route, {*route.borders, *inner})]
    return f"{modes} via {', '.join(via)}" if via else modes


def _along(route: Route, wanted: set[str]) -> list[str]:
    return [p for p in dict.fromkeys(x for leg in route.legs for x in (leg.origin, leg.destination)) if p in wanted]


BEST_IN = {"generalized": "cheapest, price and time counted together", "cost": "cheapest", "time": "fastest"}


def difference(package: Package, route: Route, best: Route, by: By = "generalized") -> str:
    """Say in what a route differs from the best: countries avoided or entered, ports, modes, gauge."""
    if route is best:
        return BEST_IN[by]
    words = []
    names, countries = place_names(package), country_names(package)
    if avoided := [countries[c] for c in best.countries if c not in route.countries]:
        words.append(f"avoids {' and '.join(avoided)}")
    if entered := [countries[c] for c in route.countries if c not in best.countries]:
        words.append(f"goes through {' and '.join(entered)}")
    if ports := [short_name(names[p]) for p in route.ports if p not in best.ports]:
        words.append(f"uses the port of {' and '.join(ports)}")
    if more := [m for m in route.modes if m not in best.modes]:
        words.append(f"takes {' and '.join(more)}")
    if not words and (borders := [short_name(names[b]) for b in route.borders if b not in best.borders]):
        words.append(f"crosses at {', '.join(borders)}")
    if route.cost_usd_per_t.mean < best.cost_usd_per_t.mean:
        words.append("cheaper")
    if route.time_h.mean < best.time_h.mean:
        words.append("faster")
    return ", ".join(words) or "another line between the same places"
