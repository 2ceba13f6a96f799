"""What breaks the corridor, what that costs, and how many days a year it could be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.data.names import country_names, place_names, short_name
from serai.feasibility.rounding import shown
from serai.report.gains import usd_m
from serai.report.grids import context, grid, ground, number
from serai.report.language import language
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.study.decision import Undecided
from serai.study.resolve import SINCE

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.decision import Decision


def _object(result: StudyResult, kind: str, thing: str) -> str:
    """Name a crossing, a passage, a place or a country by its identifier."""
    package = result.package
    names = country_names(package) if kind == "country" else place_names(package)
    if kind == "passage":
        return str(language("en").words["passages"].get(thing, thing.title()))
    return short_name(names.get(thing, thing))


def _key(result: StudyResult, key: str) -> str:
    """Name what a key such as ``crossing:ID`` stands for."""
    kind, _, thing = key.partition(":")
    return _object(result, kind, thing)


def _days(middle: float, low: float, high: float) -> tuple[str, str]:
    """Write days a year and their range as the range supports them."""
    return shown(middle, low, high), f"{shown(low, low, high)} to {shown(high, low, high)}"


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Show losses while shut, expected losses, and days usable."""
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return None
    critical, expected, usable = (d.tables[f"decision_{t}"] for t in ("criticality", "closures", "usable_days"))
    regimes = result.package["closure_regimes"].set_index("id")

    def shut(regime: str) -> str:
        r = regimes.loc[regime]
        return ", ".join(_object(result, r["kind"], thing) for thing in str(r["object"]).split(";"))

    total = float(expected["expected_loss_usd_m"].sum()) if len(expected) else 0.0
    return context(
        ground(result, trail),
        [
            (
                f"Closures of the record cost the members about {usd_m(total)} million USD in a mean year, "
                f"each reason taken by "
                f"itself, with the ways otherwise as on {d.day_open.isoformat()}. Trade that has no other way "
                f"is lost, not delayed."
            ),
            "Losses and worths are middle figures, to two digits; only the days have a range.",
        ],
        [
            grid(
                "Loss while a crossing is shut, million USD a year",
                ("Crossing", "Members' loss"),
                [
                    [r.name, usd_m(r.loss_usd_m_per_year) if not r.reason else r.reason]
                    for r in critical.itertuples(index=False)
                ],
                "The busiest crossings of members in the base year; a minus says that others' way through a "
                "rival serves the members better.",
            ),
            grid(
                "Closures by reason",
                (
                    "What",
                    "Reason",
                    "Ground",
                    "Days shut a year",
                    "Range",
                    "Loss if shut a year",
                    "Expected loss a year",
                ),
                [
                    [
                        shut(r.regime),
                        r.regime,
                        r.basis,
                        *_days(r.shut_days_per_year, r.shut_days_per_year_low, r.shut_days_per_year_high),
                        usd_m(r.loss_usd_m_if_a_year),
                        usd_m(r.expected_loss_usd_m),
                    ]
                    for r in expected.itertuples(index=False)
                ],
                "Million USD.",
                words=3,
            ),
            _joint(result, d),
            _second_way(result, d),
            grid(
                f"Days usable a year since {SINCE}",
                ("Crossing", "Mode", "Days a year", "Closures on record", "Days shut"),
                [
                    [r.name, r.mode, number(r.open_days_per_year, 0), str(r.closures), number(r.shut_days, 0)]
                    for r in usable.itertuples(index=False)
                ],
                "By closures on record; a day without a record counts as open.",
                words=2,
            ),
        ],
    )


def _joint(result: StudyResult, d: Decision) -> dict[str, object]:
    joint = d.tables["decision_joint"]
    return grid(
        "Two shut at once, million USD a year",
        (
            "One",
            "The other",
            "Loss by both",
            "By the first alone",
            "By the second alone",
            "Beyond the two",
            "Days a year",
        ),
        [
            [
                _key(result, r.a),
                _key(result, r.b),
                usd_m(r.loss_both_usd_m) if not r.reason else r.reason,
                usd_m(r.loss_a_usd_m),
                usd_m(r.loss_b_usd_m),
                usd_m(r.beyond_their_parts_usd_m),
                number(r.days_both_shut_per_year, 2),
            ]
            for r in joint.itertuples(index=False)
        ],
        "The worst first. Beyond the two: above zero where each stands in for the other; below where they lie on one "
        "way. Days: both by chance on one day; reasons they share come on top.",
        words=2,
    )


def _second_way(result: StudyResult, d: Decision) -> dict[str, object]:
    second = d.tables["decision_second_way"]
    return grid(
        f"{d.stage.name} and {d.main.name} as a second way, million USD a year",
        ("Shut", "Days shut a year", "Worth on an open day's year", "Worth while it is shut", "Worth of standing in"),
        [
            [
                _key(result, r.shut),
                number(r.days_shut_per_year),
                usd_m(r.worth_on_open_days_usd_m),
                usd_m(r.worth_while_shut_usd_m) if not r.reason else r.reason,
                usd_m(r.worth_of_standing_in_usd_m),
            ]
            for r in second.itertuples(index=False)
        ],
        "To the members, before any cost. Standing in: what it is worth more on shut days than on open ones, in a mean "
        "year; below zero where it needs what is shut. It is not counted again in the net present value.",
    )


SECTION = Section("resilience", "What breaks it", "Closures", build)
