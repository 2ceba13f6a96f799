"""The answer to "how do goods get from here to there": routes, what they rest on, and what decides.

Where a state is unknown on the day, the answer is given twice: if open, if shut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from serai.core.errors import InputError, NoRouteError
from serai.data.names import country_names, place_names, short_name
from serai.freight.explain import compare
from serai.freight.exposure import evidence_share, requirements_of, sanctioned_arcs, warnings_of
from serai.freight.price import price
from serai.freight.routes import Compiled, Network, Route, Rules, alternatives, left_out, open_network
from serai.freight.validation import validate
from serai.network.costs import Values

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from serai.data.package import Package
    from serai.data.status import Assume, Status
    from serai.freight.exposure import Requirement
    from serai.freight.price import Line, Price, Shipment
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
        A shipment to price; its value and load then also decide the choice of routes.
    """
    if commodity not in compiled.worth.ids:
        raise InputError(f"There is no commodity {commodity!r}", f"Use one of: {', '.join(compiled.worth.ids)}.")
    if origin == destination:
        raise InputError("Origin and destination are the same place", "Name two places.")
    if goods is not None:
        compiled = replace(compiled, worth=_worth_of(compiled, goods))
    networks = {}
    for assume in ASSUMPTIONS:
        network = open_network(compiled, day, assume)
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


def _oldest(texts: list[str]) -> str | None:
    return min((t for t in texts if t), default=None)


def route_json(answer: Answer, route: Route, rank: int, best: Route) -> dict[str, Any]:
    """One route as the documented JSON."""
    package = answer.network.package
    cost_share, time_share = evidence_share(route)
    v = answer.validation
    cost, time = route.cost_usd_per_t, route.time_h
    requirements = requirements_of(answer.network, route, answer.commodity)
    return {
        "rank": rank,
        "generalized_cost_usd_per_t": route.generalized_usd_per_t,
        "cost_usd_per_t": cost.mean,
        "cost_usd_per_t_p10": cost.p10,
        "cost_usd_per_t_p90": cost.p90,
        "cost_usd_per_feu": route.cost_usd_per_feu,
        "fee_usd_per_t": route.fee_usd_per_t,
        "load_t_per_feu": route.payload_t,
        "time_h_mean": time.mean,
        "time_h_p10": time.p10,
        "time_h_p50": time.p50,
        "time_h_p90": time.p90,
        "time_h_p95": time.p95,
        "door_to_door_h_mean": route.door_to_door_h.mean,
        "door_to_door_h_p10": route.door_to_door_h.p10,
        "door_to_door_h_p50": route.door_to_door_h.p50,
        "door_to_door_h_p90": route.door_to_door_h.p90,
        "distance_km": route.distance_km,
        "co2e_kg_per_t": route.co2e_kg_per_t,
        "borders": list(route.borders),
        "ports": list(route.ports),
        "gauge_changes": route.gauge_changes,
        "countries": list(route.countries),
        "modes": list(route.modes),
        "label": label(package, route),
        "difference": difference(package, route, best, answer.rules.by),
        "warnings": list(warnings_of(answer.network, route, answer.commodity)),
        "evidence": {
            "cost_share": cost_share,
            "time_share": time_share,
            "oldest_price": _oldest([leg.price_date for leg in route.legs if leg.usd_per_t > 0]),
            "oldest_status": _oldest([s.confirmed_on.isoformat() for s in route.statuses]),
            "validation": {
                "n": v.n_time if v else 0,
                "median_abs_error": _finite(v.median_abs_error.value) if v else None,
            },
            "user_figures": sorted({leg.origin_mark for leg in route.legs if leg.origin_mark != "package"}),
        },
        "papers": [paper_json(r) for r in requirements],
        "legs": [
            {
                "from": leg.origin,
                "to": leg.destination,
                "mode": leg.mode,
                "gauge_mm": leg.gauge_mm,
                "km": leg.km,
                "hours": leg.hours,
                "end_dwell_h": leg.end_dwell_h,
                "usd_per_t": leg.usd_per_t,
                "fee_usd_per_t": leg.fee_usd_per_t,
                "co2e_kg_per_t": leg.co2e_kg_per_t,
                "kind": leg.kind,
                "country": leg.side,
                "row": f"{leg.table}:{leg.row}",
                "source": leg.source,
                "time_basis": leg.time_basis,
                "cost_basis": leg.cost_basis,
                "as_of": leg.price_date,
            }
            for leg in route.legs
        ],
    }


