"""Charts as SVG text, the same bytes for the same input."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import HOURS_PER_DAY
from serai.data.names import short_name
from serai.freight.answer import label
from serai.freight.profile import profile
from serai.report.style import INK, OTHER, OWN, QUIET, STATE_COLOURS, figure, svg

if TYPE_CHECKING:
    import pandas as pd

    from serai.freight.answer import Answer
    from serai.freight.validation import Prediction
    from serai.report.language import Language
    from serai.report.reader import Reader
    from serai.study import StudyResult
    from serai.study.gateways import Gap


def gap_chart(result: StudyResult, tongue: Language) -> str:
    """Gap of the corridor's own ports to the best other way, by market, one mark per origin."""
    commodity = result.spec.commodities[0]
    gaps = [g for g in result.gaps if g.commodity == commodity and g.own and g.rival]
    if not gaps:
        return ""
    names = tongue.names(result.package, "places")
    markets = sorted({g.market for g in gaps}, key=lambda m: -np.median([g.usd_per_t for g in gaps if g.market == m]))
    drawn, (ax,) = figure(7.6, 0.36 * len(markets) + 1.2)
    for y, market in enumerate(markets):
        values = [g.usd_per_t for g in gaps if g.market == market]
        ax.plot([min(values), max(values)], [y, y], color=QUIET, lw=1.2, zorder=1)
        colours = [OWN if v > 0 else STATE_COLOURS["open"] for v in values]
        ax.scatter(values, [y] * len(values), s=16, c=colours, zorder=2, edgecolor="white", linewidth=0.4)
        middle = float(np.median(values))
        ax.plot([middle], [y], marker="|", ms=11, color=INK, zorder=3)
    ax.axvline(0, color=INK, lw=0.8)
    ax.set_yticks(range(len(markets)), [short_name(str(names[m])) for m in markets])
    ax.set_xlabel(tongue.say("gap_axis"))
    ax.grid(axis="x", color="#e4e7ea", lw=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return svg(drawn, tongue.say("table_title"))


def parts_of_gap(gaps: list[Gap], limit: int = 12) -> list[tuple[str, float]]:
    """Mean contribution of each part of the trip to the gap, the largest first."""
    total: dict[str, float] = {}
    for g in gaps:
        for name, value in g.parts:
            total[name] = total.get(name, 0.0) + value / len(gaps)
    return sorted(total.items(), key=lambda item: -abs(item[1]))[:limit]


def parts_chart(result: StudyResult, reader: Reader) -> str:
    """Show what makes the gap, on average over all pairs of the first commodity."""
    commodity = result.spec.commodities[0]
    gaps = [g for g in result.gaps if g.commodity == commodity and g.own and g.rival]
    parts = parts_of_gap(gaps)[::-1]
    if not parts:
        return ""
    drawn, (ax,) = figure(7.6, 0.3 * len(parts) + 1.0)
    ax.barh(
        range(len(parts)),
        [v for _, v in parts],
        color=[OWN if v > 0 else STATE_COLOURS["open"] for _, v in parts],
        height=0.62,
    )
    for y, (_, v) in enumerate(parts):
        ax.annotate(
            f"{v:+.0f}".replace("-", "\u2212"), (v, y), xytext=(3 if v > 0 else -3, 0), textcoords="offset points",
            va="center", ha="left" if v > 0 else "right", fontsize=7,
        )  # fmt: skip
    ax.axvline(0, color=INK, lw=0.8)
    ax.set_yticks(range(len(parts)), [reader.label(n) for n, _ in parts])
    ax.set_xlabel(
        reader.label("USD a tonne that the part adds to the own port's way, beyond what it adds to the best other way")
    )
    ax.margins(x=0.14)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return svg(drawn, reader.label("What makes the gap between the corridor's own ports and the best other way"))


LEGEND_LETTERS = 112
"""A longer name of a way goes on in a second line."""


def profile_chart(answer: Answer, reader: Reader, limit: int = 4) -> str:
    """Time over distance of the first ways of an answer, door to door; a step up is a border, port or terminal."""
    if not answer.routes:
        return ""
    drawn, axes = figure(9.0, 3.4, columns=2)
    package = answer.network.package
    palette = (OWN, OTHER, "#2e7d4f", "#8e6bb0")
    for route, colour in zip(answer.routes[:limit], palette, strict=False):
        p = profile(route)
        name = reader.label(label(package, route))
        axes[0].plot(p.km, p.hours / HOURS_PER_DAY, color=colour, lw=1.3, label=textwrap.fill(name, LEGEND_LETTERS))
        axes[1].plot(p.km, p.usd_per_t, color=colour, lw=1.3)
    axes[0].set_ylabel(reader.label("days since the cargo was ready"))
    axes[1].set_ylabel(reader.label("USD a tonne"))
    for ax in axes:
        ax.set_xlabel(reader.label("km"))
        ax.set_xlim(left=0)
        ax.set_ylim(bottom=0)
        ax.grid(color="#eceff1", lw=0.5)
        ax.spines[["top", "right"]].set_visible(False)
    drawn.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.02),
        fontsize=7,
        frameon=False,
    )
    drawn.tight_layout()
    return svg(drawn, reader.label("Time and cost over distance"))


