"""The scorecard: each criterion, its figure, its verdict, and what would have to be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.feasibility.rounding import shown
from serai.feasibility.scorecard import YEARLY, tally
from serai.report.grids import BLANK, context, grid, ground, percent
from serai.report.language import MINUS
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.project import NEVER
from serai.study.decision import Undecided

if TYPE_CHECKING:
    from serai.feasibility.scorecard import ScoreRow
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult


NOTHING_BACK = -1.0
"""Rate of return that the study writes where nothing ever comes back."""


def _row(r: ScoreRow) -> list[str]:
    known = r.value == r.value
    times, sign = (100.0, "%") if r.unit == YEARLY else (1.0, "")
    value, low, high = (times * x for x in (r.value, r.low, r.high))
    figure = f"{shown(value, low, high)}{sign}".replace("-", MINUS) if known else BLANK
    between = f"{shown(low, low, high)}{sign} to {shown(high, low, high)}{sign}".replace("-", MINUS) if known else BLANK
    if known and r.unit == YEARLY and r.value <= NOTHING_BACK:
        figure = between = NEVER
        if r.high > NOTHING_BACK:
            between = f"none at all to {percent(r.high)}"
    return [
        r.title,
        r.verdict,
        r.would_have_to,
        figure,
        between,
        {"1": "", YEARLY: "a year"}.get(r.unit, r.unit),
        percent(r.evidence_share),
    ]


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Hold each figure against its threshold."""
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return None
    count = ", ".join(f"{n} {v}" for v, n in tally(d.score, "computed").items())
    return context(
        ground(result, trail),
        [
            (
                f"Of {len(d.score)} criteria: {count}. The thresholds are rows of the package; lay your own "
                f"over them with --with. "
                "What rests mainly on assumed figures, or changes its side inside them, is not established, "
                "however good it looks; "
                "here all that was drawn counts as assumed. What no model computes stands apart, below."
            )
        ],
        [
            grid(
                "Criteria",
                ("Criterion", "Verdict", "What would have to be true", "Figure", "Range", "Unit", "Evidence"),
                [_row(r) for r in d.score],
                "Evidence: share of the figures behind it that is reported or derived.",
                words=3,
            )
        ],
    )


SECTION = Section("scorecard", "Scorecard", "Scorecard", build, pdf=True)
