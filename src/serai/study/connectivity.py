"""Connectivity as numbers: borders, hours, availability, and what each origin faces."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.freight.answer import label
from serai.freight.availability import Availability, availability, corridor_availability
from serai.freight.explain import compare
from serai.freight.profile import indicators, profile
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.freight.answer import Answer
    from serai.freight.routes import Network, Route
    from serai.study.gateways import Gap, Gateway

SINCE = dt.date(2021, 1, 1)


def _availability_row(a: Availability, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "object": a.object,
        "mode": a.mode,
        "from": a.start.isoformat(),
        "to": a.end.isoformat(),
        "days": a.days,
        "open_days": a.open_days,
        "limited_days": a.limited_days,
        "shut_days": a.shut_days,
        "unknown_days": a.unknown_days,
        "usable_share_of_known": a.usable_share_of_known,
    }


def _border_modes(network: Network, route: Route) -> list[tuple[str, str]]:
    arcs = (network.topology.arcs[a] for a in route.arcs)
    return [(arc.place, arc.tail.mode) for arc in arcs if arc.kind == ArcKind.EXIT]


def availability_table(answers: Sequence[Answer], as_of: dt.date) -> pd.DataFrame:
    """Days usable since 2021 of each way answered with, and of each crossing on any of them."""
    chains: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    crossings: dict[tuple[str, str], None] = {}
    for a in answers:
        for route in (*a.routes, *(a.if_open or ())):
            borders = _border_modes(a.network, route)
            chains.setdefault((a.origin, a.destination, label(a.network.package, route)), borders)
            crossings.update(dict.fromkeys(borders))
    if not answers:
        return pd.DataFrame()
    status = answers[0].network.package["status"]
    rows = [
        _availability_row(corridor_availability(status, f"{o} to {d}, {name}", borders, SINCE, as_of), "way")
        for (o, d, name), borders in chains.items()
        if borders
    ]
    rows += [
        _availability_row(availability(status, "crossing", place, mode, SINCE, as_of), "crossing")
        for place, mode in sorted(crossings)
    ]
    return pd.DataFrame(rows)


def indicator_table(answers: Sequence[Answer]) -> pd.DataFrame:
    """CPMM-style indicators of the ways answered with."""
    rows = []
    for a in answers:
        for rank, route in enumerate(a.routes, start=1):
            x = indicators(a.network, route)
            rows.append(
                {
                    "as_of": a.day.isoformat(),
                    "origin": a.origin,
                    "destination": a.destination,
                    "rank": rank,
                    "way": label(a.network.package, route),
                    "borders": len(x.borders),
                    "hours_per_border": x.hours_per_border,
                    "usd_per_border_20t": x.fee_usd_per_border,
                    "usd_per_500km_20t": x.cost_usd_per_500km_20t,
                    "speed_without_delay_kmh": x.speed_without_delay_kmh,
                    "speed_with_delay_kmh": x.speed_with_delay_kmh,
                }
            )
    return pd.DataFrame(rows)


def modelled_country_borders(network: Network) -> pd.DataFrame:
    """Mean hours and fees of each country's side of its crossings, as the package has them, by mode."""
    topology, costs = network.topology, network.costs
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for i, arc in enumerate(topology.arcs):
        if arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}:
            pair = (float(costs.mean_time_h[i]), float(costs.figures.fee_usd.mean[i]))
            found.setdefault((arc.owner, arc.tail.mode), []).append(pair)
    rows = [
        {"country": c, "mode": m, "TFI1": float(np.mean([h for h, _ in v])), "TFI2": float(np.mean([f for _, f in v]))}
        for (c, m), v in sorted(found.items())
    ]
    return pd.DataFrame(rows)


