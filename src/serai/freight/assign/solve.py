"""One function: links, trips and a method make an assignment."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from serai.freight.assign.loading import Problem, problem_of
from serai.freight.assign.network import LinkNetwork, Trips
from serai.freight.assign.result import Assignment, Solved


class Method(Protocol):
    """An algorithm with its settings."""

    def solve(self, problem: Problem) -> Solved:
        """Find the flow; raises NotConvergedError."""
        ...


def assign(network: LinkNetwork, trips: Trips, method: Method) -> Assignment:
    """Assign trips to links in equilibrium.

    Parameters
    ----------
    network
        Links and their cost functions.
    trips
        Demand between zones. Pairs that no path joins are returned, not assigned; trips inside a zone use no link.
    method
        GradientProjection, BiconjugateFrankWolfe, ConjugateFrankWolfe, FrankWolfe or Logit.

    Raises
    ------
    InputError
        Trips are negative, not a number, between unknown zones, or given twice.
    NotConvergedError
        The method did not reach its gap within its iterations.
    NoFlowError
        Costs overflow.
    """
    problem = problem_of(network, trips)
    solved = method.solve(problem)

    def by_link(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        out = np.empty_like(values)
        out[problem.graph.link] = values
        return out

    return Assignment(
        flow=by_link(solved.flow),
        cost=by_link(solved.cost),
        objective=solved.certificate.objective,
        total_travel_time=solved.certificate.total_travel_time,
        relative_gap=solved.certificate.relative_gap,
        lower_bound=solved.lower_bound,
        residual=solved.residual,
        iterations=solved.iterations,
        assigned_trips=float(problem.pairs.volume.sum()),
        intrazonal_trips=problem.pairs.intrazonal_trips,
        unassigned=problem.pairs.unassigned,
    )
