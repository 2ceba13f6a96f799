"""Ids and names that the checks look up: main cities, places, projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.data.names import short_name

if TYPE_CHECKING:
    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Facts
    from serai.evidence.gazetteer import Entity


def main_city(facts: Facts, country: str) -> str:
    """Most populous zone of a country; empty where it has none."""
    frame = facts.package["places"]
    rows = frame[(frame["country"] == country) & frame["zone"]]
    return str(rows.sort_values(["weight", "id"], ascending=[False, True])["id"].iloc[0]) if len(rows) else ""


def project_id(q: Question) -> str:
    """Return the id of the project a claim is about; empty where none is named."""
    label = q.slot("project")
    return next((i for (kind, i), name in q.facts.names.labels.items() if kind == "project" and name == label), "")


def place_id(q: Question, label: str) -> str:
    """Return the id of a place by its label; empty where the package has none."""
    if not label:
        return ""
    from serai.evidence.text import fold

    found = q.facts.names.find(fold(label, "en"), label)
    return found[0].id if found and found[0].kind == "place" else ""


def places_named(q: Question) -> list[Entity]:
    """Places named in the quote of a claim."""
    from serai.evidence.text import fold

    found = q.facts.names.find(fold(q.claim.span.quote, q.claim.lang), q.claim.span.quote)
    return [e for e in found if e.kind == "place"]


def project_title(facts: Facts, project: str) -> str:
    """Return the name of a project, as articles have it, else as the package has it."""
    frame = facts.package["projects"]
    own: dict[str, str] = dict(zip(frame["id"], frame["name"], strict=True))
    return facts.names.labels.get(("project", project), own.get(project, project))


def title(facts: Facts, place: str) -> str:
    """Return the name of a place, as the package has it."""
    frame = facts.package["places"]
    own: dict[str, str] = dict(zip(frame["id"], frame["name"], strict=True))
    return short_name(own[place]) if place in own else facts.names.labels.get(("place", place), place)
