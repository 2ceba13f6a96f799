"""A toy of worlds that worker processes can import: a corridor needs two of three countries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from serai.data.scenario import Open, Scenario

MEMBERS = ("A", "B", "C")


@dataclass(frozen=True)
class Solved:
    ev_usd_per_year: np.ndarray


@dataclass(frozen=True)
class Toy:
    countries = (*MEMBERS, "D")

    def solve(self, scenario):
        inside = {op.object for op in scenario.ops}
        joined = 10.0 * (inside >= {"A", "B"})
        return Solved(np.array([joined, joined, 1.0 * ("C" in inside), 3.0 * joined]))


def build(inside):
    return Scenario("toy", tuple(Open(op="open", object=m) for m in sorted(inside)))


def annual_cost(inside):
    return 2.0 * len(inside)
