"""Who has to be in, what each is owed, and who would leave.

v(S) is the summed gain less cost of the members in S when what lies wholly on their soil is built or eased and all
else is as today. A coalition is a bit mask: bit i stands for member i.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError, SeraiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scipy.optimize import OptimizeResult

Array = npt.NDArray[np.float64]
Equations = tuple[Array | None, Array | None]
"""A [m, x] and b [m]; none where there are no equations."""
Bounds = tuple[float | None, float | None]

NONE: Final[Equations] = (None, None)
FREE: Final[Bounds] = (None, None)
MOST_MEMBERS: Final = 20
MOST_FOR_PROGRAMS: Final = 14
"""Members up to which a linear program over all coalitions is written out in full."""
TIGHT: Final = 1e-9
"""Share of the largest worth below which two excesses are the same: what the solver resolves."""


class UnsolvedGameError(SeraiError):
    """A linear program of a game that found no optimum."""


@dataclass(frozen=True, slots=True)
class Game:
    """A game in characteristic function form.

    Attributes
    ----------
    members
        [G] names.
    v
        [2**G] worth of each coalition by bit mask, any unit of money; v[0] is 0.
    """

    members: tuple[str, ...]
    v: Array

    @property
    def grand(self) -> int:
        """Mask of all members."""
        return len(self.v) - 1

    @property
    def scale(self) -> float:
        """Largest worth in absolute terms, 1 where all are zero."""
        return float(np.abs(self.v).max()) or 1.0

    def names(self, mask: int) -> tuple[str, ...]:
        """Members of a coalition."""
        return tuple(m for i, m in enumerate(self.members) if mask >> i & 1)


def game(members: tuple[str, ...], v: npt.ArrayLike) -> Game:
    """Check and build a game.

    Raises
    ------
    InputError
        With no, too many or doubled members, a worth missing or not finite, or v of nobody not zero.
    """
    worth = np.asarray(v, dtype=np.float64)
    if not 1 <= len(members) <= MOST_MEMBERS or len(set(members)) < len(members):
        raise InputError(f"A game has {len(members)} members", f"Name 1 to {MOST_MEMBERS}, each once.")
    if worth.shape != (1 << len(members),):
        raise InputError(f"{worth.size} worths for {1 << len(members)} coalitions", "Give one for each.")
    if not np.isfinite(worth).all():
        mask = int(np.flatnonzero(~np.isfinite(worth))[0])
        who = " and ".join(m for i, m in enumerate(members) if mask >> i & 1)
        raise InputError(f"The worth of {who or 'nobody'} is not a number", "Solve it, or leave a member out.")
    if worth[0] != 0.0:
        raise InputError("Nobody has a worth other than zero", "Measure all worths against the world as it is.")
    return Game(members, worth)


def play(members: tuple[str, ...], worth: Callable[[frozenset[str]], float]) -> Game:
    """Ask for the worth of every coalition but the empty one.

    Parameters
    ----------
    members
        Names.
    worth
        Worth of a coalition; solves one world.
    """
    v = np.zeros(1 << len(members))
    for mask in range(1, len(v)):
        v[mask] = worth(frozenset(m for i, m in enumerate(members) if mask >> i & 1))
    return game(members, v)


def _membership(n: int) -> Array:
    """Matrix [2**n, n] of who is in which coalition."""
    return np.asarray((np.arange(1 << n)[:, None] >> np.arange(n)) & 1, dtype=np.float64)


def shapley(v: Array) -> Array:
    """Shapley value [..., G] of worths [..., 2**G].

    phi_i = sum over S without i of |S|! (n-|S|-1)! / n! (v(S+i) - v(S)) (Shapley 1953).
    """
    n = v.shape[-1].bit_length() - 1
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    masks = np.arange(1 << n)
    out = []
    for i in range(n):
        without = masks[(masks >> i & 1) == 0]
        gain = v[..., without | 1 << i] - v[..., without]
        out.append((gain * weight[np.bitwise_count(without)]).sum(axis=-1))
    return np.stack(out, axis=-1)


def excess(given: Game, payoff: Array) -> Array:
    """Return what each coalition misses, v(S) - x(S), [2**G]; above zero it would rather go alone."""
    return given.v - _membership(len(given.members)) @ payoff


def in_core(given: Game, payoff: Array) -> bool:
    """Whether a payoff hands out v(N) and leaves no coalition with less than its worth."""
    slack = TIGHT * given.scale
    missing = excess(given, payoff)
    return bool((missing[:-1] <= slack).all() and abs(missing[-1]) <= slack)


def _programs_only(given: Game) -> None:
    if len(given.members) > MOST_FOR_PROGRAMS:
        raise InputError(
            f"The core of {len(given.members)} members is out of reach",
            f"Join members to {MOST_FOR_PROGRAMS} or fewer.",
        )


def _optimum(
    what: str, cost: Array, at_most: Equations, exactly: Equations, bounds: Bounds | list[Bounds]
) -> OptimizeResult:
    """Find the x of least cost @ x within its bounds, for which A x is at most, and exactly, b; `what` names it."""
    from scipy.optimize import linprog

    done: OptimizeResult = linprog(cost, *at_most, *exactly, bounds=bounds, method="highs")
    if done.status != 0:
        raise UnsolvedGameError(f"{what} was not found: {done.message}", "Check the worths for extremes.")
    return done


@dataclass(frozen=True, slots=True)
class LeastCore:
    """Payoff that leaves the most aggrieved coalition with the least to complain of.

    Attributes
    ----------
    excess
        e*: the smallest e with x(S) >= v(S) - e for all S but nobody and all. At or below 0 the core is not empty;
        above it, what each coalition would have to lose by leaving for the whole to hold.
    payoff
        [G] one such payoff.
    """

    excess: float
    payoff: Array


def least_core(given: Game) -> LeastCore:
    """Solve the least core by a linear program."""
    _programs_only(given)
    n = len(given.members)
    if n == 1:
        return LeastCore(0.0, given.v[1:].copy())
    rows = _membership(n)[1:-1]
    v = given.v / given.scale
    done = _optimum(
        "The least core",
        np.r_[np.zeros(n), 1.0],
        (np.c_[-rows, -np.ones(len(rows))], -v[1:-1]),
        (np.r_[np.ones(n), 0.0][None], v[-1:]),
        FREE,
    )
    return LeastCore(float(done.fun) * given.scale, np.asarray(done.x[:n]) * given.scale)


def nucleolus(given: Game) -> Array:
    """Nucleolus [G]: the payoff whose sorted excesses are lexicographically least (Schmeidler 1969).

    Linear programs in turn, each fixing the coalitions whose excess cannot fall further (those with a dual price),
    until the fixed ones leave one payoff. Where v of the members alone adds up to no more than v(N), nobody gets less
    than alone.
    """
    _programs_only(given)
    n = len(given.members)
    if n == 1:
        return given.v[1:].copy()
    v = given.v / given.scale
    rows = _membership(n)
    alone = v[1 << np.arange(n)]
    bounds: list[Bounds] = [(float(a), None) if alone.sum() <= v[-1] else FREE for a in alone]
    fixed, worth = [rows[-1]], [v[-1]]
    free = np.arange(1, len(v) - 1)
    while len(free) and np.linalg.matrix_rank(np.array(fixed)) < n:
        done = _optimum(
            "The nucleolus",
            np.r_[np.zeros(n), 1.0],
            (np.c_[-rows[free], -np.ones(len(free))], -v[free]),
            (np.c_[np.array(fixed), np.zeros(len(fixed))], np.array(worth)),
            [*bounds, FREE],
        )
        tight = done.ineqlin.marginals < -1e-9
        for mask in free[tight]:
            if np.linalg.matrix_rank(np.array([*fixed, rows[mask]])) > np.linalg.matrix_rank(np.array(fixed)):
                fixed.append(rows[mask])
                worth.append(v[mask] - float(done.fun))
        free = np.array([m for m in free[~tight] if not _spanned(np.array(fixed), rows[m])], dtype=np.int64)
        payoff = np.asarray(done.x[:n])
    solved = np.linalg.lstsq(np.array(fixed), np.array(worth), rcond=None)[0]
    out = solved if np.linalg.matrix_rank(np.array(fixed)) == n else payoff
    return np.asarray(out * given.scale)


def _spanned(basis: Array, row: Array) -> bool:
    """Whether the payoff of a coalition follows from those already fixed."""
    return bool(np.linalg.matrix_rank(np.vstack([basis, row])) == np.linalg.matrix_rank(basis))


@dataclass(frozen=True, slots=True)
class Veto:
    """What a member's absence costs.

    Attributes
    ----------
    lost
        [G] v(N) - v(N without i).
    lost_share
        [G] the same over v(N); NaN where v(N) is not above zero.
    veto
        [G] whether no coalition without the member is worth anything.
    """

    lost: Array
    lost_share: Array
    veto: npt.NDArray[np.bool_]


def veto_power(given: Game) -> Veto:
    """Measure what each member can withhold."""
    n, whole = len(given.members), float(given.v[-1])
    masks = np.arange(len(given.v))
    lost = whole - given.v[given.grand ^ (1 << np.arange(n))]
    none = np.array([given.v[(masks >> i & 1) == 0].max() <= TIGHT * given.scale for i in range(n)])
    share = lost / whole if whole > 0 else np.full(n, np.nan)
    return Veto(np.asarray(lost), np.asarray(share), none & (whole > 0))


@dataclass(frozen=True, slots=True)
class Transfers:
    """Payments between members that would keep everyone in.

    Attributes
    ----------
    paid
        [G] received (above zero) or paid (below zero); adds up to `subsidy`.
    moved
        Sum that changes hands among members.
    subsidy
        Sum needed from outside; 0 where the members can do it among themselves.
    against_coalitions
        Whether no group of members gains by leaving together, or only no member alone.
    """

    paid: Array
    moved: float
    subsidy: float
    against_coalitions: bool


def minimal_transfers(given: Game, own_gain: Array, *, against_coalitions: bool) -> Transfers:
    """Least payments after which nobody does better outside.

    First the subsidy from outside is made as small as it can be, then the sum that moves, then its largest part.

    Parameters
    ----------
    given
        The game.
    own_gain
        [G] what each member gains by itself when all take part, its share of the cost taken off; adds up to v(N).
    against_coalitions
        Guard against groups that leave together, or against single members only.

    Raises
    ------
    InputError
        When the gains do not add up to v(N).
    """
    n = len(given.members)
    gain = np.asarray(own_gain, dtype=np.float64)
    scale = max(given.scale, float(np.abs(gain).max())) if gain.shape == (n,) else 1.0
    if gain.shape != (n,) or abs(gain.sum() - given.v[-1]) > 1e-6 * scale:
        raise InputError("The gains of the members do not add up to the worth of all", "Give one per member.")
    if against_coalitions:
        _programs_only(given)
        masks = np.arange(1, len(given.v))
    else:
        masks = 1 << np.arange(n)
    rows = ((masks[:, None] >> np.arange(n)) & 1).astype(np.float64)
    need = (given.v[masks] - rows @ gain) / scale
    paid = _least_payments(rows, need) * scale
    moved = -float(paid[paid < 0].sum())
    return Transfers(paid, moved, max(float(paid.sum()), 0.0), against_coalitions)


def _least_payments(rows: Array, need: Array) -> Array:
    """Payments t with rows @ t >= need: least sum, then least sum paid in, then least of the largest paid in."""
    n = rows.shape[1]
    one, none = np.ones(n), np.zeros(n)
    goals = np.array([np.r_[one, -one, 0.0], np.r_[none, one, 0.0], np.r_[none, none, 1.0]])
    upper = np.r_[
        np.c_[-rows, rows, np.zeros(len(rows))],
        -goals[:1],
        np.c_[np.zeros((n, n)), np.eye(n), -np.ones(n)],
    ]
    limit = np.r_[-need, 0.0, none]
    for goal in goals:
        done = _optimum("A set of transfers", goal, (upper, limit), NONE, (0.0, None))
        upper, limit = np.r_[upper, goal[None]], np.r_[limit, float(done.fun) + 1e-12]
    return np.asarray(done.x[:n] - done.x[n : 2 * n])


@dataclass(frozen=True, slots=True)
class Exit:
    """Whether members stay once the money is spent.

    Attributes
    ----------
    temptation
        [G] present value gained by leaving after the cost is sunk; above zero the agreement does not hold by itself.
    harm
        [G] what the others lose by it.
    bond
        [G] the least guarantee that makes leaving no gain.
    """

    temptation: Array
    harm: Array
    bond: Array


def exit_after_sunk(stay: Array, leave: Array) -> Exit:
    """Compare staying and leaving when nothing of the cost comes back.

    Parameters
    ----------
    stay
        [G] present value of each member's gains from that day on, cost already paid left out.
    leave
        [G, G] row i: present value of everyone's gains (column) if member i leaves that day.
    """
    stay, leave = np.asarray(stay, dtype=np.float64), np.asarray(leave, dtype=np.float64)
    n = len(stay)
    if leave.shape != (n, n):
        raise InputError("The gains after an exit do not fit the members", "Give one row per member who leaves.")
    own = np.diag(leave)
    temptation = own - stay
    harm = (stay.sum() - stay) - (leave.sum(axis=1) - own)
    return Exit(temptation, harm, np.maximum(temptation, 0.0))
