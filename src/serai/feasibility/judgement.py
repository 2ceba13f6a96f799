"""What no model computes: named experts on trust, great powers, institutions, security.

Opinions keep their names, ranges and reasons, and are shown beside computed results, never averaged with them.
A score of 0 says that the criterion prevents the corridor, 10 that it stands in no way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import DataError, InputError, Issue
from serai.data.schema import Field
from serai.feasibility.sheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Array = npt.NDArray[np.float64]

LOWEST: Final = 0.0
HIGHEST: Final = 10.0
WEIGHT_DRAWS: Final = 4096
FIELDS: Final = (
    Field("expert", "string", "Name of the expert", required=True),
    Field("criterion", "string", "What is judged", required=True, pattern="[a-z0-9_]+"),
    *(
        Field(name, "number", text, required=True, minimum=LOWEST, maximum=HIGHEST)
        for name, text in (
            ("score", "Score, 0 (prevents it) to 10 (no obstacle)"),
            ("low", "Lowest score the expert holds possible"),
            ("high", "Highest score the expert holds possible"),
        )
    ),
    Field("rationale", "string", "Why", required=True),
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One expert on one criterion; scores 0 to 10."""

    expert: str
    criterion: str
    score: float
    low: float
    high: float
    rationale: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What the experts say of one criterion; scores 0 to 10.

    Attributes
    ----------
    criterion, experts
        What, and who.
    median, low, high
        Median score, and the range from the lowest low to the highest high.
    disagreement
        Mean distance of two experts' scores over the largest it could be (half at 0, half at 10); NaN for one expert.
    apart
        Whether two experts' ranges do not meet: they cannot both be right.
    """

    criterion: str
    experts: tuple[str, ...]
    median: float
    low: float
    high: float
    disagreement: float
    apart: bool


def read_opinions(path: Path) -> tuple[Opinion, ...]:
    """Read the experts' scores from a CSV file or a workbook.

    Raises
    ------
    DataError
        With every fault: a range out of order, an expert twice on one criterion, a reason missing.
    """
    rows = read_sheet(path, FIELDS)
    issues: list[Issue] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = (row["expert"], row["criterion"])
        if key in seen:
            issues.append(_issue(path, row, "expert", "the expert judges this criterion twice", "Leave one row."))
        seen.add(key)
        if not row["low"] <= row["score"] <= row["high"]:
            issues.append(_issue(path, row, "score", "not low <= score <= high", "Order the three."))
    if issues:
        raise DataError(str(path), tuple(issues))
    names = [f.name for f in FIELDS]
    return tuple(Opinion(**{n: row[n] for n in names}) for row in rows)


def template(criteria: Sequence[str]) -> str:
    """Write the head of an empty table of opinions, with one row to fill in for each criterion."""
    lines = [",".join(f.name for f in FIELDS), *(f",{c},,,," for c in criteria)]
    return "\n".join(lines) + "\n"


def _issue(path: Path, row: dict[str, Any], column: str, what: str, remedy: str) -> Issue:
    return Issue(path.name, row["row"], column, str(row[column])[:60], what, remedy)


def judged(opinions: Sequence[Opinion]) -> tuple[Judged, ...]:
    """Sum up the opinions by criterion, in order of first mention."""
    out = []
    for criterion in dict.fromkeys(o.criterion for o in opinions):
        mine = [o for o in opinions if o.criterion == criterion]
        scores = np.array([o.score for o in mine])
        out.append(
            Judged(
                criterion=criterion,
                experts=tuple(o.expert for o in mine),
                median=float(np.median(scores)),
                low=min(o.low for o in mine),
                high=max(o.high for o in mine),
                disagreement=_disagreement(scores),
                apart=max(o.low for o in mine) > min(o.high for o in mine),
            )
        )
    return tuple(out)


def _disagreement(scores: Array) -> float:
    n = len(scores)
    if n < 2:
        return float("nan")
    distance = np.abs(scores[:, None] - scores[None, :]).sum()
    most = 2.0 * (n // 2) * (n - n // 2) * (HIGHEST - LOWEST)
    return float(distance / most)


@dataclass(frozen=True, slots=True)
class WeightedScore:
    """A weighted mean of the criteria, and how much it owes to the weights.

    Attributes
    ----------
    score
        At the weights given.
    least, most
        At the weights least and most kind to it: the lowest and the highest criterion.
    p10, p90
        Over weights drawn evenly from all there are.
    without
        By criterion, the score if it is left out.
    """

    score: float
    least: float
    most: float
    p10: float
    p90: float
    without: dict[str, float]


def weighted(criteria: Sequence[Judged], weights: Mapping[str, float], seed: int = 0) -> WeightedScore:
    """Weigh criteria, and show what other weights would say.

    Parameters
    ----------
    criteria
        What the experts say.
    weights
        By criterion, 0 or more; their sum does not matter.
    seed
        Of the weights drawn.

    Raises
    ------
    InputError
        When a criterion has no weight, or no weight is above zero.
    """
    if missing := [c.criterion for c in criteria if c.criterion not in weights]:
        raise InputError(f"The criterion {missing[0]} has no weight", "Give one, if only 0.")
    medians = np.array([c.median for c in criteria])
    w = np.array([weights[c.criterion] for c in criteria], dtype=np.float64)
    if not len(w) or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise InputError("The weights are below zero or all zero", "Give at least one above zero.")
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(w)), WEIGHT_DRAWS) @ medians
    without = {}
    for i, c in enumerate(criteria):
        rest = np.delete(w, i)
        without[c.criterion] = float(np.delete(medians, i) @ rest / rest.sum()) if rest.sum() > 0 else float("nan")
    return WeightedScore(
        score=float(medians @ w / w.sum()),
        least=float(medians.min()),
        most=float(medians.max()),
        p10=float(np.percentile(drawn, 10)),
        p90=float(np.percentile(drawn, 90)),
        without=without,
    )
