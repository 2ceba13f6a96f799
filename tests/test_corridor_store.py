"""Worlds kept between runs: the same answers as without, and nothing odd is ever taken for one."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from serai.corridor import store
from serai.corridor.inputs import observed_flows, trade_inputs
from serai.corridor.world import open_world
from serai.freight.routes import compile_package


@pytest.fixture(scope="module")
def kept_world(sixplace, tmp_path_factory):
    at = tmp_path_factory.mktemp("worlds") / "w.npz"
    return _opened(sixplace, at), at


def _opened(package, at):
    days = (package.meta.base_date,)
    return open_world(
        package, trade_inputs(package), compile_package(package), days,
        observed_per_day=observed_flows(package), store_at=at,
    )  # fmt: skip


def _same(a, b):
    for f in fields(a.base.freight):
        if f.name == "prepared":
            continue
        np.testing.assert_array_equal(getattr(a.base.freight, f.name), getattr(b.base.freight, f.name), err_msg=f.name)
    for x, y in zip(*((*o.at, *o[1:]) for o in (w.base.freight.prepared.opened for w in (a, b))), strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(a.base.fees.usd_per_t, b.base.fees.usd_per_t)
    np.testing.assert_array_equal(a.base.response.slope, b.base.response.slope)
    np.testing.assert_array_equal(a.freight.facilities.capacity_per_day, b.freight.facilities.capacity_per_day)
    np.testing.assert_array_equal(a.trade.V, b.trade.V)
    assert a.freight.routes.digest == b.freight.routes.digest


def test_a_kept_world_is_the_world_to_the_last_bit(sixplace, kept_world):
    first, at = kept_world
    held = store.read(at)
    assert held is not None
    assert held.routes.digest == first.freight.routes.digest
    again = _opened(sixplace, at)
    _same(replace_iterations(first), replace_iterations(again))
    _same(replace_iterations(first), replace_iterations(_opened(sixplace, None)))


def replace_iterations(world):
    """A resumed base needs one evaluation, a new one more: the count is no part of the answer."""
    return replace(world, base=replace(world.base, freight=replace(world.base.freight, iterations=0)))


def test_a_damaged_or_foreign_file_is_made_again(sixplace, kept_world, tmp_path):
    first, at = kept_world
    whole = at.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for n, content in enumerate((b"", b"PK\x03\x04", whole[: len(whole) // 2], bytes(flipped), b"\x80\x04N.")):
        odd = tmp_path / f"{n}.npz"
        odd.write_bytes(content)
        assert store.read(odd) is None, n
    _same(replace_iterations(first), replace_iterations(_opened(sixplace, odd)))
    assert odd.read_bytes() == whole


def test_no_object_is_ever_unpickled(tmp_path):
    path = tmp_path / "w.npz"
    np.savez(path, **dict.fromkeys((*store.ARRAYS, *store.TEXTS), np.array([{}], dtype=object)))
    assert store.read(path) is None


def test_a_base_solved_from_other_figures_is_not_resumed(sixplace, kept_world, tmp_path):
    first, at = kept_world
    held = store.read(at)
    path = tmp_path / "w.npz"
    assert store.write(path, replace(held, base_digest="of another", flow_per_day=held.flow_per_day * 3.0 + 1.0))
    _same(replace_iterations(first), replace_iterations(_opened(sixplace, path)))
    assert store.read(path).base_digest == held.base_digest


def test_where_nothing_can_be_written_nothing_is_kept(kept_world, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert not store.write(blocked / "w.npz", store.read(kept_world[1]))