def published_beside(network: Network) -> pd.DataFrame:
    """Latest published CPMM hours and fees per crossing beside the mean of the package's figures."""
    own = modelled_country_borders(network)
    published = network.package["indicators"]
    rows = []
    for r in own.to_dict("records"):
        for indicator in ("TFI1", "TFI2"):
            mine = published[
                (published["country"] == r["country"])
                & (published["mode"] == r["mode"])
                & (published["indicator"] == indicator)
            ]
            if len(mine):
                last = mine.sort_values("year").iloc[-1]
                rows.append(
                    {
                        "country": r["country"],
                        "mode": r["mode"],
                        "indicator": indicator,
                        "in_the_package": r[indicator],
                        "published": float(last["value"]),
                        "year": int(last["year"]),
                        "source": last["source"],
                    }
                )
    return pd.DataFrame(rows)


def profile_table(answers: Sequence[Answer]) -> pd.DataFrame:
    """Time and cost over distance of every way answered with; the last point of each is its total."""
    rows = []
    for a in answers:
        for rank, route in enumerate(a.routes, start=1):
            p = profile(route)
            rows += [
                {
                    "as_of": a.day.isoformat(),
                    "origin": a.origin,
                    "destination": a.destination,
                    "rank": rank,
                    "point": i,
                    "place": p.place[i],
                    "after": p.what[i],
                    "km": float(p.km[i]),
                    "hours": float(p.hours[i]),
                    "usd_per_t": float(p.usd_per_t[i]),
                }
                for i in range(len(p.place))
            ]
    return pd.DataFrame(rows)


def break_even_table(answers: Sequence[Answer]) -> pd.DataFrame:
    """Values at which the first way and the second of each answer cost the same."""
    rows = []
    for a in answers:
        if len(a.routes) < 2:
            continue
        c = compare(a.network, a.routes[0], a.routes[1], a.commodity)
        rows += [
            {
                "as_of": a.day.isoformat(),
                "origin": a.origin,
                "destination": a.destination,
                "first": label(a.network.package, c.best),
                "second": label(a.network.package, c.other),
                "gap_usd_per_t": c.gap_usd_per_t,
                "what": b.what,
                "object": b.object,
                "unit": b.unit,
                "now": b.now,
                "flips_at": b.value,
                "factor": b.factor,
            }
            for b in c.break_evens
        ]
    return pd.DataFrame(rows)


def worth_of_an_hour(network: Network, gateways: Sequence[Gateway], own_ports: Sequence[str]) -> pd.DataFrame:
    """Put a worth on an hour less, and on ten dollars a load less, at each border.

    Over all pairs looked at: the share whose best way through an own port uses the border, and the fall of
    that way's generalized cost, averaged over all pairs.
    """
    best: dict[tuple[str, str, str], Gateway] = {}
    for g in gateways:
        key = (g.commodity, g.origin, g.market)
        if g.gateway in own_ports and (key not in best or g.generalized_usd_per_t < best[key].generalized_usd_per_t):
            best[key] = g
    uses: dict[str, int] = {}
    hour: dict[str, float] = {}
    dollar: dict[str, float] = {}
    for (commodity, _, _), g in best.items():
        k = network.worth.index(commodity)
        for place in {network.topology.arcs[a].place for a in g.arcs if network.topology.arcs[a].kind == ArcKind.EXIT}:
            uses[place] = uses.get(place, 0) + 1
            hour[place] = hour.get(place, 0.0) + float(network.worth.vot_usd_per_t_h[k])
            dollar[place] = dollar.get(place, 0.0) + 10.0 / float(network.worth.payload_t[k])
    rows = [
        {
            "place": p,
            "share_of_pairs": uses[p] / len(best),
            "usd_per_t_for_an_hour_less": hour[p] / len(best),
            "usd_per_t_for_10_usd_less": dollar[p] / len(best),
        }
        for p in sorted(uses, key=lambda p: (-hour[p], p))
    ]
    return pd.DataFrame(rows)


def origin_sheets(gaps: Sequence[Gap], commodity: str) -> list[dict[str, Any]]:
    """For each origin, what it faces on the way to each market: best own port and best other way."""
    sheets: dict[str, list[Gap]] = {}
    for g in gaps:
        if g.commodity == commodity:
            sheets.setdefault(g.origin, []).append(g)
    return [{"origin": origin, "gaps": found} for origin, found in sheets.items()]
