"""Charts as SVG text, the same bytes for the same input."""

from __future__ import annotations

import io
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import InputError
from serai.core.units import HOURS_PER_DAY
from serai.data.names import short_name
from serai.freight.answer import label
from serai.freight.profile import profile
from serai.network.topology import SEA_MODES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from serai.freight.answer import Answer
    from serai.freight.validation import Prediction
    from serai.study import StudyResult
    from serai.study.gateways import Gap

INK = "#1d2b36"
QUIET = "#8a97a3"
LAND = "#f1efe8"
SEA = "#dfe9ee"
OWN = "#b5442c"
OTHER = "#2b6a8f"
STATE_COLOURS = {
    "open": "#2e7d4f",
    "restricted": "#c58a12",
    "bilateral": "#c58a12",
    "closed": "#b5442c",
    "unknown": "#7a7f87",
    "under construction": "#8e6bb0",
    "planned": "#8e6bb0",
}
MODE_STYLES: dict[str, dict[str, Any]] = {
    "road": {"color": "#7c6f5d", "lw": 0.9, "ls": "-"},
    "rail": {"color": "#30475e", "lw": 1.1, "ls": (0, (4, 1.2))},
    "sea": {"color": "#5f93b5", "lw": 0.7, "ls": (0, (1, 2))},
    "ferry": {"color": "#5f93b5", "lw": 0.9, "ls": (0, (1, 1))},
}
MAP_NOTE = (
    "Dotted grey lines are boundaries that are disputed or not agreed, Kashmir among them; nothing here takes a "
    "position on any of them. Links are drawn straight. Land and boundaries: Natural Earth, simplified."
)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "serai",
            "svg.fonttype": "path",
            "font.family": ["DejaVu Sans"],
            "font.size": 8,
            "axes.edgecolor": QUIET,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(width, height))
    return figure, ax


def _svg(figure: Figure, label: str) -> str:
    import matplotlib.pyplot as plt

    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


@cache
def _basemap() -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(files("serai.report").joinpath("basemap.json").read_text(encoding="utf-8"))
    return raw


VIEWS = {"disputed": "", "IND": "India", "PAK": "Pakistan", "CHN": "China"}
"""Boundary views a package may ask for: every disputed line dotted, or the claims of one state as it draws them."""


def map_note(view: str) -> str:
    """Say which boundaries a map draws."""
    if view == "disputed":
        return MAP_NOTE
    return (
        f"Boundaries in dispute are drawn here as {VIEWS[view]} draws them, by a setting of the package; nothing here "
        "takes a position on any of them. Links are drawn straight. Land and boundaries: Natural Earth, simplified."
    )


def draw_basemap(ax: Axes, window: tuple[float, float, float, float], view: str = "disputed") -> None:
    """Draw land and boundaries; disputed lines are dotted and never chosen between, unless a view is set.

    Raises
    ------
    InputError
        For a view that is not in :data:`VIEWS`.
    """
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if view not in VIEWS:
        raise InputError(f"There is no boundary view {view!r}", f"Use one of: {', '.join(VIEWS)}.")
    base = _basemap()
    west, south, east, north = window

    def inside(ring: list[list[float]]) -> bool:
        xs, ys = zip(*ring, strict=True)
        return bool(max(xs) >= west and min(xs) <= east and max(ys) >= south and min(ys) <= north)

    patches = []
    for polygon in base["land"]:
        if inside(polygon[0]):
            paths = [Path(np.array(ring), closed=True) for ring in polygon]
            patches.append(PathPatch(Path.make_compound_path(*paths)))
    ax.set_facecolor(SEA)
    ax.add_collection(PatchCollection(patches, facecolor=LAND, edgecolor="#b9c4c9", linewidth=0.4, zorder=1))
    firm = [line for line in base["boundaries"] if inside(line)]
    disputed = [(claim, line) for claim, line in base["disputed"] if inside(line)]
    soft = [line for _, line in disputed] if view == "disputed" else []
    firm += [line for claim, line in disputed if claim == view]
    ax.add_collection(LineCollection(firm, colors="#b7b0a2", linewidths=0.5, zorder=1.1))
    ax.add_collection(LineCollection(soft, colors="#8f897d", linewidths=0.6, linestyles=[(0, (1, 1.6))], zorder=1.2))
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    ax.set_xticks([])
    ax.set_yticks([])


