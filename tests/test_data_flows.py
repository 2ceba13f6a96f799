"""Observed throughputs, terms of projects, reference classes and closure regimes: faults, sums and round trips."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict

import pytest

from helpers import TODAY, edit
from serai.core.errors import InputError
from serai.data.checks.projects import UNITS, WHOLES
from serai.data.package import load_package, write_package
from serai.data.projects import project_terms
from serai.data.schema import load_schema
from serai.data.validate import check_package

Z90 = 1.2815515655446004
"""90th percentile of the standard normal."""


def faults(package, table, row, **cells):
    return [(i.table, i.column) for i in check_package(edit(package, table, row, **cells).tables, TODAY)]


def test_every_item_of_the_format_has_its_unit():
    item = load_schema().tables["project_terms"].field("item")
    assert set(item.enum) == set(UNITS)
    assert set(UNITS.values()) == set(load_schema().tables["project_terms"].field("unit").enum)
    assert set(WHOLES) <= set(UNITS)


# -------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("row", "cells", "column"),
    [
        ("HARBOR.t", {"object": "NOWHERE"}, "object"),
        ("HARBOR.t", {"object": "HARBOR;NOWHERE"}, "object"),
        ("HIGHPASS.road", {"object": "HARBOR"}, "object"),
        ("S1.teu", {"object": "S9"}, "object"),
        ("HARBOR.t", {"metric": "share", "value_low": 0.1, "value": 0.2, "value_high": 0.3}, "metric"),
        ("HARBOR.share", {"metric": "t_per_year"}, "metric"),
        ("HARBOR.share", {"economy": ""}, "economy"),
        ("HARBOR.t", {"economy": "XLA"}, "economy"),
        ("HARBOR.share", {"value_high": 1.2}, "value_high"),
        ("S1.teu", {"use": "choice"}, "use"),
        ("S1.teu", {"family": "harbor"}, "family"),
        ("HARBOR.share", {"via": "HARBOR;NOWHERE"}, "via"),
    ],
)
def test_a_faulty_throughput_is_told(sixplace, row, cells, column):
    frame = sixplace["throughputs"].copy()
    at = frame.index[frame["id"] == row][0]
    for name, value in cells.items():
        frame.loc[at, name] = value
    found = check_package(sixplace.with_tables({"throughputs": frame}).tables, TODAY)
    assert [(i.table, i.column) for i in found] == [("throughputs", column)]


@pytest.mark.parametrize(
    ("row", "cells", "column"),
    [
        ("RAIL.o_and_m", {"unit": "years"}, "unit"),
        ("NEWLINE.o_and_m", {"kind": "border"}, "kind"),
        ("RAIL.residual_life", {"step": 1.0}, "step"),
        ("NEWLINE.payer_share.XLA", {"payer": ""}, "payer"),
        ("NEWLINE.payer_share.XLA", {"value": 0.45}, "value"),
        ("RAIL.capital_phase.2", {"value": 0.5}, "value"),
        ("RAIL.capital_phase.2", {"step": 3.0}, "step"),
        ("RAIL.ramp_up_years", {"item": "residual_life"}, "item"),
    ],
)
def test_a_faulty_term_is_told(sixplace, row, cells, column):
    frame = sixplace["project_terms"].copy()
    at = frame.index[frame["id"] == row][0]
    for name, value in cells.items():
        frame.loc[at, name] = value
    found = check_package(sixplace.with_tables({"project_terms": frame}).tables, TODAY)
    assert [(i.table, i.column) for i in found] == [("project_terms", column)]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"object": "HARBOR"}, "object"),
        ({"observed_to": dt.date(2019, 1, 1)}, "observed_to"),
        ({"days_shut": 5000.0}, "days_shut"),
        ({"closures": 0.0}, "closures"),
    ],
)
def test_a_faulty_regime_is_told(sixplace, cells, column):
    assert faults(sixplace, "closure_regimes", "highpass", **cells) == [("closure_regimes", column)]


def test_the_sound_package_has_no_fault(sixplace):
    assert check_package(sixplace.tables, TODAY) == []


def test_new_tables_and_scenarios_come_back_as_they_were(sixplace, tmp_path):
    write_package(sixplace, tmp_path / "again")
    again = load_package(str(tmp_path / "again"), today=TODAY, user_rows=False)
    assert again.meta.digest == sixplace.meta.digest
    assert dict(again.scenarios) == dict(sixplace.scenarios)
    assert again.scenarios


# --------------------------------------------------------------------------------------------------------- terms


def test_a_projects_own_term_stands_before_that_of_its_kind(sixplace):
    terms = project_terms(sixplace, "NEWLINE")
    assert terms.figures["o_and_m"].row == "NEWLINE.o_and_m"
    assert terms.figures["o_and_m"].own
    assert terms.figures["residual_life"].row == "RAIL.residual_life"
    assert not terms.figures["residual_life"].own
    assert [f.mode for f in terms.phases] == [0.4, 0.6]
    assert {name: f.payer for name, f in terms.payers.items()} == {"XLA": "XLA", "XCO": "XCO"}


def test_a_project_without_rows_of_its_own_takes_all_from_its_kind(sixplace):
    assert project_terms(sixplace, "PASSROAD").figures["o_and_m"].row == "BORDER.o_and_m"


def test_an_unknown_project_is_told(sixplace):
    with pytest.raises(InputError, match="NOLINE"):
        project_terms(sixplace, "NOLINE")


def test_every_project_of_the_embedded_package_has_the_terms_an_appraisal_needs(ewec):
    needed = {"o_and_m", "residual_life", "ramp_up_years", "ramp_up_start"}
    for project in ewec["projects"]["id"]:
        terms = project_terms(ewec, project)
        assert needed <= set(terms.figures), project
        assert sum(f.mode for f in terms.phases) == pytest.approx(1, abs=1e-6), project


def test_at_least_twelve_projects_have_a_sourced_cost(ewec):
    projects = ewec["projects"]
    sourced = projects[(projects["basis"] != "assumed") & projects["capital_cost_usd_m"].notna()]
    assert len(sourced) >= 12


# ----------------------------------------------------------------------------------------------- what is carried


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_no_family_of_observations_serves_two_uses(name, request):
    uses = defaultdict(set)
    for row in request.getfixturevalue(name)["throughputs"].to_dict("records"):
        uses[row["family"]].add(row["use"])
    assert uses
    assert all(len(u) == 1 for u in uses.values())


def test_reference_classes_are_the_lognormals_of_their_moments(ewec):
    rows = ewec["reference_class"].to_dict("records")
    assert rows
    for row in rows:
        spread = math.sqrt(math.log(1 + (row["sd"] / row["mean"]) ** 2))
        median = row["mean"] / math.exp(spread**2 / 2)
        # Stored to four decimals.
        assert row["ratio"] == pytest.approx(median, abs=6e-5)
        assert row["ratio_low"] == pytest.approx(median * math.exp(-Z90 * spread), abs=6e-5)
        assert row["ratio_high"] == pytest.approx(median * math.exp(Z90 * spread), abs=6e-5)


def test_counted_regimes_follow_from_the_dated_status(ewec):
    """Closures and days of a gate are those of the closed rows of the status table in the observed period."""
    regimes = ewec["closure_regimes"].set_index("id")
    status = ewec["status"]
    for name, place in (("torkham", "TORKHAM"), ("chaman", "CHAMAN"), ("milak", "MILAK"), ("ghulamkhan", "GHULAMKHAN")):
        regime = regimes.loc[name]
        shut = status[(status["object"] == place) & (status["mode"] == "road") & (status["state"] == "closed")]
        spans = [
            (row["valid_to"] - row["valid_from"]).days + 1
            for row in shut.to_dict("records")
            if row["valid_to"] is not None
            and regime["observed_from"] <= row["valid_from"] <= regime["observed_to"]
            # The dispute that shut all gates has a row of its own.
            and not (place != "TORKHAM" and row["reason"].startswith("Driver document dispute"))
        ]
        assert (regime["closures"], regime["days_shut"]) == (len(spans), sum(spans)), name


def test_rates_of_counted_regimes_are_percentiles_of_their_gamma(ewec):
    from scipy.stats import gamma

    counted = ewec["closure_regimes"].query("basis == 'derived'").to_dict("records")
    assert len(counted) >= 10
    for row in counted:
        years = ((row["observed_to"] - row["observed_from"]).days + 1) / 365.25
        for column, p in (("rate_per_year_low", 0.1), ("rate_per_year", 0.5), ("rate_per_year_high", 0.9)):
            # Three significant digits are stored.
            assert row[column] == pytest.approx(gamma.ppf(p, row["closures"] + 0.5, scale=1 / years), rel=6e-3)


def test_enough_of_the_network_has_a_sourced_capacity(ewec):
    crossings = ewec["crossings"]
    limited = crossings[crossings["capacity_t_per_day"].notna()]
    ways = limited.groupby(["place", "mode", "exit_country", "entry_country"]).ngroups
    assert ways + int(ewec["links"]["capacity_t_per_day"].notna().sum()) >= 60
