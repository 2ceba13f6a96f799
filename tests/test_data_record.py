"""A user's own status rows: appended, never overwritten, and used from then on."""

from __future__ import annotations

import datetime as dt

import pytest

from serai.core.errors import DataError, InputError
from serai.data.package import load_package, user_sources_file, user_status_file
from serai.data.record import add_status
from serai.data.status import board

TODAY = dt.date(2026, 11, 23)
GOOD = {
    "place": "High Pass",
    "state": "open",
    "since": dt.date(2026, 11, 20),
    "confirmed_on": dt.date(2026, 11, 22),
    "source": "https://example.org/pass-open",
    "mode": "road",
    "reason": "cleared",
    "today": TODAY,
}


def load(folder, day=TODAY):
    return load_package(str(folder), today=day)


def test_a_status_is_written_outside_the_package_and_used_from_then_on(sixplace, sixplace_folder, serai_home):
    path = add_status(sixplace, **GOOD)
    assert path == user_status_file("sixplace")
    assert serai_home in path.parents
    package = load(sixplace_folder)
    entry = board(package, TODAY).find("crossing", "HIGHPASS", "road")
    assert (entry.state, entry.known, entry.origin, entry.reason) == ("open", True, "user", "cleared")
    assert package.meta.digest != sixplace.meta.digest
    source = package["sources"].set_index("id").loc[entry.source]
    assert source["address"] == GOOD["source"]
    assert load_package(str(sixplace_folder), today=TODAY, user_rows=False).meta.digest == sixplace.meta.digest


@pytest.mark.parametrize("fresh", [True, False])
def test_a_second_status_leaves_the_first_where_it_is(sixplace, sixplace_folder, fresh):
    path = add_status(sixplace, **GOOD)
    first = path.read_bytes()
    # A package loaded before the first row was written must not lose it either.
    package = load(sixplace_folder) if fresh else sixplace
    add_status(package, **{**GOOD, "state": "closed", "since": dt.date(2026, 11, 21)})
    assert path.read_bytes().startswith(first)
    rows = load(sixplace_folder)["status"]
    mine = rows[rows["origin"] == "user"]
    assert list(mine["id"]) == ["user-0001", "user-0002"]
    assert list(mine["state"]) == ["open", "closed"]
    assert len(load(sixplace_folder)["sources"]) == len(sixplace["sources"]) + 1
    assert board(load(sixplace_folder), TODAY).find("crossing", "HIGHPASS", "road").state == "closed"


@pytest.mark.parametrize(("place", "kind"), [("malacca", "passage"), ("R1", "link"), ("Гавань", "place")])
def test_links_ports_and_passages_have_a_status_too(sixplace, sixplace_folder, place, kind):
    add_status(sixplace, **{**GOOD, "place": place, "mode": ""})
    rows = load(sixplace_folder)["status"]
    assert list(rows.loc[rows["origin"] == "user", "kind"]) == [kind]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"state": "shut"}, "'shut' is no state"),
        ({"state": "planned"}, "is no state"),
        ({"mode": "air"}, "no mode 'air'"),
        ({"mode": "rail"}, "HIGHPASS has no crossing by rail"),
        ({"source": "a friend"}, "is no address"),
        ({"source": ""}, "is no address"),
        ({"place": "Nowhere"}, "no place 'Nowhere'"),
        ({"place": "High Pas"}, "Did you mean High Pass"),
        ({"confirmed_on": TODAY + dt.timedelta(1)}, "in the future"),
        ({"since": TODAY + dt.timedelta(1)}, "in the future"),
        ({"reason": ""}, "a value is required"),
        ({"reason": "=HYPERLINK(1)"}, "a formula"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_written(sixplace, serai_home, wrong, what):
    with pytest.raises((InputError, DataError)) as told:
        add_status(sixplace, **{**GOOD, **wrong})
    assert what in str(told.value)
    assert told.value.exit_code == 2
    assert list(serai_home.rglob("*")) == []


def test_a_file_that_cannot_be_read_is_not_written_over(sixplace):
    path = user_status_file("sixplace")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"my notes\n")
    with pytest.raises(DataError, match=r"status\.csv"):
        add_status(sixplace, **GOOD)
    assert path.read_bytes() == b"my notes\n"


def test_a_fault_of_the_users_rows_points_to_the_users_file(sixplace, sixplace_folder):
    path = add_status(sixplace, **GOOD)
    add_status(sixplace, **{**GOOD, "confirmed_on": dt.date(2026, 11, 21)})
    with pytest.raises(DataError) as told:
        load(sixplace_folder, dt.date(2026, 11, 21))
    assert [(i.table, i.row, i.column) for i in told.value.issues] == [(str(path), 2, "confirmed_on")]
    user_sources_file("sixplace").write_bytes(b"id\n")
    with pytest.raises(DataError) as told:
        load(sixplace_folder)
    assert {i.table for i in told.value.issues} == {str(user_sources_file("sixplace"))}
