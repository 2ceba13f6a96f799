"""Each criterion: pass, conditional, fail or not established, and what would have to be true for it to pass.

The thresholds are rows of the package, open to anybody's overlay. What rests mainly on assumed figures, or changes
its side somewhere inside what was assumed, is not established, however good it looks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from serai.core.errors import InputError
from serai.feasibility.rounding import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.data.package import Package
    from serai.feasibility.judgement import Judged

Verdict = Literal["pass", "conditional", "fail", "not established"]
Reason = Literal["holds", "low end", "short", "assumed", "flips", "no value", "apart"]
JUDGED: Final = "score 0-10"
YEARLY: Final = "share a year"
"""Unit of a rate, which people read in per cent."""
"""Unit of the criteria that experts judge; every other criterion is computed."""
LEAST_EVIDENCE: Final = 0.5
"""Share of a figure that must rest on reported or derived figures."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a criterion passes; values in `unit`.

    Attributes
    ----------
    criterion, title, unit
        Identifier, what is measured, and its unit.
    direction
        Whether more is better ("above") or less ("below").
    pass_at, conditional_at
        From which value it passes, and from which conditionally.
    neutral
        Value at which the answer changes its sense: no gain, no difference.
    """

    criterion: str
    title: str
    unit: str
    direction: Literal["above", "below"]
    pass_at: float
    conditional_at: float
    neutral: float

    def meets(self, value: float, at: float) -> bool:
        """Whether a value reaches a threshold."""
        return value >= at if self.direction == "above" else value <= at

    def worse(self, low: float, high: float) -> float:
        """Return the less favourable end of a range."""
        return low if self.direction == "above" else high


@dataclass(frozen=True, slots=True)
class Cell:
    """A computed figure to be scored.

    Attributes
    ----------
    criterion
        Which threshold it is held against.
    value, low, high
        The figure and its range (10th and 90th percentile); NaN where there is none.
    evidence_share
        Share that rests on reported or derived figures, 0 to 1.
    assumed_low, assumed_high
        Its range when only assumed figures move.
    refs
        Where the figure stands, and its sources.
    """

    criterion: str
    value: float
    low: float
    high: float
    evidence_share: float
    assumed_low: float
    assumed_high: float
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One row of the scorecard.

    Attributes
    ----------
    criterion, title, unit
        What is scored.
    value, low, high
        The figure and its range.
    verdict, reason
        The verdict and, in a word, what it turns on.
    would_have_to
        What would have to be true for it to pass, or to stay passed.
    evidence_share
        Share that rests on reported or derived figures; NaN for what experts judged.
    kind
        Computed by the model or judged by experts; the two are never added up together.
    refs
        Where the figure stands, and its sources.
    """

    criterion: str
    title: str
    unit: str
    value: float
    low: float
    high: float
    verdict: Verdict
    reason: Reason
    would_have_to: str
    evidence_share: float
    kind: Literal["computed", "judged"]
    refs: tuple[str, ...]


def thresholds(package: Package) -> dict[str, Threshold]:
    """Thresholds of a package by criterion."""
    return {
        str(row["criterion"]): Threshold(
            criterion=str(row["criterion"]),
            title=str(row["title"]),
            unit=str(row["unit"]),
            direction=row["direction"],
            pass_at=float(row["pass"]),
            conditional_at=float(row["conditional"]),
            neutral=float(row["neutral"]),
        )
        for row in package["thresholds"].to_dict("records")
    }


def check_threshold(threshold: Threshold) -> None:
    """Raise InputError where passing is easier than passing conditionally."""
    if not threshold.meets(threshold.pass_at, threshold.conditional_at):
        raise InputError(
            f"The threshold {threshold.criterion} passes before it passes conditionally",
            "Put the conditional value on the lenient side.",
        )


def _judge(threshold: Threshold, value: float, worse: float) -> tuple[Verdict, Reason]:
    if not threshold.meets(value, threshold.conditional_at):
        return "fail", "short"
    if not threshold.meets(value, threshold.pass_at):
        return "conditional", "short"
    if not threshold.meets(worse, threshold.conditional_at):
        return "conditional", "low end"
    return "pass", "holds"


def _amount(value: float, threshold: Threshold, low: float, high: float) -> str:
    times = _times(threshold)
    return _with_unit(shown(times * value, times * low, times * high), threshold)


def _limit(value: float, threshold: Threshold) -> str:
    return _with_unit(f"{_times(threshold) * value:,g}", threshold)


def _times(threshold: Threshold) -> float:
    return 100.0 if threshold.unit == YEARLY else 1.0


def _with_unit(figure: str, threshold: Threshold) -> str:
    """Write a figure with its unit as people say it; a plain ratio has none."""
    said = {"1": "{}", YEARLY: "{}% a year", JUDGED: "{} of 10"}
    return said.get(threshold.unit, "{} " + threshold.unit).format(figure)


