"""Faults that need more than one cell, injected one by one into the package of six places."""

from __future__ import annotations

import datetime as dt
import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.core.errors import DataError, InputError
from serai.core.sphere import great_circle_km
from serai.core.units import EARTH_RADIUS_KM
from serai.data.checks.parameters import REQUIRED_PARAMETERS, TRADE_PARAMETERS
from serai.data.package import Package, load_package, new_package, write_package
from serai.data.validate import check_package

TODAY = dt.date(2026, 11, 23)
LATE = dt.date(2026, 11, 24)
NAN = math.nan


def load(folder):
    return load_package(str(folder), today=TODAY, user_rows=False)


def put(package: Package, table: str, key: str, **cells) -> Package:
    frame = package[table].copy()
    index = frame.index[frame.iloc[:, 0] == key]
    assert len(index) == 1
    for column, value in cells.items():
        frame.loc[index[0], column] = value
    return package.with_tables({table: frame})


def twice(package: Package, table: str, key: str, **cells) -> Package:
    frame = package[table]
    again = frame[frame.iloc[:, 0] == key].assign(**cells)
    return package.with_tables({table: pd.concat([frame, again], ignore_index=True)})


def drop(package: Package, table: str, key: str) -> Package:
    frame = package[table]
    return package.with_tables({table: frame[frame.iloc[:, 0] != key].reset_index(drop=True)})


def fault_of(package: Package, folder):
    write_package(package, folder)
    with pytest.raises(DataError) as told:
        load(folder)
    assert told.value.exit_code == 2
    assert len(told.value.issues) == 1, str(told.value)
    issue = told.value.issues[0]
    assert issue.what
    assert issue.remedy
    assert str(issue) in str(told.value)
    return issue


def row_number(package: Package, table: str, key: str) -> int:
    return list(package[table].iloc[:, 0]).index(key) + 2


EXIT = "HIGHPASS.road.XLA-XCO.exit"
SHORT = {"length_km_low": 200, "length_km": 250, "length_km_high": 300}
FLAT = {"length_km_low": 400, "length_km_high": 400}
# Table and key of a row, the cells put in it, the column that is told, and words of what is told.
FAULTS = [
    ("links", "R1", {"to": "NOWHERE"}, "to", "no such row in places"),
    ("links", "R2", {"speed": "road.nowhere"}, "speed", "no such row in speeds"),
    ("links", "R1", {"length_km_low": -1}, "length_km_low", "above 0 km"),
    ("links", "R1", SHORT, "length_km", "shorter than the great circle of 334 km"),
    ("links", "R1", {"length_km_low": 410}, "length_km", "not 0 < low <= median <= high"),
    ("crossings", EXIT, {"hours": 31}, "hours", "not 0 < low <= median <= high"),
    ("crossings", EXIT, {"hours_low": 0}, "hours", "not 0 < low <= median <= high"),
    ("requirements", "Q2", {"days_low": NAN}, "days", "a range needs low, median and high"),
    ("links", "R1", FLAT, "length_km", "an assumed figure has no range"),
    ("links", "R1", {"note": ""}, "note", "says nothing of its ground"),
    ("places", "ISLE", {"basis": "derived", "note": ""}, "note", "says nothing of its ground"),
    ("links", "L2", {"gauge_mm": NAN}, "gauge_mm", "a railway needs its gauge"),
    ("links", "R2", {"gauge_mm": 1520}, "gauge_mm", "only railways have a gauge"),
    ("links", "R2", {"country": "XLA"}, "country", "no side in this country"),
    ("links", "R2", {"country": ""}, "country", "a land link needs its owner"),
    ("links", "S2", {"to": "OLDPORT"}, "to", "from a place to itself"),
    ("links", "S1", {"passages": "malacca;moon"}, "passages", "unknown passage moon"),
    ("status", "s1", {"object": "NOWHERE"}, "object", "no such crossing"),
    ("status", "s2", {"confirmed_on": LATE}, "confirmed_on", "a day in the future"),
    ("status", "s2", {"valid_from": LATE}, "valid_from", "a status in the future"),
    ("status", "s1", {"valid_to": dt.date(2019, 1, 1)}, "valid_to", "ends before it begins"),
    ("ports", "HARBOR.import", {"source": "invented;rumour"}, "source", "no such row in sources"),
    ("transfers", "GAUGEGATE.change", {"to_gauge_mm": 1520}, "to_gauge_mm", "needs two gauges"),
    ("transfers", "INLAND.terminal", {"to_mode": "road"}, "kind", "the modes do not fit the kind"),
    ("delays", "SNOW", {"object": "R9"}, "object", "no such row in links"),
    ("delays", "SNOW", {"months": "12;13"}, "months", "not a month"),
]


@pytest.mark.parametrize(("table", "key", "cells", "column", "what"), FAULTS, ids=[f[4] for f in FAULTS])
def test_one_fault_is_told_once_with_its_place_and_remedy(table, key, cells, column, what, sixplace, tmp_path):
    issue = fault_of(put(sixplace, table, key, **cells), tmp_path / "broken")
    assert (issue.table, issue.row, issue.column) == (table, row_number(sixplace, table, key), column)
    assert what in issue.what