def _window(result: StudyResult) -> tuple[float, float, float, float]:
    """Map window: the corridor's members and own ports with a margin, inside the base map."""
    places = result.package["places"]
    members = set(result.package["countries"].loc[result.package["countries"]["member"], "iso3"])
    mine = places[places["country"].isin(members) | places["id"].isin(result.spec.own_ports)]
    west, south, east, north = _basemap()["window"]
    return (
        max(float(mine["lon"].min()) - 4, west),
        max(float(mine["lat"].min()) - 3, south),
        min(float(mine["lon"].max()) + 4, east),
        min(float(mine["lat"].max()) + 3, north),
    )


def corridor_map(result: StudyResult) -> str:
    """Draw the network, its borders by status, and the corridor's own ports."""
    figure, ax = _figure(9.2, 6.6)
    window = _window(result)
    draw_basemap(ax, window, result.package.meta.boundary_view)
    places = result.package["places"].set_index("id")
    for link in result.package["links"].itertuples(index=False):
        a, b = places.loc[link[1]], places.loc[link[2]]
        style = dict(MODE_STYLES[link.mode])
        if link.project:
            style |= {"color": STATE_COLOURS["planned"], "ls": (0, (1, 1))}
        # Sea legs lie under the land, so that a straight line never seems to cross it.
        level = 0.5 if link.mode in SEA_MODES else 2
        ax.plot([a["lon"], b["lon"]], [a["lat"], b["lat"]], zorder=level, alpha=0.8, solid_capstyle="round", **style)
    _draw_borders(ax, result)
    groups = sorted(_neighbours(places, result.spec.own_ports), key=lambda g: float(places.loc[g[0], "lon"]))
    for group in groups:
        for port in group:
            ax.plot(
                places.loc[port, "lon"], places.loc[port, "lat"], marker="s", ms=6, color=OWN, mec="white", zorder=6
            )
        first = places.loc[group[0]]
        text = "\n".join(short_name(str(places.loc[port, "name"])) for port in group)
        ax.annotate(
            text, (first["lon"], first["lat"]), xytext=(-6 if group is groups[0] else 2, -7),
            textcoords="offset points", ha="right" if group is groups[0] else "left", va="top", fontweight="bold",
            fontsize=7.5, zorder=7, path_effects=_halo(),
        )  # fmt: skip
    _label_cities(ax, places, set(result.spec.own_ports), window)
    _legend(ax)
    return _svg(figure, "Map of the network with the state of each border")


def _neighbours(places: pd.DataFrame, ports: tuple[str, ...]) -> list[list[str]]:
    """Group ports whose labels would run into each other."""
    groups: list[list[str]] = []
    for port in ports:
        here = places.loc[port]
        for group in groups:
            there = places.loc[group[0]]
            if abs(here["lon"] - there["lon"]) < 2.5 and abs(here["lat"] - there["lat"]) < 1.2:
                group.append(port)
                break
        else:
            groups.append([port])
    return groups


def _draw_borders(ax: Axes, result: StudyResult) -> None:
    places = result.package["places"].set_index("id")
    worst: dict[str, str] = {}
    order = ["open", "restricted", "bilateral", "unknown", "closed"]
    for s in result.statuses:
        if s.kind != "crossing" or s.state in {"planned", "under_construction"}:
            continue
        state = s.state if s.known else "unknown"
        worst[s.object] = max(worst.get(s.object, "open"), state, key=order.index)
    for place, state in worst.items():
        p = places.loc[place]
        ax.plot(p["lon"], p["lat"], "o", ms=4.2, color=STATE_COLOURS[state], mec="white", mew=0.5, zorder=5)


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground=LAND)]


