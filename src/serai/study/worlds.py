"""The worlds a decision rests on, all solved in one pass: sets of projects, ways shut, coalitions, draws."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from serai.core.progress import track
from serai.feasibility.corridor_model import Change, Question, ask
from serai.feasibility.resilience import Loss
from serai.feasibility.traffic import traffic
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.core.executors import Executor
    from serai.data.package import Package
    from serai.feasibility.corridor_model import CorridorModel, Reply
    from serai.study.spec import DecisionSpec

    Array = npt.NDArray[np.float64]

CASES = ("crossing", "country", "passage", "place")
STRETCH = 16
"""Coalitions solved one from another, each a member more or less than the one before."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Replies, by what was asked.

    Attributes
    ----------
    sets
        By set of projects, against the day without them.
    shut
        By name of what is shut.
    joint
        By pair of crossings or passages, both shut.
    standby
        By crossing or passage: it is shut, without the projects of the case and with them.
    coalitions
        By members who take part; what lies wholly on their soil is built, their own posts take half the hours.
    draws
        In the order of the draws: the day, stage one, and all.
    solved
        How many worlds were solved.
    """

    sets: dict[frozenset[str], Reply]
    shut: dict[str, Reply]
    joint: dict[tuple[str, str], Reply]
    standby: dict[str, Reply]
    coalitions: dict[frozenset[str], Reply]
    draws: tuple[Reply, ...]
    solved: int


def project_sets(spec: DecisionSpec) -> list[tuple[str, ...]]:
    """Every set of the projects that are weighed, up to four; beyond, single ones and pairs."""
    projects = tuple(dict.fromkeys((spec.stage_one, spec.project, *spec.alternatives)))
    most = len(projects) if len(projects) <= 4 else 2
    found = [s for k in range(1, most + 1) for s in combinations(projects, k)]
    whole = tuple(dict.fromkeys((spec.stage_one, spec.project)))
    return found if whole in found else [*found, whole]


def shut_arcs(model: CorridorModel, kind: str, objects: frozenset[str], mode: str = "") -> tuple[int, ...]:
    """Arcs that close when crossings, all crossings of two countries, passages or places do."""
    compiled = model.world.compiled
    topology = compiled.topology
    links = dict(zip(model.world.package["links"]["id"], model.world.package["links"]["passages"], strict=True))
    out = []
    for i, arc in enumerate(topology.arcs):
        if mode and mode not in {arc.tail.mode, arc.head.mode}:
            continue
        gate = arc.kind in {ArcKind.EXIT, ArcKind.ENTRY}
        if kind == "crossing":
            hit = gate and arc.place in objects
        elif kind == "country":
            hit = gate and compiled.sides[arc.place] == objects
        elif kind == "passage":
            hit = arc.kind == ArcKind.LINE_HAUL and bool(objects & set(links[arc.row].split(";")))
        else:
            hit = arc.kind in {ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.TRANSSHIP} and arc.place in objects
        if hit:
            out.append(i)
    return tuple(out)


def busiest(model: CorridorModel, members: frozenset[str], most: int) -> list[str]:
    """Members' border places with the most tonnes in the base, largest first."""
    topology = model.world.compiled.topology
    gates = np.array([a.kind in {ArcKind.EXIT, ArcKind.ENTRY} for a in topology.arcs])
    tonnes = traffic(model, model.world.base, Change(), gates).by_arc.sum(axis=1)
    total: dict[str, float] = {}
    for i, t in zip(np.flatnonzero(gates), tonnes.tolist(), strict=True):
        place = topology.arcs[i].place
        if model.world.compiled.sides[place] & members:
            total[place] = total.get(place, 0.0) + t
    return sorted((p for p in total if total[p] > 0), key=lambda p: (-total[p], p))[:most]


def closures(
    model: CorridorModel, package: Package, members: frozenset[str], spec: DecisionSpec
) -> dict[str, tuple[int, ...]]:
    """Arcs shut by the busiest crossings of members one by one, and by each regime of closure on record."""
    found = {
        f"crossing:{p}": shut_arcs(model, "crossing", frozenset([p])) for p in busiest(model, members, spec.crossings)
    }
    for r in package["closure_regimes"].to_dict("records"):
        objects = frozenset(str(r["object"]).split(";"))
        if r["kind"] in CASES:
            found[f"regime:{r['id']}"] = shut_arcs(model, str(r["kind"]), objects, str(r["mode"]))
    return {name: arcs for name, arcs in found.items() if arcs}


