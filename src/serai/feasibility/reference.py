"""The outside view: what projects of the same kind cost and carried, against what had been promised.

Cost: Flyvbjerg, Skamris Holm and Buhl (2003), Transport Reviews 23(1), 258 projects in 20 nations: escalation of
rail 45 % (standard deviation 38), tunnels and bridges 34 % (62), roads 20 % (30). Traffic in the first year: the
same authors (2005), Journal of the American Planning Association 71(2): rail passengers 51 % below forecast (28),
road 10 % above (44). Those four are recalled, not read; rail freight was not in the sample; bridges and tunnels
carry the figures of roads here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """Actual over promised, as a lognormal with a mean and a standard deviation.

    Attributes
    ----------
    name
        Kind of project.
    cost_mean, cost_sd
        Actual cost over estimate.
    traffic_mean, traffic_sd
        Traffic of the first year over forecast.
    """

    name: str
    cost_mean: float
    cost_sd: float
    traffic_mean: float
    traffic_sd: float

    def cost_ratio(self, score: npt.ArrayLike) -> Array:
        """Actual over estimated cost at standard normal scores."""
        return lognormal(self.cost_mean, self.cost_sd, score)

    def traffic_ratio(self, score: npt.ArrayLike) -> Array:
        """Actual over forecast traffic at standard normal scores."""
        return lognormal(self.traffic_mean, self.traffic_sd, score)


CLASSES: Final[Mapping[str, ReferenceClass]] = {
    c.name: c
    for c in (
        ReferenceClass("rail", 1.447, 0.384, 0.486, 0.281),
        ReferenceClass("road", 1.204, 0.299, 1.095, 0.443),
        ReferenceClass("fixed link", 1.338, 0.624, 1.095, 0.443),
    )
}


def lognormal_parameters(mean: float, sd: float) -> tuple[float, float]:
    """Mean and spread of the logarithm of a lognormal of given mean and standard deviation."""
    if mean <= 0 or sd < 0:
        raise InputError("A ratio has no mean above zero", "Give a mean above 0 and a deviation of 0 or more.")
    spread2 = math.log1p((sd / mean) ** 2)
    return math.log(mean) - spread2 / 2.0, math.sqrt(spread2)


def lognormal(mean: float, sd: float, score: npt.ArrayLike) -> Array:
    """Values of a lognormal of given mean and standard deviation at standard normal scores."""
    centre, spread = lognormal_parameters(mean, sd)
    return np.asarray(np.exp(centre + spread * np.asarray(score, dtype=np.float64)))
