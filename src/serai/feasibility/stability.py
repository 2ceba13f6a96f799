"""Whether a coalition holds, over all that is unsure about it, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.feasibility.coalition import TIGHT, least_core, shapley, veto_power
from serai.feasibility.rounding import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.feasibility.coalition import Game, Transfers

Array = npt.NDArray[np.float64]
ENOUGH: Final = 64
"""Games from which on a range is the 10th to the 90th percentile, not the extremes."""


@dataclass(frozen=True, slots=True)
class Stability:
    """What holds a coalition together, [G] by member; money in the unit of the games.

    Attributes
    ----------
    members
        Names.
    worth, worth_low, worth_high
        Worth of all together, and its range.
    share, share_low, share_high
        Shapley value of the central game, and its range.
    lost_share
        Share of the worth lost without each member; NaN where the worth is not above zero.
    veto
        Whether nothing works without the member.
    gap, gap_low, gap_high
        Excess of the least core: above zero, what groups would have to forgo by staying.
    stable_share
        Share of the games in which no group does better alone.
    """

    members: tuple[str, ...]
    worth: float
    worth_low: float
    worth_high: float
    share: Array
    share_low: Array
    share_high: Array
    lost_share: Array
    veto: npt.NDArray[np.bool_]
    gap: float
    gap_low: float
    gap_high: float
    stable_share: float


def _range(values: Array) -> tuple[Array, Array]:
    ends = (10, 90) if len(values) >= ENOUGH else (0, 100)
    low, high = np.percentile(values, ends, axis=0)
    return np.asarray(low), np.asarray(high)


def stability(central: Game, others: Sequence[Game] = ()) -> Stability:
    """Examine a game and its variants.

    Parameters
    ----------
    central
        The game at the most likely figures.
    others
        The same game at both ends of its ranges, or drawn.

    Raises
    ------
    InputError
        When a variant has other members.
    """
    if any(g.members != central.members for g in others):
        raise InputError("A variant of the game has other members", "Name the same ones in the same order.")
    games = [central, *others]
    shares = np.array([shapley(g.v) for g in games])
    gaps = np.array([least_core(g).excess for g in games])
    held = [gap <= TIGHT * g.scale for gap, g in zip(gaps, games, strict=True)]
    worths = np.array([g.v[-1] for g in games])
    share_low, share_high = _range(shares)
    worth_low, worth_high = _range(worths)
    gap_low, gap_high = _range(gaps)
    veto = veto_power(central)
    return Stability(
        members=central.members,
        worth=float(worths[0]),
        worth_low=float(worth_low),
        worth_high=float(worth_high),
        share=shares[0],
        share_low=share_low,
        share_high=share_high,
        lost_share=veto.lost_share,
        veto=veto.veto,
        gap=float(gaps[0]),
        gap_low=float(gap_low),
        gap_high=float(gap_high),
        stable_share=float(np.mean(held)),
    )


def stability_lines(found: Stability, transfers: Transfers | None = None, unit: str = "") -> list[str]:
    """Say what was found, every figure rounded to its range.

    Parameters
    ----------
    found
        What was found.
    transfers
        Payments between the members, if their own gains are known.
    unit
        Unit of the money.
    """

    def money(value: float, low: float, high: float) -> str:
        return f"{shown(value, low, high)} {unit}".strip()

    whole = money(found.worth, found.worth_low, found.worth_high)
    lines = [f"All {len(found.members)} members together: {whole}."]
    for i, member in enumerate(found.members):
        low, high = float(found.share_low[i]), float(found.share_high[i])
        text = f"{member}: share by contribution {money(float(found.share[i]), low, high)}"
        if high > low:
            text += f" ({shown(low, low, high)} to {shown(high, low, high)})"
        if found.veto[i]:
            text += "; nothing works without it"
        elif np.isfinite(found.lost_share[i]):
            text += f"; without it {100 * found.lost_share[i]:.0f} % is lost"
        lines.append(text + ".")
    if found.stable_share == 1.0:
        lines.append("It can be shared so that no group of members does better alone.")
    elif found.stable_share == 0.0:
        gap = money(found.gap, found.gap_low, found.gap_high)
        lines.append(f"However it is shared, some group of members does better alone, by at least {gap}.")
    else:
        lines.append(
            f"In {100 * found.stable_share:.0f} % of the cases it can be shared so that no group does better alone; "
            "whether it holds is not established."
        )
    if transfers is not None:
        lines += _transfer_lines(found, transfers, unit)
    return lines


def _transfer_lines(found: Stability, transfers: Transfers, unit: str) -> list[str]:
    floor = TIGHT * max(1.0, abs(found.worth))
    who = "no group of members does" if transfers.against_coalitions else "no member alone does"
    if transfers.moved <= floor and transfers.subsidy <= floor:
        return [f"As the gains fall, {who} better outside; no payment is needed."]

    def about(amount: float) -> str:
        size = abs(amount)
        return f"about {shown(size, 0.95 * size, 1.05 * size)} {unit}".rstrip()

    lines = [f"So that {who} better outside:"]
    for member, paid in zip(found.members, transfers.paid, strict=True):
        if abs(paid) > floor:
            lines.append(f"  {member} {'receives' if paid > 0 else 'pays'} {about(float(paid))}.")
    if transfers.subsidy > floor:
        lines.append(f"  {about(transfers.subsidy)} must come from outside.")
    if found.worth_high > found.worth_low:
        lines.append("These payments fit the most likely worths; at other worths inside their ranges they differ.")
    return lines
