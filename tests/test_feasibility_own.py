"""Tables of the user's own: what is said of them, and how what is wrong with them is told."""

from __future__ import annotations

import json
import math
import random

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serai.core.errors import SeraiError
from serai.feasibility.appraisal import NOTHING
from serai.feasibility.own import (
    appraisal_data,
    appraisal_lines,
    convention,
    game_data,
    read_cash_flows,
    read_gains,
    read_game,
)

FLOW = "year,capital,o_and_m,benefit,fees\n2026,1000,,,\n" + "".join(f"{y},,10,130,60\n" for y in range(2027, 2052))
GLOVE = "coalition,value\nL,0\nR1,0\nR2,0\nL+R1,1\nL+R2,1\nR1+R2,0\nL+R1+R2,1\n"


def write(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cash_flow_is_appraised(run, tmp_path):
    path = write(tmp_path, FLOW)
    code, out, err = run("appraise", path, "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    factor = (1 - 1.09**-25) / 0.09
    assert data["npv_usd"] == pytest.approx(120 * factor - 1000, abs=1e-9)
    assert len(data["eirr_roots"]) == 1
    assert data["switching_values"]["benefit"] == pytest.approx((1000 - 120 * factor) / (130 * factor), abs=1e-9)
    assert data["switching_values"]["residual"] is None
    assert data["financial"]["npv_usd"] == pytest.approx(50 * factor - 1000, abs=1e-9)
    code, out, _ = run("appraise", path, "--convention", "world-bank", "--rate", "0.12")
    assert "World Bank 2016, 12.0 %, 2026-2051." in out
    assert "Economic rate of return" in out


def test_a_workbook_says_what_the_csv_says(run, tmp_path):
    book = openpyxl.Workbook()
    header, *lines = (line.split(",") for line in FLOW.splitlines())
    book.active.append(header)
    for line in lines:
        book.active.append([float(c) if c else None for c in line])
    book.save(tmp_path / "flow.xlsx")
    a = run("appraise", write(tmp_path, FLOW), "--json")
    assert run("appraise", tmp_path / "flow.xlsx", "--json") == a


def test_several_rates_are_all_told(run, tmp_path):
    # -100, 230, -132 is zero at 10 % and 20 %.
    _, out, _ = run("appraise", write(tmp_path, "year,benefit\n2026,-100\n2027,230\n2028,-132\n"))
    assert "2 rates fit, 10.0 %, 20.0 %; none decides" in out
    assert "The modified rate" in out


def test_a_project_with_no_effect_is_told_as_one(run, tmp_path):
    code, out, _ = run("appraise", write(tmp_path, "year,capital\n2026,100\n2027,0\n"))
    assert code == 0
    assert "Net present value -100 USD" in out
    assert "no rate makes the present value zero" in out
    assert "Paid back never" in out


def test_the_glove_game_is_told(run, tmp_path):
    path = write(tmp_path, GLOVE)
    code, out, err = run("game", path)
    assert (code, err) == (0, "")
    assert "L: share by contribution 0.667; nothing works without it." in out
    assert "so that no group of members does better alone" in out
    data = json.loads(run("game", path, "--gains", "L:0,R1:1,R2:0", "--json")[1])
    assert data["members"]["L"]["shapley"] == pytest.approx(2 / 3, abs=1e-9)
    assert data["members"]["L"]["nucleolus"] == pytest.approx(1, abs=1e-9)
    assert data["members"]["L"]["transfer"] == pytest.approx(1, abs=1e-9)
    assert data["subsidy"] == pytest.approx(0, abs=1e-9)


def test_ranges_of_worth_reach_the_words(run, tmp_path):
    text = "coalition,value,low,high\nA,0,0,0\nB,0,0,0\nA+B,1234,980,1720\n"
    _, out, _ = run("game", write(tmp_path, text))
    assert "All 2 members together: 1,200." in out
    assert "A: share by contribution 600 (500 to 900); nothing works without it." in out
    unsure = "coalition,value,low,high\nA,1,0,9\nB,1,0,9\nA+B,6,5,7\n"
    assert "is not established" in run("game", write(tmp_path, unsure))[1]


@pytest.mark.parametrize(
    ("command", "text", "what"),
    [
        ("appraise", "", "empty"),
        ("appraise", "year,capital\n", "no row"),
        ("appraise", "capital\n5\n", "column is missing"),
        ("appraise", "year,gain\n2026,5\n", "no such column"),
        ("appraise", "year,capital\n2026,5\n", "follow"),
        ("appraise", "year,capital\n2026,5\n2028,5\n", "follow"),
        ("appraise", "year,capital\n2026,-5\n2027,5\n", "at least 0"),
        ("appraise", "year,capital\n2026,1e400\n2027,5\n", "number"),
        ("appraise", "year,capital\n2026,1e300\n2027,5\n", "at most"),
        ("appraise", "year,capital\n2026,=A1\n2027,5\n", "formula"),
        ("appraise", "year,capital\n2026,5,6\n2027,5\n", "more cells"),
        ("appraise", 'year,capital\n2026,"5\n', "CSV"),
        ("game", "coalition,value\nA,1\nB,1\n", "A+B"),
        ("game", "coalition,value\nA,1\nA,2\n", "twice"),
        ("game", "coalition,value\nA+A,1\nA,2\n", "twice"),
        ("game", "coalition,value\n+,1\nA,2\n", "empty"),
        ("game", "coalition,value,low,high\nA,1,2,3\n", "low <= value"),
        ("game", "coalition,value,low,high\nA,1,1,\n", "one end"),
        ("game", "coalition,value\n" + "+".join("abcdefghijklmnop") + ",1\n", "16 members"),
    ],
)
def test_a_fault_of_the_table_is_told_with_its_remedy(run, tmp_path, command, text, what):
    code, out, err = run(command, write(tmp_path, text))
    assert (code, out) == (2, "")
    assert what in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("appraise", "absent.csv"), "absent.csv"),
        (("appraise", "TABLE", "--convention", "imf"), "--convention imf"),
        (("appraise", "TABLE", "--rate", "9"), "--rate 9"),
        (("appraise", "TABLE", "--rate", "nan"), "--rate nan"),
        (("game", "GAME", "--gains", "L:1"), "leaves out"),
        (("game", "GAME", "--gains", "L:1,R1:0,X:0"), "no member"),
        (("game", "GAME", "--gains", "L:5,R1:0,R2:0"), "add up"),
        (("game", "GAME", "--gains", "L:inf,R1:0,R2:0"), "no member"),
        (("game", "."), "cannot be read"),
    ],
)
def test_a_mistake_is_one_line(run, tmp_path, words, what):
    paths = {"TABLE": write(tmp_path, FLOW), "GAME": write(tmp_path, GLOVE, "game.csv")}
    code, out, err = run(*(paths.get(w, w) for w in words))
    assert (code, out) == (2, "")
    assert what in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("benefit", "said"),
    [
        ("109", ["The net present value is zero as it stands."]),
        ("109.3", ["  capital is under 1 % more.", "  benefit is under 1 % less."]),
        ("120", ["  capital is 10 % more.", "  benefit is 9 % less."]),
    ],
)
def test_no_change_is_told_as_nothing_per_cent(run, tmp_path, benefit, said):
    code, out, _ = run("appraise", write(tmp_path, f"year,capital,benefit\n2026,100,0\n2027,0,{benefit}\n"))
    assert code == 0
    assert " 0 %" not in out
    assert set(said) <= set(out.splitlines())


