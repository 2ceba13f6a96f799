"""The summary of a study in the reader's language: what stands out, what decides, one table, limits and boundaries.

The same data feed the page and the PDF; numbers are isolated (:meth:`serai.report.language.Language.ltr`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.units import HOURS_PER_DAY
from serai.data.names import short_name
from serai.report.grids import ground
from serai.report.language import Language, language
from serai.report.linked import Linked
from serai.report.maps import map_note
from serai.report.minister import sentences
from serai.report.reader import BODIES, page_file
from serai.report.section import Trail, arc_sources, trail_of_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.report.section import Context
    from serai.study import StudyResult
    from serai.study.gateways import Gap

NEAR = 0.15
NAMED = 5
"""Most places named in one sentence of the opening."""


def _standing(tongue: Language, gaps: Sequence[Gap]) -> str:
    """Say how often the own ports win, and what separates them from the best other way in the middle pair."""
    both = [(g, g.own, g.rival) for g in gaps if g.own and g.rival]
    if not both:
        return tongue.say("none_open", of_pairs=tongue.say("of_pairs", n=len(gaps)))
    usd = round(float(np.median([own.cost_usd_per_t - rival.cost_usd_per_t for _, own, rival in both])))
    days = round(float(np.median([own.time_h - rival.time_h for _, own, rival in both])) / HOURS_PER_DAY)
    text = tongue.say(
        "standing",
        wins=tongue.number(sum(g.usd_per_t < 0 for g, _, _ in both)),
        of_pairs=tongue.say("of_pairs", n=len(gaps)),
        price=tongue.say("price_more" if usd > 0 else "price_less", usd=tongue.number(abs(usd))),
        time=tongue.say("time_more" if days > 0 else "time_less", n=abs(days)),
    )
    shut = len(gaps) - len(both)
    return text + (tongue.say("and_shut", in_pairs=tongue.say("in_pairs", n=shut)) if shut else "")


def _unconfirmed(result: StudyResult) -> list[str]:
    """List borders of members, and passages, whose state is unknown and was not open."""
    members = set(result.package["countries"].loc[result.package["countries"]["member"], "iso3"])
    places = result.package["places"].set_index("id")
    found = [
        s.object
        for s in result.statuses
        if s.contested
        and (s.kind == "passage" or {places.loc[s.object, "country"], places.loc[s.object, "country_b"]} & members)
    ]
    return list(dict.fromkeys(found))


def _lines(result: StudyResult, tongue: Language, trail: Trail) -> list[dict[str, str]]:
    spec, names = result.spec, tongue.names(result.package, "places")
    commodity = spec.commodities[0]
    goods = tongue.names(result.package, "commodities")[commodity]
    known, opened = (_main(gaps, commodity) for gaps in (result.gaps, result.gaps_if_open))
    pairs = trail_of_pairs(result, trail)
    looked = tongue.say(
        "looked_at",
        ports=tongue.list(short_name(names[p]) for p in spec.own_ports),
        commodity=goods,
        origins=tongue.say("origins", n=len(spec.origins)),
        markets=tongue.say("markets", n=len(spec.markets)),
    )
    lines = [
        *({"text": text, "trail": ground(result, trail)} for text in sentences(result, tongue)),
        {"text": looked, "trail": ""},
        {"text": tongue.say("as_last_known", words=_standing(tongue, known)), "trail": pairs},
        {"text": tongue.say("if_open", words=_standing(tongue, opened)), "trail": pairs},
    ]
    if unknown := _unconfirmed(result):
        stated = trail.to("States that nobody confirmed", (s.source for s in result.statuses if s.object in unknown))
        lines.append({"text": _told_unconfirmed(result, tongue, unknown), "trail": stated})
    return lines


def _told_unconfirmed(result: StudyResult, tongue: Language, unknown: Sequence[str]) -> str:
    """Count what nobody confirmed, and name the busiest where they are many; the section on what is open has all."""
    names, passages = tongue.names(result.package, "places"), tongue.words.get("passages", {})
    told = [short_name(names.get(x, passages.get(x, x.title()))) for x in _busiest_first(result, unknown)]
    day = tongue.ltr(result.as_of.isoformat())
    if len(told) <= NAMED:
        return Linked(tongue.say("unconfirmed", day=day, places=tongue.list(told)), "status", tongue)
    text = tongue.say(
        "opening_unconfirmed",
        day=day,
        places=tongue.list(told[:NAMED]),
        count=tongue.number(len(told)),
        more=tongue.number(len(told) - NAMED),
    )
    return Linked(text, "status", tongue)


def _busiest_first(result: StudyResult, unknown: Sequence[str]) -> list[str]:
    """Put the busiest of the base year first; what has no traffic of its own keeps its order, last."""
    if "throughput" not in result.tables:
        return list(unknown)
    busy = result.tables["throughput"].groupby("place")["t_per_day_base"].sum()
    return sorted(unknown, key=lambda x: -float(busy.get(x, 0.0)))


def _main(gaps: Sequence[Gap], commodity: str) -> list[Gap]:
    return [g for g in gaps if g.commodity == commodity]


def _middle(gaps: Sequence[Gap]) -> float:
    found = [g.usd_per_t for g in gaps if g.own and g.rival]
    return float(np.median(found)) if found else float("nan")


def _decides(result: StudyResult, tongue: Language, trail: Trail) -> list[dict[str, str]]:
    commodity = result.spec.commodities[0]
    names = tongue.names(result.package, "places")
    if _unconfirmed(result):
        text = tongue.say(
            "decides_open",
            before=tongue.number(_middle(_main(result.gaps, commodity)), signed=True),
            after=tongue.number(_middle(_main(result.gaps_if_open, commodity)), signed=True),
        )
    else:
        text = tongue.say("decides_none")
    out = [{"text": text, "trail": trail_of_pairs(result, trail)}]
    worth = result.tables["worth_of_an_hour"].to_dict("records")
    if worth:
        first = worth[0]
        crossings = result.package["crossings"]
        english = {k: short_name(v) for k, v in language("en").names(result.package, "places").items()}
        text = tongue.say(
            "decides_hour",
            place=short_name(names[first["place"]]),
            share=tongue.percent(first["share_of_pairs"]),
            usd=tongue.number(first["usd_per_t_for_an_hour_less"], 2),
        )
        mine = [
            *crossings.loc[crossings["place"] == first["place"], "source"],
            *result.package["commodities"]["source"],
        ]
        out.append(
            {"text": text, "trail": trail.to(f"{english[first['place']]}: its posts, and the value of time", mine)}
        )
    return out


def _table(result: StudyResult, tongue: Language, trail: Trail) -> dict[str, Any]:
    """Gap of every origin and market of the first commodity, as last known."""
    names = {k: short_name(v) for k, v in tongue.names(result.package, "places").items()}
    english = {k: short_name(v) for k, v in language("en").names(result.package, "places").items()}
    cells = {(g.origin, g.market): g for g in _main(result.gaps, result.spec.commodities[0])}
    rows = []
    for origin in result.spec.origins:
        row = []
        for market in result.spec.markets:
            g = cells.get((origin, market))
            if g is None or g.own is None or g.rival is None:
                row.append({"text": tongue.say("no_way") if g else "", "kind": "shut", "trail": ""})
                continue
            near = g.usd_per_t < NEAR * g.rival.generalized_usd_per_t
            anchor = trail.to(
                f"{english[origin]} to {english[market]}, both ways",
                arc_sources(result.network, g.own.arcs, g.rival.arcs),
            )
            kind = "win" if g.usd_per_t < 0 else "near" if near else "far"
            row.append({"text": tongue.number(g.usd_per_t, signed=True), "kind": kind, "trail": anchor})
        rows.append({"origin": names[origin], "cells": row})
    return {"markets": [names[m] for m in result.spec.markets], "rows": rows}


def _limits(result: StudyResult, tongue: Language, trail: Trail) -> list[dict[str, str]]:
    counts = result.tables["evidence"][["reported", "derived", "assumed"]].sum()
    v = result.validation
    every = trail.to("Every figure of the network", result.network.costs.figures.source)
    counted = tongue.say(
        "ground",
        total=tongue.number(int(counts.sum())),
        reported=tongue.number(int(counts["reported"])),
        derived=tongue.number(int(counts["derived"])),
        assumed=tongue.number(int(counts["assumed"])),
    )
    lines = [{"text": tongue.say("limit"), "trail": ""}, {"text": counted, "trail": every}]
    if v.n_time:
        error = tongue.percent(v.median_abs_error.value)
        lines.append({"text": tongue.say("validation", n=v.n_time, error=error), "trail": every})
    return lines


def headline(result: StudyResult) -> list[str]:
    """Say in English what stands out, one sentence or two a line: the lines that head the report."""
    return [line["text"] for line in _lines(result, language("en"), Trail())]


def state_line(result: StudyResult, tongue: Language) -> str:
    """Say of which day the study is, on what package, and whose figures are laid over it."""
    meta = result.package.meta
    state = tongue.say(
        "state_of",
        day=tongue.ltr(result.as_of.isoformat()),
        package=meta.name,
        version=tongue.ltr(meta.version),
        digest=tongue.ltr(meta.digest[:12]),
        year=tongue.ltr(str(meta.price_year)),
    )
    if meta.overlays:
        state += " " + tongue.say("own_figures", files=tongue.list(meta.overlays))
    return state


def summary(result: StudyResult, code: str, trail: Trail) -> Context:
    """Return the summary in a language as plain data.

    Parameters
    ----------
    result
        The study.
    code
        One of :data:`serai.report.language.LANGUAGES`.
    trail
        Collects the sources behind each statement; an empty anchor stands where there is no number.
    """
    tongue = language(code)
    own = result.spec.in_language(code)
    words = ("summary", "decides", "table_title", "table_note", "from", "limits", "boundaries", "cite", "unchecked")
    return {
        "code": code,
        "name": tongue.say("name"),
        "direction": tongue.direction,
        "title": own.title,
        "lead": own.summary,
        "state": state_line(result, tongue),
        "lines": _lines(result, tongue, trail),
        "decides_lines": _decides(result, tongue, trail),
        "table": _table(result, tongue, trail),
        "limits_lines": _limits(result, tongue, trail),
        "boundary": map_note(result, tongue, links=True),
        "words": {w: tongue.say(w) for w in (*words, "details", "whole", "sources", "map_caption", "map_title")},
        "file": page_file(code) if code in BODIES else "",
    }
