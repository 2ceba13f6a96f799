"""The command that assigns: what it prints, and how it refuses."""

from __future__ import annotations

import json
import sys

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


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    links, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"
    trips.write_text(TRIPS, "utf-8")

    def call(*options, net=NET):
        links.write_text(net, "utf-8")
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
    assert {"objective", "total_travel_time", "relative_gap", "iterations", "seconds", "links"} <= set(said)
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
    for said in ("relative gap", "Busiest links", "Pairs without a path", "2.00"):
        assert said in out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--method", "logit"), 2, "needs --theta"),
        (("--theta", "1"), 2, "belongs to --method logit"),
        (("--gap", "0"), 2, "Give a positive gap"),
        (("--max-iterations", "0"), 2, "too few"),
        (("--toll-weight", "-1"), 2, "toll weight"),
    ],
)
def test_refusals(run, options, code, said):
    left, out, err = run(*options)
    assert (left, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


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