@pytest.mark.parametrize(
    ("table", "key", "cells", "column"),
    [
        ("parameters", "border_correlation", {}, "id"),
        ("crossings", EXIT, {"id": "X"}, "place+mode+exit_country+entry_country+side"),
        ("ports", "HARBOR.import", {"id": "X"}, "place+direction"),
    ],
)
def test_a_key_that_stands_twice_is_told_at_its_second_row(table, key, cells, column, sixplace, tmp_path):
    issue = fault_of(twice(sixplace, table, key, **cells), tmp_path / "broken")
    assert (issue.table, issue.row, issue.column) == (table, len(sixplace[table]) + 2, column)
    assert "stands twice" in issue.what


def test_a_crossing_without_one_of_its_sides_is_told(sixplace, tmp_path):
    issue = fault_of(drop(sixplace, "crossings", "HIGHPASS.road.XLA-XCO.entry"), tmp_path / "broken")
    assert (issue.row, issue.column, issue.value) == (2, "side", "HIGHPASS road XLA XCO")
    assert issue.what == "one side is missing"


def test_a_crossing_of_countries_its_place_does_not_join_is_told(sixplace, tmp_path):
    broken = put(
        put(sixplace, "crossings", EXIT, entry_country="XIS"), "crossings", EXIT[:-4] + "entry", entry_country="XIS"
    )
    write_package(broken, tmp_path / "broken")
    with pytest.raises(DataError) as told:
        load(tmp_path / "broken")
    assert [(i.row, i.column, i.value, i.what) for i in told.value.issues] == [
        (row, "exit_country", "XLA-XIS", "the place joins XCO and XLA") for row in (2, 3)
    ]


@pytest.mark.parametrize(("name", "meaning"), (REQUIRED_PARAMETERS | TRADE_PARAMETERS).items())
def test_a_missing_parameter_is_told_with_its_meaning(name, meaning, sixplace):
    (issue,) = check_package(drop(sixplace, "parameters", name).tables, TODAY)
    assert (issue.table, issue.column, issue.what) == ("parameters", "id", f"{name} is missing")
    assert meaning in issue.remedy


def without_trade(package: Package) -> Package:
    return package.with_tables({"trade_seed": package["trade_seed"].iloc[:0]})


@pytest.mark.parametrize("name", TRADE_PARAMETERS)
def test_a_package_without_trade_needs_none_of_its_parameters(name, sixplace):
    assert check_package(drop(without_trade(sixplace), "parameters", name).tables, TODAY) == []


def test_every_commodity_that_is_traded_needs_an_elasticity(sixplace):
    bare = drop(sixplace, "elasticities", "grain")
    (issue,) = check_package(bare.tables, TODAY)
    assert (issue.table, issue.what) == ("elasticities", "grain has no elasticity")
    assert check_package(without_trade(bare).tables, TODAY) == []


def test_every_link_needs_an_emission_factor(sixplace):
    factors = sixplace["emissions"]
    bare = sixplace.with_tables({"emissions": factors[factors["mode"] != "sea"]})
    (issue,) = check_package(bare.tables, TODAY)
    assert (issue.table, issue.what) == ("emissions", "links by sea have no factor")


def test_what_was_written_loads_again_as_it_was(sixplace, tmp_path):
    write_package(sixplace, tmp_path / "again")
    again = load(tmp_path / "again")
    assert again.meta == sixplace.meta
    assert again.study == sixplace.study


def test_the_licence_of_a_package_is_written_with_it(ewec, tmp_path):
    write_package(ewec, tmp_path / "again")
    again = load(tmp_path / "again")
    assert again.meta == ewec.meta
    assert again.meta.licence == "ODbL-1.0"


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_the_packages_stand_every_check_on_every_later_day(name, request):
    tables = request.getfixturevalue(name).tables
    assert check_package(tables, TODAY) == []
    assert check_package(tables, dt.date.max) == []


def emptied(frame):
    """A frame without its first row, one in which that row stands twice, and one whose words there are unknown."""
    odd = frame.copy()
    for column in odd.columns[:-1]:
        if isinstance(odd[column].iloc[0], str):
            odd.loc[0, column] = "nothing of that name"
    return frame.iloc[1:].reset_index(drop=True), pd.concat([frame.iloc[:1], frame], ignore_index=True), odd


def test_what_a_change_cannot_have_broken_need_not_be_checked_again(sixplace):
    faulty = 0
    for name in ("places", "crossings", "sources"):
        for frame in emptied(sixplace[name]):
            tables = {**sixplace.tables, name: frame}
            whole = check_package(tables, TODAY)
            assert check_package(tables, TODAY, sixplace.tables) == whole, name
            faulty += bool(whole)
    assert faulty > 5
    assert check_package(sixplace.tables, TODAY, sixplace.tables) == []


