"""Structural gravity: multilateral resistances, and the equilibria that go with an estimate.

Anderson and van Wincoop (2003), in the notation of Yotov, Piermartini, Monteiro and Larch (2016):

    X_ij = (Y_i E_j / Y) (t_ij / (Pi_i P_j))^(1-sigma).

One sector, no inputs; the trade elasticity is sigma - 1. Four equilibria answer different questions, and published
figures differ by which was used:

* :class:`Conditional`: resistances move, output and spending do not;
* :class:`Endowment`: output and spending move too, to convergence. This is the equilibrium of
  :func:`serai.trade.hat.hat` with one commodity;
* :class:`SharesHeld`: prices at the factory gate follow from the conditional resistances, p = Pi / Pi', and move
  output once; resistances do not see it. The `gegravity` package does this under the name of full equilibrium;
* :class:`StoppedIteration`: the iteration of the guide by Yotov and others, which refits effects to trade until
  prices change by less than a tolerance. Their published table stops at 0.01.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from serai.core.errors import InputError
from serai.trade.base import Array, Fees, ProportionalDeficits, TradeShock
from serai.trade.solvers import NoEquilibrium


@dataclass(frozen=True, slots=True)
class Conditional:
    """Resistances move; output and spending stay."""


@dataclass(frozen=True, slots=True)
class Endowment:
    """Quantities stay, prices move until all markets clear."""


@dataclass(frozen=True, slots=True)
class SharesHeld:
    """Prices follow from conditional resistances and do not feed back."""


@dataclass(frozen=True, slots=True)
class StoppedIteration:
    """Refit effects to trade until the last change of prices is within a tolerance, in deviation and maximum."""

    tol: float = 1e-2
    max_iterations: int = 5000


LOST = 1e6
"""Growth of trade in one step of the guide's iteration at which it has diverged."""

Equilibrium = Conditional | Endowment | SharesHeld | StoppedIteration


@dataclass(frozen=True, slots=True)
class GravityBase:
    """What a gravity counterfactual starts from. N economies.

    Attributes
    ----------
    names : tuple of str
        Economies.
    cost : float64[N, N]
        t^(1-sigma) by exporter and importer, home included; zero where nothing can be traded.
    output, spending : float64[N]
        Y and E in any one unit. Where the sums differ, shares of each are taken.
    sigma : float
        Elasticity of substitution, above one.
    reference : int
        Economy whose inward resistance is one.
    """

    names: tuple[str, ...]
    cost: Array
    output: Array
    spending: Array
    sigma: float
    reference: int


@dataclass(frozen=True, slots=True)
class Resistances:
    """Multilateral resistances to the power 1 - sigma of N economies.

    Attributes
    ----------
    outward, inward : float64[N]
        Of exporters and of importers; the inward one of the reference economy is one.
    residual
        Largest relative gap of a margin.
    """

    outward: Array
    inward: Array
    residual: float


@dataclass(frozen=True, slots=True)
class GravityChange:
    """A gravity counterfactual against its base. N economies; ratios, one for no change.

    Attributes
    ----------
    exports, imports, home : float64[N]
        Trade with others, and with oneself, in value.
    price : float64[N]
        Price at the factory gate.
    inward, outward : float64[N]
        Resistances P and Pi (not powers).
    real_income : float64[N]
        Price at the factory gate over P.
    trade_before, trade_after : float64[N, N]
        Modelled trade, in the unit of output.
    residual : float
        Largest relative gap left by the equilibrium that was asked for.
    iterations : int
        Steps of the iteration, or of the solver.
    """

    exports: Array
    imports: Array
    home: Array
    price: Array
    inward: Array
    outward: Array
    real_income: Array
    trade_before: Array
    trade_after: Array
    residual: float
    iterations: int


