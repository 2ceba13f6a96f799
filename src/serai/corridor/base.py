"""The equilibrium of the base date: capacities that its traffic can live with, and what is kept between runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from serai.corridor import store
from serai.corridor.store import Stored
from serai.freight.equilibrium import FreightEquilibrium, assign
from serai.freight.prepared import FreightModel, Prepared, chosen_at, flows_of
from serai.freight.queues import KNEE
from serai.freight.sensitivity import flow_sensitivity
from serai.freight.settle import AndersonNewton, Response

if TYPE_CHECKING:
    from pathlib import Path

    from serai.freight.search import Array, Ints

BASE_TOLERANCE = 1e-10
"""To what the base itself is solved, so that no change means no change."""
FULL = 0.9
"""Utilisation to which a capacity that contradicts its traffic is stretched."""
DRAWN_IN = 0.8
"""By what a capacity is drawn in at a time."""
SETTLED = 0.01
"""Change of a capacity, relative to it, that is left standing."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Where the base is kept for the next time, the pairs with routes, and what was kept the last time."""

    at: Path | None
    kept: Ints
    stored: Stored | None

    def solve(self, m: FreightModel, p: Prepared, tonnes_per_day: Array) -> tuple[FreightModel, FreightEquilibrium]:
        """Assign the base, from what was kept where that was solved from the same."""
        if again := self._again(m, p, tonnes_per_day):
            return again
        basis = self._basis(m, p, tonnes_per_day)
        m, base = base_assignment(m, p, tonnes_per_day)
        if self.at:
            kept = Stored(m.routes, self.kept, m.facilities.capacity_per_day, base.flow_per_day, basis)
            store.write(self.at, kept)
        return m, base

    def _basis(self, m: FreightModel, p: Prepared, tonnes_per_day: Array) -> str:
        f = m.facilities
        return store.digest_of(
            m.routes.digest, p.arc_cost_usd_per_t, p.one_end.astype(np.int32), tonnes_per_day, m.theta,
            m.bundling.reach, m.vot_usd_per_t_h, m.queue_usd_per_t_h,
            "\n".join(f.keys), f.capacity_per_day, f.background_per_day, f.published_h, f.scale_h,
            f.reference, f.unit_per_t,
        )  # fmt: skip

    def _again(
        self, m: FreightModel, p: Prepared, tonnes_per_day: Array
    ) -> tuple[FreightModel, FreightEquilibrium] | None:
        """Take up what was kept; None where there is nothing, or it was solved from something else."""
        found, n = self.stored, m.facilities.n
        if found is None or found.base_digest != self._basis(m, p, tonnes_per_day):
            return None
        m = with_capacities(m, found.capacity_per_day)
        flow = found.flow_per_day
        return m, assign(m, p, tonnes_per_day, flow, Response(np.zeros((n, n)), flow), AndersonNewton(BASE_TOLERANCE))


def base_assignment(m: FreightModel, p: Prepared, tonnes_per_day: Array) -> tuple[FreightModel, FreightEquilibrium]:
    """Assign the base, with capacities drawn in from what the uncongested flows would need to what is published.

    Where even the waits of a full facility do not turn its traffic away, the published capacity and the demand
    contradict each other: its capacity stays at what the traffic needs, and is reported beside the published one.
    """
    published = m.facilities.capacity_per_day
    moved = np.where(np.isfinite(p.floor_usd_per_t), tonnes_per_day, 0.0)
    time = m.facilities.published_h
    flow = flows_of(m, p, chosen_at(m, p, time).share, moved)
    capacity = np.maximum(published, (flow + m.facilities.background_per_day) / KNEE)
    response = Response(flow_sensitivity(m, p, time, moved), flow)
    held = np.zeros(m.facilities.n, dtype=bool)
    while True:
        m = with_capacities(m, capacity)
        found = assign(m, p, tonnes_per_day, flow, response, AndersonNewton(1e-4))
        flow = found.flow_per_day
        response = Response(flow_sensitivity(m, p, found.time_h, moved), flow)
        used = flow + m.facilities.background_per_day
        held |= (used / capacity >= FULL) & (capacity > published)
        drawn = np.where(held, np.maximum(published, used / FULL), np.maximum(published, DRAWN_IN * capacity))
        if (np.abs(drawn / capacity - 1.0) < SETTLED).all():
            break
        capacity = drawn
    return m, assign(m, p, tonnes_per_day, flow, response, AndersonNewton(BASE_TOLERANCE))


def with_capacities(m: FreightModel, capacity_per_day: Array | None) -> FreightModel:
    """Give the facilities of a model other capacities."""
    if capacity_per_day is None:
        return m
    return replace(m, facilities=replace(m.facilities, capacity_per_day=capacity_per_day))
