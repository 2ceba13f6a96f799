"""A world that is kept for the next start is the world it was, and anything odd about its file makes it anew."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from serai.corridor import ready, service
from serai.data.scenario import Close, Scenario, apply

DAY = dt.date(2025, 6, 1)


@pytest.fixture
def kept(sixplace, tmp_path, monkeypatch):
    """Path of the world that was kept; nothing is open."""
    monkeypatch.setattr(ready, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(service, "_worlds", {})
    monkeypatch.setattr(service, "_days", {})
    assert not ready.take_up(sixplace)
    assert ready.keep(sixplace)
    return ready.path_of(sixplace)


def test_answers_are_those_of_the_world_that_was_kept(kept, sixplace):
    changed = apply(sixplace, Scenario("shut", (Close(op="close", object="HIGHPASS"),)))
    fresh = service.solve_scenario(sixplace, changed, DAY)
    service._worlds.clear()
    service._days.clear()
    assert ready.take_up(sixplace)
    assert service.solve_scenario(sixplace, changed, DAY) == fresh


@pytest.mark.parametrize("odd", [lambda b: b[:-9], lambda b: b[:500] + b"x" + b[501:], lambda _: b""])
def test_a_torn_file_is_not_read(kept, sixplace, odd):
    kept.write_bytes(odd(kept.read_bytes()))
    assert not ready.take_up(sixplace)


def test_what_others_could_have_written_is_not_read(kept, sixplace):
    kept.chmod(0o666)
    assert not ready.take_up(sixplace)
    kept.chmod(0o644)
    assert ready.take_up(sixplace)
    kept.parent.chmod(0o777)
    assert not ready.take_up(sixplace)


def test_another_package_and_other_code_have_other_files(kept, sixplace, monkeypatch):
    shut = apply(sixplace, Scenario("shut", (Close(op="close", object="HIGHPASS"),)))
    assert ready.path_of(shut) != kept
    monkeypatch.setattr(ready, "_code", lambda: "changed")
    assert ready.path_of(sixplace) != kept
    assert not ready.take_up(sixplace)


def test_old_worlds_make_room(kept, sixplace, monkeypatch):
    for code in "abc":
        monkeypatch.setattr(ready, "_code", lambda code=code: code)
        assert ready.keep(sixplace)
    assert len(list(kept.parent.iterdir())) == ready.KEPT


def test_a_command_keeps_a_large_world_and_the_next_takes_it_up(kept, sixplace, monkeypatch):
    kept.unlink()
    service._worlds.clear()
    ready.open_ready(sixplace)
    assert not kept.exists()
    monkeypatch.setattr(ready, "LARGE", 1)
    service._worlds.clear()
    first = ready.open_ready(sixplace)
    assert kept.exists()
    service._worlds.clear()
    monkeypatch.setattr(service, "open_world", lambda *_, **__: pytest.fail("was made anew"))
    again = ready.open_ready(sixplace)
    assert again is not first
    assert np.array_equal(again.base.freight.flow_per_day, first.base.freight.flow_per_day)


def test_a_world_with_a_users_own_figures_is_not_kept(kept, sixplace, monkeypatch):
    monkeypatch.setattr(ready, "LARGE", 1)
    own = replace(sixplace, meta=replace(sixplace.meta, overlays=("my.csv",), digest="other"))
    ready.open_ready(own)
    assert not ready.path_of(own).exists()
