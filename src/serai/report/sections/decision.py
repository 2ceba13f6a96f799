"""The decision first: what each costs and is worth, what would turn it, and what moves it most."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from serai.data.package import USER_ORIGIN
from serai.data.projects import project_terms
from serai.data.read import ORIGIN, PACKAGE_ORIGIN
from serai.feasibility.rounding import shown
from serai.report.gains import usd_m
from serai.report.grids import CHOICES, choice_rows, context, grid, ground, millions, number, percent
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.judgement import on_the_decision
from serai.report.sections.project import gains_by_region
from serai.study.decision import Undecided

if TYPE_CHECKING:
    from serai.data.package import Package
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult
    from serai.study.decision import Decision


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Say what to decide, in what order, and on what ground."""
    d = result.decision
    if d is None:
        return None
    if isinstance(d, Undecided):
        return context(ground(result, trail), [f"Not established: {d.reason}"], [])
    which = (
        "Which figure is which: the net present value is given at the most likely figures, its range is the 10th to "
        "the 90th percentile of the draws, and the table below gives the mean over the draws. All are rounded as that "
        "range allows."
    )
    said = [*lines(result.package, d), *on_the_decision(result.judgement), which]
    return context(ground(result, trail), said, [_choices(d), _evidence_of_own(result)])


def lines(package: Package, d: Decision) -> list[str]:
    """Sentences of the decision, the most important first."""
    best, npv = d.choices[0], d.npv
    spread = (npv.percentiles[10.0], npv.percentiles[90.0])
    verdict = (
        f"On these figures the best decision is: {CHOICES[best.name].lower()}."
        if d.established
        else f"Not established: {d.why_not}. What the figures say so far: {CHOICES[best.name].lower()}."
    )
    return [
        verdict,
        (
            f"{d.stage.name} and {d.main.name} together: net present value {millions(d.npv_all_usd, *spread)} "
            f"million USD at "
            f"{percent(d.appraisals[0].rate)} ({millions(spread[0], *spread)} to {millions(spread[1], *spread)} "
            f"in eight of ten "
            f"draws); chance that it is above zero {percent(npv.p_positive)}."
        ),
        *_demand(package, d),
        _days(d),
        f"What moves the result most is: {d.moves_most} ({percent(min(d.moves_share, 1.0))} of its variance).",
    ]


def _demand(package: Package, d: Decision) -> list[str]:
    _, *world = gains_by_region(package, d)[-1]
    text = [
        (
            f"Traffic first, without any belief about new trade: with all borders as on {d.day_open.isoformat()} the "
            f"equilibrium sends {number(d.tonnes[1] / 1e6)} Mt a year over {d.main.name}, "
            f"{number(d.tonnes[0] / 1e6)} over "
            f"{d.stage.name}; both bring the world {millions(*world)} million USD a year. With the borders as on "
            f"the day of this "
            f"study they bring the members {usd_m(d.today_usd / 1e6)} million."
        ),
        (
            "The model diverts and grows what is traded today; it cannot start pairs that do not trade. What promoters "
            "expect beyond it is a belief about new trade, and is not counted here."
        ),
    ]
    claim = project_terms(package, d.main.project).figures.get("capacity_opening")
    bcr = float(d.appraisals[0].bcr[0])
    if claim is not None:
        text.append(
            f"The capacity announced for its opening is {number(claim.mode / 1e6)} Mt a year ({claim.basis}); "
            f"capacity is no traffic."
        )
    if math.isfinite(bcr):
        text.append(
            f"It returns {number(bcr, 2)} of each dollar; at the same gain a tonne it would need "
            f"{number(1 / bcr, 0 if bcr < 0.1 else 1)} times the gain to pay."
            if bcr > 0
            else "The members together lose by it, so no multiple of its traffic would pay."
        )
    return text


def _days(d: Decision) -> str:
    now, low, high = (shown(x, *d.open_days[1:]) for x in d.open_days)
    have = f"{now} days a year ({low} to {high}) by the record of closures"
    if math.isnan(d.open_days_needed):
        side = "pays even if shut all year" if d.npv_all_usd > 0 else "does not pay even if open every day"
        return f"The way is open {have}. It {side}; days of opening do not turn the decision."
    return f"It pays from {shown(d.open_days_needed, *d.open_days[1:])} open days a year; it has {have}."


def _choices(d: Decision) -> dict[str, object]:
    return grid(
        "Four decisions, best first",
        (
            "Decision",
            "Go on if",
            "Committed now",
            "Worth, mean",
            "Eight of ten draws",
            "Chance of a loss",
            "Waiting loses",
        ),
        choice_rows(d),
        f"Present value, million USD, at {percent(d.appraisals[0].rate)}. Stage one is {d.stage.name}; the "
        f"signal to go on is "
        f"the number of days the way is open, known after {number(d.spec.wait_years, 0)} years. Studies cost "
        f"{number(d.spec.study_cost_usd_m, 0)} million. {d.npv.n} draws, {d.npv.failed} without an answer; "
        f"gains are those of "
        "the members, losses included.",
        words=2,
    )


def _evidence_of_own(result: StudyResult) -> dict[str, object]:
    """Figures of the user's own that this decision rests on."""
    rows = []
    for table, frame in result.package.tables.items():
        if ORIGIN in frame and table != "sources":
            key = frame.columns[0]
            rows += [
                [table, str(i), str(o)]
                for i, o in zip(frame[key], frame[ORIGIN], strict=True)
                if o not in {PACKAGE_ORIGIN, USER_ORIGIN}
            ]
    note = "A row is yours where any figure of it is; these figures have not been checked by anybody but you."
    return grid("Your own figures among them", ("Table", "Row", "From"), rows, note, words=3)


SECTION = Section("decision", "The decision", "Decision", build, pdf=True)
