"""The report as one self-contained page."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.units import HOURS_PER_DAY
from serai.data.names import country_names, place_names, short_name
from serai.freight.answer import difference, label
from serai.freight.explain import compare
from serai.freight.exposure import evidence_share, warnings_of
from serai.report import charts
from serai.report.console import days, rounded
from serai.study.connectivity import origin_sheets

if TYPE_CHECKING:
    from jinja2 import Template

    from serai.freight.answer import Answer
    from serai.freight.routes import Route
    from serai.study import StudyResult
    from serai.study.gateways import Gap, Gateway

WANTED = {
    "median_abs_error": ("Middle error of the time", 0.25, "at most"),
    "mean_abs_error": ("Mean error of the time", 0.30, "at most"),
    "median_signed_error": ("Middle signed error of the time (too fast is negative)", 0.15, "within"),
    "interval_hit": ("Published ranges met by P10-P90", 0.75, "at least"),
    "interval_width": ("Width of P10-P90 over P50", 1.0, "at most"),
    "price_median_abs_error": ("Middle error of the price", 0.20, "at most"),
    "corridor_within_15_percent": (
        "Ways really used that cost at most 15 % above the best found",
        0.75,
        "at least",
    ),
}


@cache
def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["rounded"] = rounded
    environment.filters["minus"] = lambda text: str(text).replace("-", "\u2212")
    return environment.from_string(files("serai.report").joinpath("report.html.j2").read_text(encoding="utf-8"))


def _meets(name: str, value: float) -> bool:
    _, wanted, how = WANTED[name]
    if how == "at least":
        return value >= wanted
    return abs(value) <= wanted


def _percent(value: float) -> str:
    return "-" if not math.isfinite(value) else f"{value:.0%}".replace("-", "\u2212")


def _validation(result: StudyResult) -> dict[str, Any]:
    v = result.validation
    rows = []
    for name, (text, wanted, how) in WANTED.items():
        f = getattr(v, name)
        rows.append(
            {
                "text": text,
                "value": _percent(f.value),
                "interval": f"{_percent(f.low)} to {_percent(f.high)}",
                "wanted": f"{how} {wanted:.0%}",
                "met": math.isfinite(f.value) and _meets(name, f.value),
            }
        )
    rows.append(
        {
            "text": "Pinball loss of P10, P50 and P90, days (and of km / 340 a day)",
            "value": f"{v.pinball_days.value:.1f} ({v.pinball_rule_days.value:.1f})",
            "interval": f"{v.pinball_days.low:.1f} to {v.pinball_days.high:.1f}",
            "wanted": "below the rule of thumb",
            "met": v.pinball_days.value < v.pinball_rule_days.value,
        }
    )
    names = place_names(result.package)
    journeys = [
        {
            "what": f"{names[p.origin]} to {names[p.destination]}",
            "modes": p.modes.replace(";", " + "),
            "date": p.date,
            "claim": p.claim,
            "published": _range(p.days_low, p.days_high),
            "predicted": f"{p.days_p50:.0f} ({p.days_p10:.0f}\u2013{p.days_p90:.0f})" if not p.no_route else p.no_route,
            "usd": rounded(p.usd_published) if math.isfinite(p.usd_published) else "",
            "usd_predicted": rounded(p.usd) if math.isfinite(p.usd_published) and not p.no_route else "",
            "use": p.use,
            "id": p.id,
        }
        for p in v.predictions
        if p.use == "validation"
    ]
    by_claim = []
    for claim in ("typical", "pilot", "disrupted", "plan"):
        errors = [
            p.days_p50 / p.days - 1
            for p in v.predictions
            if p.use == "validation" and p.claim == claim and not p.no_route and p.days > 0
        ]
        if errors:
            by_claim.append(
                {
                    "claim": claim,
                    "n": len(errors),
                    "abs": _percent(float(np.median(np.abs(errors)))),
                    "signed": _percent(float(np.median(errors))),
                }
            )
    return {"rows": rows, "journeys": journeys, "n": v.n_time, "digest": v.digest, "by_claim": by_claim}


def _range(low: float, high: float) -> str:
    if not math.isfinite(low):
        return ""
    return f"{low:g}" if low == high else f"{low:g}\u2013{high:g}"


def _route_row(answer: Answer, route: Route, best: Route, rank: int) -> dict[str, Any]:
    package = answer.network.package
    names = place_names(package)
    cost, time = evidence_share(route)
    return {
        "rank": rank,
        "label": label(package, route),
        "difference": difference(package, route, best),
        "usd": f"{rounded(route.cost_usd_per_t.mean)}",
        "usd_range": f"{rounded(route.cost_usd_per_t.p10)}\u2013{rounded(route.cost_usd_per_t.p90)}",
        "feu": rounded(route.cost_usd_per_feu),
        "days": days(route.time_h.p50),
        "days_range": f"{days(route.time_h.p10)}\u2013{days(route.time_h.p90)}",
        "km": f"{route.distance_km:,.0f}",
        "co2e": f"{route.co2e_kg_per_t:,.0f}",
        "assumed": f"{cost['assumed']:.0%} / {time['assumed']:.0%}",
        "door": days(route.door_to_door_h.p50),
        "legs": [
            {
                "from": names[leg.origin],
                "to": names[leg.destination] if leg.destination != leg.origin else "",
                "what": (leg.mode if leg.kind == "line_haul" else leg.kind.replace("_", " "))
                + (f" {leg.gauge_mm} mm" if leg.gauge_mm else ""),
                "country": leg.side,
                "km": f"{leg.km:,.0f}" if leg.km else "",
                "hours": f"{leg.hours:.1f}",
                "usd": f"{leg.usd_per_t:.1f}",
                "basis": f"{leg.time_basis} / {leg.cost_basis}",
                "sources": leg.source.split(";"),
                "mark": "" if leg.origin_mark == "package" else leg.origin_mark,
            }
            for leg in route.legs
        ],
    }


def _minds(answer: Answer, routes: tuple[Route, ...]) -> list[dict[str, str]]:
    """Warnings of several routes, each once, with the numbers of the routes it holds for."""
    ranks: dict[str, list[str]] = {}
    for rank, route in enumerate(routes, start=1):
        for text in warnings_of(answer.network, route, answer.commodity):
            ranks.setdefault(text, []).append(str(rank))
    return [{"ranks": ", ".join(r), "text": text} for text, r in ranks.items()]


def _answers(result: StudyResult) -> list[dict[str, Any]]:
    names = place_names(result.package)
    out = []
    for a in result.answers:
        cases = [("As last known" if a.unknown else "Ways", a.routes)]
        if a.unknown:
            cases = [("If open", a.if_open or ()), ("If shut", a.if_shut or ())]
        out.append(
            {
                "origin": names[a.origin],
                "destination": names[a.destination],
                "day": a.day.isoformat(),
                "commodity": a.commodity,
                "profile": charts.profile_chart(a) if a.day == result.as_of else "",
                "flips": _flips(a),
                "unknown": [f"{names.get(s.object, s.object)}: {s.words()} ({s.reason})" for s in a.unknown],
                "shut": [
                    f"{names.get(s.object, s.object)} since {s.valid_from} ({s.reason}; confirmed {s.confirmed_on})"
                    for s in a.shut
                ],
                "cases": [
                    {
                        "title": title,
                        "routes": [_route_row(a, r, routes[0], i) for i, r in enumerate(routes, start=1)],
                        "minds": _minds(a, routes),
                    }
                    for title, routes in cases
                ],
            }
        )
    return out


def _flips(answer: Answer) -> list[str]:
    """Say which small changes would make the second way the best, each in one line."""
    if len(answer.routes) < 2:
        return []
    names = place_names(answer.network.package)
    found = compare(answer.network, answer.routes[0], answer.routes[1], answer.commodity)
    lines = []
    for b in found.break_evens[:5]:
        what = f"{b.what} at {names[b.object]}" if b.object in names else f"{b.what} {b.object}".strip()
        lines.append(f"{what} {'rises' if b.factor > 1 else 'falls'} from {b.now:.3g} to {b.value:.3g} {b.unit}")
    return lines


def _sheets(result: StudyResult) -> list[dict[str, Any]]:
    """One short table per origin: to each market, the best own port and the best other way."""
    names = place_names(result.package)

    def way(g: Gateway | None) -> dict[str, str] | None:
        if g is None:
            return None
        return {
            "gateway": short_name(names.get(g.gateway, g.gateway)),
            "usd": rounded(g.cost_usd_per_t),
            "days": days(g.time_h),
        }

    out = []
    for sheet in origin_sheets(result.gaps, result.spec.commodities[0]):
        rows = [
            {
                "market": short_name(names[g.market]),
                "own": way(g.own),
                "other": way(g.rival),
                "gap": f"{g.usd_per_t:+.0f}".replace("-", "\u2212") if math.isfinite(g.usd_per_t) else "",
                "parts": "; ".join(f"{n} {v:+.0f}".replace("-", "\u2212") for n, v in g.parts[:3]),
            }
            for g in sheet["gaps"]
        ]
        out.append({"origin": short_name(names[sheet["origin"]]), "rows": rows})
    return out


def _worth(result: StudyResult) -> list[dict[str, Any]]:
    names = place_names(result.package)
    return [
        {
            "place": short_name(names[r["place"]]),
            "share": f"{r['share_of_pairs']:.0%}",
            "hour": f"{r['usd_per_t_for_an_hour_less']:.2f}",
            "dollar": f"{r['usd_per_t_for_10_usd_less']:.2f}",
        }
        for r in result.tables["worth_of_an_hour"].to_dict("records")[:12]
    ]


def _published(result: StudyResult) -> list[dict[str, Any]]:
    countries = country_names(result.package)
    unit = {"TFI1": "hours a crossing, one side", "TFI2": "USD a crossing, one side"}
    return [
        {
            "country": countries[r["country"]],
            "mode": r["mode"],
            "what": unit[r["indicator"]],
            "mine": f"{r['in_the_package']:.1f}" if r["indicator"] == "TFI1" else f"{r['in_the_package']:.0f}",
            "published": f"{r['published']:g}",
            "year": r["year"],
            "source": r["source"],
        }
        for r in result.tables["published_indicators"].to_dict("records")
    ]


def _matrix(result: StudyResult, gaps: tuple[Gap, ...], title: str) -> dict[str, Any]:
    names = place_names(result.package)
    commodity = result.spec.commodities[0]
    cells: dict[tuple[str, str], Gap] = {(g.origin, g.market): g for g in gaps if g.commodity == commodity}
    rows = []
    for origin in result.spec.origins:
        row = []
        for market in result.spec.markets:
            g = cells.get((origin, market))
            if g is None or g.rival is None:
                row.append({"text": "", "title": "no way", "kind": "none"})
                continue
            best = short_name(names.get(g.rival.gateway, g.rival.gateway))
            if g.own is None:
                row.append({"text": "no way", "title": f"best other: {best}", "kind": "shut"})
                continue
            own = short_name(names[g.own.gateway])
            day_gap = (g.own.time_h - g.rival.time_h) / HOURS_PER_DAY
            row.append(
                {
                    "text": f"{g.usd_per_t:+.0f}".replace("-", "\u2212"),
                    "title": f"{own} against {best}: {g.usd_per_t:+.0f} USD/t, {day_gap:+.1f} days",
                    "best": best if g.usd_per_t > 0 else own,
                    "kind": "win"
                    if g.usd_per_t < 0
                    else "near"
                    if g.usd_per_t < 0.15 * g.rival.generalized_usd_per_t
                    else "far",
                }
            )
        rows.append({"origin": short_name(names[origin]), "cells": row})
    return {
        "markets": [short_name(names[m]) for m in result.spec.markets],
        "rows": rows,
        "title": title,
    }


def _status(result: StudyResult) -> dict[str, list[dict[str, Any]]]:
    names = place_names(result.package)
    places = result.package["places"].set_index("id")
    members = set(result.package["countries"].loc[result.package["countries"]["member"], "iso3"])
    out: list[dict[str, Any]] = []
    for s in result.statuses:
        mine = s.kind == "passage" or (
            s.object in places.index
            and {places.loc[s.object, "country"], places.loc[s.object, "country_b"] or None} & members
        )
        if not mine:
            continue
        out.append(
            {
                "name": names.get(s.object, s.object.title()),
                "mode": s.mode or "all modes",
                "state": s.state.replace("_", " ") if s.known else "unknown",
                "last": s.state.replace("_", " "),
                "known": s.known,
                "since": s.valid_from.isoformat() if s.valid_from else "",
                "confirmed": s.confirmed_on.isoformat(),
                "age": s.days_old,
                "reason": s.reason,
                "sources": s.source.split(";"),
            }
        )
    order = {"closed": 0, "bilateral": 1, "restricted": 1, "open": 2, "under construction": 3, "planned": 4}
    out.sort(key=lambda r: (order[r["last"]], r["name"]))
    return {
        "contested": [r for r in out if order[r["last"]] < 2],
        "rest": [r for r in out if order[r["last"]] >= 2],
    }


def _influence(result: StudyResult) -> list[dict[str, Any]]:
    def money(r: dict[str, Any]) -> str:
        low, high = rounded(r["usd_per_feu_p10"]), rounded(r["usd_per_feu_p90"])
        return f"{rounded(r['usd_per_feu'])} ({low}\u2013{high})"

    titles = {"crossings": "Border posts", "links": "Links", "ports": "Ports"}
    frame = result.tables["influence"]
    out = []
    for table, title in titles.items():
        mine = frame[frame["table"] == table].to_dict("records")
        rows = [
            {
                "row": r["row"],
                "hours": f"{r['hours']:.1f} ({r['hours_p10']:.1f}\u2013{r['hours_p90']:.1f})",
                "usd": money(r),
                "basis": f"{r['time_basis']} / {r['cost_basis']}",
                "effect": f"{r['effect_usd_per_t']:.1f}",
                "used": r["used_by"],
                "sources": str(r["source"]).split(";"),
            }
            for r in mine
        ]
        if mine:
            out.append({"title": title, "rows": rows, "replace": mine[0]["would_replace_it"]})
    return out


def page(result: StudyResult, cite: str, limit: str) -> str:
    """Return the report as HTML with everything inside."""
    sources = {
        s["id"]: s
        for s in result.tables["sources"].to_dict("records")
        if s["rows"] > 0 or s["id"] in {"overlay", "scenario"}
    }
    return _template().render(
        title=result.spec.title,
        summary=result.spec.summary,
        as_of=result.as_of.isoformat(),
        meta=result.package.meta,
        headline=result.headline,
        map_svg=charts.corridor_map(result),
        map_note=charts.map_note(result.package.meta.boundary_view),
        gap_svg=charts.gap_chart(result),
        parts_svg=charts.parts_chart(result),
        validation_svg=charts.validation_chart(result.validation.predictions),
        status=_status(result),
        answers=_answers(result),
        commodity=result.spec.commodities[0],
        matrices=[
            _matrix(result, result.gaps, f"As last known on {result.as_of.isoformat()}"),
            _matrix(result, result.gaps_if_open, "If everything whose state is unknown were open"),
        ],
        gap_case="As last known",
        validation=_validation(result),
        influence=_influence(result),
        sheets=_sheets(result),
        worth=_worth(result),
        published=_published(result),
        availability_svg=charts.availability_chart(result.tables["availability"], place_names(result.package)),
        evidence=result.tables["evidence"].to_dict("records"),
        sources=sorted(sources.values(), key=lambda s: s["id"]),
        countries=country_names(result.package),
        provenance=result.provenance,
        cite=cite,
        limit=limit,
    )
