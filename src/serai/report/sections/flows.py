"""Who takes which way: ports and crossings against capacity and counts, gateways of landlocked members, a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.data.names import country_names, place_names, short_name
from serai.report.console import rounded
from serai.report.flow_charts import flow_map
from serai.report.gains import usd_m
from serai.report.grids import tiny
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.traded import boundaries, trade_trail

if TYPE_CHECKING:
    import pandas as pd

    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult

SHOWN = 30
LEAST_T_PER_DAY = 5.0
UNITS = {"t_per_year": "t a year", "teu_per_year": "TEU a year", "vehicles_per_day": "trucks a day", "share": "share"}
BOTH = "both ways"
WAYS = {"in": "from sea", "out": "to sea"}
SIDES = {"both": BOTH}


def _figure(value: float) -> str:
    return "" if not np.isfinite(value) else rounded(value)


def _side(text: str) -> str:
    return SIDES.get(text, text)


def _way(result: StudyResult, text: str) -> str:
    if ">" not in text:
        return WAYS.get(text, text)
    names = country_names(result.package)
    a, b = text.split(">")
    return f"{names[a]} to {names[b]}"


def _mine(result: StudyResult) -> pd.DataFrame:
    """Rows of the corridor and its rivals: crossings that touch a member, ports the study names."""
    member = set(result.package["countries"].query("member")["iso3"])
    frame = result.tables["throughput"]
    named = {*result.spec.own_ports, *result.spec.rival_ports}
    touch = [(p in named) if k == "port" else bool(set(w.split(">")) & member)
             for k, p, w in zip(frame["kind"], frame["place"], frame["direction"], strict=True)]  # fmt: skip
    return frame[np.array(touch, dtype=bool)]


def _through(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    frame = _mine(result)
    own = frame["place"].isin(result.spec.own_ports)
    chosen = frame[own | (frame["t_per_day"].rank(ascending=False) <= SHOWN)]
    rows = []
    for r in chosen.to_dict("records"):
        table = result.package["crossings" if r["kind"] == "crossing" else "ports"]
        sources = [*table.loc[table["place"] == r["place"], "source"], *result.package["economies"]["source"]]
        published, now = r["published_capacity_per_day"], r["capacity_per_day"]
        rows.append(
            {
                "name": f"{r['name']} ({r['mode']}, {_way(result, r['direction'])})",
                "trail": trail.to(f"{r['name']}: capacity, hours and the trade that passes", sources),
                "t": _figure(r["t_per_day"]), "base": _figure(r["t_per_day_base"]), "teu": _figure(r["teu_per_day"]),
                "published": _figure(published),
                "capacity": _figure(now) if np.isfinite(now) and now > 1.001 * published else "",
                "unit": r["capacity_unit"].removesuffix("/day"),
                "use": f"{100 * r['use_of_capacity']:.0f}%" if np.isfinite(r["use_of_capacity"]) else "",
                "queue": f"{r['queue_h']:.0f}" if np.isfinite(r["queue_h"]) else "",
                "time": f"{r['time_h']:.0f}" if np.isfinite(r["time_h"]) else "",
            }
        )  # fmt: skip
    return rows


def _observed(result: StudyResult) -> list[dict[str, Any]]:
    def shown(metric: str, x: float) -> str:
        return "\u2013" if not np.isfinite(x) else f"{100 * x:.0f}%" if metric == "share" else rounded(x)

    rows = []
    economies = {**country_names(result.package), **dict(result.package["economies"].set_index("id")["name"])}
    names = {**economies, **_links(result)}
    for r in result.tables["observed_throughput"].to_dict("records"):
        where = f" of {economies[r['economy']]}" if r["economy"] else ""
        rows.append(
            {
                "name": ", ".join(names.get(x, x) for x in r["name"].split(", ")) + where,
                "what": ", ".join(x for x in (r["kind"].replace("_", " "), r["mode"], _side(r["direction"])) if x),
                "unit": UNITS[r["metric"]], "year": f"{r['year']:.0f}", "use": r["use"],
                "observed": shown(r["metric"], r["observed"]), "modelled": shown(r["metric"], r["modelled"]),
                "why": r["why_not"], "sources": r["source"].split(";"),
            }
        )  # fmt: skip
    return rows


def _links(result: StudyResult) -> dict[str, str]:
    names = {k: short_name(name) for k, name in place_names(result.package).items()}
    rows = result.package["links"][["id", "from", "to"]].itertuples(index=False, name=None)
    return {link: f"{names[a]} to {names[b]}" for link, a, b in rows}


def _beside(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    """Ports and main crossings beside their published totals, background apart."""
    anchor = trail.to("Background traffic and trade", [*result.package["background"]["source"]])
    return [
        {
            "name": f"{r['name']} ({r['mode'] or r['kind']}, {_side(r['direction'])})",
            "unit": UNITS[r["metric"]], "year": f"{r['year']:.0f}", "use": r["use"], "trail": anchor,
            "modelled": rounded(r["modelled"]), "background": rounded(r["background"]) if r["background"] else "",
            "total": rounded(r["modelled"] + r["background"]), "published": rounded(r["published"]),
            "sources": r["source"].split(";"),
        }
        for r in result.tables["beside_published"].to_dict("records")
    ]  # fmt: skip


def _errors(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    anchor = trail.to("Observed throughputs", result.package["throughputs"]["source"])
    return [
        {
            "use": r["use"], "unit": UNITS[r["metric"]], "trail": anchor, "rows": f"{r['rows']:.0f}",
            "zero": f"{r['without_flow']:.0f}",
            "factor": f"{r['median_factor']:.1f}" if np.isfinite(r["median_factor"]) and r["metric"] != "share" else "",
            "r2": f"{r['r2_of_logs']:.2f}".replace("-", "\u2212") if np.isfinite(r["r2_of_logs"]) else "",
            "share": f"{100 * r['mean_abs_share']:.0f} points" if np.isfinite(r["mean_abs_share"]) else "",
        }
        for r in result.tables["observed_errors"].to_dict("records")
    ]  # fmt: skip


def _gateways(result: StudyResult, anchor: str) -> list[dict[str, Any]]:
    names = country_names(result.package)
    out = []
    for economy, mine in result.tables["gateway_shares"].groupby("economy", sort=False):
        parts = [f"{r.name} {100 * r.share_of_trade:.1f}%" for r in
                 mine[["name", "share_of_trade"]].head(6).itertuples(index=False, name="R")]  # fmt: skip
        out.append({"economy": names[str(economy)], "gateways": ", ".join(parts), "trail": anchor})
    return out


def _traffic(result: StudyResult, anchor: str) -> list[dict[str, Any]]:
    frame = result.tables["gate_traffic"]
    goods = result.package["commodities"].set_index("id")["name"]
    rows: list[dict[str, Any]] = []
    for (name, mode, way), mine in frame.groupby(["name", "mode", "direction"], sort=False):
        total = float(mine["t_per_day"].sum())
        top = mine.sort_values("t_per_day", ascending=False, kind="stable").head(3)
        what = "; ".join(
            f"{goods[r.commodity]} (SITC {str(r.sitc).replace(';', ', ')}) {100 * r.t_per_day / total:.0f}%"
            for r in top.itertuples()
        )
        rows.append({"gate": f"{name} ({mode})", "way": _way(result, str(way)), "total": total, "what": what})
    rows = sorted((r for r in rows if r["total"] >= LEAST_T_PER_DAY), key=lambda r: -r["total"])
    ports = {short_name(n) for n in result.package["places"].set_index("id")["name"].reindex(result.spec.own_ports)}
    kept = [r for i, r in enumerate(rows) if i < SHOWN or r["gate"].rpartition(" (")[0] in ports]
    return [{**r, "total": rounded(r["total"]), "trail": anchor} for r in kept]


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show flows at gates beside capacity and counts, and what an hour or a tenth more capacity is worth."""
    if "throughput" not in result.tables:
        return None
    c = result.tables["certificate"].iloc[0]
    anchor = trade_trail(result, trail)
    worth = result.tables["worth_of_capacity"].head(15).to_dict("records")
    boxes = result.package["parameters"].set_index("id").loc["empties_per_laden"]
    return {
        "day": result.as_of.isoformat(), "trail_trade": anchor,
        "boundaries": boundaries(result, reader.tongue, links=True),
        "base_date": c["base_date"], "residual": tiny(c["residual"]),
        "base_residual": tiny(c["base_residual"]), "stretched": int(c["stretched"]),
        "stranded": f"{c['stranded_t_per_year'] / 1e6:.1f}", "map_svg": flow_map(result, reader),
        "empties": f"{boxes['value']:g}", "trail_empties": trail.to("Empty boxes", [boxes["source"]]),
        "through": _through(result, trail), "observed": _observed(result),
        "beside": _beside(result, trail), "errors": _errors(result, trail),
        "gateways": _gateways(result, anchor), "traffic": _traffic(result, anchor),
        "worth": [
            {"name": w["name"], "trail": anchor, "hour": usd_m(w["members_usd_m_hour_less"], signed=True),
             "hour_world": usd_m(w["world_usd_m_hour_less"], signed=True), "saves": f"{w['tenth_more_saves_h']:.1f}",
             "tenth": usd_m(w["members_usd_m_tenth_more"], signed=True),
             "tenth_world": usd_m(w["world_usd_m_tenth_more"], signed=True)}
            for w in worth
        ],
    }  # fmt: skip


SECTION = Section("flows", "Who takes which way", "Flows", build, pdf=True)