def _label_cities(
    ax: Axes, places: pd.DataFrame, done: set[str], window: tuple[float, float, float, float], limit: int = 42
) -> None:
    west, south, east, north = window
    cities = places[places["kind"].isin(["city", "port", "gateway"])].sort_values("weight", ascending=False)
    taken: list[tuple[float, float]] = [(float(places.loc[d, "lon"]), float(places.loc[d, "lat"])) for d in done]
    count = 0
    for p in cities.itertuples():
        if not (west < p.lon < east - 3 and south < p.lat < north) or p.Index in done:
            continue
        # A label needs about five degrees of room to the right and one above.
        if any(abs(p.lon - x) < 4.4 and abs(p.lat - y) < 1.25 for x, y in taken):
            continue
        taken.append((p.lon, p.lat))
        ax.plot(p.lon, p.lat, "o", ms=1.8, color=INK, zorder=4)
        ax.annotate(
            short_name(str(p.name)).split("-")[0], (p.lon, p.lat), xytext=(3, 2), textcoords="offset points",
            fontsize=6, zorder=4, path_effects=_halo(),
        )  # fmt: skip
        count += 1
        if count == limit:
            return


def _legend(ax: Axes) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=m, **MODE_STYLES[m]) for m in ("road", "rail", "sea")]
    handles.append(Line2D([], [], color=STATE_COLOURS["planned"], ls=(0, (1, 1)), lw=1.1, label="rail project"))
    handles += [
        Line2D([], [], ls="", marker="o", color=STATE_COLOURS[s], label=f"border {s}")
        for s in ("open", "restricted", "unknown", "closed")
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        fontsize=6.5,
        frameon=True,
        facecolor="white",
        framealpha=0.9,
        ncols=2,
    )


def gap_chart(result: StudyResult) -> str:
    """Gap of the corridor's own ports to the best other way, by market, one mark per origin."""
    commodity = result.spec.commodities[0]
    gaps = [g for g in result.gaps if g.commodity == commodity and g.own and g.rival]
    if not gaps:
        return ""
    names = dict(zip(result.package["places"]["id"], result.package["places"]["name"], strict=True))
    markets = sorted({g.market for g in gaps}, key=lambda m: -np.median([g.usd_per_t for g in gaps if g.market == m]))
    figure, ax = _figure(7.6, 0.36 * len(markets) + 1.2)
    for y, market in enumerate(markets):
        values = [g.usd_per_t for g in gaps if g.market == market]
        ax.plot([min(values), max(values)], [y, y], color=QUIET, lw=1.2, zorder=1)
        colours = [OWN if v > 0 else STATE_COLOURS["open"] for v in values]
        ax.scatter(values, [y] * len(values), s=16, c=colours, zorder=2, edgecolor="white", linewidth=0.4)
        middle = float(np.median(values))
        ax.plot([middle], [y], marker="|", ms=11, color=INK, zorder=3)
    ax.axvline(0, color=INK, lw=0.8)
    ax.set_yticks(range(len(markets)), [short_name(str(names[m])) for m in markets])
    ax.set_xlabel("USD a tonne, price and time together, dearer (right) or cheaper (left) than the best other way")
    ax.grid(axis="x", color="#e4e7ea", lw=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return _svg(figure, "Gap of the corridor's own ports to the best other way by market")


def parts_of_gap(gaps: list[Gap], limit: int = 12) -> list[tuple[str, float]]:
    """Mean contribution of each part of the trip to the gap, the largest first."""
    total: dict[str, float] = {}
    for g in gaps:
        for name, value in g.parts:
            total[name] = total.get(name, 0.0) + value / len(gaps)
    return sorted(total.items(), key=lambda item: -abs(item[1]))[:limit]


def parts_chart(result: StudyResult) -> str:
    """Show what makes the gap, on average over all pairs of the first commodity."""
    commodity = result.spec.commodities[0]
    gaps = [g for g in result.gaps if g.commodity == commodity and g.own and g.rival]
    parts = parts_of_gap(gaps)[::-1]
    if not parts:
        return ""
    figure, ax = _figure(7.6, 0.3 * len(parts) + 1.0)
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
    ax.set_yticks(range(len(parts)), [n for n, _ in parts])
    ax.set_xlabel("USD a tonne that the part adds to the own port's way, beyond what it adds to the best other way")
    ax.margins(x=0.14)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return _svg(figure, "What makes the gap between the corridor's own ports and the best other way")


def profile_chart(answer: Answer, limit: int = 4) -> str:
    """Time over distance of the first ways of an answer, door to door; a step up is a border, port or terminal."""
    if not answer.routes:
        return ""
    figure, axes = _pair_of_axes()
    package = answer.network.package
    palette = (OWN, OTHER, "#2e7d4f", "#8e6bb0")
    for route, colour in zip(answer.routes[:limit], palette, strict=False):
        p = profile(route)
        name = label(package, route)
        short = name if len(name) < 62 else name[:59] + "..."
        axes[0].plot(p.km, p.hours / HOURS_PER_DAY, color=colour, lw=1.3, label=short)
        axes[1].plot(p.km, p.usd_per_t, color=colour, lw=1.3)
    axes[0].set_ylabel("days since the cargo was ready")
    axes[1].set_ylabel("USD a tonne")
    for ax in axes:
        ax.set_xlabel("km")
        ax.set_xlim(left=0)
        ax.set_ylim(bottom=0)
        ax.grid(color="#eceff1", lw=0.5)
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, -0.02 - 0.05 * min(limit, len(answer.routes))),
        fontsize=7,
        frameon=False,
    )
    figure.tight_layout()
    return _svg(figure, "Time and cost over distance")