def test_a_missing_table_is_told(sixplace, tmp_path):
    write_package(sixplace, tmp_path / "p")
    (tmp_path / "p" / "ports.csv").unlink()
    with pytest.raises(DataError) as told:
        load(tmp_path / "p")
    (issue,) = told.value.issues
    assert (issue.table, issue.what) == ("ports", "the file ports.csv is missing")


def test_faults_of_several_tables_are_told_together(sixplace, tmp_path):
    broken = put(put(sixplace, "links", "R1", note=""), "places", "ISLE", country="XXX")
    broken = put(broken, "status", "s2", confirmed_on=LATE)
    write_package(broken, tmp_path / "p")
    with pytest.raises(DataError, match="3 faults") as told:
        load(tmp_path / "p")
    assert [(i.table, i.row, i.column) for i in told.value.issues] == [
        ("places", 7, "country"),
        ("links", 2, "note"),
        ("status", 3, "confirmed_on"),
    ]


# ---------------------------------------------------------------------------------------------------- descriptor


@pytest.mark.parametrize(
    "change",
    [
        "{",
        "[]",
        "null",
        {"base_date": "June 2025"},
        {"base_date": None},
        {"price_year": "soon"},
        {"price_year": None},
        {"licenses": 3},
        {"licenses": ["ODbL"]},
        {"name": "../../etc"},
        {"name": "My Corridor"},
        {"name": 6},
        b"\xff\xfe",
    ],
)
def test_a_broken_descriptor_is_told_in_one_line(change, sixplace, tmp_path):
    write_package(sixplace, tmp_path / "p")
    path = tmp_path / "p" / "datapackage.json"
    if isinstance(change, dict):
        change = json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change})
    path.write_bytes(change if isinstance(change, bytes) else change.encode())
    with pytest.raises(InputError) as told:
        load(tmp_path / "p")
    assert "datapackage.json" in str(told.value)
    assert told.value.remedy
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("lost", ["name", "title", "version", "price_year", "base_date"])
def test_a_descriptor_that_lacks_something_is_told(lost, sixplace, tmp_path):
    write_package(sixplace, tmp_path / "p")
    path = tmp_path / "p" / "datapackage.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    del raw[lost]
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(InputError, match=lost):
        load(tmp_path / "p")


@pytest.mark.parametrize("name", ["nowhere", "", "/"])
def test_an_unknown_package_is_told_with_those_that_exist(name):
    with pytest.raises(InputError, match="Use ewec or a folder"):
        load(name)


# --------------------------------------------------------------------------------------------------- new package


def test_a_new_package_has_every_table_and_lacks_only_its_parameters(tmp_path):
    new_package(tmp_path / "My Corridor", "My Corridor", TODAY)
    with pytest.raises(DataError) as told:
        load(tmp_path / "My Corridor")
    assert [i.what for i in told.value.issues] == [f"{name} is missing" for name in REQUIRED_PARAMETERS]
    raw = json.loads((tmp_path / "My Corridor" / "datapackage.json").read_text(encoding="utf-8"))
    assert raw["name"] == "my-corridor"


def test_a_new_package_never_covers_what_is_there(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for name in ("p", "file"):
        with pytest.raises(InputError, match="not empty"):
            new_package(tmp_path / name, "p", TODAY)
    assert [p.name for p in (tmp_path / "p").iterdir()] == ["notes.txt"]


# -------------------------------------------------------------------------------------------------- great circle

QUARTER = EARTH_RADIUS_KM * math.pi / 2
LAT, LON = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((0, 0), (90, 0), QUARTER),
        ((0, 0), (0, 90), QUARTER),
        ((0, 0), (0, 180), 2 * QUARTER),
        ((90, 0), (-90, 77), 2 * QUARTER),
        ((31.5, 64.2), (31.5, 64.2), 0),
        ((60, 0), (60, 180), QUARTER * 2 / 3),
        ((0, 179.5), (0, -179.5), QUARTER / 90),
    ],
)
def test_great_circles_known_in_closed_form(a, b, km):
    assert float(great_circle_km(*a, *b)) == pytest.approx(km, rel=1e-12, abs=1e-9)


@given(LAT, LON, LAT, LON)
def test_a_great_circle_is_the_same_both_ways_and_at_most_half_the_earth(lat1, lon1, lat2, lon2):
    there, back = float(great_circle_km(lat1, lon1, lat2, lon2)), float(great_circle_km(lat2, lon2, lat1, lon1))
    assert there == back
    assert 0 <= there <= 2 * QUARTER * (1 + 1e-12)


@given(LAT, LON, LAT, LON, LAT, LON)
def test_no_detour_is_shorter_than_the_great_circle(lat1, lon1, lat2, lon2, lat3, lon3):
    direct = float(great_circle_km(lat1, lon1, lat3, lon3))
    detour = float(great_circle_km(lat1, lon1, lat2, lon2)) + float(great_circle_km(lat2, lon2, lat3, lon3))
    # Near the antipodes the haversine is good to a metre.
    assert direct <= detour + 1e-2