def resistances(
    cost: Array, output: Array, spending: Array, reference: int, tol: float = 1e-13, max_iterations: int = 100
) -> Resistances:
    """Solve the multilateral resistances by Newton's method on the logs of the scaling factors.

    The margins are those of a convex function, sum_ij t_ij exp(u_i + v_j) - y'u - e'v, with y and e shares.

    Parameters
    ----------
    cost : float64[N, N]
        t^(1-sigma).
    output, spending : float64[N]
        Positive, any unit.
    reference
        Economy whose inward term is one.
    tol
        Largest relative gap of a margin.
    max_iterations
        Newton steps after which to give up.

    Raises
    ------
    NoEquilibrium
        If the margins cannot be met, such as where costs leave an economy without a partner.
    """
    y, e = output / output.sum(), spending / spending.sum()
    n = y.size
    if not ((cost > 0).any(axis=0).all() and (cost > 0).any(axis=1).all()):
        raise NoEquilibrium("An economy has no partner, not even itself", "Add its trade at home.", float("nan"))
    v = np.ones(n)
    for _ in range(20):
        u = y / (cost @ v)
        v = e / (cost.T @ u)
    u, v = np.log(u), np.log(v)
    keep = np.arange(2 * n) != n + reference
    v, u = v - v[reference], u + v[reference]
    gap = np.inf
    best = (np.inf, u, v)
    for _ in range(max_iterations):
        x = cost * np.exp(u)[:, None] * np.exp(v)
        rows, cols = x.sum(axis=1), x.sum(axis=0)
        gap = float(max(np.abs(rows / y - 1).max(), np.abs(cols / e - 1).max()))
        if gap >= best[0] or gap <= tol:
            if gap < best[0]:
                best = (gap, u, v)
            if best[0] <= 1e-9:
                break
        best = min(best, (gap, u, v), key=lambda b: b[0])
        if not np.isfinite(gap):
            break
        hess = np.block([[np.diag(rows), x], [x.T, np.diag(cols)]])[np.ix_(keep, keep)]
        step = np.zeros(2 * n)
        step[keep] = np.linalg.solve(hess, np.concatenate((y - rows, e - cols))[keep])
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-300))
        u, v = u + step[:n], v + step[n:]
    gap, u, v = best
    if gap > 1e-9:
        raise NoEquilibrium("Multilateral resistances were not found", "Look for economies that trade with few.", gap)
    return Resistances(y * np.exp(-u) * e[reference], e * np.exp(-v) / e[reference], gap)


def gravity_equilibrium(base: GravityBase, cost_after: Array, kind: Equilibrium) -> GravityChange:
    """Solve a counterfactual of trade costs.

    Parameters
    ----------
    base
        Costs, output and spending before.
    cost_after : float64[N, N]
        t^(1-sigma) after; zero only where the base is zero too, or trade ends.
    kind
        Which equilibrium.

    Raises
    ------
    NoEquilibrium
        If it is not found.
    InputError
        If figures do not fit.
    """
    n = len(base.names)
    if base.cost.shape != (n, n) or cost_after.shape != (n, n):
        raise InputError("Trade costs are not a square of the economies", "Give a row for every pair, home included.")
    if base.sigma <= 1:
        raise InputError(f"sigma is {base.sigma:g}", "An elasticity of substitution above one is needed.")
    if not ((base.output > 0).all() and (base.spending > 0).all()):
        raise InputError("An economy has no output or no spending", "Leave it out of the table.")
    if isinstance(kind, Endowment):
        return _endowment(base, cost_after)
    if isinstance(kind, StoppedIteration):
        return _stopped(base, cost_after, kind)
    before = resistances(base.cost, base.output, base.spending, base.reference)
    after = resistances(cost_after, base.output, base.spending, base.reference)
    power = 1 / (1 - base.sigma)
    inward, outward = (after.inward / before.inward) ** power, (after.outward / before.outward) ** power
    price = np.ones(n) if isinstance(kind, Conditional) else 1 / outward
    old = _trade(base.cost, base.output, base.spending, before)
    new = _trade(cost_after, base.output * price, base.spending * price, after, base)
    return _changed(old, new, price, inward, outward, max(before.residual, after.residual), 1)


def _trade(cost: Array, output: Array, spending: Array, mr: Resistances, base: GravityBase | None = None) -> Array:
    """Modelled trade, in the unit of output; spending as shares of the base's where given."""
    share = spending / (spending.sum() if base is None else base.spending.sum())
    if base is not None:
        share = share * base.output.sum() / output.sum()
    return np.asarray(cost * np.outer(output / mr.outward, share / mr.inward))


def _changed(
    old: Array, new: Array, price: Array, inward: Array, outward: Array, residual: float, iterations: int
) -> GravityChange:
    abroad = ~np.eye(old.shape[0], dtype=bool)
    return GravityChange(
        exports=(new * abroad).sum(axis=1) / (old * abroad).sum(axis=1),
        imports=(new * abroad).sum(axis=0) / (old * abroad).sum(axis=0),
        home=np.diag(new) / np.diag(old),
        price=price,
        inward=inward,
        outward=outward,
        real_income=price / inward,
        trade_before=old,
        trade_after=new,
        residual=residual,
        iterations=iterations,
    )