def _pair_of_axes() -> tuple[Figure, Any]:
    figure, _ = _figure(1, 1)
    import matplotlib.pyplot as plt

    plt.close(figure)
    pair, axes = plt.subplots(1, 2, figsize=(9.0, 3.4))
    return pair, axes


def availability_chart(frame: pd.DataFrame, names: dict[str, str], limit: int = 24) -> str:
    """Days since 2021 by what is on record, for the crossings on any way answered with."""
    mine = frame[frame["kind"] == "crossing"].sort_values(["shut_days", "limited_days"]).tail(limit)
    if mine.empty:
        return ""
    figure, ax = _figure(7.6, 0.26 * len(mine) + 1.0)
    left = np.zeros(len(mine))
    for column, state in (
        ("open_days", "open"),
        ("limited_days", "restricted"),
        ("shut_days", "closed"),
        ("unknown_days", "unknown"),
    ):
        share = mine[column].to_numpy() / mine["days"].to_numpy() * 100
        ax.barh(range(len(mine)), share, left=left, color=STATE_COLOURS[state], height=0.66, label=state)
        left = left + share
    labels = [f"{short_name(names[o])} ({m})" for o, m in zip(mine["object"], mine["mode"], strict=True)]
    ax.set_yticks(range(len(mine)), labels, fontsize=7)
    ax.set_xlim(0, 100)
    ax.set_xlabel("% of the days since January 2021, by the state on record")
    ax.legend(ncols=4, fontsize=7, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    ax.spines[["top", "right", "left"]].set_visible(False)
    return _svg(figure, "Days each crossing was open, limited, shut or unknown since 2021")


CLAIM_MARKS = {
    "typical": ("o", OTHER),
    "pilot": ("^", "#2e7d4f"),
    "plan": ("D", "#c58a12"),
    "disrupted": ("X", OWN),
}


def validation_chart(predictions: tuple[Prediction, ...]) -> str:
    """Predicted against published times of the held-back journeys, with predicted P10-P90 bars."""
    held = [p for p in predictions if p.use == "validation" and not p.no_route and np.isfinite(p.days) and p.days > 0]
    if not held:
        return ""
    figure, ax = _figure(6.2, 5.4)
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
        ax.scatter(x, y, marker=marker, s=22, color=colour, edgecolor="white", linewidth=0.4, label=claim, zorder=3)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = [t for t in (1, 2, 5, 10, 20, 40, 80) if low <= t <= top]
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.set_yticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.set_xlabel("published, days (middle of the range given)")
    ax.set_ylabel("predicted, days (P50; bar P10 to P90)")
    ax.legend(title="what was published", fontsize=7, title_fontsize=7, frameon=False, loc="upper left")
    ax.grid(color="#eceff1", lw=0.5)
    ax.spines[["top", "right"]].set_visible(False)
    return _svg(figure, "Predicted against published journey times")
