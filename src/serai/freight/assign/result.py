"""What an assignment returns, and the error when it does not settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import EXIT_NO_ANSWER, InputError, SeraiError

if TYPE_CHECKING:
    import pandas as pd

    from serai.freight.assign.paths import PathSet

Array = npt.NDArray[np.float64]


class NotConvergedError(SeraiError):
    """An assignment that did not reach its gap within its iterations.

    Attributes
    ----------
    gap
        The gap it did reach.
    """

    exit_code = EXIT_NO_ANSWER

    def __init__(self, wanted: float, gap: float, iterations: int) -> None:
        self.gap = gap
        super().__init__(
            f"the assignment reached a gap of {gap:.3g} in {iterations} iterations, not {wanted:g}",
            "Allow more iterations or a wider gap.",
        )


class NoFlowError(SeraiError):
    """A flow that is none: its costs are not finite numbers, or it does not carry the trips.

    Attributes
    ----------
    arc
        Arc of the graph whose cost it is.
    """

    exit_code = EXIT_NO_ANSWER

    def __init__(self, what: str, remedy: str, arc: int | None = None) -> None:
        self.arc = arc
        super().__init__(what, remedy)


def check_limits(gap: float, max_iterations: int) -> None:
    """Refuse a gap or a number of iterations that means nothing."""
    if not gap > 0:
        raise InputError(f"a gap of {gap:g} cannot be reached", "Give a positive gap.")
    if gap >= 1:
        raise InputError(f"a gap of {gap:g} asks for nothing: the gap is a share", "Give less than 1, such as 1e-6.")
    if max_iterations < 1:
        raise InputError(f"{max_iterations} iterations are too few", "Allow at least one.")


@dataclass(frozen=True, slots=True)
class Certificate:
    """How far a flow is from equilibrium.

    Attributes
    ----------
    objective
        Beckmann's: the sum of the integrals of the link costs.
    total_travel_time
        Sum of flow times cost.
    relative_gap
        Share of the total travel time that moving every trip to its shortest path at these costs would save.
    lower_bound
        No flow has a lower objective, the objective being convex.
    """

    objective: float
    total_travel_time: float
    relative_gap: float
    lower_bound: float


@dataclass(frozen=True, slots=True)
class Solved:
    """What an algorithm found, in the order of the graph's arcs.

    Attributes
    ----------
    flow, cost : float64[L]
        On each arc.
    certificate
        Of this flow.
    lower_bound
        Best bound on the objective over all iterations.
    iterations
        How many it took.
    residual
        Share of the trips on another path than the model of choice puts them on; for Wardrop's principle, the gap.
    paths
        Paths and their flows, where the algorithm keeps them.
    """

    flow: Array
    cost: Array
    certificate: Certificate
    lower_bound: float
    iterations: int
    residual: float
    paths: PathSet | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Flows in equilibrium on L links.

    Attributes
    ----------
    flow, cost : float64[L]
        On each link: trips, and cost at that flow.
    objective
        Sum of the integrals of the link costs; for logit, less the entropy term (Fisk 1980).
    total_travel_time
        Sum of flow times cost.
    relative_gap
        Share of the total travel time that moving every trip to its shortest path would save; for logit, the
        duality gap of Fisk's program over the total travel time.
    lower_bound
        No flow has a lower objective.
    residual
        Share of the trips on another path than the model of choice puts them on; for Wardrop's principle, the gap.
    iterations
        How many it took.
    assigned_trips, intrazonal_trips
        Trips on the network, and trips that stay in their zone; with the unassigned they add up to the demand.
    unassigned : DataFrame
        Columns origin, destination (zones numbered from 1), trips: pairs no path joins.
    imbalance
        Largest number of trips that come to a node and do not leave it, or the other way round: rounding.
    """

    flow: Array
    cost: Array
    objective: float
    total_travel_time: float
    relative_gap: float
    lower_bound: float
    residual: float
    iterations: int
    assigned_trips: float
    intrazonal_trips: float
    unassigned: pd.DataFrame
    imbalance: float
