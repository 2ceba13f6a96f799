"""Changes to a package as data: what they do, what they leave alone, and what is refused."""

from __future__ import annotations

import datetime as dt
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import InputError, ScenarioError, SeraiError
from serai.data.package import digest
from serai.data.scenario import Scenario, ScenarioFile, apply, describe, object_kind, read_scenario
from serai.data.status import board

DAYS = [dt.date(2019, 1, 1), dt.date(2025, 6, 1), dt.date(2026, 11, 23), dt.date(2040, 1, 1)]


def scenario(*ops, name="test"):
    return Scenario(name, tuple(ScenarioFile.model_validate({"name": name, "ops": list(ops)}).ops))


def change(op, **more):
    return {"op": op, **more}


def tell(path, **content):
    path.write_text(yaml.safe_dump({"name": path.stem, **content}, allow_unicode=True), encoding="utf-8")
    return path


def state(package, day, kind, name, mode=""):
    entry = board(package, day).find(kind, name, mode)
    return entry and (entry.state, entry.known)


def value(package, table, key, column):
    frame = package[table]
    return frame.loc[frame["id"] == key, column].iloc[0]


# ------------------------------------------------------------------------------------------------------- purity


def test_no_operations_change_nothing(sixplace):
    assert apply(sixplace, Scenario("nothing")).meta.digest == sixplace.meta.digest


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_the_package_that_went_in_is_as_it_was(name, request):
    package = request.getfixturevalue(name)
    before = {t: f.copy() for t, f in package.tables.items()}
    links, border = package["links"], package["crossings"]["place"].iloc[0]
    out = apply(
        package,
        scenario(
            change("close", object=border),
            change("set", table="links", id=links["id"].iloc[0], column="length_km", times=2),
        ),
    )
    assert out.meta.digest != package.meta.digest
    assert all(package[t].equals(frame) for t, frame in before.items())
    assert digest(package.tables) == package.meta.digest


# ------------------------------------------------------------------------------------------------- open and close


@pytest.mark.parametrize("day", DAYS)
def test_what_a_scenario_closes_is_closed_on_every_day_and_known(sixplace, day):
    closed = apply(sixplace, scenario(change("close", object="HIGHPASS")))
    assert state(closed, day, "crossing", "HIGHPASS", "road") == ("closed", True)
    opened = apply(closed, scenario(change("open", object="HIGHPASS")))
    assert state(opened, day, "crossing", "HIGHPASS", "road") == ("open", True)


@pytest.mark.parametrize(("name", "kind"), [("R1", "link"), ("HARBOR", "place"), ("malacca", "passage")])
def test_links_ports_and_passages_close_too(sixplace, name, kind):
    closed = apply(sixplace, scenario(change("close", object=name)))
    assert state(closed, DAYS[1], kind, name) == ("closed", True)


def test_the_words_of_a_scenario_do_not_pretend_to_a_date(sixplace):
    closed = apply(sixplace, scenario(change("close", object="HIGHPASS"), name="landslide"))
    entry = board(closed, DAYS[1]).find("crossing", "HIGHPASS", "road")
    assert entry.words() == "closed by scenario landslide"


def test_closing_one_mode_leaves_what_was_said_of_all_modes_to_the_others(sixplace):
    both = apply(sixplace, scenario(change("close", object="HIGHPASS")))
    road = apply(both, scenario(change("open", object="HIGHPASS", mode="road")))
    assert state(road, DAYS[1], "crossing", "HIGHPASS", "road") == ("open", True)
    assert state(road, DAYS[1], "crossing", "HIGHPASS", "rail") == ("closed", True)
    again = apply(road, scenario(change("open", object="HIGHPASS")))
    assert state(again, DAYS[1], "crossing", "HIGHPASS", "rail") == ("open", True)


def test_one_mode_can_be_closed_where_a_port_has_a_state_for_all(ewec):
    closed = apply(ewec, scenario(change("close", object="KARACHI", mode="sea")))
    assert state(closed, DAYS[1], "place", "KARACHI", "sea") == ("closed", True)
    assert state(closed, DAYS[1], "place", "KARACHI", "road") == state(ewec, DAYS[1], "place", "KARACHI", "road")


