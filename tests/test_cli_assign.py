"""The command that assigns: what it prints, and how it refuses."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest

from serai.cli import main

NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 4
<FIRST THRU NODE> 4
<NUMBER OF LINKS> 3
<END OF METADATA>
~ init term capacity length free b power speed toll type ;
1 4 2 1 2 1.0 1 0 0 1 ;
4 2 2 1 0 0 1 0 0 1 ;
4 2 4 1 6 1.0 1 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 3\n<TOTAL OD FLOW> 9\n<END OF METADATA>\nOrigin 1\n1 : 1; 2 : 6; 3 : 2;\n"

FIELDS = {
    "objective",
    "total_travel_time",
    "relative_gap",
    "residual",
    "lower_bound",
    "iterations",
    "seconds",
    "assigned_trips",
    "intrazonal_trips",
    "imbalance",
    "unassigned",
    "links",
}


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    links, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"

    def call(*options, net=NET, table=TRIPS):
        links.write_text(net, "utf-8")
        trips.write_text(table, "utf-8")
        monkeypatch.setattr(sys, "argv", ["serai", "assign", str(links), str(trips), *options])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("method", ["wardrop", "fw", "cfw", "bfw"])
def test_json(run, method):
    code, out, err = run("--json", "--method", method)
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert set(said) == FIELDS
    assert said["seconds"] > 0
    assert said["iterations"] >= 1
    # One path and whole numbers of trips: nothing is rounded.
    assert (said["relative_gap"], said["residual"], said["imbalance"]) == (0, 0, 0)
    assert said["lower_bound"] == said["objective"]
    # 2 + x on the way in; the free link takes all that goes on.
    assert said["links"] == [
        {"from": 1, "to": 4, "flow": 6.0, "cost": 8.0},
        {"from": 4, "to": 2, "flow": 6.0, "cost": 0.0},
        {"from": 4, "to": 2, "flow": 0.0, "cost": 6.0},
    ]
    assert said["objective"] == 2 * 6 + 6**2 / 2
    assert said["total_travel_time"] == 48
    assert said["unassigned"] == [{"origin": 1, "destination": 3, "trips": 2.0}]
    assert (said["assigned_trips"], said["intrazonal_trips"]) == (6, 1)


def test_logit_and_weights(run):
    code, out, _ = run("--json", "--method", "logit", "--theta", "0.2", "--distance-weight", "0.5")
    assert code == 0
    assert [r["cost"] for r in json.loads(out)["links"]][1] == 0.5


def test_table(run):
    code, out, _ = run()
    assert code == 0
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in out.splitlines() if line.startswith("│")]
    assert [r for r in rows if r[0] != "seconds"] == [
        ["objective", "30.0000"],
        ["total travel time", "48.0000"],
        ["relative gap", "0"],
        ["iterations", "1"],
        ["trips assigned", "6.00"],
        ["trips inside a zone", "1.00"],
        ["trips without a path", "2.00"],
        ["largest imbalance at a node", "0"],
        ["1", "4", "6.00", "8.0000"],
        ["4", "2", "6.00", "0.0000"],
        ["4", "2", "0.00", "6.0000"],
        ["1", "3", "2.00"],
    ]


@pytest.mark.parametrize(
    ("net", "table", "code", "said"),
    [
        (("1 4 2 1 2", "1 4 0 1 2"), TRIPS, 2, "net.tntp, line 7: capacity is 0 but cost depends on flow"),
        (("1 4 2 1 2", "1 4 2 1 nan"), TRIPS, 2, "net.tntp, line 7: free-flow time: nan"),
        (("1 4 2 1 2", "1 4 2 1 -2"), TRIPS, 2, "net.tntp, line 7: free-flow time: -2"),
        (("<NUMBER OF NODES> 4", "<NUMBER OF NODES> 999999999"), TRIPS, 2, "line 2: <NUMBER OF NODES> is '999999999'"),
        ((), TRIPS.replace("2 : 6", "2 : -6"), 2, "trips.tntp, line 5: trips from 1 to 2: -6"),
        ((), TRIPS.replace("2 : 6", "2 : nan"), 2, "trips.tntp, line 5: trips from 1 to 2: nan"),
        (("1 4 2 1 2 1.0 1", "1 4 1e-200 1 2 1.0 16"), TRIPS, 3, "link 1, from node 1 to 4: at capacity 1e-200 and"),
    ],
    ids=["no capacity", "cost nan", "cost negative", "too many nodes", "demand negative", "demand nan", "overflow"],
)
def test_bad_files_are_one_line(run, net, table, code, said):
    left, out, err = run("--json", net=NET.replace(*net) if net else NET, table=table)
    assert (left, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_odd_links_are_answered(run):
    """Power 16 far over capacity, b of zero, capacities of one and of zero: by hand."""
    links = ["1 4 1 1 2 0.5 16 0 0 1 ;", "4 2 0 1 3 0 4 0 0 1 ;", "4 2 1 1 4 1 1 0 0 1 ;"]
    code, out, _ = run("--json", "--gap", "1e-12", net=NET[: NET.index("1 4")] + "\n".join(links) + "\n")
    assert code == 0
    said = json.loads(out)
    assert [(r["flow"], r["cost"]) for r in said["links"]] == [(6, 2 + 6**16), (6, 3), (0, 4)]
    assert said["objective"] == pytest.approx(6 * 2 + 6**17 / 17 + 6 * 3, rel=1e-15)  # a rounding or two of 1.1e-16


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--method", "logit"), 2, "needs --theta"),
        (("--theta", "1"), 2, "belongs to --method logit"),
        (("--gap", "0"), 2, "Give a positive gap"),
        (("--gap", "inf"), 2, "Give less than 1"),
        (("--max-iterations", "0"), 2, "too few"),
        (("--toll-weight", "-1"), 2, "toll weight"),
    ],
)
def test_refusals(run, options, code, said):
    left, out, err = run(*options)
    assert (left, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def drawn_files(seed):
    """A network of 6 closed zones and 14 nodes on a ring with chords, and trips, as rows of figures."""
    draw = np.random.default_rng(seed)
    ring = [(7 + i, 7 + (i + step) % 14) for step in (1, 3) for i in range(14)]
    doors = [(z, 5 + 2 * z + k) for z in range(1, 7) for k in (0, 1)]
    ends = [e for a, b in ring + doors for e in ((a, b), (b, a))]
    n = len(ends)
    free, km, capacity = (draw.uniform(low, high, n).tolist() for low, high in ((0, 9), (0, 5), (1, 20)))
    b, power = draw.choice([0, 0.15, 1.0], n).tolist(), draw.choice([0, 1, 4], n).tolist()
    tail, head = zip(*ends, strict=True)
    volume = (draw.uniform(0, 9, 36) * (draw.random(36) < 0.5)).tolist()
    pairs = [(o, d) for o in range(1, 7) for d in range(1, 7)]
    links = list(zip(tail, head, capacity, km, free, b, power, strict=True))
    return links, dict(zip(pairs, volume, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_drawn_files_are_solved_as_the_json_itself_shows(run, seed):
    """Toll 1.5 on every link, weights 0.5 and 0.25; cost, balance and gap are worked out from the figures printed."""
    links, trips = drawn_files(seed)
    head = "<NUMBER OF ZONES> 6\n<NUMBER OF NODES> 20\n<FIRST THRU NODE> 7\n<NUMBER OF LINKS> {}\n<END OF METADATA>\n"
    net = head.format(len(links)) + "".join(
        f"{a} {b} {cap!r} {km!r} {t!r} {bee} {power} 0 1.5 1 ;\n" for a, b, cap, km, t, bee, power in links
    )
    table = "<END OF METADATA>\n" + "".join(
        f"Origin {o}\n" + "".join(f"{d} : {v!r};\n" for (p, d), v in trips.items() if p == o) for o in range(1, 7)
    )
    code, out, _ = run(
        "--json", "--gap", "1e-10", "--toll-weight", "0.5", "--distance-weight", "0.25", net=net, table=table
    )
    assert code == 0
    said = json.loads(out)
    flow = [r["flow"] for r in said["links"]]
    cost = [
        t * (1 + b * (x / cap) ** p) + 0.75 + 0.25 * km for (_, _, cap, km, t, b, p), x in zip(links, flow, strict=True)
    ]
    assert [(r["from"], r["to"]) for r in said["links"]] == [(a, b) for a, b, *_ in links]
    assert [r["cost"] for r in said["links"]] == pytest.approx(
        cost, rel=1e-14
    )  # four operations of 1.1e-16, some twice
    whole = sum(x * c for x, c in zip(flow, cost, strict=True))
    least = sum(v * cheapest(links, cost, o)[d] for (o, d), v in trips.items() if o != d)
    # Two sums of some sixty terms are each good to 1e-14 of the whole.
    assert -2e-14 * whole <= whole - least <= (1e-10 + 2e-14) * whole
    assert said["total_travel_time"] == pytest.approx(whole, rel=1e-14)
    for node in range(1, 21):
        comes = sum(x for (_, b, *_), x in zip(links, flow, strict=True) if b == node)
        goes = sum(x for (a, *_), x in zip(links, flow, strict=True) if a == node)
        starts = sum(v for (o, d), v in trips.items() if o != d and o == node)
        ends = sum(v for (o, d), v in trips.items() if o != d and d == node)
        assert abs(comes + starts - goes - ends) <= said["imbalance"] + 1e-14 * whole
    assert said["imbalance"] <= 3e-12 * said["assigned_trips"]


def cheapest(links, cost, origin):
    """Cost to each node; nodes under 7 are only started from or ended at."""
    least = {origin: 0.0}
    for _ in range(20):
        for (a, b, *_), c in zip(links, cost, strict=True):
            if a in least and (a == origin or a >= 7):
                least[b] = min(least.get(b, math.inf), least[a] + c)
    return least


@pytest.mark.parametrize("method", ["wardrop", "bfw"])
def test_no_answer_is_an_error_with_the_gap(run, method):
    """With 1 + 2 x on one of the two links that go on, the start is no equilibrium."""
    code, out, err = run(
        "--max-iterations",
        "1",
        "--gap",
        "1e-14",
        "--method",
        method,
        net=NET.replace("4 2 2 1 0 0 1 0", "4 2 0.5 1 1 1 1 0"),
    )
    assert (code, out) == (3, "")
    assert "the assignment reached a gap of" in err
    assert err.count("\n") == 1
