"""A sweep over one project: gains of the members at every draw, kept block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serai.core.errors import InputError
from serai.core.executors import Dask, Processes
from serai.corridor.service import open_corridor
from serai.feasibility.corridor_model import CorridorModel, ProjectDraws
from serai.feasibility.distribution import distribution
from serai.feasibility.draw_map import corridor_factors
from serai.feasibility.rounding import shown
from serai.feasibility.sweep import run_sweep

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from serai.core.executors import Executor
    from serai.data.package import Package


def sweep_project(
    package: Package, project: str, as_of: dt.date, draws: int, folder: Path, workers: int = 0, dask: str | None = None
) -> dict[str, Any]:
    """Solve the day with and without a project at every draw of the ranged figures.

    Parameters
    ----------
    package, project, as_of
        The corridor, a project of it, and the day whose borders count.
    draws, folder
        A power of two from 64, and where the blocks are kept.
    workers, dask
        Processes, 0 for one per core; or the address of a scheduler.

    Raises
    ------
    InputError
        When the project or the number of draws is none.
    """
    if project not in set(package["projects"]["id"]):
        raise InputError(f"There is no project {project!r}", f"Use one of: {', '.join(package['projects']['id'])}.")
    world = open_corridor(package)
    factors = corridor_factors(package)
    model = CorridorModel(world, as_of, factors)
    model.touched((project,))
    executor: Executor = Dask(dask) if dask else Processes(workers)
    found = run_sweep(ProjectDraws(model, ((project,),)), factors, draws, folder, executor=executor)
    member = package["countries"].loc[package["countries"]["member"], "iso3"]
    own = [c for c in member if c in model.countries]
    gain = np.sum([found[f"stage0.ev_usd_per_year.{c}"] for c in own], axis=0) / 1e6
    spread = distribution(gain)
    tonnes = found["stage0.t_per_year"]
    return {
        "project": project,
        "as_of": as_of.isoformat(),
        "package": {"name": package.meta.name, "version": package.meta.version, "digest": package.meta.digest},
        "digest": found.digest,
        "draws": spread.n,
        "failed": spread.failed,
        "reasons": found.failures,
        "figures_drawn": len(factors),
        "clipped": int(found.clipped.sum()),
        "resumed_blocks": found.resumed,
        "members_gain_usd_m_per_year": {
            "mean": spread.mean,
            "error": spread.mean_error,
            "p10": spread.percentiles[10.0],
            "p50": spread.percentiles[50.0],
            "p90": spread.percentiles[90.0],
        },
        "p_members_gain": {"value": spread.p_positive, "error": spread.p_positive_error},
        "mt_per_year": {f"p{q}": float(np.nanpercentile(tonnes, q)) / 1e6 for q in (10, 50, 90)},
        "folder": str(folder),
    }


def sweep_lines(found: dict[str, Any]) -> list[str]:
    """Say what a sweep found."""
    g, p, mt = found["members_gain_usd_m_per_year"], found["p_members_gain"], found["mt_per_year"]
    low, high = g["p10"], g["p90"]
    lines = [
        (
            f"{found['project']} on {found['as_of']}: {found['draws']} draws of {found['figures_drawn']} figures, "
            f"{found['failed']} without an answer, {found['resumed_blocks']} blocks were there before."
        ),
        (
            f"Members gain {shown(g['p50'], low, high)} million USD a year "
            f"({shown(low, low, high)} to {shown(high, low, high)}; mean {g['mean']:.1f} +- {g['error']:.1f})."
        ),
        f"Chance that they gain: {100 * p['value']:.0f} % +- {100 * p['error']:.0f}.",
        f"Traffic: {mt['p50']:.2f} Mt a year ({mt['p10']:.2f} to {mt['p90']:.2f}).",
    ]
    lines += [f"{n} draws: {reason}" for reason, n in found["reasons"].items()]
    return lines