def test_an_opened_project_exists_and_is_open(sixplace):
    assert value(sixplace, "links", "L3", "project") == "NEWLINE"
    built = apply(sixplace, scenario(change("open", object="NEWLINE")))
    assert value(built, "links", "L3", "project") == ""
    for day in DAYS:
        assert state(built, day, "link", "L3", "rail") == ("open", True)
        assert state(built, day, "crossing", "GAUGEGATE", "rail") == ("open", True)
    assert state(built, DAYS[0], "crossing", "HIGHPASS", "road") is None


def test_every_project_with_links_of_the_embedded_package_opens(ewec):
    projects = [p for p in ewec["projects"]["id"] if p in set(ewec["links"]["project"])]
    assert projects
    built = apply(ewec, scenario(*(change("open", object=p) for p in projects)))
    links = ewec["links"].loc[ewec["links"]["project"].isin(projects), "id"]
    assert all(state(built, DAYS[1], "link", link) == ("open", True) for link in links)
    assert not set(projects) & set(built["links"]["project"])


# ---------------------------------------------------------------------------------------------------- set and add


@pytest.mark.parametrize("how", [{"times": 3.0}, {"value": 24.0}])
def test_a_range_keeps_its_proportions(sixplace, how):
    key = "HIGHPASS.road.XLA-XCO.exit"
    out = apply(sixplace, scenario(change("set", table="crossings", id=key, column="hours", **how)))
    assert [value(out, "crossings", key, c) for c in ("hours_low", "hours", "hours_high")] == [12, 24, 90]
    assert value(out, "crossings", key, "origin") == "scenario:test"
    changed = (out["crossings"]["origin"] != "package").sum()
    assert changed == 1


def test_one_end_of_a_range_moves_alone(sixplace):
    out = apply(sixplace, scenario(change("set", table="links", id="R1", column="length_km_high", value=500)))
    assert [value(out, "links", "R1", c) for c in ("length_km_low", "length_km", "length_km_high")] == [388, 400, 500]


@pytest.mark.parametrize(
    ("table", "key", "column", "given", "stored"),
    [
        ("links", "L2", "gauge_mm", 1520, 1520.0),
        ("links", "L3", "project", "", ""),
        ("links", "R1", "one_way", True, True),
        ("links", "R1", "one_way", "", False),
        ("status", "s1", "valid_to", dt.date(2025, 8, 31), dt.date(2025, 8, 31)),
        ("status", "s2", "valid_from", "", None),
        ("links", "R1", "capacity_t_per_day", 1e4, 1e4),
        ("commodities", "grain", "name", "Wheat", "Wheat"),
    ],
)
def test_each_kind_of_cell_can_be_set(sixplace, tmp_path, table, key, column, given, stored):
    path = tell(tmp_path / "s.yaml", ops=[change("set", table=table, id=key, column=column, value=given)])
    out = apply(sixplace, read_scenario(path))
    assert value(out, table, key, column) == stored
    assert out[table].dtypes.equals(sixplace[table].dtypes)


EXACT = st.sampled_from([0.25, 0.5, 2.0, 4.0, 1024.0])


@settings(max_examples=12, deadline=None)
@given(EXACT, st.sampled_from([("crossings", "hours"), ("crossings", "fee_usd_per_feu"), ("ports", "dwell_h")]))
def test_to_multiply_and_divide_again_restores_every_figure(sixplace, factor, what):
    table, column = what
    key = sixplace[table]["id"].iloc[1]
    both = [change("set", table=table, id=key, column=column, times=t) for t in (factor, 1 / factor)]
    out = apply(sixplace, scenario(*both))
    columns = [c for c in sixplace[table].columns if c != "origin"]
    assert out[table][columns].equals(sixplace[table][columns])
    assert apply(sixplace, scenario(both[0]))[table][column].iloc[1] == sixplace[table][column].iloc[1] * factor


def test_to_double_and_halve_restores_the_digest_but_for_the_source_of_the_scenario(sixplace):
    ops = [change("set", table="rates", id="sea", column="usd_per_tkm", times=t) for t in (2, 0.5)]
    out = apply(sixplace, scenario(*ops))
    assert digest({**out.tables, "sources": sixplace["sources"]}) == sixplace.meta.digest


