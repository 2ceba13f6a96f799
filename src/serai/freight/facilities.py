"""Where flow meets a capacity: border posts, ports and lines with a sourced one, and how their times respond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.units import DAYS_PER_YEAR, TEU_PER_FEU
from serai.freight.queues import KNEE, wait
from serai.network.figures import parameter
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from serai.freight.model import Compiled
    from serai.freight.search import Array, Ints

TONNES, TEU = 0, 1
LEAST_SERVICE = 0.2
"""Share of a published time that no fall of traffic removes."""


@dataclass(frozen=True, slots=True)
class Facilities:
    """The H places where flow meets a sourced capacity.

    Attributes
    ----------
    keys
        What each is, such as ``crossing:GATE:road:AAA>BBB``, ``port:HARBOUR`` or ``line:ROW>``.
    arc_facility : int32[A]
        Facility whose queue stands on an arc and whose flow the arc counts to; -1 for most arcs.
    unit : int32[H]
        :data:`TONNES` or :data:`TEU`.
    capacity_per_day, background_per_day : float64[H]
        In the facility's unit; background is traffic the demand does not hold.
    published_h : float64[H]
        Mean time the published figures give.
    scale_h : float64[H]
        Of the queue; see :func:`serai.freight.queues.wait`.
    reference : float64[H]
        Utilisation at which the published time was seen.
    clipped : int
        Facilities whose queue was scaled down because the published time leaves no room for it.
    unit_per_t : float64[2, K]
        What a tonne of each commodity counts in each unit; in TEU with the empty boxes that go with laden ones.
    """

    keys: tuple[str, ...]
    arc_facility: Ints
    unit: Ints
    capacity_per_day: Array
    background_per_day: Array
    published_h: Array
    scale_h: Array
    reference: Array
    clipped: int
    unit_per_t: Array

    @property
    def n(self) -> int:
        """Number of facilities H."""
        return len(self.keys)


def times(f: Facilities, flow_per_day: Array) -> tuple[Array, Array]:
    """Time at every facility under a flow, and its slope.

    The published time already holds the queue of the traffic it was seen under: T = published +
    W(rho) - W(reference).

    Parameters
    ----------
    f
        H facilities.
    flow_per_day : float64[H]
        Of the demand, in the facility's unit; background is added here.

    Returns
    -------
    time_h, slope_h_per_unit : float64[H]
    """
    rho = (flow_per_day + f.background_per_day) / f.capacity_per_day
    now, slope = wait(rho, f.scale_h)
    before, _ = wait(f.reference, f.scale_h)
    return f.published_h + now - before, slope / f.capacity_per_day


def facilities(compiled: Compiled, mean_time_h: Array, observed_per_day: dict[str, float]) -> Facilities:
    """Find the facilities of a package, with the traffic of its table ``background``.

    A port counts boxes where its capacity in TEU is known, else tonnes.

    Parameters
    ----------
    compiled
        The package.
    mean_time_h : float64[A]
        Published mean time of each arc.
    observed_per_day
        Published throughput by facility key, in the facility's unit; elsewhere the package's
        ``reference_utilisation`` holds.
    """
    arcs: dict[str, list[int]] = {}
    capacity: dict[str, float] = {}
    scale: dict[str, float] = {}
    boxes: set[str] = set()
    queue_h = {what: parameter(compiled.package, f"queue_h_{what}") for what in ("road", "rail", "port")}
    for i, key, cap, what, unit in _capacities(compiled):
        arcs.setdefault(key, []).append(i)
        if unit == TEU:
            boxes.add(key)
        capacity[key] = min(cap, capacity.get(key, np.inf))
        scale[key] = queue_h[what]
    keys = tuple(sorted(arcs))
    arc_facility = np.full(compiled.topology.n_arcs, -1, dtype=np.int32)
    for h, key in enumerate(keys):
        arc_facility[arcs[key]] = h
    published = np.array([float(np.mean(mean_time_h[arcs[k]])) for k in keys])
    limit = np.array([capacity[k] for k in keys])
    usual = parameter(compiled.package, "reference_utilisation")
    reference = np.minimum([observed_per_day.get(k, usual * capacity[k]) / capacity[k] for k in keys], KNEE)
    frame = compiled.package["background"]
    behind = dict(zip(frame["facility"], frame["per_day"], strict=True))
    wanted = np.array([scale[k] for k in keys])
    queue, _ = wait(reference, np.ones(len(keys)))
    room = (1.0 - LEAST_SERVICE) * published / queue
    frame = compiled.package["commodities"]
    laden = frame["container_share"].to_numpy() * TEU_PER_FEU / compiled.worth.payload_t
    # A port counts empty boxes in what it handles and in what it can.
    per_teu = laden * (1.0 + parameter(compiled.package, "empties_per_laden"))
    return Facilities(
        keys=keys,
        arc_facility=arc_facility,
        unit=np.array([TEU if k in boxes else TONNES for k in keys], dtype=np.int32),
        capacity_per_day=limit,
        background_per_day=np.array([behind.get(k, 0.0) for k in keys]),
        published_h=published,
        scale_h=np.minimum(wanted, room),
        reference=reference,
        clipped=int((room < wanted).sum()),
        unit_per_t=np.stack([np.ones(len(frame)), per_teu]),
    )


def _capacities(compiled: Compiled) -> list[tuple[int, str, float, str, int]]:
    """Arcs with a capacity: arc, facility, capacity per day, which queue it has, and its unit."""
    tables = compiled.package
    crossing = dict(zip(tables["crossings"]["id"], tables["crossings"]["capacity_t_per_day"], strict=True))
    entry = {(c.place, c.mode, c.exit_country, c.entry_country): c.capacity_t_per_day
             for c in tables["crossings"].itertuples(index=False) if c.side == "entry"}  # fmt: skip
    rows = {
        c.id: (c.place, c.mode, c.exit_country, c.entry_country) for c in tables["crossings"].itertuples(index=False)
    }
    port = {p.id: (p.capacity_teu_per_year, p.capacity_t_per_year) for p in tables["ports"].itertuples(index=False)}
    in_boxes = {p.place for p in tables["ports"].itertuples(index=False) if np.isfinite(p.capacity_teu_per_year)}
    line = dict(zip(tables["links"]["id"], tables["links"]["capacity_t_per_day"], strict=True))
    out = []
    for i, arc in enumerate(compiled.topology.arcs):
        if arc.kind == ArcKind.EXIT:
            way = rows[arc.row]
            cap = np.fmin(crossing[arc.row], entry.get(way, np.nan))
            name = f"crossing:{way[0]}:{way[1]}:{way[2]}>{way[3]}"
            out.append((i, name, float(cap), "rail" if way[1] == "rail" else "road", TONNES))
        elif arc.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP}:
            unit = TEU if arc.place in in_boxes else TONNES
            year = float(port[arc.row][0 if unit == TEU else 1])
            out.append((i, f"port:{arc.place}", year / DAYS_PER_YEAR, "port", unit))
        elif arc.kind == ArcKind.LINE_HAUL:
            out.append((i, f"line:{arc.row}{'<' if arc.back else '>'}", float(line[arc.row]), "rail", TONNES))
    return [x for x in out if np.isfinite(x[2])]
