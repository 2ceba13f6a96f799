"""What to decide now: build all, build stage one, pay for studies and wait, or decline.

Each is valued over the same draws. What a stage or a study teaches is a signal known in every draw: the decision
after it is taken by what projects with that signal are worth on average, not by the draw itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
BINS: Final = 16
"""Equally filled classes of a signal; with 512 draws 32 in each."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known after a signal.

    Attributes
    ----------
    expected
        [n] mean worth of the draws whose signal falls in the same class.
    trigger
        Value of the signal from which on (or, if `above` is false, up to which) going on is worth it; NaN where the
        decision is the same for every signal, or not split by one value.
    above
        Whether a larger signal is the good one.
    """

    expected: Array
    trigger: float
    above: bool


def learn(worth: Array, signal: Array, bins: int = BINS) -> Learned:
    """Average the worth over classes of a signal.

    Parameters
    ----------
    worth, signal
        [n] of the same draws, in any units.
    bins
        Classes, equally filled.
    """
    if worth.shape != signal.shape or len(worth) < bins or not np.isfinite(worth).all():
        raise InputError("A signal does not fit the draws", "Give one finite value per draw that has an answer.")
    order = np.argsort(signal, kind="stable")
    expected = np.empty(len(worth))
    means, edges = [], []
    for part in np.array_split(order, bins):
        means.append(float(worth[part].mean()))
        edges.append(float(signal[part[0]]))
        expected[part] = means[-1]
    good = np.array(means) > 0
    turns = np.flatnonzero(good[1:] != good[:-1])
    once = len(turns) == 1
    return Learned(expected, edges[turns[0] + 1] if once else math.nan, bool(good[-1]))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the decisions.

    Attributes
    ----------
    name
        build all, stage one, study and wait, decline.
    cost_usd
        What it commits now, present value.
    value_usd, low_usd, high_usd
        Mean worth, and 10th and 90th percentile over the draws.
    p_loss
        Chance that it ends below zero.
    p_go_on
        Chance that it is gone on with after the signal; 1 for building all, 0 for declining.
    trigger
        Value of the signal at which it is; NaN where no single value decides.
    trigger_above
        Whether the signal must be above it.
    waiting_loses_usd
        Mean worth lost because the benefit comes later, whatever is learned.
    """

    name: str
    cost_usd: float
    value_usd: float
    low_usd: float
    high_usd: float
    p_loss: float
    p_go_on: float
    trigger: float
    trigger_above: bool
    waiting_loses_usd: float


def _choice(
    name: str, cost: float, worth: Array, go: npt.NDArray[np.bool_], learned: Learned | None, waiting_loses: float
) -> Choice:
    low, high = np.percentile(worth, [10, 90])
    return Choice(
        name=name,
        cost_usd=cost,
        value_usd=float(worth.mean()),
        low_usd=float(low),
        high_usd=float(high),
        p_loss=float((worth < 0).mean()),
        p_go_on=float(go.mean()),
        trigger=learned.trigger if learned else math.nan,
        trigger_above=learned.above if learned else True,
        waiting_loses_usd=waiting_loses,
    )


def decide(
    all_npv: Array,
    all_cost: Array,
    stage_npv: Array,
    stage_cost: Array,
    rest_npv: Array,
    signal: Array,
    *,
    study_cost_usd: float,
    wait_years: float,
    rate: float,
) -> tuple[Choice, ...]:
    """Value the four decisions over the same draws.

    Parameters
    ----------
    all_npv, all_cost
        [n] NPV and present cost of building all now, USD.
    stage_npv, stage_cost
        [n] of building stage one now and nothing more.
    rest_npv
        [n] NPV, at the day of going on, of building the rest after stage one.
    signal
        [n] what is known by then: days open a year, traffic over forecast, cost over estimate.
    study_cost_usd
        Of the studies, spent now.
    wait_years
        Until the signal is known.
    rate
        Discount rate a year.

    Returns
    -------
    choices
        The best mean first; of equals the one that commits less.

    Raises
    ------
    InputError
        When the arrays do not belong to the same answered draws.
    """
    arrays = (all_npv, all_cost, stage_npv, stage_cost, rest_npv, signal)
    if len({a.shape for a in arrays}) != 1 or not all(np.isfinite(a).all() for a in arrays):
        raise InputError("The draws of a decision do not fit each other", "Give one finite value per answered draw.")
    if wait_years < 0 or rate <= -1 or study_cost_usd < 0:
        raise InputError("A study has a cost or a time below zero", "Give 0 or more.")
    later = (1.0 + rate) ** -wait_years
    after_stage, after_study = learn(rest_npv, signal), learn(all_npv, signal)
    go_stage, go_study = after_stage.expected > 0, after_study.expected > 0
    staged = stage_npv + later * np.where(go_stage, rest_npv, 0.0)
    studied = later * np.where(go_study, all_npv, 0.0) - study_cost_usd
    nothing = np.zeros_like(all_npv)
    never = np.zeros(len(all_npv), dtype=bool)
    choices = (
        _choice("build all", float(all_cost.mean()), all_npv, ~never, None, 0.0),
        _choice(
            "stage one",
            float(stage_cost.mean()),
            staged,
            go_stage,
            after_stage,
            (1.0 - later) * max(float(rest_npv.mean()), 0.0),
        ),
        _choice(
            "study and wait",
            study_cost_usd,
            studied,
            go_study,
            after_study,
            (1.0 - later) * max(float(all_npv.mean()), 0.0),
        ),
        _choice("decline", 0.0, nothing, never, None, max(float(all_npv.mean()), 0.0)),
    )
    return tuple(sorted(choices, key=lambda c: (-c.value_usd, c.cost_usd)))
