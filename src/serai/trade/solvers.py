"""Ways to solve the equilibrium: chord steps mixed by Anderson's method, and damped Newton where these fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import EXIT_NO_ANSWER, SeraiError
from serai.trade.system import evaluate, linearise

if TYPE_CHECKING:
    from serai.trade.base import Array, TradeBase
    from serai.trade.system import System


class NoEquilibrium(SeraiError):  # noqa: N818  the name the field gives it
    """No trade equilibrium was found, or none can exist.

    Attributes
    ----------
    residual
        Largest relative residual of the last attempt; not a number where no attempt was made.
    """

    exit_code = EXIT_NO_ANSWER

    def __init__(self, what: str, remedy: str, residual: float) -> None:
        self.residual = residual
        super().__init__(what, remedy)


@dataclass(frozen=True, slots=True)
class Solution:
    """What solves the equations: unknowns (ln c, ln E) [2N], and spending per unit of preference there [K, N].

    With the largest relative residual, iterations, and the method that ended it.
    """

    x: Array
    q: Array
    residual: float
    iterations: int
    method: str


@dataclass(frozen=True, slots=True)
class DampedNewton:
    """Newton with the analytic Jacobian; steps of at most one in logs, halved until the sum of squares falls."""

    tol: float = 1e-11
    max_iterations: int = 60

    def solve(self, base: TradeBase, system: System, start: Array) -> Solution:
        """Solve from `start`; the residual tells whether it succeeded."""
        x = start.copy()
        at = evaluate(base, system, x)
        f = at.f / base.scale
        for it in range(self.max_iterations):
            r = float(np.abs(f).max())
            if not np.isfinite(r) or r <= self.tol:
                return Solution(x, at.q, r if np.isfinite(r) else np.inf, it, "damped Newton")
            jac = linearise(base, system, x).jacobian / base.scale[:, None]
            try:
                step = np.linalg.solve(jac, -f)
            except np.linalg.LinAlgError:
                return Solution(x, at.q, r, it, "damped Newton")
            size = min(1.0, 1.0 / float(np.abs(step).max()))
            merit = float(f @ f)
            while size > 1e-6:
                there = evaluate(base, system, x + size * step)
                f_new = there.f / base.scale
                if np.isfinite(f_new).all() and float(f_new @ f_new) < merit:
                    break
                size *= 0.5
            else:
                return Solution(x, at.q, r, it, "damped Newton")
            x, at, f = x + size * step, there, f_new
        return Solution(x, at.q, float(np.abs(f).max()), self.max_iterations, "damped Newton")


@dataclass(frozen=True, slots=True)
class ChordAnderson:
    """Steps with the inverse Jacobian of the base, mixed over the last few (Anderson 1965); then `otherwise`."""

    memory: int = 5
    tol: float = 1e-11
    max_iterations: int = 60
    otherwise: DampedNewton = field(default_factory=DampedNewton)

    def solve(self, base: TradeBase, system: System, start: Array) -> Solution:
        """Solve from `start`; the residual tells whether it succeeded."""
        from serai.trade.kernels import chord_anderson

        x, q = start.copy(), np.empty(base.al.shape)
        it, r = chord_anderson(
            x, q, base.chord_t, base.scale, self.memory, self.tol, self.max_iterations, system.a, system.net,
            system.sells, system.fee_cell, system.fee_owner, system.fee, base.al, base.al_n, base.theta, base.gamma,
            base.L, base.D, base.proportional,
        )  # fmt: skip
        if r <= self.tol:
            return Solution(x, q, r, it, "chord and Anderson")
        then = self.otherwise.solve(base, system, start)
        return Solution(then.x, then.q, then.residual, it + then.iterations, then.method)


Method = ChordAnderson | DampedNewton
