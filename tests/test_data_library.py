"""Scenarios that come with a package: found by name, applied, listed, and refused when faulty."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import serai
from helpers import row_of
from serai.cli import app
from serai.core.errors import InputError, ScenarioError
from serai.data.library import check_scenarios, package_scenarios, project_scenario, scenario_json
from serai.data.scenario import Scenario, ScenarioFile, apply, read_scenario

GOOD = "name: a\ntitle: A\ndescription: {en: Says what.}\nsources: [invented]\nops: []\n"


def with_scenarios(package, **texts):
    return replace(package, scenarios={**package.scenarios, **texts})


def ops(*raw):
    return Scenario("t", tuple(ScenarioFile.model_validate({"name": "t", "ops": list(raw)}).ops))


def test_a_scenario_is_found_by_its_name(sixplace):
    out = serai.apply_scenario(sixplace, "faster-pass")
    for row in sixplace["crossings"]["id"]:
        was, now = row_of(sixplace, "crossings", row), row_of(out, "crossings", row)
        half = 0.5 if was["place"] == "HIGHPASS" else 1
        for column in ("hours_low", "hours", "hours_high"):
            assert now[column] == pytest.approx(was[column] * half, rel=1e-12)


def test_a_scenario_of_the_package_may_stand_on_another(sixplace):
    out = serai.apply_scenario(sixplace, "new-line")
    assert row_of(out, "links", "L3")["project"] == ""
    assert row_of(out, "crossings", "HIGHPASS.road.XLA-XCO.exit")["hours"] == 4


def test_a_users_file_may_stand_on_a_scenario_of_the_package(sixplace, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\nextends: [faster-pass]\nops: [{op: close, object: HARBOR}]\n", encoding="utf-8")
    read = read_scenario(mine, sixplace.scenarios)
    assert [op.op for op in read.ops] == ["set", "close"]


def test_an_unknown_name_is_told_with_the_names_there_are(sixplace):
    with pytest.raises(InputError, match="faster-pass"):
        serai.apply_scenario(sixplace, "slower-pass")


def test_package_scenarios_in_a_circle_are_told(sixplace):
    package = with_scenarios(
        sixplace, a=GOOD + "extends: [b]\n", b=GOOD.replace("name: a", "name: b") + "extends: [a]\n"
    )
    with pytest.raises(InputError, match="circle"):
        package_scenarios(package)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("name: a", "name: other"), "called other"),
        (GOOD.replace("title: A\n", ""), "no title"),
        (GOOD.replace("en:", "ru:"), "English"),
        (GOOD.replace("[invented]", "[nobody]"), "source"),
        (GOOD + "unchecked: [kk]\n", "language"),
        (GOOD.replace("ops: []", "ops: [{op: close, object: NOWHERE}]"), "NOWHERE"),
        ("- a\n- b\n", "at the top"),
    ],
)
def test_a_faulty_scenario_is_told_by_the_check(sixplace, text, told):
    (issue,) = check_scenarios(with_scenarios(sixplace, a=text))
    assert issue.table == "scenarios/a.yaml"
    assert told in issue.what


def test_a_project_whose_scenario_is_missing_is_told(sixplace):
    package = replace(sixplace, scenarios={})
    (issue,) = check_scenarios(package)
    assert (issue.table, issue.column, issue.value) == ("projects", "scenario", "faster-pass")
    with pytest.raises(InputError, match="faster-pass"):
        project_scenario(package, "PASSROAD")


def test_a_project_is_built_by_its_scenario_or_by_its_links(sixplace):
    by_scenario, by_links = project_scenario(sixplace, "PASSROAD"), project_scenario(sixplace, "NEWLINE")
    assert by_scenario is not None
    assert by_links is not None
    assert by_scenario.name == "faster-pass"
    assert row_of(apply(sixplace, by_links), "links", "L3")["project"] == ""
    with pytest.raises(InputError, match="NOLINE"):
        project_scenario(sixplace, "NOLINE")


def test_rows_are_picked_by_what_they_hold(sixplace):
    out = apply(
        sixplace,
        ops(
            {
                "op": "set",
                "table": "crossings",
                "where": {"side": "exit", "exit_country": ["XLA"]},
                "column": "hours",
                "times": 2.0,
            }
        ),
    )
    for row in sixplace["crossings"].to_dict("records"):
        factor = 2 if row["side"] == "exit" and row["exit_country"] == "XLA" else 1
        assert row_of(out, "crossings", row["id"])["hours"] == row["hours"] * factor


@pytest.mark.parametrize(
    "change",
    [
        {"id": "R1", "where": {"mode": "road"}},
        {},
        {"where": {"colour": "red"}},
        {"where": {"length_km": "400"}},
        {"where": {"mode": "rocket"}},
    ],
)
def test_rows_that_are_not_named_well_are_refused(sixplace, change):
    with pytest.raises(ScenarioError):
        apply(sixplace, ops({"op": "set", "table": "links", "column": "length_km", "times": 2.0, **change}))


def test_scenarios_are_listed_on_the_command_line(sixplace, sixplace_folder):
    shown = CliRunner().invoke(app, ["scenarios", "-p", str(sixplace_folder)])
    assert shown.exit_code == 0
    assert "faster-pass: Faster posts at High Pass" in shown.stdout
    raw = CliRunner().invoke(app, ["scenarios", "-p", str(sixplace_folder), "--json"])
    assert json.loads(raw.stdout)["scenarios"] == [scenario_json(s) for s in package_scenarios(sixplace)]
    marked = CliRunner().invoke(app, ["scenarios", "-p", str(sixplace_folder), "--lang", "ru"])
    assert "[not checked by a native reader]" in marked.stdout


def test_every_scenario_of_the_embedded_package_reads(ewec):
    found = package_scenarios(ewec)
    assert len(found) >= 10
    assert all(s.scenario.ops for s in found)
    named = set(ewec["projects"]["scenario"]) - {""}
    assert named <= {s.name for s in found}


@pytest.mark.slow
def test_every_scenario_of_the_embedded_package_applies(ewec):
    assert check_scenarios(ewec) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("project", "origin", "destination", "modes", "place"),
    [
        ("UAP_KABUL", "TASHKENT", "KARACHI", ["rail"], "KHARLACHI"),
        ("UAP_TORGHUNDI", "ASHGABAT", "KARACHI", ["rail"], "CHAMAN"),
        ("TORGHUNDI_HERAT", "MARY", "HERAT", ["rail"], "TORGHUNDI"),
        ("KHAF_HERAT", "MASHHAD", "HERAT", ["rail"], "KHAFBORDER"),
        ("CKU", "KASHGAR", "TASHKENT", ["rail"], "TORUGART"),
        ("PK_ML4", "QUETTA", "GWADAR", ["rail"], "BASIMA"),
        ("CHABAHAR_ZAHEDAN", "CHABAHAR", "MASHHAD", ["rail"], "ZAHEDAN"),
        ("RASHT_ASTARA", "TEHRAN", "BAKU", ["rail"], "ASTARA"),
    ],
)
def test_a_built_railway_carries_a_route(ewec, project, origin, destination, modes, place):
    """The line, its border, terminals and gauge changes are all there: the best rail route passes it and gains."""
    scenario = project_scenario(ewec, project)
    assert scenario is not None

    def best(package):
        asked = serai.routes(
            package, origin, destination, as_of="2025-06-01", modes=modes, via=(), k=1, with_validation=False
        )
        return asked.routes[0] if asked.routes else None

    before, after = best(ewec), best(apply(ewec, scenario))
    assert after is not None
    assert place in {end for leg in after.legs for end in (leg.origin, leg.destination)}
    assert before is None or after.generalized_usd_per_t < before.generalized_usd_per_t
