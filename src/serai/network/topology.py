"""The supernetwork: states of cargo, and the arcs between them.

A state is a place, the side of the border it is on, the mode, the gauge, and what it waits in (a
service, a berth, the strip between two border posts). Line-haul arcs hold pure movement; all dwell,
fees and waiting sit on arcs of their own. The topology is the union of all that exists, is planned or
can be built; what is open on a day is a matter of costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from serai.data.package import Package

Ints = npt.NDArray[np.int32]


class ArcKind(IntEnum):
    """What happens on an arc."""

    ACCESS = 0
    LINE_HAUL = 1
    TERMINAL = 2
    GAUGE_CHANGE = 3
    VEHICLE_CHANGE = 4
    EXIT = 5
    ENTRY = 6
    IMPORT = 7
    EXPORT = 8
    TRANSSHIP = 9
    BOARD = 10
    ALIGHT = 11


SEA_MODES = ("sea", "ferry")
LAND_MODES = ("road", "rail")
DOOR = "door"


@dataclass(frozen=True, slots=True)
class State:
    """Where cargo is and how: one node of the supernetwork."""

    place: str
    side: str
    mode: str
    gauge_mm: int = 0
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Arc:
    """One arc: its ends, its kind, and the table row its figures come from."""

    tail: State
    head: State
    kind: ArcKind
    key: str
    table: str
    row: str
    place: str
    owner: str
    back: bool = False
    service: str = ""


@dataclass(frozen=True, slots=True)
class Topology:
    """The supernetwork as arrays, sorted by tail.

    Attributes
    ----------
    states
        The S states.
    arcs
        The A arcs, in the order of all arc arrays.
    tail, head : int32[A]
        States an arc joins.
    out_ptr : int32[S + 1]
        Arcs that leave state s are ``out_ptr[s]:out_ptr[s + 1]``.
    in_ptr : int32[S + 1], in_arc : int32[A]
        Arcs that enter state s are ``in_arc[in_ptr[s]:in_ptr[s + 1]]``.
    kind : int32[A]
        An :class:`ArcKind`.
    place_ids
        The places, in the order of the package.
    place : int32[S]
        Place of a state.
    door_out, door_in : int32[places]
        State where trips from and to a place begin and end.
    """

    states: tuple[State, ...]
    arcs: tuple[Arc, ...]
    tail: Ints
    head: Ints
    out_ptr: Ints
    in_ptr: Ints
    in_arc: Ints
    kind: Ints
    place_ids: tuple[str, ...]
    place: Ints
    door_out: Ints
    door_in: Ints

    @property
    def n_states(self) -> int:
        """Number of states S."""
        return len(self.states)

    @property
    def n_arcs(self) -> int:
        """Number of arcs A."""
        return len(self.arcs)

    def place_index(self, place: str) -> int:
        """Position of a place."""
        return self.place_ids.index(place)


class _Builder:
    """Collects arcs; states arise as arcs name them."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.arcs: list[Arc] = []
        places = package["places"]
        self.sides: dict[str, list[str]] = {
            p: [c for c in (a, b) if c]
            for p, a, b in zip(places["id"], places["country"], places["country_b"], strict=True)
        }
        self.kind: dict[str, str] = dict(zip(places["id"], places["kind"], strict=True))
        self.land: dict[tuple[str, str], set[tuple[str, int]]] = {}

    def add(self, *arcs: Arc) -> None:
        self.arcs.extend(arcs)

    def rails(self, place: str, side: str) -> list[int]:
        """Gauges that reach one side of a place."""
        return sorted(g for m, g in self.land.get((place, side), ()) if m == "rail")

    def has_road(self, place: str, side: str) -> bool:
        return ("road", 0) in self.land.get((place, side), ())


