"""Every check over the tables of a package, each where something it reads has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.data.checks.fields import check_evidence, check_keys, check_limits, check_ranges, check_references
from serai.data.checks.flows import check_background, check_throughputs, check_zone_weights
from serai.data.checks.network import check_crossings, check_delays, check_links, check_transfers
from serai.data.checks.parameters import check_appraisal_parameters, check_factors, check_parameters
from serai.data.checks.projects import check_project_terms
from serai.data.checks.states import check_closure_regimes, check_status
from serai.data.schema import load_schema

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    import pandas as pd

    from serai.core.errors import Issue


def check_package(
    tables: Mapping[str, pd.DataFrame], today: dt.date, checked: Mapping[str, pd.DataFrame] | None = None
) -> list[Issue]:
    """Run every check over typed tables.

    Parameters
    ----------
    tables
        By name.
    today
        No status is confirmed after it.
    checked
        Tables without fault, from which some of `tables` differ; what only looks at the others is not checked again.
    """
    before = checked or {}
    same = {name for name in tables if tables[name] is before.get(name)}
    fewer = {
        field.ref
        for table in load_schema().tables.values()
        for field in table.fields
        if field.ref and not _still_has(field.ref, tables, before, same)
    }
    issues: list[Issue] = []
    for name, table in load_schema().tables.items():
        frame = tables[name]
        if name not in same:
            issues += check_keys(table, frame)
        if name not in same or any(field.ref in fewer for field in table.fields):
            issues += check_references(table, frame, tables)
        if name not in same:
            issues += check_limits(table, frame)
            issues += check_ranges(table, frame)
            issues += check_evidence(table, frame)
    across: tuple[tuple[str, Callable[[], list[Issue]]], ...] = (
        ("links places", lambda: check_links(tables["links"], tables)),
        ("crossings places", lambda: check_crossings(tables["crossings"], tables)),
        ("status places links", lambda: check_status(tables["status"], tables, today)),
        ("delays links crossings ports places", lambda: check_delays(tables["delays"], tables)),
        ("transfers", lambda: check_transfers(tables["transfers"])),
        ("parameters economies trade_seed", lambda: check_parameters(tables)),
        ("parameters", lambda: check_appraisal_parameters(tables["parameters"])),
        ("emissions links elasticities commodities economies trade_seed", lambda: check_factors(tables)),
        ("throughputs places links countries", lambda: check_throughputs(tables["throughputs"], tables)),
        ("zone_weights economy_zones", lambda: check_zone_weights(tables["zone_weights"], tables)),
        ("background places crossings ports links", lambda: check_background(tables["background"], tables)),
        ("project_terms projects", lambda: check_project_terms(tables["project_terms"], tables)),
        ("closure_regimes places links countries", lambda: check_closure_regimes(tables["closure_regimes"], tables)),
    )
    for reads, check in across:
        if not same.issuperset(reads.split()):
            issues += check()
    return issues


def _still_has(
    ref: str, tables: Mapping[str, pd.DataFrame], before: Mapping[str, pd.DataFrame], same: set[str]
) -> bool:
    """Whether a column that others refer to holds everything that it held before."""
    target, column = ref.split(".")
    return target in same or (target in before and set(before[target][column]) <= set(tables[target][column]))