def _condition(threshold: Threshold, reason: Reason, value: float, low: float, high: float, evidence: float) -> str:
    side = "at least" if threshold.direction == "above" else "at most"
    goal = f"{side} {_limit(threshold.pass_at, threshold)}"
    now = _amount(value, threshold, low, high)
    texts: dict[Reason, str] = {
        "holds": f"It stays {side} {_limit(threshold.conditional_at, threshold)} even at the worse end of its range.",
        "low end": f"The worse end of its range, {_amount(threshold.worse(low, high), threshold, low, high)}, "
        f"is {side} {_limit(threshold.conditional_at, threshold)}.",
        "short": f"It is {goal} instead of {now}.",
        "assumed": f"At least half of it rests on reported figures instead of {100 * max(evidence, 0):.0f}%; "
        f"and it is {goal}.",
        "flips": f"The assumed figures are known well enough to keep it on one side of "
        f"{_limit(threshold.neutral, threshold)}; and it is {goal}.",
        "no value": f"It has a value at all, and it is {goal}.",
        "apart": f"The experts' ranges meet; and it is {goal}.",
    }
    return texts[reason]


def score(threshold: Threshold, cell: Cell) -> ScoreRow:
    """Score a computed figure.

    A figure without a value, one of which less than half rests on evidence, and one whose sense changes inside what
    was assumed are not established. Else it passes if it reaches the pass value and the worse end of its range the
    conditional value, passes conditionally if it reaches the conditional value, and fails otherwise.

    Raises
    ------
    InputError
        When the cell belongs to another criterion, or a range is out of order.
    """
    check_threshold(threshold)
    if cell.criterion != threshold.criterion:
        raise InputError(f"{cell.criterion} is held against {threshold.criterion}", "Use its own threshold.")
    known = all(math.isfinite(x) for x in (cell.value, cell.low, cell.high))
    if known and not cell.low <= cell.value <= cell.high:
        raise InputError(f"The range of {cell.criterion} is out of order", "Give low <= value <= high.")
    verdict: Verdict = "not established"
    reason: Reason
    if not known:
        reason = "no value"
    elif not cell.evidence_share >= LEAST_EVIDENCE:
        reason = "assumed"
    elif not _one_side(threshold.neutral, cell.assumed_low, cell.assumed_high):
        reason = "flips"
    else:
        verdict, reason = _judge(threshold, cell.value, threshold.worse(cell.low, cell.high))
    text = _condition(threshold, reason, cell.value, cell.low, cell.high, cell.evidence_share)
    return _row(threshold, (cell.value, cell.low, cell.high), (verdict, reason), text, cell.evidence_share, cell.refs)


def _one_side(neutral: float, low: float, high: float) -> bool:
    """Whether a range keeps to one side of a value; a range that is not known does not."""
    return low >= neutral or high <= neutral


def _row(
    threshold: Threshold,
    figure: tuple[float, float, float],
    outcome: tuple[Verdict, Reason],
    text: str,
    evidence: float,
    refs: tuple[str, ...],
    kind: Literal["computed", "judged"] = "computed",
) -> ScoreRow:
    return ScoreRow(threshold.criterion, threshold.title, threshold.unit, *figure, *outcome, text, evidence, kind, refs)


def unasked(threshold: Threshold) -> ScoreRow:
    """Row of a criterion for experts about which none was asked."""
    check_threshold(threshold)
    nothing = (math.nan, math.nan, math.nan)
    text = _condition(threshold, "no value", *nothing, math.nan)
    return _row(threshold, nothing, ("not established", "no value"), text, math.nan, (), "judged")


def score_judged(threshold: Threshold, opinion: Judged) -> ScoreRow:
    """Score what experts judged; where their ranges do not meet, it is not established.

    Raises
    ------
    InputError
        When the opinion is on another criterion.
    """
    check_threshold(threshold)
    if opinion.criterion != threshold.criterion:
        raise InputError(f"{opinion.criterion} is held against {threshold.criterion}", "Use its own threshold.")
    verdict: Verdict
    reason: Reason
    if opinion.apart:
        verdict, reason = "not established", "apart"
    else:
        verdict, reason = _judge(threshold, opinion.median, threshold.worse(opinion.low, opinion.high))
    figure = (opinion.median, opinion.low, opinion.high)
    text = _condition(threshold, reason, *figure, math.nan)
    return _row(threshold, figure, (verdict, reason), text, math.nan, opinion.experts, "judged")


def tally(rows: Sequence[ScoreRow], kind: Literal["computed", "judged"]) -> dict[Verdict, int]:
    """Count the verdicts of one kind of row."""
    verdicts: tuple[Verdict, ...] = ("pass", "conditional", "fail", "not established")
    return {v: sum(r.kind == kind and r.verdict == v for r in rows) for v in verdicts}
