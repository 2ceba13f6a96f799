"""Predictions beside published journeys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.data.names import place_names
from serai.report import charts
from serai.report.console import rounded
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


WANTED = {
    "median_abs_error": ("Middle error of the time", 0.25, "at most"),
    "mean_abs_error": ("Mean error of the time", 0.30, "at most"),
    "median_signed_error": ("Middle signed error of the time (too fast is negative)", 0.15, "within"),
    "interval_hit": ("Published ranges met by P10–P90", 0.75, "at least"),
    "interval_width": ("Width of P10–P90 over P50", 1.0, "at most"),
    "price_median_abs_error": ("Middle error of the price", 0.20, "at most"),
    "box_median_abs_error": ("Middle error of the price of one container, all lines", 0.25, "at most"),
    "carriage_median_abs_error": ("Middle error of its lines of carriage alone", 0.25, "at most"),
    "quoted_median_abs_error": ("Middle error of those of its lines that a quote holds", 0.25, "at most"),
    "corridor_within_15_percent": (
        "Ways really used that cost at most 15% above the best found",
        0.75,
        "at least",
    ),
}


def _meets(name: str, value: float) -> bool:
    _, wanted, how = WANTED[name]
    if how == "at least":
        return value >= wanted
    return abs(value) <= wanted


def _percent(value: float) -> str:
    return "\u2013" if not math.isfinite(value) else f"{value:.0%}".replace("-", "\u2212")


def _validation(result: StudyResult, trail: Trail) -> dict[str, Any]:
    v = result.validation
    observed = dict(zip(result.package["observations"]["id"], result.package["observations"]["source"], strict=True))
    held = trail.to("Journeys held back", (observed[p.id] for p in v.predictions if p.use == "validation"))
    figures = trail.to("Every figure of the network", result.network.costs.figures.source)
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
            "predicted": f"{p.days_p50:.0f} ({p.days_p10:.0f}\u2013{p.days_p90:.0f})"
            if not p.no_route
            else "no way open",
            "usd": rounded(p.usd_published) if math.isfinite(p.usd_published) else "",
            "usd_predicted": rounded(p.usd) if math.isfinite(p.usd_published) and not p.no_route else "",
            "use": p.use,
            "id": p.id,
            "sources": observed[p.id].split(";"),
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
    return {
        "rows": rows,
        "journeys": journeys,
        "n": v.n_time,
        "digest": v.digest,
        "by_claim": by_claim,
        "trail": held,
        "trail_figures": figures,
    }


def _range(low: float, high: float) -> str:
    if not math.isfinite(low):
        return ""
    return f"{low:g}" if low == high else f"{low:g}\u2013{high:g}"


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Set predictions beside the journeys held back."""
    return {
        "validation": _validation(result, trail),
        "validation_svg": charts.validation_chart(result.validation.predictions, reader),
    }


SECTION = Section("journeys", "Predictions beside published journeys", "Predictions and journeys", build, pdf=True)