def gates_and_passages(model: CorridorModel, members: frozenset[str], most: int) -> dict[str, tuple[int, ...]]:
    """Arcs of members' busiest crossings and of the busiest passages with a regime of closure, `most` of each."""
    regimes = model.world.package["closure_regimes"]
    named = regimes.loc[regimes["kind"] == "passage", "object"]
    passages = sorted({p for text in named for p in str(text).split(";")})
    arcs = {f"passage:{p}": shut_arcs(model, "passage", frozenset([p])) for p in passages}
    touched = np.zeros(model.world.compiled.topology.n_arcs, dtype=np.bool_)
    touched[[a for found in arcs.values() for a in found]] = True
    by_arc = traffic(model, model.world.base, Change(), touched).by_arc.sum(axis=1)
    tonnes = dict(zip(np.flatnonzero(touched).tolist(), by_arc.tolist(), strict=True))
    used = {name: sum(tonnes[a] for a in found) for name, found in arcs.items()}
    crossings = [f"crossing:{p}" for p in busiest(model, members, most)]
    ranked = sorted((name for name in used if used[name] > 0), key=lambda name: (-used[name], name))[:most]
    return {
        name: arcs.get(name) or shut_arcs(model, "crossing", frozenset([name[9:]])) for name in (*crossings, *ranked)
    }


def built_by(package: Package, spec: DecisionSpec, inside: frozenset[str]) -> tuple[str, ...]:
    """Projects of the case that lie wholly on the soil of some members."""
    soil = dict(zip(package["projects"]["id"], package["projects"]["countries"], strict=True))
    case = dict.fromkeys((spec.stage_one, spec.project))
    return tuple(p for p in case if set(str(soil[p]).split(";")) <= inside)


def solve_worlds(model: CorridorModel, spec: DecisionSpec, draws: Array, executor: Executor) -> Worlds:
    """Solve everything in one pass over an executor.

    Parameters
    ----------
    model
        The corridor on the day whose ways count as open.
    spec
        What is decided.
    draws
        [n, d] figures of the model's factors.
    executor
        Where.
    """
    package = model.world.package
    members = frozenset(package["countries"].loc[package["countries"]["member"], "iso3"])
    sets, shut = project_sets(spec), closures(model, package, members, spec)
    for s in sets:
        model.touched(s)
    groups = neighbouring(_quietest_first(model, spec))
    stretches = [groups[i : i + STRETCH] for i in range(0, len(groups), STRETCH)]
    joined = {g: Change(built_by(package, spec, g), tuple(sorted(g))) for g in groups}
    for change in joined.values():
        model.arcs(change.projects)
    things = gates_and_passages(model, members, spec.joint)
    pairs = list(combinations(things, 2))
    case = tuple(dict.fromkeys((spec.stage_one, spec.project)))
    stages = (Change((spec.stage_one,)), Change(case))
    questions = [Question((Change(), Change(s))) for s in sets]
    questions += [Question((Change(), Change(shut=a))) for a in shut.values()]
    questions += [Question((Change(), Change(shut=tuple(sorted({*things[a], *things[b]}))))) for a, b in pairs]
    questions += [Question((Change(), Change(shut=a), Change(case, shut=a))) for a in things.values()]
    questions += [Question((Change(), *(joined[g] for g in near)), onward=True, gains_alone=True) for near in stretches]
    questions += [Question((Change(), *stages), row) for row in draws]
    replies: list[Reply | None] = [None] * len(questions)
    for position, reply in track(executor.run(ask, model, questions), "Worlds", total=len(questions)):
        replies[position] = reply
    done = [r for r in replies if r is not None]
    parts = iter(done)
    by_set, by_name = {frozenset(s): next(parts) for s in sets}, {name: next(parts) for name in shut}
    by_pair, with_case = {pair: next(parts) for pair in pairs}, {name: next(parts) for name in things}
    return Worlds(
        sets=by_set,
        shut=by_name,
        joint=by_pair,
        standby=with_case,
        coalitions={g: own for near in stretches for g, own in zip(near, next(parts).each(), strict=True)},
        draws=tuple(parts),
        solved=sum(len(q.changes) for q in questions),
    )


def _quietest_first(model: CorridorModel, spec: DecisionSpec) -> tuple[str, ...]:
    """Players by how many passes of routes change when they take part: in a Gray code the first comes and goes most."""
    m, here = model.world.freight, model.conditions(Change()).arc_cost_usd_per_t
    passes = np.diff(m.over_ptr)

    def moved(player: str) -> int:
        change = Change(built_by(model.world.package, spec, frozenset([player])), (player,))
        return int(passes[(model.conditions(change).arc_cost_usd_per_t != here).any(axis=0)].sum())

    return tuple(sorted(spec.players, key=moved))


def neighbouring(players: tuple[str, ...]) -> list[frozenset[str]]:
    """Every coalition but the empty one, each a member more or less than the one before (a Gray code)."""
    numbers = (i ^ (i >> 1) for i in range(1, 2 ** len(players)))
    return [frozenset(p for k, p in enumerate(players) if n >> k & 1) for n in numbers]


def loss_usd(reply: Reply, own: list[int], name: str) -> Loss:
    """Members' loss of a year in which something is shut."""
    return Loss((name,), -float(reply.ev_usd_per_year[1][own].sum()), reply.reason)
