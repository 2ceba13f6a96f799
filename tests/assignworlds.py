"""Networks and trips that tests of the assignment are made of."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from serai.freight.assign.frank_wolfe import BiconjugateFrankWolfe, ConjugateFrankWolfe, FrankWolfe
from serai.freight.assign.gradient_projection import GradientProjection
from serai.freight.assign.network import LinkNetwork, Trips
from serai.freight.assign.solve import assign
from serai.freight.assign.volume_delay import VolumeDelay, bpr

SUMS = 1e-12
"""Relative; n terms added in either order differ by n times 2.2e-16 at most, and no sum has 4,000, be it over an
instance's links."""

ROUNDING = 3e-12
"""Relative to all demand: each of at most 40 sweeps in 500 iterations rounds a path's flow by 1.1e-16 of it, which
makes 2.2e-12, and the sums of flows at a node are SUMS at most."""


def ints(*values):
    return np.array(values, dtype=np.int32)


def floats(*values):
    return np.array(values, dtype=np.float64)


def trips_of(*rows):
    o, d, v = zip(*rows, strict=True) if rows else ((), (), ())
    return Trips(ints(*o), ints(*d), floats(*v))


def affine(ends, a, b, zones=2, **more):
    """Links of cost a + b x."""
    tail, head = (ints(*(e[i] for e in ends)) for i in (0, 1))
    ones = np.ones(len(ends))
    delay = VolumeDelay(floats(*a), floats(*b), ones, ones)
    return LinkNetwork(tail, head, delay, zones, int(max(tail.max(), head.max())) + 1, **more)


METHODS = (GradientProjection(1e-12), BiconjugateFrankWolfe(1e-6), ConjugateFrankWolfe(1e-6), FrankWolfe(1e-5))
"""Each with the relative gap it is asked for; link methods converge below linearly, so theirs are those of practice."""


def grid(power=4.0, size=5):
    node = np.arange(size * size).reshape(size, size)
    one_way = [(node[:, :-1], node[:, 1:]), (node[:-1], node[1:])]
    ends = [(a.ravel(), b.ravel()) for a, b in one_way] + [(b.ravel(), a.ravel()) for a, b in one_way]
    tail, head = (np.concatenate([e[i] for e in ends]).astype(np.int32) for i in (0, 1))
    draw = np.random.default_rng(1)
    n = tail.size
    delay = bpr(draw.uniform(1, 3, n), np.full(n, 0.15), draw.uniform(5, 15, n), np.full(n, power))
    return LinkNetwork(tail, head, delay, size * size, size * size)


def solved_grid(power, load, method=GradientProjection(1e-10)):  # noqa: B008 - frozen
    network = grid(power)
    draw = np.random.default_rng(2)
    zones = np.arange(network.zones)
    o, d = (v.ravel() for v in np.meshgrid(zones, zones, indexing="ij"))
    trips = Trips(o[o != d].astype(np.int32), d[o != d].astype(np.int32), draw.uniform(0, load / 25, (o != d).sum()))
    return assign(network, trips, method), network, trips


def conserved(network, trips, flow, lost=()):
    """Largest difference at a node between what comes and goes."""
    balance = np.zeros(network.nodes)
    np.add.at(balance, network.tail, flow)
    np.add.at(balance, network.head, -flow)
    kept = np.array([(o + 1, d + 1) not in lost for o, d in zip(trips.origin, trips.destination, strict=True)], bool)
    if kept.any():
        np.add.at(balance, trips.origin[kept], -trips.volume[kept])
        np.add.at(balance, trips.destination[kept], trips.volume[kept])
    return abs(balance).max()


@st.composite
def worlds(draw, rising=False):
    """A small network with parallel links, loops, free links and closed zones, and trips on it."""
    zones = draw(st.integers(1, 4))
    nodes = zones + draw(st.integers(0, 4))
    m = draw(st.integers(1, 20))
    node = st.integers(0, nodes - 1)
    tail, head = (np.array(draw(st.lists(node, min_size=m, max_size=m)), dtype=np.int32) for _ in range(2))
    column = lambda s: np.array(draw(st.lists(s, min_size=m, max_size=m)), dtype=np.float64)  # noqa: E731
    free = column(st.floats(0.1, 9) if rising else st.one_of(st.just(0.0), st.floats(0.1, 9)))
    b = column(st.floats(0.1, 2) if rising else st.one_of(st.just(0.0), st.floats(0.1, 2)))
    power = column(st.sampled_from([1.0, 2.0, 4.0] if rising else [0.0, 1.0, 2.0, 4.0, 6.5]))
    delay = bpr(free, b, column(st.floats(1, 20)), power)
    first = draw(st.integers(0, zones))
    pairs = [(o, d) for o in range(zones) for d in range(zones)]
    volume = draw(st.lists(st.one_of(st.just(0.0), st.floats(0.1, 30)), min_size=len(pairs), max_size=len(pairs)))
    trips = trips_of(*((o, d, v) for (o, d), v in zip(pairs, volume, strict=True)))
    return LinkNetwork(tail, head, delay, zones, nodes, first), trips


def hard_world(seed):
    """Flat, free and steep links, equal parallel ones, capacities of one, demand from 1e-6 to 1e6."""
    draw = np.random.default_rng(seed)
    zones = int(draw.integers(2, 9))
    nodes = zones + int(draw.integers(0, 12))
    m = int(draw.integers(nodes, 4 * nodes + 1))
    power = draw.choice([0.0, 0.5, 1.0, 2.0, 4.0, 6.87, 16.0, 16.83], m) if seed % 2 else np.full(m, 16.0)
    figures = np.array(
        [
            draw.integers(0, nodes, m),
            draw.integers(0, nodes, m),
            np.where(draw.random(m) < 0.25, 0, 10 ** draw.uniform(-2, 2, m)),
            np.where(draw.random(m) < 0.25, 0, 10 ** draw.uniform(-2, 1, m)),
            np.where(draw.random(m) < 0.3, 1, 10 ** draw.uniform(0, 3, m)),
            power,
        ]
    )
    tail, head, free, b, capacity, power = figures[:, [*range(m), *draw.integers(0, m, m // 3)]]
    fixed = np.where(draw.random(tail.size) < 0.2, 1.0, 0.0)
    o, d = (v.ravel().astype(np.int32) for v in np.meshgrid(np.arange(zones), np.arange(zones), indexing="ij"))
    trips = Trips(o, d, 10 ** draw.uniform(-6, 6, o.size) * (draw.random(o.size) < 0.7))
    delay = bpr(free, b, capacity, power, fixed)
    first = int(draw.integers(0, zones + 1))
    return LinkNetwork(tail.astype(np.int32), head.astype(np.int32), delay, zones, nodes, first), trips


def lost_pairs(found):
    return set(zip(found.unassigned["origin"].tolist(), found.unassigned["destination"].tolist(), strict=True))
