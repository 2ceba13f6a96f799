"""Charts of flows and gains: widths by tonnes, bars and circles by USD."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serai.data.names import short_name
from serai.network.topology import SEA_MODES
from serai.report.gains import usd_m
from serai.report.language import plain
from serai.report.maps import WIDTH_IN, draw_basemap, fit, height_in, window_of
from serai.report.style import INK, OWN, QUIET, STATE_COLOURS, figure, svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from serai.report.maps import Window
    from serai.report.reader import Reader
    from serai.study import StudyResult

GAIN, LOSS = STATE_COLOURS["open"], OWN
ROAD, RAIL, WATER = "#a5672a", "#30475e", "#5f93b5"
COLOURS = {"road": ROAD, "rail": RAIL, "sea": WATER, "ferry": WATER}
WIDEST_PT = 9.0
LEAST_T_PER_DAY = 50.0
SCALES = "Each panel has its own scale; black lines are ranges."


def _ground(result: StudyResult) -> tuple[Figure, Axes, Window]:
    window = window_of(result)
    opened, (ax,) = figure(WIDTH_IN, height_in(window))
    ax.set_position((0.0, 0.0, 1.0, 1.0))
    draw_basemap(ax, window, result.package.meta.boundary_view)
    return opened, ax, window


def flow_map(result: StudyResult, reader: Reader) -> str:
    """Draw every link as wide as what it carries, the square root of tonnes a day; names at the busiest gates."""
    from matplotlib.lines import Line2D

    frame = result.tables["link_flows"]
    frame = frame[frame["t_per_day"] > LEAST_T_PER_DAY]
    if frame.empty:
        return ""
    opened, ax, window = _ground(result)
    places = result.package["places"].set_index("id")
    inside = [w for w in frame.itertuples() if all(_within(places.loc[p], window) for p in (w[2], w[3]))]
    top = max((w.t_per_day for w in inside), default=float(frame["t_per_day"].max()))
    for w in sorted(frame.itertuples(), key=lambda w: w.t_per_day):
        a, b = places.loc[w[2]], places.loc[w[3]]
        ax.plot(
            [a["lon"], b["lon"]], [a["lat"], b["lat"]], color=COLOURS[w.mode], alpha=0.75, solid_capstyle="round",
            lw=min(WIDEST_PT * float(np.sqrt(w.t_per_day / top)), 1.5 * WIDEST_PT),
            zorder=0.5 if w.mode in SEA_MODES else 2,
        )  # fmt: skip
    gates = result.tables["throughput"].groupby(["place", "name"], sort=False)["t_per_day"].sum()
    order = sorted(gates.items(), key=lambda g: (g[0][0] not in result.spec.own_ports, -g[1]))
    _names(ax, [(places.loc[p], reader.label(f"{n} {t / 1e3:.1f}")) for (p, n), t in order], window)
    marks = [
        Line2D([], [], color=c, lw=3, label=reader.label(m))
        for m, c in (("road", ROAD), ("rail", RAIL), ("sea, ferry", WATER))
    ]
    marks += [
        Line2D([], [], color=QUIET, lw=WIDEST_PT * float(np.sqrt(t / top)), label=reader.label(f"{t:,.0f} t a day"))
        for t in (1_000, 10_000, 50_000)
        if t <= top
    ]
    ax.legend(handles=marks, loc="lower left", fontsize=6.5, facecolor="white", edgecolor=QUIET, framealpha=0.92)
    fit(ax, window)
    return svg(opened, reader.label("Tonnes a day over every link"), tight=False)


def _within(place: object, window: Window) -> bool:
    west, south, east, north = window
    return bool(west < place["lon"] < east and south < place["lat"] < north)  # type: ignore[index]


def _names(ax: Axes, wanted: list[tuple[object, str]], window: Window, limit: int = 26) -> None:
    from matplotlib.patheffects import withStroke

    taken: list[tuple[float, float]] = []
    west, south, east, north = window
    for place, text in wanted:
        x, y = float(place["lon"]), float(place["lat"])  # type: ignore[index]
        if len(taken) == limit or not (west < x < east - 4 and south + 1 < y < north - 1):
            continue
        if any(abs(x - a) < 5 and abs(y - b) < 1.2 for a, b in taken):
            continue
        taken.append((x, y))
        halo = [withStroke(linewidth=1.8, foreground="white")]
        ax.plot(x, y, "o", ms=2.4, color=INK, zorder=5)
        # A name near the eastern edge runs to the west of its gate, else it would be cut.
        out = x > east - 0.34 * len(text)
        ax.annotate(
            text, (x, y), xytext=(-3 if out else 3, 2), textcoords="offset points", ha="right" if out else "left",
            fontsize=6, zorder=6, path_effects=halo,
        )  # fmt: skip


def gain_bars(result: StudyResult, reader: Reader) -> str:
    """Gain of each member under each scenario with its range, one panel of bars per scenario, million USD a year."""
    frame = result.tables["gains"]
    if frame.empty:
        return ""
    mine = frame[frame["member"]]
    scenarios = list(dict.fromkeys(mine["scenario"]))
    moved = mine.groupby("scenario")["gain_usd_m"].apply(lambda v: v.abs().max())
    scenarios = [s for s in scenarios if moved[s] >= 0.5][:10]
    if not scenarios:
        return ""
    titles = result.tables["scenarios"].set_index("scenario")["title"]
    members = list(dict.fromkeys(mine["name"]))
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    opened, _ = figure(1, 1)
    plt.close(opened)

    def tick(x: float) -> str:
        return reader.tongue.number(x, 0 if float(x).is_integer() else 1)

    columns = min(2, len(scenarios))
    deep = -(-len(scenarios) // columns)
    tall = 0.17 * max(len(members), 4) + 0.75
    opened, axes = plt.subplots(deep, columns, figsize=(4.5 * columns, tall * deep), squeeze=False)
    for ax, s in zip(axes.flat, [*scenarios, *[None] * (columns * deep - len(scenarios))], strict=True):
        if s is None:
            ax.axis("off")
            continue
        rows = mine[mine["scenario"] == s].set_index("name").reindex(members[::-1])
        v, low, high = (rows[c].to_numpy(dtype=float) for c in ("gain_usd_m", "low_usd_m", "high_usd_m"))
        ax.barh(range(len(v)), v, color=[GAIN if x > 0 else LOSS for x in v], height=0.66)
        ax.hlines(range(len(v)), low, high, color=INK, lw=0.9)
        ax.plot(np.concatenate([low, high]), [*range(len(v))] * 2, "|", color=INK, ms=4, mew=0.9)
        ax.set_yticks(range(len(v)), [reader.label(m) for m in members[::-1]], fontsize=6.5)
        ax.axvline(0, color=INK, lw=0.7)
        ax.set_title(reader.label(str(titles[s])), fontsize=7.5, loc="left")
        ax.tick_params(axis="x", labelsize=6.5)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: plain(tick(x))))
        ax.spines[["top", "right", "left"]].set_visible(False)
    opened.suptitle(reader.label(SCALES), x=0.01, ha="left", fontsize=7.5)
    opened.supxlabel(reader.label("million USD a year"), fontsize=7.5)
    opened.tight_layout()
    return svg(opened, reader.label("Gains of each member by scenario"))


def gain_map(result: StudyResult, scenario: str, reader: Reader) -> str:
    """Draw a circle for each economy on the map, its area the gain or loss under a scenario."""
    frame = result.tables["gains"]
    mine = frame[(frame["scenario"] == scenario) & (frame["gain_usd_m"].abs() >= 0.5)] if len(frame) else frame
    if mine.empty:
        return ""
    opened, ax, window = _ground(result)
    zones = result.package["economy_zones"].merge(
        result.package["places"][["id", "lat", "lon"]], left_on="place", right_on="id"
    )
    spot = {e: z.loc[z["weight"].idxmax()] for e, z in zones.groupby("economy")}
    top = float(mine["gain_usd_m"].abs().max())
    order = mine.reindex(mine["gain_usd_m"].abs().sort_values(ascending=False, kind="stable").index)
    taken: list[tuple[float, float]] = []
    for r in order.itertuples():
        at = spot[r.economy]
        # Of two names that would lie over each other the smaller gain has none; the table names them all.
        near = any(abs(at["lon"] - x) < 3.2 and abs(at["lat"] - y) < 1.2 for x, y in taken)
        if near or not _within(at, window):
            continue
        taken.append((float(at["lon"]), float(at["lat"])))
        colour = GAIN if r.gain_usd_m > 0 else LOSS
        size = 1400 * abs(r.gain_usd_m) / top
        ax.scatter([at["lon"]], [at["lat"]], s=size, color=colour, alpha=0.55, edgecolor="white", zorder=3)
        ax.annotate(
            f"{reader.label(short_name(r.name))}\n{reader.label(usd_m(r.gain_usd_m, signed=True))}",
            (at["lon"], at["lat"]), fontsize=6.5,
            ha="center", va="center", zorder=4,
        )  # fmt: skip
    fit(ax, window)
    return svg(opened, reader.label("Gains by economy on the map"), tight=False)
