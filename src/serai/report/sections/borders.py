"""Where an hour or a dollar matters, published averages, and days open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.data.names import country_names, place_names, short_name
from serai.report import charts
from serai.report.reader import ENGLISH
from serai.report.section import Section

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


def _worth(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    names = place_names(result.package)
    crossings, goods = result.package["crossings"], result.package["commodities"]
    return [
        {
            "trail": trail.to(
                f"{short_name(names[r['place']])}: its posts, and the value of time",
                [*crossings.loc[crossings["place"] == r["place"], "source"], *goods["source"]],
            ),
            "place": short_name(names[r["place"]]),
            "share": f"{r['share_of_pairs']:.0%}",
            "hour": f"{r['usd_per_t_for_an_hour_less']:.2f}",
            "dollar": f"{r['usd_per_t_for_10_usd_less']:.2f}",
        }
        for r in result.tables["worth_of_an_hour"].to_dict("records")[:12]
    ]


def _published(result: StudyResult, trail: Trail) -> list[dict[str, Any]]:
    countries = country_names(result.package)
    unit = {"TFI1": "hours a crossing, one side", "TFI2": "USD a crossing, one side"}
    crossings = result.package["crossings"]
    return [
        {
            "trail": trail.to(
                f"Posts of {countries[r['country']]}",
                crossings.loc[
                    crossings["exit_country"].where(crossings["side"] == "exit", crossings["entry_country"])
                    == r["country"],
                    "source",
                ],
            ),
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


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context:
    """Show what an hour and a dollar are worth at each border."""
    return {
        "worth": _worth(result, trail),
        "published": _published(result, trail),
        "availability_svg": charts.availability_chart(
            result.tables["availability"], place_names(result.package), reader
        ),
        "trail_status": trail.to("States of crossings since 2021", result.package["status"]["source"]),
    }


SECTION = Section("borders", "Where an hour or a dollar matters most", "Where an hour matters", build, pdf=True)