def _ends(link: dict[str, Any], *, back: bool) -> tuple[State, State]:
    a, b = (link["to"], link["from"]) if back else (link["from"], link["to"])
    if link["mode"] in SEA_MODES:
        return State(a, "", link["mode"], 0, "berth-out"), State(b, "", link["mode"], 0, "berth-in")
    gauge = int(link["gauge_mm"]) if link["mode"] == "rail" else 0
    return State(a, link["country"], link["mode"], gauge), State(b, link["country"], link["mode"], gauge)


def _bindings(services: pd.DataFrame) -> Iterator[tuple[str, bool, str]]:
    for s in services.itertuples(index=False):
        for link in s.links.split(";"):
            for back in (False, True):
                if s.direction == "both" or (s.direction == "back") == back:
                    yield link, back, s.id


def _add_links(b: _Builder) -> None:
    bound: dict[tuple[str, bool], list[str]] = {}
    for link, back, service in _bindings(b.package["services"]):
        bound.setdefault((link, back), []).append(service)
    waits: dict[tuple[State, str], Arc] = {}
    for link in b.package["links"].to_dict("records"):
        for back in (False,) if link["one_way"] else (False, True):
            tail, head = _ends(link, back=back)
            for end in (tail, head):
                if end.side:
                    b.land.setdefault((end.place, end.side), set()).add((end.mode, end.gauge_mm))
            sign = "<" if back else ">"
            key = f"{link['id']}{sign}"
            common = {"table": "links", "row": link["id"], "owner": link["country"], "back": back}
            b.add(Arc(tail, head, ArcKind.LINE_HAUL, key, place=tail.place, **common))
            for service in bound.get((link["id"], back), ()):
                on, off = _aboard(tail, service), _aboard(head, service)
                b.add(
                    Arc(
                        on,
                        off,
                        ArcKind.LINE_HAUL,
                        f"{key}{service}",
                        place=tail.place,
                        service=service,
                        **common,
                    )
                )
                waits[tail, service] = _service_arc(tail, on, ArcKind.BOARD, service, link["country"])
                waits[off, service] = _service_arc(off, head, ArcKind.ALIGHT, service, link["country"])
    b.add(*waits.values())


def _service_arc(tail: State, head: State, kind: ArcKind, service: str, owner: str) -> Arc:
    key = f"{service}@{tail.place}.{tail.side}.{kind.name.lower()}"
    return Arc(tail, head, kind, key, "services", service, tail.place, owner, service=service)


def _aboard(state: State, service: str) -> State:
    return State(
        state.place,
        state.side,
        state.mode,
        state.gauge_mm,
        f"{state.tag}|{service}" if state.tag else service,
    )


def _ensure_roads(b: _Builder) -> None:
    """Give a yard to every place where cargo can be handled, even if no road leaves it."""
    for place in [*b.package["ports"]["place"], *b.package["transfers"]["place"]]:
        for side in b.sides[place]:
            b.land.setdefault((place, side), set()).add(("road", 0))


def _add_crossings(b: _Builder) -> None:
    changes: dict[tuple[str, str], list[Any]] = {}
    for t in b.package["transfers"].itertuples(index=False):
        changes.setdefault((t.place, t.kind), []).append(t)
    frame = b.package["crossings"]
    rows = {(c.place, c.mode, c.exit_country, c.entry_country, c.side): c.id for c in frame.itertuples(index=False)}
    for place, mode, out, into, side in sorted(rows):
        if side != "exit":
            continue
        exit_row, entry_row = rows[place, mode, out, into, "exit"], rows[place, mode, out, into, "entry"]
        here = changes.get((place, "vehicle_change" if mode == "road" else "gauge_change"), [])
        before = [0] if mode == "road" else b.rails(place, out)
        after = [0] if mode == "road" else b.rails(place, into)
        strip = f"{out}>{into}"
        for g in before:
            b.add(
                Arc(
                    State(place, out, mode, g), State(place, strip, mode, g, "between"), ArcKind.EXIT,
                    f"{exit_row}:{g}", "crossings", exit_row, place, out,
                )
            )  # fmt: skip
        changed = _add_changes(b, place, mode, strip, here, before, after)
        for g in after:
            tags = ["changed"] if g in changed else []
            if g in before and not (mode == "road" and changed):
                tags.append("between")
            b.add(
                *(
                    Arc(
                        State(place, strip, mode, g, tag), State(place, into, mode, g), ArcKind.ENTRY,
                        f"{entry_row}:{g}:{tag}", "crossings", entry_row, place, into,
                    )
                    for tag in tags
                )
            )  # fmt: skip


