"""The appraisal a transport ministry knows, from the same two solved worlds, and how it meets the equilibrium's.

It is shown beside the equivalent variation and never added to it: both measure the same gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FreightState:
    """Freight of one solved world, P pairs by K commodities.

    Attributes
    ----------
    tonnes
        [P, K] t a year between the ends, over all routes.
    on_project
        [P, K] t a year of them that use what the project builds or improves.
    cost_usd_per_t
        [P, K] generalized cost (the logsum over routes).
    fee_usd_per_t, money_usd_per_t
        [P, K] mean fees and mean money without fees that a tonne pays.
    """

    tonnes: Array
    on_project: Array
    cost_usd_per_t: Array
    fee_usd_per_t: Array
    money_usd_per_t: Array


@dataclass(frozen=True, slots=True)
class Traffic:
    """What becomes of the traffic; [P, K] t a year.

    Attributes
    ----------
    existing
        Used the way before and does with the project.
    diverted
        Moved before, elsewhere, and now uses it.
    generated
        Did not move before and uses it now.
    elsewhere
        Moves in both worlds without it.
    lost
        Moved before and no longer does.
    """

    existing: Array
    diverted: Array
    generated: Array
    elsewhere: Array
    lost: Array


@dataclass(frozen=True, slots=True)
class Conventional:
    """Conventional yearly benefits, [P, K] USD a year but for the savings.

    Attributes
    ----------
    traffic
        By kind.
    existing, diverted, generated, elsewhere
        Users' benefit by kind of traffic; elsewhere holds what other traffic gains (less queueing) less half the
        benefit that lost traffic forgoes. They add up to the rule of half.
    rule_of_half
        Users' benefit, half of (q0 + q1)(c0 - c1).
    fees
        Fees collected more: a transfer from users to owners, a gain to owners.
    resource_saving
        Money without fees that the traffic of the world before costs less, q0 (m0 - m1). Part of the users' benefit,
        shown and not added.
    time_saving
        The rest of the fall in generalized cost of that traffic: time, reliability and the worth of choice.
    """

    traffic: Traffic
    existing: Array
    diverted: Array
    generated: Array
    elsewhere: Array
    rule_of_half: Array
    fees: Array
    resource_saving: Array
    time_saving: Array

    @property
    def total(self) -> Array:
        """Users' benefit and fees, [P, K] USD a year."""
        return self.rule_of_half + self.fees


def split_traffic(before: FreightState, after: FreightState) -> Traffic:
    """Part the traffic into existing, diverted, generated, elsewhere and lost.

    Tonnes that did not move before are spread over the ways of their pair like all its tonnes. Existing, diverted
    and generated add up to the traffic on the project; existing, diverted, elsewhere and lost to all traffic before.
    """
    q0, q1, x0, x1 = before.tonnes, after.tonnes, before.on_project, after.on_project
    if (x0 > q0 * (1 + 1e-9) + 1e-9).any() or (x1 > q1 * (1 + 1e-9) + 1e-9).any():
        raise InputError("More tonnes use the project than move at all", "Give both from the same solved world.")
    kept = np.minimum(q0, q1)
    generated = np.maximum(q1 - q0, 0.0) * x1 / np.where(q1 > 0, q1, 1.0)
    on_kept = np.minimum(x1 - generated, kept)
    existing = np.minimum(x0, on_kept)
    return Traffic(
        existing=existing,
        diverted=on_kept - existing,
        generated=generated,
        elsewhere=kept - on_kept,
        lost=q0 - kept,
    )


def conventional(before: FreightState, after: FreightState) -> Conventional:
    """Appraise the difference between two worlds by the rule of half (Dupuit; Lane, Powell and Prestwood Smith 1971).

    Raises
    ------
    InputError
        When tonnes with flow have no finite cost: a pair that was cut off has no benefit by the rule of half.
    """
    q0, q1 = before.tonnes, after.tonnes
    moved = (q0 > 0) | (q1 > 0)
    costs = (before.cost_usd_per_t, after.cost_usd_per_t)
    if not all(np.isfinite(c[moved]).all() for c in costs):
        raise InputError(
            "A pair with traffic has no way in one of the worlds",
            "The rule of half does not hold there; use the equivalent variation alone.",
        )
    gain = np.where(moved, np.where(moved, costs[0], 0.0) - np.where(moved, costs[1], 0.0), 0.0)
    traffic = split_traffic(before, after)
    new_elsewhere = np.maximum(q1 - q0, 0.0) - traffic.generated
    saving = np.where(moved, before.money_usd_per_t - after.money_usd_per_t, 0.0) * q0
    fees_before = np.where(q0 > 0, before.fee_usd_per_t, 0.0) * q0
    fees_after = np.where(q1 > 0, after.fee_usd_per_t, 0.0) * q1
    fee_change = np.where(moved, before.fee_usd_per_t - after.fee_usd_per_t, 0.0) * q0
    return Conventional(
        traffic=traffic,
        existing=traffic.existing * gain,
        diverted=traffic.diverted * gain,
        generated=0.5 * traffic.generated * gain,
        elsewhere=(traffic.elsewhere + 0.5 * (new_elsewhere + traffic.lost)) * gain,
        rule_of_half=0.5 * (q0 + q1) * gain,
        fees=fees_after - fees_before,
        resource_saving=saving,
        time_saving=q0 * gain - saving - fee_change,
    )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """From the conventional benefit to the equivalent variation, by country, [N] USD a year.

    Attributes
    ----------
    users, fees, tariffs
        Rule of half, and fees and tariff revenue collected more.
    prices
        What the two do not share: wages, terms of trade, other countries' prices, curvature beyond the rule of half.
        It is the difference, not a measurement.
    equivalent_variation
        The sum of the four.
    prices_share
        Total of the absolute differences over the total of the absolute equivalent variation.
    """

    users: Array
    fees: Array
    tariffs: Array
    prices: Array
    equivalent_variation: Array
    prices_share: float


def reconcile(users: Array, fees: Array, tariffs: Array, equivalent_variation: Array) -> Reconciliation:
    """Set both benefits side by side.

    Parameters
    ----------
    users, fees, tariffs
        [N] USD a year; users' benefit by the country that bears the cost, revenue by its owner.
    equivalent_variation
        [N] USD a year.
    """
    rest = equivalent_variation - users - fees - tariffs
    size = float(np.abs(equivalent_variation).sum())
    share = float(np.abs(rest).sum()) / size if size > 0 else float("nan")
    return Reconciliation(users, fees, tariffs, rest, equivalent_variation, share)
