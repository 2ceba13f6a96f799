"""Gravity estimated by Poisson pseudo-maximum likelihood with exporter and importer effects.

Santos Silva and Tenreyro (2006). The two sets of effects are partialled out of every weighted least squares step
(Frisch, Waugh and Lovell), so that no dummy is ever formed. With both sets the fitted exports and imports of each
economy equal the data (Fally 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import EXIT_NO_ANSWER, InputError, SeraiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.trade.base import Array

ABSORBED = 1e-10
"""Share of a covariate's variation below which the effects are said to absorb it."""


class NoEstimate(SeraiError):  # noqa: N818  beside NoEquilibrium
    """The estimator did not converge."""

    exit_code = EXIT_NO_ANSWER


@dataclass(frozen=True, slots=True)
class GravityEstimate:
    """A fitted gravity equation with p covariates, N economies and n rows.

    Attributes
    ----------
    names : tuple of str
        Covariates.
    coefficient, standard_error : float64[p]
        Standard errors are robust, or clustered if clusters were given, times G/(G-1).
    exporter_effect, importer_effect : float64[N]
        Effects; the importer effect of the reference is zero. Minus infinity where an economy does not trade at all.
    fitted : float64[n]
        Expected trade of each row, in the unit of the data; zero in rows left out.
    rows, clusters : int
        Rows used, and clusters (rows, if none were given).
    left_out : int
        Rows of exporters or importers that never trade: they fit exactly and say nothing.
    deviance : float
        Poisson deviance.
    iterations : int
        Weighted least squares steps.
    """

    names: tuple[str, ...]
    coefficient: Array
    standard_error: Array
    exporter_effect: Array
    importer_effect: Array
    fitted: Array
    rows: int
    clusters: int
    left_out: int
    deviance: float
    iterations: int


@dataclass(frozen=True, slots=True)
class _TwoWay:
    """Weighted projection on exporter and importer dummies, the reference importer left out."""

    exporter: npt.NDArray[np.intp]
    importer: npt.NDArray[np.intp]
    exporters: int
    importers: int

    def effects(self, weight: Array, x: Array) -> Array:
        """Least squares effects of the columns of x, float64[exporters + importers, columns]."""
        e, m = self.exporters, self.importers
        gram = np.zeros((e + m, e + m))
        cross = np.bincount(self.exporter * m + self.importer, weights=weight, minlength=e * m).reshape(e, m)
        gram[:e, e:], gram[e:, :e] = cross, cross.T
        gram[np.arange(e), np.arange(e)] = cross.sum(axis=1)
        gram[e + np.arange(m), e + np.arange(m)] = cross.sum(axis=0)
        right = np.empty((e + m, x.shape[1]))
        for c in range(x.shape[1]):
            right[:e, c] = np.bincount(self.exporter, weights=weight * x[:, c], minlength=e)
            right[e:, c] = np.bincount(self.importer, weights=weight * x[:, c], minlength=m)
        # One effect is free in each connected part of the table; the least-norm solution leaves the fit as it is.
        return np.asarray(np.linalg.lstsq(gram, right, rcond=1e-13)[0], dtype=np.float64)

    def residual(self, weight: Array, x: Array) -> Array:
        """Return what the effects do not explain of the columns of x."""
        found = self.effects(weight, x)
        return np.asarray(x - found[self.exporter] - found[self.exporters + self.importer])