def test_a_row_is_added(sixplace, tmp_path):
    row = {
        "id": "L9",
        "from": "INLAND",
        "to": "GAUGEGATE",
        "mode": "rail",
        "country": "XLA",
        "gauge_mm": 1435,
        "length_km_low": 400,
        "length_km": 420,
        "length_km_high": 450,
        "speed": "rail.1520",
        "rate": "rail.xla",
    }
    path = tell(tmp_path / "line.yaml", ops=[change("add", table="links", row=row)])
    out = apply(sixplace, read_scenario(path))
    assert len(out["links"]) == len(sixplace["links"]) + 1
    assert value(out, "links", "L9", "gauge_mm") == 1435
    assert value(out, "links", "L9", "origin") == "scenario:line"
    assert value(out, "links", "L9", "basis") == "assumed"
    assert "scenario" in set(out["sources"]["id"])


def test_a_row_with_dates_needs_no_quotes(sixplace, tmp_path):
    text = """
name: strike
ops:
  - op: add
    table: status
    row: {id: u1, kind: place, object: HARBOR, state: closed, valid_from: 2025-01-01, valid_to: 2025-01-31,
          confirmed_on: 2025-01-31, reason: strike}
"""
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    out = apply(sixplace, read_scenario(tmp_path / "s.yaml"))
    assert state(out, dt.date(2025, 1, 15), "place", "HARBOR") == ("closed", True)
    assert state(out, dt.date(2025, 2, 15), "place", "HARBOR") is None


# -------------------------------------------------------------------------------------------------------- refusals

SET = {"op": "set", "table": "links", "id": "R1", "column": "length_km"}
REFUSED = [
    (change("close", object="NOWHERE"), "NOWHERE is no crossing"),
    (change("close", object="NEWLINE"), "cannot be closed"),
    ({**SET, "table": "roads", "value": 1}, "no table roads"),
    ({**SET, "column": "length_mi", "value": 1}, "no column length_mi"),
    ({**SET, "id": "R99", "value": 1}, "no row R99"),
    (SET, "either value or times"),
    ({**SET, "value": 500, "times": 2}, "either value or times"),
    ({**SET, "value": "far"}, "a number"),
    ({**SET, "value": 0}, "above 0"),
    ({**SET, "value": ""}, "required"),
    ({**SET, "value": math.nan}, "a number"),
    ({**SET, "times": math.nan}, "a number"),
    ({**SET, "times": math.inf}, "a number"),
    ({**SET, "times": 0}, "above 0"),
    ({**SET, "times": -1}, "above 0"),
    ({**SET, "times": 0.5}, "great circle"),
    ({**SET, "column": "length_km_low", "value": 410}, "low <= median"),
    ({**SET, "column": "mode", "times": 2}, "no number to multiply"),
    ({**SET, "column": "mode", "value": "air"}, "allowed values"),
    ({**SET, "column": "capacity_t_per_day", "times": 2}, "is empty"),
    ({**SET, "column": "to", "value": "NOWHERE"}, "no such row in places"),
    (change("set", table="delays", id="SNOW", column="share", times=4), "must be at most 1"),
    (change("add", table="roads", row={"id": "x"}), "no table roads"),
    (change("add", table="sources", row={"id": "x", "colour": "red"}), "no column colour"),
    (change("add", table="sources", row={"id": "x"}), "a value is required"),
    (change("add", table="parameters", row={"id": "road_correlation", "value_low": 0.1, "value": 0.2, "value_high": 0.3,
                                            "unit": "1", "meaning": "again"}), "stands twice"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "what"), REFUSED, ids=[f"{i}: {what}" for i, (_, what) in enumerate(REFUSED)])
def test_what_cannot_be_applied_is_told(sixplace, op, what):
    with pytest.raises(ScenarioError) as told:
        apply(sixplace, scenario(op))
    assert what in str(told.value)
    assert told.value.exit_code == 2
    assert digest(sixplace.tables) == sixplace.meta.digest


def test_a_project_without_links_is_no_thing_to_open(ewec):
    idle = [p for p in ewec["projects"]["id"] if p not in set(ewec["links"]["project"])]
    if not idle:
        pytest.skip("every project of the package adds a link")
    with pytest.raises(ScenarioError, match="adds no link"):
        apply(ewec, scenario(change("open", object=idle[0])))


