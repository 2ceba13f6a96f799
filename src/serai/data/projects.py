"""What the package says of paying for and running a project: its own terms, else those of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.data.package import Package


@dataclass(frozen=True, slots=True)
class Figure:
    """A ranged figure and what it rests on.

    Attributes
    ----------
    row
        Identifier of its row in ``project_terms``.
    low, mode, high
        10th percentile, median and 90th percentile, in `unit`.
    unit, basis
        Unit; reported, derived or assumed.
    payer
        Who pays or lends, where the row says so.
    own
        Whether it was stated for this project rather than for all of its kind.
    """

    row: str
    low: float
    mode: float
    high: float
    unit: str
    basis: str
    payer: str
    own: bool


@dataclass(frozen=True, slots=True)
class ProjectTerms:
    """Terms of one project.

    Attributes
    ----------
    project, kind
        Identifier and kind.
    figures
        One figure by item: ``o_and_m``, ``tariff``, ``debt_share``, ... Items nobody states are absent.
    phases
        Share of capital spent in each equal part of the building time, in order, shape [parts], summing to one.
    payers
        Share of capital by payer; sums to one, empty where nobody states it.
    """

    project: str
    kind: str
    figures: Mapping[str, Figure]
    phases: tuple[Figure, ...]
    payers: Mapping[str, Figure]


def project_terms(package: Package, project: str) -> ProjectTerms:
    """Read the terms of a project; an item without a row of its own takes those of its kind.

    Raises
    ------
    InputError
        When there is no such project.
    """
    projects = package["projects"].set_index("id")
    if project not in projects.index:
        raise InputError(f"There is no project {project!r}", f"Use one of: {', '.join(projects.index)}.")
    kind = str(projects["kind"][project])
    table = package["project_terms"]
    own = table[table["project"] == project]
    general = table[(table["project"] == "") & (table["kind"] == kind) & ~table["item"].isin(own["item"])]
    figures: dict[str, Figure] = {}
    phases: list[tuple[float, Figure]] = []
    payers: dict[str, Figure] = {}
    for rows, mine in ((own, True), (general, False)):
        for row in rows.to_dict("records"):
            low, mode, high = (row[column] for column in ("value_low", "value", "value_high"))
            figure = Figure(row["id"], low, mode, high, row["unit"], row["basis"], row["payer"], mine)
            if row["item"] == "capital_phase":
                phases.append((row["step"], figure))
            elif row["item"] == "payer_share":
                payers[row["payer"]] = figure
            else:
                figures[row["item"]] = figure
    return ProjectTerms(project, kind, figures, tuple(f for _, f in sorted(phases, key=lambda p: p[0])), payers)
