"""The scenarios that come with a package: what they are called, what they say, what they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serai.core.errors import FIRST_ROW, InputError, Issue, SeraiError
from serai.core.progress import track
from serai.data.scenario import Open, Scenario, apply, describe, parse_scenario, read_scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.data.package import Package


@dataclass(frozen=True, slots=True)
class PackageScenario:
    """A scenario that comes with a package.

    Attributes
    ----------
    name, title
        Identifier, and title in English.
    description
        One sentence by language code; English is always there.
    unchecked
        Languages whose text no native reader has checked.
    sources
        Identifiers of the package's sources.
    scenario
        Its operations, those of the scenarios it extends first.
    """

    name: str
    title: str
    description: Mapping[str, str]
    unchecked: tuple[str, ...]
    sources: tuple[str, ...]
    scenario: Scenario


def package_scenarios(package: Package) -> tuple[PackageScenario, ...]:
    """Scenarios of a package, by name.

    Raises
    ------
    InputError
        When a file of the package is no scenario, carries another name than its file, has no title or English
        description, or names a source the package does not have.
    """
    return tuple(_one(package, name) for name in sorted(package.scenarios))


def _one(package: Package, name: str) -> PackageScenario:
    file = parse_scenario(package.scenarios[name], name)
    known = set(package["sources"]["id"])
    faults = {
        f"is called {file.name} inside": file.name != name,
        "has no title": not file.title,
        "has no description in English": not file.description.get("en"),
        "names no known source": not file.sources or not set(file.sources) <= known,
        "marks a language it does not have": not set(file.unchecked) <= set(file.description),
    }
    if wrong := [what for what, faulty in faults.items() if faulty]:
        raise InputError(f"Scenario {name} of {package.meta.name} {wrong[0]}", "Correct the file in the package.")
    return PackageScenario(
        name,
        file.title,
        file.description,
        tuple(file.unchecked),
        tuple(file.sources),
        read_scenario(name, package.scenarios),
    )


def project_scenario(package: Package, project: str) -> Scenario | None:
    """Return what building a project changes: its scenario, or its links; None where the network stays as it is.

    Raises
    ------
    InputError
        When there is no such project, or its scenario is not in the package.
    """
    projects = package["projects"].set_index("id")
    if project not in projects.index:
        raise InputError(f"There is no project {project!r}", f"Use one of: {', '.join(projects.index)}.")
    name = str(projects["scenario"][project])
    if name:
        if name not in package.scenarios:
            raise InputError(f"Project {project} names scenario {name!r}, which is not there", "Add it to the package.")
        return read_scenario(name, package.scenarios)
    if (package["links"]["project"] == project).any():
        return Scenario(project.lower(), (Open(op="open", object=project),))
    return None


def check_scenarios(package: Package) -> list[Issue]:
    """Find scenarios of a package that cannot be read or applied, and projects whose scenario is not there."""
    issues = []
    for name in track(sorted(package.scenarios), "Scenarios"):
        try:
            apply(package, _one(package, name).scenario)
        except SeraiError as fault:
            issues.append(Issue(f"scenarios/{name}.yaml", None, "", "", fault.what, fault.remedy or "Correct it."))
    issues += [
        Issue("projects", index + FIRST_ROW, "scenario", name, "no such scenario", "Write it or clear the cell.")
        for index, name in enumerate(package["projects"]["scenario"])
        if name and name not in package.scenarios
    ]
    return issues


def scenario_json(entry: PackageScenario) -> dict[str, Any]:
    """One scenario as plain data."""
    return {
        "name": entry.name,
        "title": entry.title,
        "description": dict(entry.description),
        "unchecked": list(entry.unchecked),
        "sources": list(entry.sources),
        "changes": [describe(op) for op in entry.scenario.ops],
    }
