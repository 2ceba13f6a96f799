"""What is open on a day, and how far that is known."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.data.read import typed_frame
from serai.data.schema import load_schema
from serai.data.status import Board, board, names_of, shelf_life_days, status_on

TODAY = dt.date(2026, 11, 23)
STATES = ("open", "restricted", "bilateral", "closed", "under_construction", "planned")
DAY = dt.timedelta(days=1)


def row(state="open", begin=None, end=None, confirmed="2025-06-01", kind="crossing", name="GATE", mode="road"):
    def day(text):
        return dt.date.fromisoformat(text) if text else None

    return {
        "id": "s",
        "kind": kind,
        "object": name,
        "mode": mode,
        "state": state,
        "valid_from": day(begin),
        "valid_to": day(end),
        "confirmed_on": day(confirmed),
        "reason": "why",
        "source": "invented",
        "basis": "reported",
    }


def table(*rows):
    return typed_frame(load_schema().tables["status"], list(rows), ["package"] * len(rows))


def on(day, *rows, key=("crossing", "GATE", "road")):
    return status_on(table(*rows), dt.date.fromisoformat(day)).get(key)


def test_a_dated_state_holds_from_its_first_to_its_last_day_and_stays_known():
    rows = (row("closed", "2020-01-01", "2020-01-10", "2020-01-10"),)
    assert on("2019-12-31", *rows) is None
    assert on("2020-01-11", *rows) is None
    for day in ("2020-01-01", "2020-01-10"):
        assert on(day, *rows).state == "closed"
        assert on(day, *rows).known


@pytest.mark.parametrize(
    ("kind", "mode", "days"),
    [("crossing", "road", 30), ("crossing", "rail", 90), ("place", "", 30), ("link", "rail", 30), ("passage", "", 7)],
)
def test_an_open_ended_state_is_known_for_its_shelf_life_and_not_a_day_longer(kind, mode, days):
    assert shelf_life_days(kind, mode) == days
    rows = (row("open", "2020-01-01", None, "2025-06-01", kind=kind, mode=mode),)
    confirmed = dt.date(2025, 6, 1)
    last = on((confirmed + days * DAY).isoformat(), *rows, key=(kind, "GATE", mode))
    after = on((confirmed + (days + 1) * DAY).isoformat(), *rows, key=(kind, "GATE", mode))
    assert (last.known, last.days_old) == (True, days)
    assert (after.known, after.days_old, after.state) == (False, days + 1, "open")


def test_what_was_confirmed_later_is_known_about_an_earlier_day():
    entry = on("2024-03-01", row("closed", "2024-01-01", None, "2025-06-01"))
    assert (entry.known, entry.days_old) == (True, 0)


def test_of_rows_that_hold_the_latest_to_begin_wins_whatever_its_state():
    older = row("closed", "2025-01-01", "2025-12-31")
    assert on("2025-06-10", older, row("open", "2025-06-01")).state == "open"
    assert on("2025-06-10", row("open", "2025-06-01"), older).state == "open"
    assert on("2025-05-10", older, row("open", "2025-06-01")).state == "closed"
    assert on("2025-06-10", row("open"), older).state == "closed", "a state without a first day begins before all"


def test_of_rows_that_begin_together_the_most_restrictive_wins():
    order = ("closed", "under_construction", "planned", "bilateral", "restricted", "open")
    for i, hard in enumerate(order):
        for soft in order[i:]:
            for pair in ((hard, soft), (soft, hard)):
                assert on("2025-06-10", *(row(s, "2025-06-01") for s in pair)).state == hard


def test_one_mode_is_found_before_all_modes_unless_those_changed_later():
    def found(own_begin, all_begin, mode="road"):
        rows = table(row("open", own_begin), row("closed", all_begin, mode=""))
        return Board(dt.date(2025, 6, 10), status_on(rows, dt.date(2025, 6, 10))).find("crossing", "GATE", mode).state

    assert found("2025-03-01", "2025-01-01") == "open"
    assert found("2025-01-01", "2025-01-01") == "open"
    assert found("2025-01-01", "2025-03-01") == "closed"
    assert found("2025-03-01", "2025-01-01", mode="rail") == "closed"
    assert found("2025-03-01", "2025-01-01", mode="") == "closed"


def test_an_object_nobody_wrote_of_has_no_status():
    assert Board(TODAY, {}).find("crossing", "GATE", "road") is None


KNOWN = dict.fromkeys(("open", "restricted", "bilateral"), True) | dict.fromkeys(
    ("closed", "under_construction", "planned"), False
)
# What changes when the state is past its shelf life, by what is assumed.
STALE = {
    "last": {},
    "open": {"closed": True},
    "shut": {"restricted": False, "bilateral": False},
    "reopened": {"closed": True},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("assume", STALE)
def test_what_may_be_used_under_each_assumption(state, assume):
    fresh = on("2025-06-10", row(state, "2025-01-01"))
    stale = on("2026-06-10", row(state, "2025-01-01"))
    reopened = assume == "reopened" and state == "closed"
    assert fresh.usable(assume) == (KNOWN[state] or reopened)
    assert stale.usable(assume) == STALE[assume].get(state, KNOWN[state])
    assert not fresh.contested
    assert stale.contested == (state in ("closed", "restricted", "bilateral"))


@given(st.sampled_from(STATES), st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.booleans())
def test_assuming_more_open_never_shuts_anything(state, day, ended):
    entry = on(day.isoformat(), row(state, "2020-01-01", "2030-01-01" if ended else None))
    order = [entry.usable(assume) for assume in ("shut", "last", "open", "reopened")]
    assert order == sorted(order)


@given(st.sampled_from(STATES), st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.booleans())
def test_no_state_is_said_without_its_date(state, day, ended):
    entry = on(day.isoformat(), row(state, "2020-01-01", "2030-01-01" if ended else None))
    words = entry.words()
    assert state.replace("_", " ") in words
    assert re.search(r"confirmed (on )?2025-06-01", words)
    assert words.startswith("unknown; ") == (not entry.known)
    if not entry.known:
        assert f"{entry.days_old} days earlier" in words


@given(st.permutations(range(6)), st.dates(dt.date(2024, 12, 1), dt.date(2026, 2, 1)))
def test_the_order_of_rows_does_not_matter(order, day):
    rows = [
        row("open", None, None, "2024-01-01"),
        row("closed", "2025-01-01", "2025-12-31", "2025-12-31"),
        row("restricted", "2025-03-01", "2025-03-31", "2025-03-31"),
        row("closed", "2025-03-01", "2025-03-31", "2025-03-31"),
        row("open", "2026-01-01", None, "2026-01-05"),
        row("planned", None, "2029-12-31", mode="rail"),
    ]
    assert status_on(table(*(rows[i] for i in order)), day) == status_on(table(*rows), day)


# ------------------------------------------------------------------------------------------------- the packages


def test_the_pass_of_the_test_package_closes_and_is_then_forgotten(sixplace):
    def at(day):
        entry = board(sixplace, dt.date.fromisoformat(day)).find("crossing", "HIGHPASS", "road")
        return entry.state, entry.known

    assert at("2025-06-01") == ("open", True)
    assert at("2025-09-30") == ("open", True)
    assert at("2025-10-01") == ("closed", True)
    assert at("2025-12-01") == ("closed", True)
    assert at("2025-12-02") == ("closed", False)


@pytest.mark.parametrize(
    ("day", "kind", "name", "mode", "state", "known"),
    [
        ("2025-06-01", "crossing", "TORKHAM", "road", "open", True),
        ("2026-01-15", "crossing", "TORKHAM", "road", "closed", True),
        ("2026-11-23", "crossing", "TORKHAM", "road", "closed", False),
        ("2026-03-15", "passage", "hormuz", "", "closed", True),
        ("2025-06-01", "passage", "hormuz", "", "open", True),
        ("2026-11-23", "passage", "hormuz", "", "restricted", False),
        ("2025-04-23", "crossing", "WAGAH", "road", "restricted", True),
        ("2025-06-01", "crossing", "WAGAH", "road", "closed", True),
    ],
)
def test_days_of_the_corridor_that_are_on_record(ewec, day, kind, name, mode, state, known):
    entry = board(ewec, dt.date.fromisoformat(day)).find(kind, name, mode)
    assert (entry.state, entry.known) == (state, known)
    if (name, day) == ("TORKHAM", "2026-01-15"):
        assert entry.valid_from == dt.date(2025, 10, 12)


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_nothing_open_ended_and_old_is_reported_as_known(name, request):
    today = board(request.getfixturevalue(name), TODAY)
    for entry in today.entries.values():
        fresh = (TODAY - entry.confirmed_on).days <= shelf_life_days(entry.kind, entry.mode)
        assert entry.known == (entry.valid_to is not None or fresh), entry
        assert entry.valid_to is None or entry.valid_to >= TODAY
    assert today.stale()
    assert set(map(id, today.contested())) <= set(map(id, today.stale()))
    assert [(s.kind, s.object, s.mode) for s in today.sorted()] == sorted(today.entries)


def test_only_what_is_not_built_is_known_beyond_today(ewec):
    later = {e.object: e.state for e in board(ewec, TODAY).entries.values() if e.known}
    assert set(later.values()) <= {"planned", "under_construction"}, later


def test_names_are_told_once(ewec):
    stale = board(ewec, TODAY).stale()
    assert names_of(stale) == list(pd.unique(pd.Series([s.object for s in stale])))
