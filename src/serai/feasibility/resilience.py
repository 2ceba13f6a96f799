"""What breaks a corridor, what that costs a year, and what a second way is worth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError, SeraiError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = npt.NDArray[np.float64]
MOST_EXACT: Final = 12
"""Regimes up to which every combination of closures is taken."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Loss while some things are shut.

    Attributes
    ----------
    shut
        What is shut.
    usd_per_year
        Loss if it lasted a year; NaN where there is no answer.
    reason
        Why there is no answer, else "".
    """

    shut: tuple[str, ...]
    usd_per_year: float
    reason: str


def loss_of(shut: Sequence[str], worth: Callable[[frozenset[str]], float], base_usd_per_year: float) -> Loss:
    """Solve the world with some things shut; a world without an answer is kept with its reason."""
    try:
        value = float(worth(frozenset(shut)))
    except SeraiError as fault:
        return Loss(tuple(shut), float("nan"), str(fault))
    if not np.isfinite(value):
        return Loss(tuple(shut), float("nan"), "the answer is not a finite number")
    return Loss(tuple(shut), base_usd_per_year - value, "")


def criticality(ids: Sequence[str], worth: Callable[[frozenset[str]], float], *, joint: int = 1) -> tuple[Loss, ...]:
    """Losses of every closure of one thing, then of up to `joint` together.

    Parameters
    ----------
    ids
        Crossings, ports, links, passages.
    worth
        Yearly worth in USD of the world in which some are shut; that of none is the base.
    joint
        How many may be shut together.

    Returns
    -------
    losses
        Those without an answer first (the corridor is cut), then the largest loss.
    """
    base = float(worth(frozenset()))
    found = [loss_of(shut, worth, base) for k in range(1, joint + 1) for shut in combinations(ids, k)]
    return tuple(sorted(found, key=lambda x: (not np.isnan(x.usd_per_year), -np.nan_to_num(x.usd_per_year), x.shut)))


@dataclass(frozen=True, slots=True)
class ClosureRisk:
    """Things that shut together, for the same reason.

    Attributes
    ----------
    name
        Of the reason, or of the one thing.
    shuts
        What it shuts.
    shut_share
        Share of days it does, in the long run.
    """

    name: str
    shuts: frozenset[str]
    shut_share: float


@dataclass(frozen=True, slots=True)
class YearlyLoss:
    """Expected loss of a year from closures.

    Attributes
    ----------
    expected_usd
        Over all states that were solved.
    by_risk_usd
        What each risk adds: the expected loss less that without it, in the order of the risks. Risks that meet make
        them add up to more or less than the whole.
    p_open
        Chance that nothing is shut on a day.
    left_out
        Chance of the states that were not solved or had no answer; the expected loss says nothing of them.
    worst
        Largest loss among the states, at the yearly rate.
    unanswered
        States without an answer.
    """

    expected_usd: float
    by_risk_usd: tuple[float, ...]
    p_open: float
    left_out: float
    worst: Loss
    unanswered: tuple[Loss, ...]


def expected_yearly_loss(
    risks: Sequence[ClosureRisk], worth: Callable[[frozenset[str]], float], *, together: int = MOST_EXACT
) -> YearlyLoss:
    """Add up the losses of all states of closure by their chance; risks strike independently.

    Parameters
    ----------
    risks
        Reasons of closure.
    worth
        Yearly worth of the world in which some things are shut.
    together
        How many risks at most are taken to strike at once.

    Raises
    ------
    InputError
        When a share is none, a name stands twice, or there are too many states.
    """
    share = np.array([r.shut_share for r in risks], dtype=np.float64)
    if len({r.name for r in risks}) < len(risks) or not ((share >= 0) & (share <= 1)).all():
        raise InputError("A risk of closure is named twice or its share is none", "Give shares of 0 to 1.")
    n = len(risks)
    if min(together, n) > MOST_EXACT:
        raise InputError(f"{n} risks have too many states", f"Take at most {MOST_EXACT} to strike together.")
    base = float(worth(frozenset()))
    solved: dict[frozenset[str], Loss] = {frozenset(): Loss((), 0.0, "")}
    states: list[tuple[tuple[int, ...], float, Loss]] = []
    for k in range(min(together, n) + 1):
        for struck in combinations(range(n), k):
            if any(share[i] == 0.0 for i in struck):
                continue
            chance = _chance(struck, share)
            shut = frozenset(x for i in struck for x in risks[i].shuts)
            if shut not in solved:
                solved[shut] = loss_of(sorted(shut), worth, base)
            states.append((struck, chance, solved[shut]))
    answered = [(s, p, x) for s, p, x in states if not np.isnan(x.usd_per_year)]
    expected = sum(p * x.usd_per_year for _, p, x in answered)
    happening = [x for _, p, x in answered if p > 0]
    by_risk = tuple(expected - _without(i, share, answered) for i in range(n))
    unanswered = {x.shut: x for _, p, x in states if p > 0 and np.isnan(x.usd_per_year)}
    return YearlyLoss(
        expected_usd=expected,
        by_risk_usd=by_risk,
        p_open=float(np.prod(1.0 - share)),
        left_out=max(1.0 - sum(p for _, p, _ in answered), 0.0),
        worst=max(happening, key=lambda x: (x.usd_per_year, x.shut), default=Loss((), 0.0, "")),
        unanswered=tuple(unanswered[k] for k in sorted(unanswered)),
    )


def _chance(struck: tuple[int, ...], share: Array, but: int = -1) -> float:
    """Chance that these risks strike and no others, one risk left out of the count."""
    return float(np.prod([share[i] if i in struck else 1.0 - share[i] for i in range(len(share)) if i != but]))


def _without(risk: int, share: Array, answered: list[tuple[tuple[int, ...], float, Loss]]) -> float:
    """Return the expected loss had this risk never struck: states without it, at the chance of the others alone."""
    return sum(_chance(struck, share, risk) * x.usd_per_year for struck, _, x in answered if risk not in struck)


def worth_of_second_way(
    risks: Sequence[ClosureRisk],
    without: Callable[[frozenset[str]], float],
    with_it: Callable[[frozenset[str]], float],
) -> tuple[float, float]:
    """Worth of another way in USD a year: on an open day, and beyond that because it stands in on a shut one.

    Parameters
    ----------
    risks
        Reasons of closure; those that shut the other way are among them.
    without, with_it
        Yearly worth of the world with some things shut, without the other way and with it.

    Raises
    ------
    InputError
        When a state of either world has no answer: what it is worth there is not known.
    """
    before, after = expected_yearly_loss(risks, without), expected_yearly_loss(risks, with_it)
    if before.unanswered or after.unanswered:
        bad = (before.unanswered or after.unanswered)[0]
        raise InputError(
            f"With {', '.join(bad.shut)} shut there is no answer: {bad.reason}", "Give a way that is left, or its loss."
        )
    return float(with_it(frozenset()) - without(frozenset())), before.expected_usd - after.expected_usd
