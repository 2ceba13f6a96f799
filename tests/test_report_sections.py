"""Sections of the report: one module and one partial each, and the trail from numbers to sources."""

from __future__ import annotations

from importlib.resources import files

import pytest

from serai.report.section import Trail
from serai.report.sections import SECTIONS


def test_sections_have_names_of_their_own_and_sources_come_last():
    names = [s.name for s in SECTIONS]
    assert len(set(names)) == len(names)
    assert names[-1] == "sources"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.name)
def test_each_section_has_its_partial_beside_it(section):
    folder = files("serai.report").joinpath("sections")
    assert folder.joinpath(f"{section.name}.py").is_file()
    assert folder.joinpath(f"{section.name}.html.j2").is_file()


def test_the_same_sources_make_one_group_whatever_their_order():
    trail = Trail()
    assert trail.to("a price", ["b;a", "c"]) == trail.to("a time", ["c", "a", "b", "a"])
    assert trail.to("another", ["a"]) != trail.to("a price", ["a", "b", "c"])
    assert [g.sources for g in trail.groups.values()] == [("a", "b", "c"), ("a",)]