def _add_changes(
    b: _Builder, place: str, mode: str, strip: str, changes: list[Any], before: list[int], after: list[int]
) -> set[int]:
    """Add the changes of gauge or vehicle on the strip between two posts; return the gauges reached."""
    reached: set[int] = set()
    for t in changes:
        kind = ArcKind.VEHICLE_CHANGE if mode == "road" else ArcKind.GAUGE_CHANGE
        pairs = [(0, 0)]
        if mode == "rail":
            x, y = int(t.from_gauge_mm), int(t.to_gauge_mm)
            pairs = [p for p in ((x, y), (y, x)) if p[0] in before and p[1] in after]
        for g, h in pairs:
            reached.add(h)
            b.add(
                Arc(
                    State(place, strip, mode, g, "between"), State(place, strip, mode, h, "changed"), kind,
                    f"{t.id}:{strip}:{g}-{h}", "transfers", t.id, place, b.sides[place][0],
                )
            )  # fmt: skip
    return reached


def _add_transfers(b: _Builder) -> None:
    for t in b.package["transfers"].itertuples(index=False):
        for side in b.sides[t.place]:
            rails = b.rails(t.place, side)
            if t.kind == "terminal":
                wanted = {g for g in (t.from_gauge_mm, t.to_gauge_mm) if not np.isnan(g)}
                ends = [
                    (State(t.place, side, "road"), State(t.place, side, "rail", g))
                    for g in rails
                    if not wanted or g in wanted
                ]
                kind = ArcKind.TERMINAL
            # At a border the gauge is changed on the strip between the posts, and only there.
            elif (
                t.kind == "gauge_change"
                and len(b.sides[t.place]) == 1
                and {t.from_gauge_mm, t.to_gauge_mm} <= set(rails)
            ):
                x, y = int(t.from_gauge_mm), int(t.to_gauge_mm)
                ends = [(State(t.place, side, "rail", x), State(t.place, side, "rail", y))]
                kind = ArcKind.GAUGE_CHANGE
            else:
                continue
            for x_state, y_state in ends:
                name = f"{t.id}:{side}:{x_state.gauge_mm}-{y_state.gauge_mm}"
                b.add(
                    Arc(x_state, y_state, kind, f"{name}>", "transfers", t.id, t.place, side),
                    Arc(y_state, x_state, kind, f"{name}<", "transfers", t.id, t.place, side),
                )


def _add_ports(b: _Builder) -> None:
    modes: dict[str, set[str]] = {}
    for link in b.package["links"].itertuples(index=False):
        if link.mode in SEA_MODES:
            for end in (link[1], link[2]):
                modes.setdefault(end, set()).add(link.mode)
    terminals = {t.place for t in b.package["transfers"].itertuples(index=False) if t.kind == "terminal"}
    for p in b.package["ports"].itertuples(index=False):
        side = b.sides[p.place][0]
        for mode in sorted(modes.get(p.place, ())):
            ashore, afloat = State(p.place, "", mode, 0, "berth-in"), State(p.place, "", mode, 0, "berth-out")
            if p.direction == "transship":
                b.add(Arc(ashore, afloat, ArcKind.TRANSSHIP, f"{p.id}:{mode}", "ports", p.id, p.place, side))
                continue
            land = [State(p.place, side, "road")]
            # On-dock rail stands for the terminal only where the package has no terminal row of its own.
            if mode == "sea" and p.place not in terminals:
                land += [State(p.place, side, "rail", g) for g in b.rails(p.place, side)]
            for yard in land:
                name = f"{p.id}:{mode}:{yard.mode}{yard.gauge_mm}"
                if p.direction == "import":
                    b.add(Arc(ashore, yard, ArcKind.IMPORT, name, "ports", p.id, p.place, side))
                else:
                    b.add(Arc(yard, afloat, ArcKind.EXPORT, name, "ports", p.id, p.place, side))


