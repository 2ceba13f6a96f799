"""The supernetwork: its arrays, its keys, and what may join what."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import added, compiled, without
from serai.network.topology import DOOR, ArcKind, compile_topology


@pytest.fixture(params=["sixplace", "ewec"])
def package(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def topology(package):
    return compiled(package).topology


def test_rows_are_sorted_by_tail_and_point_to_their_arcs(topology):
    t = topology
    assert t.out_ptr[0] == 0
    assert t.out_ptr[-1] == t.n_arcs
    assert np.array_equal(np.repeat(np.arange(t.n_states), np.diff(t.out_ptr)), t.tail)
    assert np.array_equal(np.sort(t.in_arc), np.arange(t.n_arcs))
    assert np.array_equal(np.repeat(np.arange(t.n_states), np.diff(t.in_ptr)), t.head[t.in_arc])
    assert [t.states[i] for i in t.tail] == [a.tail for a in t.arcs]
    assert [t.states[i] for i in t.head] == [a.head for a in t.arcs]
    assert [t.place_ids[i] for i in t.place] == [s.place for s in t.states]


def test_arrays_are_frozen(topology):
    for name in ("tail", "head", "out_ptr", "in_ptr", "in_arc", "kind", "place", "door_out", "door_in"):
        array = getattr(topology, name)
        assert array.dtype == np.int32
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_no_arc_and_no_key_appears_twice(topology):
    assert len({a.key for a in topology.arcs}) == topology.n_arcs
    assert len(set(topology.arcs)) == topology.n_arcs
    assert len(set(topology.states)) == topology.n_states


def test_a_second_build_is_the_same(package, topology):
    again = compile_topology(package)
    assert again.arcs == topology.arcs
    assert again.states == topology.states


def test_keys_outlive_other_rows(package, topology):
    place = package["places"]["id"].iloc[0]
    country = package["places"]["country"].iloc[0]
    at = {c: package["places"][c].iloc[0] for c in ("lat", "lon")}
    new = {"id": "A_NEW_PLACE", "name": "New", "kind": "city", "country": country, "zone": True, **at}
    speed = package["speeds"].query("mode == 'road'")["id"].iloc[0]
    rate = package["rates"].query("mode == 'road'")["id"].iloc[0]
    link = {"id": "A-NEW", "from": "A_NEW_PLACE", "to": place, "mode": "road", "country": country, "length_km": 10.0}
    more = added(added(package, "places", [new]), "links", [{**link, "speed": speed, "rate": rate}])
    bigger = {a.key: a for a in compile_topology(more).arcs}
    assert len(bigger) > topology.n_arcs
    assert all(bigger[a.key] == a for a in topology.arcs)
    gone = package["links"]["id"].iloc[-1]
    smaller = {a.key: a for a in compile_topology(without(package, "links", lambda f: f["id"] == gone)).arcs}
    kept = {a.key: a for a in topology.arcs}
    assert all(kept[key] == arc for key, arc in smaller.items())


def test_two_gauges_meet_only_in_a_gauge_change(topology):
    changes = 0
    for arc in topology.arcs:
        if arc.tail.mode == arc.head.mode == "rail":
            assert arc.tail.gauge_mm > 0
            assert arc.head.gauge_mm > 0
            if arc.tail.gauge_mm != arc.head.gauge_mm:
                assert arc.kind == ArcKind.GAUGE_CHANGE
                changes += 1
        elif arc.kind != ArcKind.LINE_HAUL:
            assert arc.kind != ArcKind.GAUGE_CHANGE
    assert changes > 0


def test_modes_meet_only_in_transfers_and_doors(topology):
    allowed = {ArcKind.TERMINAL, ArcKind.IMPORT, ArcKind.EXPORT, ArcKind.ACCESS}
    assert all(a.kind in allowed for a in topology.arcs if a.tail.mode != a.head.mode)
    assert all(a.kind == ArcKind.ACCESS for a in topology.arcs if DOOR in {a.tail.mode, a.head.mode})


def test_line_haul_keeps_to_its_link(package, topology):
    links = package["links"].set_index("id")
    for arc in topology.arcs:
        if arc.kind != ArcKind.LINE_HAUL:
            assert arc.tail.place == arc.head.place
            continue
        link = links.loc[arc.row]
        ends = (link["to"], link["from"]) if arc.back else (link["from"], link["to"])
        assert (arc.tail.place, arc.head.place) == ends
        assert arc.tail.mode == arc.head.mode == link["mode"]
        assert arc.tail.side == arc.head.side == (link["country"] if link["mode"] in {"road", "rail"} else "")
        assert not (arc.back and link["one_way"])


def test_a_border_is_left_then_entered(package, topology):
    crossings = package["crossings"].set_index("id")
    followers = {ArcKind.ENTRY, ArcKind.GAUGE_CHANGE, ArcKind.VEHICLE_CHANGE}
    for i, arc in enumerate(topology.arcs):
        if arc.kind == ArcKind.EXIT:
            row = crossings.loc[arc.row]
            strip = f"{row['exit_country']}>{row['entry_country']}"
            assert row["side"] == "exit"
            assert arc.owner == row["exit_country"] == arc.tail.side
            assert arc.head.side == strip
            head = int(topology.head[i])
            after = topology.kind[topology.out_ptr[head] : topology.out_ptr[head + 1]]
            assert set(after.tolist()) <= followers
        elif arc.kind == ArcKind.ENTRY:
            row = crossings.loc[arc.row]
            assert row["side"] == "entry"
            assert arc.owner == row["entry_country"] == arc.head.side
            assert arc.tail.side == f"{row['exit_country']}>{row['entry_country']}"
        elif arc.tail.side != arc.head.side:
            assert "" in {arc.tail.side, arc.head.side}
            assert arc.kind in {ArcKind.ACCESS, ArcKind.IMPORT, ArcKind.EXPORT}


def test_every_strip_can_be_left(package, topology):
    """Whoever leaves a country by rail on one gauge can enter the next on it or by a change the package names."""
    entered = {(a.place, a.tail.mode, a.tail.side) for a in topology.arcs if a.kind == ArcKind.ENTRY}
    for arc in topology.arcs:
        if arc.kind == ArcKind.EXIT:
            joined = package["links"].query("mode == @arc.head.mode and (`from` == @arc.place or to == @arc.place)")
            side = arc.head.side.split(">")[1]
            if side in set(joined["country"]) and arc.head.mode == "road":
                assert (arc.place, arc.head.mode, arc.head.side) in entered


def test_every_arc_names_a_row_of_the_package(package, topology):
    rows = {name: set(package[name]["id"]) for name in {a.table for a in topology.arcs}}
    assert all(a.row in rows[a.table] for a in topology.arcs)
    assert all(len(arcs) == topology.n_arcs for arcs in (compiled(package).figures.source, topology.kind))


def test_sixplace_has_the_arcs_one_can_count(sixplace):
    kinds = np.bincount(compiled(sixplace).topology.kind, minlength=len(ArcKind))
    count = {k: int(kinds[k]) for k in ArcKind}
    # Eight links both ways, and R3 both ways again for the convoy.
    assert count[ArcKind.LINE_HAUL] == 2 * 8 + 2
    assert count[ArcKind.BOARD] == count[ArcKind.ALIGHT] == 2
    # By rail INLAND-side trains leave on 1520; on the other side 1435 and, once built, 1520.
    assert count[ArcKind.EXIT] == 2 + 1 + 2
    # One entry by road each way; by rail changed and unchanged: 1520 stays, 1520>1435; back 1520 stays, 1435>1520.
    assert count[ArcKind.ENTRY] == 2 + 2 + 2
    # On each strip one; none on a side of the border, though both gauges may meet there.
    assert count[ArcKind.GAUGE_CHANGE] == 2
    # Harbor has a terminal of its own, so the port hands over to the road alone; so do the others without rails,
    # but Old Port has rails once NEWLINE is built.
    assert count[ArcKind.IMPORT] == count[ArcKind.EXPORT] == 1 + 2 + 1
    assert count[ArcKind.VEHICLE_CHANGE] == 0
