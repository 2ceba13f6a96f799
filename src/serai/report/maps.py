"""Maps of a corridor: land, boundaries in one of four views, links, border posts, names in the reader's script.

A map has a ground (all that has no words) and a layer of words; the page shows one ground and lays the words of the
chosen language over it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import InputError
from serai.data.names import short_name
from serai.network.topology import SEA_MODES
from serai.report.language import plain
from serai.report.style import INK, OWN, QUIET, STATE_COLOURS, figure, svg

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from serai.report.language import Language
    from serai.study import StudyResult

LAND = "#f1efe8"
SEA = "#dfe9ee"
UNDRAWN = "#f7f6f3"
DISPUTED = "#7d766a"
DASHES = (0, (3.5, 2))
MODE_STYLES: dict[str, dict[str, Any]] = {
    "road": {"color": "#7c6f5d", "lw": 0.9, "ls": "-"},
    "rail": {"color": "#30475e", "lw": 1.1, "ls": (0, (4, 1.2))},
    "sea": {"color": "#5f93b5", "lw": 0.7, "ls": (0, (1, 2))},
    "ferry": {"color": "#5f93b5", "lw": 0.9, "ls": (0, (1, 1))},
}
CONFIRMED: dict[str, Any] = {"marker": "o", "ms": 4.4, "mec": "white", "mew": 0.5}
UNCONFIRMED: dict[str, Any] = {"marker": "o", "ms": 5.2, "mec": STATE_COLOURS["unknown"], "mew": 1.5}
VIEWS = {"disputed": "", "IND": "IND", "PAK": "PAK", "CHN": "CHN"}
"""Boundary views a package may ask for: every disputed line dashed, or the claims of one state drawn firm."""
WIDTH_IN = 9.2
SHAPES = (0.45, 1.35)
"""Least and greatest height of a map over its width."""
FURTHEST = 80.0
"""Latitude to which a map reaches at most; beyond it a degree of longitude has no breadth left."""

Window = tuple[float, float, float, float]


@cache
def basemap() -> dict[str, Any]:
    """Land, boundaries and disputed lines: rings and lines of [longitude, latitude].

    A disputed line stands beside the states that draw it as their own boundary (ISO 3166 alpha-3, spaces between), none
    where it is a line of control. The outer line of Kashmir, Khunjerab on it, is drawn by all three states that
    claim parts of it, so it is firm in their views and dashed in the one that takes no side.
    """
    raw: dict[str, Any] = json.loads(files("serai.report").joinpath("basemap.json").read_text(encoding="utf-8"))
    return raw


def boundary_note(view: str, tongue: Language, countries: dict[str, str]) -> str:
    """Say which boundaries a map draws, and that nothing follows from it."""
    if view == "disputed":
        return tongue.say("boundary_disputed")
    return tongue.say("boundary_view", state=countries.get(VIEWS[view], VIEWS[view]))


def map_note(result: StudyResult, tongue: Language, *, links: bool) -> str:
    """Say which boundaries a map of a study draws, those in dispute, none in dispute or none at all, and how links."""
    window, view = window_of(result), result.package.meta.boundary_view
    if any(split_disputed(window, view)):
        note = boundary_note(view, tongue, tongue.names(result.package, "countries"))
    else:
        note = tongue.say("boundary_settled" if _overlap(window, basemap()["window"]) else "boundary_undrawn")
    return f"{note} {tongue.say('links_straight')}" if links else note


def _inside(line: list[list[float]], window: Window) -> bool:
    west, south, east, north = window
    xs, ys = zip(*line, strict=True)
    return bool(max(xs) >= west and min(xs) <= east and max(ys) >= south and min(ys) <= north)


def split_disputed(window: Window, view: str) -> tuple[list[Any], list[Any]]:
    """Disputed lines of a view inside a window: those drawn firm, and those dashed.

    Raises
    ------
    InputError
        For a view that is not in :data:`VIEWS`.
    """
    if view not in VIEWS:
        raise InputError(f"There is no boundary view {view!r}", f"Use one of: {', '.join(VIEWS)}.")
    lines = [(by, line) for by, line in basemap()["disputed"] if _inside(line, window)]
    return [line for by, line in lines if view in by.split()], [line for by, line in lines if view not in by.split()]


def draw_basemap(ax: Axes, window: Window, view: str = "disputed") -> None:
    """Draw land and boundaries; disputed lines are dashed and never chosen between, unless a view is set.

    Raises
    ------
    InputError
        For a view that is not in :data:`VIEWS`.
    """
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    firm, soft = split_disputed(window, view)
    base = basemap()
    patches = []
    for polygon in base["land"]:
        if _inside(polygon[0], window):
            paths = [Path(np.array(ring), closed=True) for ring in polygon]
            patches.append(PathPatch(Path.make_compound_path(*paths)))
    ax.set_facecolor(UNDRAWN)
    known = _overlap(window, base["window"])
    if known is None:
        return
    west, south, east, north = known
    ax.add_patch(Rectangle((west, south), east - west, north - south, facecolor=SEA, edgecolor="none", zorder=0.1))
    ax.add_collection(PatchCollection(patches, facecolor=LAND, edgecolor="#b9c4c9", linewidth=0.4, zorder=1))
    firm += [line for line in base["boundaries"] if _inside(line, window)]
    ax.add_collection(LineCollection(firm, colors="#b7b0a2", linewidths=0.5, zorder=1.1))
    ax.add_collection(LineCollection(soft, colors=DISPUTED, linewidths=0.8, linestyles=[DASHES], zorder=1.2))


def fit(ax: Axes, window: Window) -> None:
    """Make axes show a window and nothing else."""
    west, south, east, north = window
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    ax.set_xticks([])
    ax.set_yticks([])


def _overlap(window: Window, other: Window) -> Window | None:
    """Part that two windows share, or None."""
    west, south = max(window[0], other[0]), max(window[1], other[1])
    east, north = min(window[2], other[2]), min(window[3], other[3])
    return (west, south, east, north) if west < east and south < north else None


def window_of(result: StudyResult) -> Window:
    """Map window: the corridor's members and own ports with a margin.

    Where the base map reaches all of them, the margin ends with it; a corridor that leaves the base map keeps its own
    window, part or all of which then has no land drawn.
    """
    places = result.package["places"]
    members = set(result.package["countries"].loc[result.package["countries"]["member"], "iso3"])
    mine = places[places["country"].isin(members) | places["id"].isin(result.spec.own_ports)]
    least, most = (
        (float(mine["lon"].min()), float(mine["lat"].min())),
        (float(mine["lon"].max()), float(mine["lat"].max())),
    )
    wanted = (least[0] - 4, least[1] - 3, most[0] + 4, most[1] + 3)
    west, south, east, north = basemap()["window"]
    if west <= least[0] and south <= least[1] and most[0] <= east and most[1] <= north:
        return max(wanted[0], west), max(wanted[1], south), min(wanted[2], east), min(wanted[3], north)
    return _shaped(wanted)


def _shaped(window: Window) -> Window:
    """Widen a window to a shape that holds its words."""
    west, south, east, north = window
    south, north = max(south, -FURTHEST), min(north, FURTHEST)
    width = (east - west) * float(np.cos(np.radians((south + north) / 2)))
    least, greatest = SHAPES
    tall, wide = max(least * width - (north - south), 0.0) / 2, max((north - south) / greatest / width, 1.0)
    more = (east - west) * (wide - 1) / 2
    return west - more, south - tall, east + more, north + tall


def uncovered(window: Window) -> bool:
    """Whether a part of a window lies beyond the base map, so that it has no coast and no boundary there."""
    return _overlap(window, tuple(basemap()["window"])) != window


def height_in(window: Window) -> float:
    """Height of a map of a window, inches, at :data:`WIDTH_IN` of width."""
    west, south, east, north = window
    return WIDTH_IN * (north - south) / ((east - west) * float(np.cos(np.radians((south + north) / 2))))


def _open(window: Window) -> tuple[Figure, Axes]:
    opened, (ax,) = figure(WIDTH_IN, height_in(window))
    ax.set_position((0.0, 0.0, 1.0, 1.0))
    return opened, ax


def map_ground(result: StudyResult) -> str:
    """Draw the network without a word: land, boundaries, links, border posts by state, own ports."""
    window = window_of(result)
    opened, ax = _open(window)
    _ground(ax, result, window)
    fit(ax, window)
    return svg(opened, "Map of the network with the state of each border", tight=False)


def map_words(result: StudyResult, tongue: Language) -> str:
    """Draw the words of the map alone, in one language, to lie over its ground."""
    window = window_of(result)
    opened, ax = _open(window)
    ax.patch.set_visible(False)
    _words(ax, result, window, tongue)
    fit(ax, window)
    ax.axis("off")
    return svg(opened, "Names of places and signs of the map", tight=False)


def whole_map(ground: str, words: str) -> str:
    """Lay the words of a language over the ground, in one picture."""
    # Inside another picture a size is in the units of its frame, which may later be made taller by what stands below.
    layer = re.sub(r' width="[0-9.]+pt" height="[0-9.]+pt"(.*?viewBox="0 0 ([0-9.]+) ([0-9.]+)")',
                   r' width="\2" height="\3"\1', words, count=1)  # fmt: skip
    return f"{ground.rstrip().removesuffix('</svg>')}{layer}</svg>"


def _ground(ax: Axes, result: StudyResult, window: Window) -> None:
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
    for port in result.spec.own_ports:
        p = places.loc[port]
        ax.plot(p["lon"], p["lat"], marker="s", ms=6, color=OWN, mec="white", zorder=6)
    west, south, east, north = window
    for p in _labelled_cities(result, window):
        if west < p.lon < east and south < p.lat < north:
            ax.plot(p.lon, p.lat, "o", ms=1.8, color=INK, zorder=4)


def _draw_borders(ax: Axes, result: StudyResult) -> None:
    """Fill each post with its worst state on record, in a grey ring where nobody confirmed it within its shelf life."""
    places = result.package["places"].set_index("id")
    worst: dict[str, tuple[str, bool]] = {}
    order = ["open", "restricted", "bilateral", "closed"]
    for s in result.statuses:
        if s.kind != "crossing" or s.state in {"planned", "under_construction"}:
            continue
        state, known = worst.get(s.object, ("open", True))
        worst[s.object] = (max(state, s.state, key=order.index), known and s.known)
    for place, (state, known) in worst.items():
        p = places.loc[place]
        ax.plot(p["lon"], p["lat"], color=STATE_COLOURS[state], zorder=5, **(CONFIRMED if known else UNCONFIRMED))


def _words(ax: Axes, result: StudyResult, window: Window, tongue: Language) -> None:
    places = result.package["places"].set_index("id")
    names = tongue.names(result.package, "places")
    groups = sorted(_neighbours(places, result.spec.own_ports), key=lambda g: float(places.loc[g[0], "lon"]))
    for group in groups:
        first = places.loc[group[0]]
        text = "\n".join(short_name(names[port]) for port in group)
        left = group is groups[0]
        ax.annotate(
            text, (first["lon"], first["lat"]), xytext=(-6 if left else 2, -7), textcoords="offset points",
            ha="right" if left else "left", va="top", fontweight="bold", fontsize=7.5, zorder=7, path_effects=_halo(),
        )  # fmt: skip
    for p in _labelled_cities(result, window):
        ax.annotate(
            _map_name(names[str(p.Index)], double="\u2013" in str(p.name_ru)),
            (p.lon, p.lat), xytext=(3, 2), textcoords="offset points", zorder=4,
            fontsize=6.2 if tongue.direction == "ltr" else 7.4, path_effects=_halo(),
        )  # fmt: skip
    _name_dispute(ax, result, window, tongue)
    if uncovered(window):
        ax.annotate(
            tongue.say("map_uncovered"), (1, 1), xytext=(-6, -6), xycoords="axes fraction", textcoords="offset points",
            ha="right", va="top", fontsize=6.5, color=INK, zorder=8, path_effects=_halo(),
        )  # fmt: skip
    _legend(ax, tongue, disputed=any(split_disputed(window, result.package.meta.boundary_view)))


def _map_name(name: str, *, double: bool) -> str:
    """Shorten a name for the map: nothing in brackets, and of a double name the first."""
    name = short_name(name)
    return name.split("\u2013")[0].split("-")[0] if double and "\u2013" not in name else name.split("\u2013")[0]


def _name_dispute(ax: Axes, result: StudyResult, window: Window, tongue: Language) -> None:
    """Name the longest dashed line on the map itself; the legend names them all."""
    _, soft = split_disputed(window, result.package.meta.boundary_view)
    west, south, east, north = window
    whole = [line for line in soft if all(west < x < east - 8 and south < y < north for x, y in line)]
    if whole:
        line = max(whole, key=lambda points: float(np.hypot(*np.diff(np.array(points), axis=0).T).sum()))
        x, y = line[len(line) // 2]
        ax.annotate(
            plain(tongue.say("disputed_label")), (x, y), xytext=(14, 9), textcoords="offset points", fontsize=5.4,
            color=DISPUTED, style="normal", zorder=3, path_effects=_halo(),
            arrowprops={"arrowstyle": "-", "color": DISPUTED, "lw": 0.4, "shrinkB": 0},
        )  # fmt: skip


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


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=1.8, foreground=LAND)]


def _labelled_cities(result: StudyResult, window: Window, limit: int = 42) -> list[Any]:
    """Cities with room for a name, the largest first."""
    west, south, east, north = window
    places = result.package["places"].set_index("id")
    own = result.spec.own_ports
    cities = places[places["kind"].isin(["city", "port", "gateway"])].sort_values("weight", ascending=False)
    taken: list[tuple[float, float]] = [(float(places.loc[d, "lon"]), float(places.loc[d, "lat"])) for d in own]
    chosen: list[Any] = []
    for p in cities.itertuples():
        if not (west < p.lon < east - 3 and south < p.lat < north) or p.Index in own:
            continue
        # A label needs about five degrees of room to the right and one above.
        if any(abs(p.lon - x) < 4.4 and abs(p.lat - y) < 1.25 for x, y in taken):
            continue
        taken.append((p.lon, p.lat))
        chosen.append(p)
        if len(chosen) == limit:
            break
    return chosen


def _legend(ax: Axes, tongue: Language, *, disputed: bool) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=tongue.say(m), **MODE_STYLES[m]) for m in ("road", "rail", "sea")]
    handles.append(Line2D([], [], color=STATE_COLOURS["planned"], ls=(0, (1, 1)), lw=1.1, label=tongue.say("project")))
    if disputed:
        handles.append(Line2D([], [], color=DISPUTED, ls=DASHES, lw=0.8, label=tongue.say("disputed_label")))
    handles += [
        Line2D([], [], ls="", color=STATE_COLOURS[s], label=tongue.say(f"border_{s}"), **CONFIRMED)
        for s in ("open", "restricted", "closed")
    ]
    handles.append(Line2D([], [], ls="", color="white", label=tongue.say("border_unknown"), **UNCONFIRMED))
    handles.append(Line2D([], [], ls="", marker="s", color=OWN, mec="white", label=tongue.say("own_port")))
    ax.legend(
        handles=handles,
        loc="lower left",
        fontsize=6.5,
        frameon=True,
        facecolor="white",
        edgecolor=QUIET,
        framealpha=0.92,
        ncols=2,
        markerfirst=tongue.direction == "ltr",
    )