def survive(path):
    """Read a table every way; a wrong one is an error of ours, and a right one is appraised without a warning."""
    for rules in (convention("adb", None), convention("world-bank", 0.0)):
        try:
            data = appraisal_data(read_cash_flows(path), rules)
            json.dumps(data, allow_nan=False)
            assert appraisal_lines(data)
        except SeraiError:
            continue
    try:
        central, ends = read_game(path)
        data, lines = game_data(central, ends, None)
        json.dumps(data, allow_nan=False)
        assert lines
    except SeraiError:
        return


@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_malformed_tables_end_without_a_traceback(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311
    scraps = [
        "",
        ",",
        "\n",
        '"',
        "=1",
        "1e308",
        "-1e15",
        "nan",
        "inf",
        "2026",
        "1_0",
        "0x1",
        "é",
        "\x00",
        ";",
        "+",
        "٣",
    ]
    for k in range(250):
        text = rng.choice([FLOW, GLOVE, "coalition,value,low,high\nA,1,0,2\nB,1,1,1\nA+B,3,2,4\n"])
        for _ in range(rng.randint(1, 4)):
            at, cut = rng.randrange(len(text)), rng.randint(0, 6)
            text = text[:at] + rng.choice(scraps) + text[at + cut :]
        content = text.encode("utf-8")
        if k % 10 == 0:
            content = content[: len(content) // 2] + bytes([rng.randrange(256)]) + content[len(content) // 2 :]
        path = tmp_path / ("table.xlsx" if k % 25 == 0 else "table.csv")
        path.write_bytes(content)
        survive(path)


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_workbook_is_told(tmp_path, seed):
    book = openpyxl.Workbook()
    for line in FLOW.splitlines():
        book.active.append(line.split(","))
    path = tmp_path / "flow.xlsx"
    book.save(path)
    rng = random.Random(seed)  # noqa: S311
    content = bytearray(path.read_bytes())
    for _ in range(30):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(bytes(content))
    survive(path)


@given(
    st.lists(
        st.one_of(st.floats(-1e15, 1e15), st.sampled_from([0.0, 1e-300, -1e-300, 1e15, -1e15, 1.0])),
        min_size=2,
        max_size=30,
    )
)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flow_of_numbers_has_an_answer(tmp_path, flow):
    text = "year,benefit\n" + "".join(f"{2000 + i},{v!r}\n" for i, v in enumerate(flow))
    data = appraisal_data(read_cash_flows(write(tmp_path, text)), convention("adb", None))
    json.dumps(data, allow_nan=False)
    for rate in data["eirr_roots"]:
        # A flow up to NOTHING of the largest counts as none, in the answer and so in its check.
        floor = NOTHING * max(map(abs, flow))
        terms = [v * (1 + rate) ** -i for i, v in enumerate(flow) if abs(v) > floor]
        assert abs(math.fsum(terms)) <= 1e-9 * math.fsum(map(abs, terms))


def test_gains_are_read_in_any_order():
    assert read_gains(" B:-3, A:10", ("A", "B")) == [10, -3]
