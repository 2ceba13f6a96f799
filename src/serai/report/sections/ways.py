"""The answers for each pair and day, with the legs behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.data.names import country_names, place_names
from serai.freight.answer import difference, label
from serai.freight.explain import compare
from serai.freight.exposure import evidence_share, warnings_of
from serai.report import charts
from serai.report.console import days, rounded
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.data.status import Status
    from serai.freight.answer import Answer
    from serai.freight.routes import Route
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


PAPER = 3
"""Ways of an answer that stand on paper."""


def _route_row(answer: Answer, route: Route, best: Route, rank: int, trail: Trail) -> dict[str, Any]:
    package = answer.network.package
    names, countries = place_names(package), country_names(package)
    cost, time = evidence_share(route)
    return {
        "rank": rank,
        "trail": trail.to(
            f"{names[answer.origin]} to {names[answer.destination]}, {label(package, route)}",
            (leg.source for leg in route.legs),
        ),
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
                "country": countries.get(leg.side, leg.side),
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


def _minds(answer: Answer, routes: tuple[Route, ...]) -> list[dict[str, Any]]:
    """Warnings of several routes, each once, with the numbers of the routes it holds for."""
    ranks: dict[str, list[str]] = {}
    for rank, route in enumerate(routes, start=1):
        for text in warnings_of(answer.network, route, answer.commodity):
            ranks.setdefault(text, []).append(str(rank))
    return [
        {
            "ranks": ", ".join(r),
            "text": text,
            "shown": ", ".join(x for x in r if int(x) <= PAPER),
            "row": int(r[0]) - 1,
            "sanction": text.startswith("sanctions"),
        }
        for text, r in ranks.items()
    ]


def _state(status: Status, text: str) -> dict[str, Any]:
    return {"text": text, "sources": status.source.split(";")}


def _answers(result: StudyResult, trail: Trail, reader: Reader) -> list[dict[str, Any]]:
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
                "now": a.day == result.as_of,
                "commodity": a.commodity,
                "profile_svg": charts.profile_chart(a, reader) if a.day == result.as_of else "",
                "flips": _flips(a),
                "flips_trail": trail.to(
                    f"{names[a.origin]} to {names[a.destination]}: the first two ways",
                    (leg.source for route in a.routes[:2] for leg in route.legs),
                ),
                "unknown": [_state(s, f"{names.get(s.object, s.object)}: {s.words()} ({s.reason})") for s in a.unknown],
                "shut": [
                    _state(
                        s,
                        f"{names.get(s.object, s.object)} since {s.valid_from} "
                        f"({s.reason}; confirmed {s.confirmed_on})",
                    )
                    for s in a.shut
                ],
                "cases": [
                    {
                        "title": title,
                        "routes": [_route_row(a, r, routes[0], i, trail) for i, r in enumerate(routes, start=1)],
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
        lines.append(
            f"{what} {'rises' if b.factor > 1 else 'falls'} from {_short(b.now)} to {_short(b.value)} {b.unit}"
        )
    return lines


def _short(value: float) -> str:
    """Three significant digits without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Answer each pair of the study."""
    return {"answers": _answers(result, trail, reader)}


SECTION = Section("ways", "How goods get through", "Ways", build, pdf=True)
