"""Games: closed forms, axioms, brute force, and payments that hold everyone in."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from serai.core.errors import InputError
from serai.feasibility.coalition import (
    Game,
    exit_after_sunk,
    game,
    in_core,
    least_core,
    minimal_transfers,
    nucleolus,
    play,
    shapley,
    veto_power,
)
from serai.feasibility.rounding import rounded, shown

CLOSED = 1e-9  # acceptance


def names(n):
    return tuple("abcdefghijklmnopqrst"[:n])


GLOVE = play(names(3), lambda s: float("a" in s and len(s) > 1))
AIRPORT = play(names(3), lambda s: -max(dict(zip("abc", (12.0, 18.0, 27.0), strict=True))[m] for m in s))


def talmud(estate):
    claims = dict(zip("abc", (100.0, 200.0, 300.0), strict=True))
    return play(names(3), lambda s: max(estate - sum(c for m, c in claims.items() if m not in s), 0.0))


def test_glove_game():
    assert shapley(GLOVE.v) == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=CLOSED)
    assert nucleolus(GLOVE) == pytest.approx([1, 0, 0], abs=CLOSED)
    assert least_core(GLOVE).excess == pytest.approx(0, abs=CLOSED)
    assert list(veto_power(GLOVE).veto) == [True, False, False]
    assert veto_power(GLOVE).lost == pytest.approx([1, 0, 0])


def test_airport_game():
    assert -shapley(AIRPORT.v) == pytest.approx([4, 7, 16], abs=CLOSED)
    assert least_core(AIRPORT).excess < 0
    # Littlechild (1974): at each step the least of c_i / (i + 1), and c over the members left at the last one.
    assert -nucleolus(AIRPORT) == pytest.approx([6, 6, 15], abs=CLOSED)


@pytest.mark.parametrize(("estate", "shares"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])])
def test_talmud(estate, shares):
    assert nucleolus(talmud(estate)) == pytest.approx(shares, abs=CLOSED)


def test_a_voting_game_without_a_core():
    majority = play(names(3), lambda s: float(len(s) >= 2))
    assert least_core(majority).excess == pytest.approx(1 / 3, abs=CLOSED)
    found = minimal_transfers(majority, np.array([1.0, 0.0, 0.0]), against_coalitions=True)
    assert found.subsidy == pytest.approx(0.5, abs=CLOSED)  # cost of stability: 3/2 - 1
    assert in_core(game(names(3), [*majority.v[:-1], 1.5]), np.array([1.0, 0, 0]) + found.paid)


worths = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.integers(-10_000, 10_000), min_size=2**n - 1, max_size=2**n - 1).map(
        lambda v: np.r_[0.0, v] / 100
    )
)


@given(worths, st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_axioms_of_shapley(v, seed):
    n = len(v).bit_length() - 1
    phi = shapley(v)
    assert phi.sum() == pytest.approx(v[-1], abs=1e-9 * 100)
    other = np.random.default_rng(seed).normal(size=len(v))
    other[0] = 0
    assert shapley(v + other) == pytest.approx(phi + shapley(other), abs=1e-9 * 100)
    dummy = np.r_[v, v + 5.0]  # a new member that adds 5 to every coalition
    assert shapley(dummy)[-1] == pytest.approx(5.0)
    assert shapley(dummy)[:n] == pytest.approx(phi, abs=1e-9 * 100)


@given(worths)
@settings(max_examples=40, deadline=None)
def test_shapley_is_the_mean_over_all_orders(v):
    n = len(v).bit_length() - 1
    if n > 5:
        n, v = 5, v[:32]
    total = np.zeros(n)
    for order in itertools.permutations(range(n)):
        mask = 0
        for i in order:
            total[i] += v[mask | 1 << i] - v[mask]
            mask |= 1 << i
    assert shapley(v) == pytest.approx(total / math.factorial(n), abs=1e-9 * 100)


def core_by_vertices(g: Game) -> bool:
    """Whether some vertex of the constraints satisfies all of them (three or four members)."""
    n = len(g.members)
    masks = range(1, g.grand)
    rows = np.array([[m >> i & 1 for i in range(n)] for m in masks], dtype=float)
    b = g.v[1 : g.grand]
    for chosen in itertools.combinations(range(len(rows)), n - 1):
        a = np.vstack([rows[list(chosen)], np.ones(n)])
        if abs(np.linalg.det(a)) < 1e-9:
            continue
        x = np.linalg.solve(a, np.r_[b[list(chosen)], g.v[-1]])
        if (rows @ x >= b - 1e-9).all():
            return True
    return False


def test_core_against_brute_force_on_200_random_games():
    rng = np.random.default_rng(4)
    empty = 0
    for k in range(200):
        n = 3 if k % 2 else 4
        size = np.bitwise_count(np.arange(2**n))
        v = np.where(size > 1, np.round(rng.uniform(0, 1, 2**n) * size, 3), 0.0)
        v[-1] = round(rng.uniform(0.5, 1.4) * n * 0.7, 3)
        g = game(names(n), v)
        found = least_core(g)
        assert (found.excess <= 1e-9) == core_by_vertices(g), v
        if found.excess <= 1e-9:
            assert in_core(g, found.payoff)
        empty += found.excess > 1e-9
    assert 40 < empty < 160, "both kinds of game must be among them"


def test_the_nucleolus_leaves_less_to_complain_of_than_any_other_payoff():
    rng = np.random.default_rng(9)
    for _ in range(15):
        v = np.r_[0, 0, 0, rng.uniform(0, 1), 0, rng.uniform(0, 1, 2), 2.0]
        g = game(names(3), v)
        mine = np.sort((v - membership(3) @ nucleolus(g))[1:-1])[::-1]
        assert mine[0] == pytest.approx(least_core(g).excess, abs=1e-8)
        for other in rng.dirichlet(np.ones(3), 400) * 2.0:
            theirs = np.sort((v - membership(3) @ other)[1:-1])[::-1]
            first = np.flatnonzero(np.abs(mine - theirs) > 1e-9)
            assert len(first) == 0 or mine[first[0]] < theirs[first[0]]


@pytest.mark.parametrize("n", [4, 5, 6])
def test_the_nucleolus_meets_kohlbergs_criterion(n):
    """Kohlberg (1971): no side payment leaves every aggrieved coalition at least as well off and one better."""
    rng = np.random.default_rng(n)
    for _ in range(6):
        size = np.bitwise_count(np.arange(2**n))
        v = np.where(size > 1, rng.uniform(0, 1, 2**n) * size, -50.0)  # nobody can hold out alone
        v[0] = 0.0
        g = game(names(n), v)
        missing = (v - membership(n) @ nucleolus(g))[1:-1]
        for level in np.unique(np.round(missing, 7)):
            aggrieved = membership(n)[1:-1][missing >= level - 1e-6]
            found = linprog(
                -aggrieved.sum(axis=0),
                A_ub=-aggrieved,
                b_ub=np.zeros(len(aggrieved)),
                A_eq=np.ones((1, n)),
                b_eq=[0.0],
                bounds=(-1, 1),
            )
            assert -found.fun == pytest.approx(0, abs=1e-6)


def membership(n):
    return np.array([[m >> i & 1 for i in range(n)] for m in range(2**n)], dtype=float)


def test_transfers_move_no_more_than_they_must():
    # Two members, worth 10 together, nothing apart; one gains 14 and the other loses 4.
    g = game(names(2), [0, 0, 0, 10.0])
    found = minimal_transfers(g, np.array([14.0, -4.0]), against_coalitions=True)
    assert found.paid == pytest.approx([-4, 4], abs=CLOSED)
    assert (found.moved, found.subsidy) == pytest.approx((4, 0), abs=CLOSED)
    # Of two that can pay, each pays the same.
    three = minimal_transfers(game(names(3), [0.0] * 7 + [9.0]), np.array([6.0, -4.0, 7.0]), against_coalitions=False)
    assert three.paid == pytest.approx([-2, 4, -2], abs=1e-7)  # tolerance of the program
    happy = minimal_transfers(g, np.array([6.0, 4.0]), against_coalitions=True)
    assert happy.moved == pytest.approx(0, abs=CLOSED)


@given(worths, st.booleans(), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_after_the_transfers_nobody_does_better_outside(v, groups, seed):
    g = game(names(len(v).bit_length() - 1), v)
    n = len(g.members)
    gain = np.random.default_rng(seed).normal(size=n) * 30
    gain += (v[-1] - gain.sum()) / n
    found = minimal_transfers(g, gain, against_coalitions=groups)
    masks = np.arange(1, 2**n) if groups else 1 << np.arange(n)
    assert (membership(n)[masks] @ (gain + found.paid) >= v[masks] - 1e-6).all()
    assert found.paid.sum() == pytest.approx(found.subsidy, abs=1e-6)
    assert found.subsidy >= 0
    if groups and n > 1:
        assert (found.subsidy > 1e-6) == (least_core(g).excess > 1e-8) or abs(found.subsidy) < 1e-4


def test_exit_after_the_money_is_spent():
    stay = np.array([10.0, 5.0, 1.0])
    leave = np.array([[2.0, 1, 0], [9.0, 7.0, 1.0], [10.0, 5.0, 1.0]])
    found = exit_after_sunk(stay, leave)
    assert found.temptation == pytest.approx([-8, 2, 0])
    assert found.harm == pytest.approx([5, 1, 0])
    assert found.bond == pytest.approx([0, 2, 0])


def test_twenty_members_are_within_reach():
    v = np.bitwise_count(np.arange(1 << 16)).astype(float) ** 2
    assert shapley(v) == pytest.approx(np.full(16, 16.0))


@pytest.mark.parametrize(
    ("members", "v", "what"),
    [
        (("a", "a"), [0, 1, 1, 2], "members"),
        ((), [0], "members"),
        (("a", "b"), [0, 1, 1], "coalitions"),
        (("a", "b"), [0, 1, math.nan, 2], "worth of b"),
        (("a",), [1, 1], "Nobody"),
    ],
)
def test_a_game_that_cannot_be_is_refused(members, v, what):
    with pytest.raises(InputError, match=what):
        game(members, v)


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
@settings(deadline=None)
def test_rounding_stays_inside_half_the_range(value, half):
    out = rounded(value, value - half, value + half)
    assert abs(out - value) <= half / 2 * (1 + 1e-9) + 1e-12
    assert rounded(out, value - half, value + half) == pytest.approx(out)


def test_rounding_in_words():
    assert shown(1234.0, 900, 1500) == "1,200"
    assert shown(0.0734, 0.06, 0.09) == "0.07"
    assert shown(1234.5, 1234.5, 1234.5) == "1,230"
    assert shown(math.nan, 0, 1) == "not known"
    assert shown(-0.4, -5, 5) == "0"