def availability_chart(frame: pd.DataFrame, names: dict[str, str], reader: Reader, limit: int = 24) -> str:
    """Days since 2021 by what is on record, for the crossings on any way answered with."""
    if frame.empty:
        return ""
    mine = frame[frame["kind"] == "crossing"].sort_values(["shut_days", "limited_days"]).tail(limit)
    if mine.empty:
        return ""
    drawn, (ax,) = figure(7.6, 0.26 * len(mine) + 1.0)
    left = np.zeros(len(mine))
    for column, state in (
        ("open_days", "open"),
        ("limited_days", "restricted"),
        ("shut_days", "closed"),
        ("unknown_days", "unknown"),
    ):
        share = mine[column].to_numpy() / mine["days"].to_numpy() * 100
        ax.barh(range(len(mine)), share, left=left, color=STATE_COLOURS[state], height=0.66, label=reader.label(state))
        left = left + share
    labels = [reader.label(f"{short_name(names[o])} ({m})") for o, m in zip(mine["object"], mine["mode"], strict=True)]
    ax.set_yticks(range(len(mine)), labels, fontsize=7)
    ax.set_xlim(0, 100)
    ax.set_xlabel(reader.label("% of the days since January 2021, by the state on record"))
    ax.legend(ncols=4, fontsize=7, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    ax.spines[["top", "right", "left"]].set_visible(False)
    return svg(drawn, reader.label("Days each crossing was open, limited, shut or unknown since 2021"))


CLAIM_MARKS = {
    "typical": ("o", OTHER),
    "pilot": ("^", "#2e7d4f"),
    "plan": ("D", "#c58a12"),
    "disrupted": ("X", OWN),
}


def validation_chart(predictions: tuple[Prediction, ...], reader: Reader) -> str:
    """Predicted against published times of the held-back journeys, with predicted P10-P90 bars."""
    held = [p for p in predictions if p.use == "validation" and not p.no_route and np.isfinite(p.days) and p.days > 0]
    if not held:
        return ""
    drawn, (ax,) = figure(6.2, 5.4)
    top = max(max(p.days_high, p.days_p90) for p in held) * 1.15
    low = min(min(p.days_low, p.days_p10) for p in held) * 0.85
    ax.plot([low, top], [low, top], color=INK, lw=0.8, zorder=1)
    for factor in (0.75, 1.25):
        ax.plot([low, top], [low * factor, top * factor], color=QUIET, lw=0.6, ls=(0, (4, 3)), zorder=1)
    for claim, (marker, colour) in CLAIM_MARKS.items():
        mine = [p for p in held if p.claim == claim]
        if not mine:
            continue
        x = [p.days for p in mine]
        y = [p.days_p50 for p in mine]
        error = [[p.days_p50 - p.days_p10 for p in mine], [p.days_p90 - p.days_p50 for p in mine]]
        ax.errorbar(x, y, yerr=error, fmt="none", ecolor=colour, elinewidth=0.7, alpha=0.5, zorder=2)
        ax.scatter(
            x,
            y,
            marker=marker,
            s=22,
            color=colour,
            edgecolor="white",
            linewidth=0.4,
            label=reader.label(claim),
            zorder=3,
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = [t for t in (1, 2, 5, 10, 20, 40, 80) if low <= t <= top]
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.set_yticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.set_xlabel(reader.label("published, days (middle of the range given)"))
    ax.set_ylabel(reader.label("predicted, days (P50; bar P10 to P90)"))
    ax.legend(title=reader.label("what was published"), fontsize=7, title_fontsize=7, frameon=False, loc="upper left")
    ax.grid(color="#eceff1", lw=0.5)
    ax.spines[["top", "right"]].set_visible(False)
    return svg(drawn, reader.label("Predicted against published journey times"))