def ppml(
    exporter: npt.NDArray[np.intp],
    importer: npt.NDArray[np.intp],
    trade: Array,
    covariates: Array,
    *,
    names: Sequence[str],
    economies: int,
    reference: int = 0,
    cluster: npt.NDArray[np.intp] | None = None,
    tol: float = 1e-12,
    max_iterations: int = 200,
) -> GravityEstimate:
    """Estimate trade_r = exp(exporter effect + importer effect + covariates_r coefficient) + error.

    Parameters
    ----------
    exporter, importer : int[n]
        Economies, from zero.
    trade : float64[n]
        Not negative, any unit.
    covariates : float64[n, p]
        Columns in the order of `names`.
    names
        Covariates, for messages.
    economies
        N.
    reference
        Importer whose effect is zero.
    cluster : int[n]
        Groups within which errors may be correlated; each row alone by default.
    tol
        Largest relative change of the deviance, and of coefficients, at which to stop.
    max_iterations
        Steps after which to give up.

    Raises
    ------
    InputError
        If figures are missing or negative, or the effects absorb a covariate.
    NoEstimate
        If the steps do not converge.
    """
    names, p = tuple(names), covariates.shape[1]
    if not (np.isfinite(trade).all() and (trade >= 0).all() and np.isfinite(covariates).all()):
        raise InputError("The gravity table holds missing or negative figures", "Complete its rows, or leave them out.")
    sold = np.bincount(exporter, weights=trade, minlength=economies)
    bought = np.bincount(importer, weights=trade, minlength=economies)
    use = (sold[exporter] > 0) & (bought[importer] > 0)
    y, x = trade[use], covariates[use]
    unit = float(y.mean()) if y.size else 1.0
    y = y / unit
    ways = _TwoWay(exporter[use], importer[use], economies, economies)
    mu = (y + 1.0) / 2
    eta, beta, deviance = np.log(mu), np.full(p, np.inf), np.inf
    step, settled = 0, False
    while not settled:
        if step == max_iterations:
            raise NoEstimate(
                f"The gravity estimate did not converge in {max_iterations} steps",
                "Look for a covariate that separates zeros from trade.",
            )
        step += 1
        z = eta + (y - mu) / mu
        inner = ways.residual(mu, np.column_stack((x, z)))
        xr, zr = inner[:, :p], inner[:, p]
        _must_vary(mu, x, xr, names)
        new = np.linalg.solve(xr.T @ (mu[:, None] * xr), xr.T @ (mu * zr))
        eta = z - zr + xr @ new
        mu = np.exp(np.clip(eta, -700, 700))
        logs = np.where(y > 0, np.log(np.where(y > 0, y, 1.0) / mu), 0.0)
        now = 2 * float((y * logs - (y - mu)).sum())
        moved = float(np.abs(new - beta).max(initial=0.0))
        settled = abs(now - deviance) <= tol * (1 + abs(now)) and moved <= tol * (1 + float(np.abs(new).max(initial=0)))
        beta, deviance = new, now
    error, groups = _errors(ways, mu, x, y, None if cluster is None else cluster[use])
    found = ways.effects(mu, (eta - x @ beta)[:, None])[:, 0]
    effects = np.where(sold > 0, found[:economies], -np.inf), np.where(bought > 0, found[economies:], -np.inf)
    shift = effects[1][reference]
    if not np.isfinite(shift):
        raise InputError("The reference imports nothing", "Choose another --reference.")
    fitted = np.zeros(trade.size)
    fitted[use] = unit * mu
    return GravityEstimate(
        names, beta, error, effects[0] + shift + np.log(unit), effects[1] - shift, fitted, int(use.sum()), groups,
        int((~use).sum()), unit * deviance, step,
    )  # fmt: skip


def _must_vary(weight: Array, x: Array, residual: Array, names: tuple[str, ...]) -> None:
    left = np.sqrt((weight[:, None] * residual**2).sum(axis=0))
    size = np.sqrt((weight[:, None] * x**2).sum(axis=0))
    dead = left <= ABSORBED * np.maximum(size, 1e-300)
    if dead.any():
        which = ", ".join(n for n, d in zip(names, dead, strict=True) if d)
        raise InputError(f"Exporter and importer effects absorb {which}", "Leave it out.")
    scaled = residual / left
    values = np.linalg.eigvalsh(scaled.T @ (weight[:, None] * scaled))
    if values.size and values[0] < ABSORBED:
        raise InputError(f"The covariates {', '.join(names)} are collinear", "Leave one out.")


def _errors(ways: _TwoWay, mu: Array, x: Array, y: Array, cluster: npt.NDArray[np.intp] | None) -> tuple[Array, int]:
    """Sandwich standard errors, and the number of clusters."""
    xr = ways.residual(mu, x)
    bread = np.linalg.inv(xr.T @ (mu[:, None] * xr))
    score = xr * (y - mu)[:, None]
    if cluster is not None:
        _, at = np.unique(cluster, return_inverse=True)
        score = np.column_stack([np.bincount(at, weights=score[:, c]) for c in range(score.shape[1])])
    groups = score.shape[0]
    cover = bread @ (score.T @ score) @ bread * (groups / max(groups - 1, 1))
    return np.asarray(np.sqrt(np.diag(cover)), dtype=np.float64), groups