def _add_doors(b: _Builder) -> None:
    terminals = {t.place for t in b.package["transfers"].itertuples(index=False) if t.kind == "terminal"}
    for place, sides in b.sides.items():
        leave, arrive = State(place, "", DOOR, 0, "out"), State(place, "", DOOR, 0, "in")
        inside: list[State] = []
        for side in sides:
            inside += [State(place, side, "road")] if b.has_road(place, side) else []
            # A junction or border is where trains already run; a city needs a terminal to load one.
            if place not in terminals and b.kind[place] in {"border", "terminal"}:
                inside += [State(place, side, "rail", g) for g in b.rails(place, side)]
        for s in inside:
            name = f"{place}:{s.side}:{s.mode}{s.gauge_mm}"
            b.add(
                Arc(leave, s, ArcKind.ACCESS, f"{name}>", "places", place, place, s.side),
                Arc(s, arrive, ArcKind.ACCESS, f"{name}<", "places", place, place, s.side),
            )


def compile_topology(package: Package) -> Topology:
    """Compile the supernetwork of a package.

    Parameters
    ----------
    package
        A valid package; status is not looked at.

    Returns
    -------
    Topology
        Arcs in a fixed order that depends on the tables alone.
    """
    b = _Builder(package)
    _add_links(b)
    _ensure_roads(b)
    _add_crossings(b)
    _add_transfers(b)
    _add_ports(b)
    _add_doors(b)
    place_ids = tuple(package["places"]["id"])
    order = {p: i for i, p in enumerate(place_ids)}
    doors = [State(p, "", DOOR, 0, tag) for p in place_ids for tag in ("out", "in")]
    used = {s for arc in b.arcs for s in (arc.tail, arc.head)} | set(doors)
    states = tuple(sorted(used, key=lambda s: (order[s.place], s.side, s.mode, s.gauge_mm, s.tag)))
    number = {s: i for i, s in enumerate(states)}
    arcs = tuple(sorted(b.arcs, key=lambda a: (number[a.tail], number[a.head], a.key)))
    tail = np.array([number[a.tail] for a in arcs], dtype=np.int32)
    head = np.array([number[a.head] for a in arcs], dtype=np.int32)
    in_arc = np.argsort(head, kind="stable").astype(np.int32)
    return Topology(
        states=states,
        arcs=arcs,
        tail=_frozen(tail),
        head=_frozen(head),
        out_ptr=_frozen(_pointers(tail, len(states))),
        in_ptr=_frozen(_pointers(head[in_arc], len(states))),
        in_arc=_frozen(in_arc),
        kind=_frozen(np.array([a.kind for a in arcs], dtype=np.int32)),
        place_ids=place_ids,
        place=_frozen(np.array([order[s.place] for s in states], dtype=np.int32)),
        door_out=_frozen(np.array([number[State(p, "", DOOR, 0, "out")] for p in place_ids], dtype=np.int32)),
        door_in=_frozen(np.array([number[State(p, "", DOOR, 0, "in")] for p in place_ids], dtype=np.int32)),
    )


def _pointers(sorted_ends: Ints, n: int) -> Ints:
    return np.searchsorted(sorted_ends, np.arange(n + 1)).astype(np.int32)


def _frozen(array: Ints) -> Ints:
    array.flags.writeable = False
    return array