def paper_json(r: Requirement) -> dict[str, Any]:
    """One requirement as JSON; what is not known is null, never nothing."""
    return {
        "id": r.id,
        "kind": r.kind,
        "country": r.country,
        "place": r.place or None,
        "what": r.title,
        "issuer": r.issuer or None,
        "days": _finite(r.days),
        "fee_usd": _finite(r.fee_usd),
        "usable_by": r.carrier.split(";") if r.carrier else None,
        "authority": r.authority or None,
        "basis": r.basis,
        "source": r.source,
        "note": r.note,
    }


def line_json(line: Line) -> dict[str, Any]:
    """One line of a price as JSON."""
    return {
        "group": line.group,
        "what": line.what,
        "usd": line.usd,
        "usd_p10": line.usd_p10,
        "usd_p90": line.usd_p90,
        "as_of": line.as_of,
        "basis": line.basis,
        "source": line.source,
    }


def price_json(p: Price) -> dict[str, Any]:
    """Give the price of one container as JSON; its lines add up to it."""
    goods = p.shipment
    return {
        "container": goods.container,
        "load_t": goods.load_t,
        "goods": goods.goods,
        "hs": goods.hs or None,
        "value_usd": goods.value_usd,
        "usd": p.usd,
        "usd_per_t": p.usd_per_t,
        "lines": [line_json(x) for x in p.lines],
        "deposits": [line_json(x) for x in p.deposits],
        "options": [line_json(x) for x in p.options],
        "not_included": list(p.not_included),
    }


def why_json(answer: Answer) -> dict[str, Any] | None:
    """Why the first route leads the second: parts, and the values at which the choice flips."""
    if len(answer.routes) < 2 or answer.rules.by != "generalized":
        return None
    c = compare(answer.network, answer.routes[0], answer.routes[1], answer.commodity)
    return {
        "gap_usd_per_t": c.gap_usd_per_t,
        "parts": [{"part": n, "best_usd_per_t": a, "next_usd_per_t": b} for n, a, b in c.parts],
        "break_evens": [
            {
                "what": b.what,
                "object": b.object or None,
                "unit": b.unit,
                "now": b.now,
                "flips_at": b.value,
                "on_best": b.on_best,
            }
            for b in c.break_evens
        ],
    }


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def status_json(s: Status) -> dict[str, Any]:
    """One status as JSON; an unknown state is never given as open or closed alone."""
    return {
        "kind": s.kind,
        "object": s.object,
        "mode": s.mode or None,
        "state": s.state if s.known else "unknown",
        "last_state": s.state,
        "since": s.valid_from.isoformat() if s.valid_from else None,
        "until": s.valid_to.isoformat() if s.valid_to else None,
        "confirmed_on": s.confirmed_on.isoformat(),
        "days_since_confirmed": s.days_old,
        "reason": s.reason,
        "source": s.source,
        "basis": s.basis,
        "words": s.words(),
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the whole answer as the documented JSON."""
    meta = answer.network.package.meta

    def listed(routes: tuple[Route, ...] | None) -> list[dict[str, Any]] | None:
        return None if routes is None else [route_json(answer, r, i, routes[0]) for i, r in enumerate(routes, start=1)]

    return {
        "as_of": answer.day.isoformat(),
        "origin": answer.origin,
        "destination": answer.destination,
        "commodity": answer.commodity,
        "unit": {"money": f"USD of {meta.price_year}", "mass": "t", "time": "h", "distance": "km"},
        "package": {
            "name": meta.name,
            "version": meta.version,
            "digest": meta.digest,
            "base_date": meta.base_date.isoformat(),
            "overlays": list(meta.overlays),
        },
        "routes": listed(answer.routes),
        "no_route": answer.why_none or None,
        "if_open": listed(answer.if_open),
        "if_shut": listed(answer.if_shut),
        "unknown": [status_json(s) for s in answer.unknown],
        "shut": [status_json(s) for s in answer.shut],
        "left_out": list(answer.left_out),
        "why": why_json(answer),
        "prices": [price_json(p) for p in answer.prices] or None,
    }


def legs_frame(answer: Answer) -> pd.DataFrame:
    """All legs of all routes as a table."""
    import pandas as pd

    rows = [
        {"rank": rank, **leg}
        for rank, route in enumerate(answer.routes, start=1)
        for leg in route_json(answer, route, rank, answer.routes[0])["legs"]
    ]
    return pd.DataFrame(rows)


def routes_frame(answer: Answer) -> pd.DataFrame:
    """All routes as a table, one row each."""
    import pandas as pd

    rows = []
    for rank, route in enumerate(answer.routes, start=1):
        row = route_json(answer, route, rank, answer.routes[0])
        for key in ("legs", "evidence", "warnings", "papers"):
            row.pop(key)
        rows.append({k: ";".join(v) if isinstance(v, list) else v for k, v in row.items()})
    return pd.DataFrame(rows)