def _endowment(base: GravityBase, cost_after: Array) -> GravityChange:
    from serai.trade.calibrate import calibrate
    from serai.trade.hat import hat

    theta = base.sigma - 1
    before = resistances(base.cost, base.output, base.spending, base.reference)
    old = _trade(base.cost, base.output, base.spending, before)
    world = calibrate(
        old[None], old.sum(axis=1), [theta], usd_per_t=1.0, gamma=1.0, home_usd_m=np.diag(old)[None],
        closure=ProportionalDeficits(), economies=base.names,
    )  # fmt: skip
    ratio = np.where(base.cost > 0, cost_after / np.where(base.cost > 0, base.cost, 1.0), 1.0)
    with np.errstate(divide="ignore"):
        dear = np.where(ratio > 0, ratio ** (-1 / theta), np.inf) - 1.0
    found = hat(world, TradeShock(dear[None], Fees.none()))
    inward = found.price / found.price[base.reference]
    price = found.wage / found.price[base.reference]
    new = found.V[0] / found.price[base.reference]
    after = resistances(cost_after, new.sum(axis=1), new.sum(axis=0), base.reference)
    outward = (after.outward / before.outward) ** (1 / (1 - base.sigma))
    return _changed(old, new, price, inward, outward, found.residual, found.iterations)


def _effects(mr: Resistances, output: Array, spending: Array, reference: int) -> tuple[Array, Array]:
    """Return exporter and importer factors of trade (the reference importer's is one); Fally (2015)."""
    pi = output * spending[reference] / (spending.sum() * mr.outward)
    return pi, spending / (mr.inward * spending[reference])


def _stopped(base: GravityBase, cost_after: Array, kind: StoppedIteration) -> GravityChange:
    """Iterate as the guide's published programs do, stopping rule included."""
    r, power, n = base.reference, 1 / (1 - base.sigma), base.output.size
    y0, e0 = base.output, base.spending * (base.output.sum() / base.spending.sum())
    phi = e0 / y0
    before, after = resistances(base.cost, y0, e0, r), resistances(cost_after, y0, e0, r)
    old, new = _trade(base.cost, y0, e0, before), _trade(cost_after, y0, e0, after)
    pi0, chi0 = _effects(before, y0, e0, r)
    pi_last, spent = _effects(after, y0, e0, r)[0], float(e0[r])
    out0, inn0 = y0 * e0[r] / pi0, e0 / (chi0 * e0[r])
    out_last, inn_last = y0 * e0[r] / pi_last, e0 / (_effects(after, y0, e0, r)[1] * e0[r])
    price_last, price = np.zeros(n), (pi_last / pi0) ** power
    d_out, d_in = np.ones(n), np.ones(n)
    gap, step = np.inf, 0
    while gap > kind.tol:
        if step == kind.max_iterations:
            raise NoEquilibrium(f"Prices still change by {gap:.1e} after {step} iterations", "Use full.", gap)
        step += 1
        moved = new * np.outer(price, price) / np.outer(d_out, d_in)
        if not (np.isfinite(moved).all() and moved.max() < LOST * new.max()):
            raise NoEquilibrium(f"The guide's iteration diverges after {step} steps", "Use full.", gap)
        mr = resistances(cost_after, moved.sum(axis=1), moved.sum(axis=0), r)
        new = _trade(cost_after, moved.sum(axis=1), moved.sum(axis=0), mr)
        pi, chi = _effects(mr, moved.sum(axis=1), moved.sum(axis=0), r)
        y = new.sum(axis=1)
        e = phi * y
        out, inn = y * e[r] / pi, e / (chi * e[r])
        d_out, d_in = out / out_last, inn / inn_last
        change = price - price_last
        gap = float(max(change.std(ddof=1), change.max()))
        price_last, price = price, ((pi / pi_last) / (e[r] / spent)) ** power
        out_last, inn_last, pi_last, spent = out, inn, pi, float(e[r])
    level = ((pi / pi0) / (spent / e0[r])) ** power
    y = level * y0
    out = y * spent / pi
    final = cost_after * np.outer(y / out, phi * y / inn)
    return _changed(old, final, level, (inn / inn0) ** power, (out / out0) ** power, gap, step)
