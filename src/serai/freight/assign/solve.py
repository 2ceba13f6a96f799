"""One function: links, trips and a method make an assignment."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from serai.freight.assign.loading import Problem, problem_of
from serai.freight.assign.network import LinkNetwork, Pairs, Trips
from serai.freight.assign.result import Assignment, NoFlowError, Solved

LARGEST_IMBALANCE = 1e-9
"""Share of the trips assigned that may come to a node and not leave it; more is not rounding but a wrong flow."""


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
        Costs overflow, or the flow found does not carry the trips.
    """
    problem = problem_of(network, trips)
    try:
        solved = method.solve(problem)
    except NoFlowError as fault:
        raise _named(fault, network, problem) from None

    def by_link(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        out = np.empty_like(values)
        out[problem.graph.link] = values
        return out

    flow = by_link(solved.flow)
    assigned, apart = float(problem.pairs.volume.sum()), imbalance(network, problem.pairs, flow)
    if not apart <= LARGEST_IMBALANCE * assigned:
        raise NoFlowError(
            f"the flow found leaves {apart:.3g} of {assigned:g} trips at a node they only pass",
            "Report this with both files; the flow is not to be used.",
        )
    return Assignment(
        flow=flow,
        cost=by_link(solved.cost),
        objective=solved.certificate.objective,
        total_travel_time=solved.certificate.total_travel_time,
        relative_gap=solved.certificate.relative_gap,
        lower_bound=solved.lower_bound,
        residual=solved.residual,
        iterations=solved.iterations,
        assigned_trips=assigned,
        imbalance=apart,
        intrazonal_trips=problem.pairs.intrazonal_trips,
        unassigned=problem.pairs.unassigned,
    )


def imbalance(network: LinkNetwork, pairs: Pairs, flow: npt.NDArray[np.float64]) -> float:
    """Largest difference at a node between the trips that come and start there and those that go and end there.

    Parameters
    ----------
    flow : float64[L]
        On each link.
    """
    over = np.zeros(network.nodes)
    np.add.at(over, network.head, flow)
    np.add.at(over, network.tail, -flow)
    np.add.at(over, np.repeat(pairs.origin, np.diff(pairs.ptr)), pairs.volume)
    np.add.at(over, pairs.destination, -pairs.volume)
    return float(abs(over).max())


def _named(fault: NoFlowError, network: LinkNetwork, problem: Problem) -> NoFlowError:
    """Say which link it is whose cost is no number."""
    if fault.arc is None:
        return fault
    link = problem.graph.link[fault.arc]
    where = f"link {link + 1}, from node {network.tail[link] + 1} to {network.head[link] + 1}"
    return NoFlowError(f"{where}: {fault.what}", fault.remedy)