FILES = {
    "not YAML": "name: [",
    "empty": "",
    "a list": "- op: open",
    "no name": "ops: []",
    "an unknown operation": "name: x\nops: [{op: destroy, object: HIGHPASS}]",
    "no operation": "name: x\nops: [{object: HIGHPASS}]",
    "an unknown key": "name: x\nops: [{op: close, object: HIGHPASS, why: war}]",
    "an unknown mode": "name: x\nops: [{op: close, object: HIGHPASS, mode: air}]",
    "a list as a value": "name: x\nops: [{op: set, table: links, id: R1, column: length_km, value: [1]}]",
    "text to multiply by": "name: x\nops: [{op: set, table: links, id: R1, column: length_km, times: twice}]",
    "an unknown setting": "name: x\nbase: y",
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_is_no_scenario_is_told_in_one_line(fault, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(FILES[fault], encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_scenario(path)
    assert "s.yaml" in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.remedy
    assert told.value.exit_code == 2


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    for name in ("absent.yaml", "latin.yaml", ""):
        with pytest.raises(InputError):
            read_scenario(tmp_path / name)
    with pytest.raises(InputError, match=r"absent\.yaml"):
        read_scenario(tell(tmp_path / "s.yaml", extends=["absent.yaml"]))


# -------------------------------------------------------------------------------------------------------- extending


def test_what_a_scenario_extends_comes_first(sixplace, tmp_path):
    tell(tmp_path / "base.yaml", ops=[change("close", object="HIGHPASS")])
    top = tell(tmp_path / "top.yaml", extends=["base.yaml"], ops=[change("open", object="HIGHPASS")])
    read = read_scenario(top)
    assert (read.name, [op.op for op in read.ops]) == ("top", ["close", "open"])
    assert state(apply(sixplace, read), DAYS[1], "crossing", "HIGHPASS", "road") == ("open", True)


def test_what_is_reached_on_two_ways_is_applied_once(sixplace, tmp_path):
    double = change("set", table="rates", id="sea", column="usd_per_tkm", times=2)
    tell(tmp_path / "fuel.yaml", ops=[double])
    for name in ("a", "b"):
        tell(tmp_path / f"{name}.yaml", extends=["fuel.yaml"])
    out = apply(sixplace, read_scenario(tell(tmp_path / "top.yaml", extends=["a.yaml", "b.yaml"])))
    assert value(out, "rates", "sea", "usd_per_tkm") == 2 * value(sixplace, "rates", "sea", "usd_per_tkm")


@pytest.mark.parametrize("circle", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_a_circle_is_told_with_its_way(circle, tmp_path):
    for name, after in zip(circle, [*circle[1:], circle[0]], strict=True):
        tell(tmp_path / f"{name}.yaml", extends=[f"{after}.yaml"])
    with pytest.raises(SeraiError) as told:
        read_scenario(tmp_path / "a.yaml")
    assert " -> ".join(f"{n}.yaml" for n in [*circle, "a"]) in str(told.value)
    assert told.value.exit_code == 2


# ------------------------------------------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("op", "words"),
    [
        (change("close", object="HIGHPASS"), "close HIGHPASS"),
        (change("open", object="HIGHPASS", mode="road"), "open HIGHPASS (road)"),
        (change("set", table="links", id="R1", column="length_km", times=1.5), "links R1: length_km times 1.5"),
        (change("set", table="links", id="R1", column="length_km", value=500.0), "links R1: length_km = 500.0"),
        (change("add", table="sources", row={"title": "T", "id": "x"}), "add to sources: x"),
        (change("add", table="roads", row={"title": "T"}), "add to roads: a row"),
    ],
)
def test_an_operation_is_said_in_words(op, words):
    assert describe(scenario(op).ops[0]) == words


@pytest.mark.parametrize(
    ("name", "kind"),
    [("malacca", "passage"), ("R1", "link"), ("HIGHPASS", "crossing"), ("ISLE", "place"), ("NEWLINE", "project")],
)
def test_what_kind_of_thing_a_name_is(sixplace, name, kind):
    assert object_kind(sixplace, name) == kind
