"""Answers about routes as plain data: the documented JSON, and tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from serai.freight.answer import difference, label
from serai.freight.explain import compare
from serai.freight.exposure import evidence_share, requirements_of, warnings_of

if TYPE_CHECKING:
    import pandas as pd

    from serai.data.status import Status
    from serai.freight.answer import Answer
    from serai.freight.exposure import Requirement
    from serai.freight.lines import Line
    from serai.freight.price import Price
    from serai.freight.routes import Route


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
        "limit": _finite(r.limit),
        "limit_unit": r.unit or None,
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
        "note": line.note,
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
        "usd_p10": p.usd_p10,
        "usd_p90": p.usd_p90,
        "usd_per_t": p.usd_per_t,
        "lines": [line_json(x) for x in p.lines],
        "deposits": [line_json(x) for x in p.deposits],
        "options": [line_json(x) for x in p.options],
        "not_included": list(p.not_included),
        "air_benchmark": {
            "usd": p.air.usd,
            "usd_low": p.air.usd_low,
            "usd_high": p.air.usd_high,
            "days": p.air.days,
            "days_low": p.air.days_low,
            "days_high": p.air.days_high,
            "basis": p.air.basis,
            "source": p.air.source,
        },
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
        "unknown_decides": answer.unknown_decides,
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
