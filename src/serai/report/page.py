"""The report as one self-contained page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from serai.report.console import rounded
from serai.report.section import Trail
from serai.report.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from serai.report.section import Context, Section
    from serai.study import StudyResult


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("serai", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["rounded"] = rounded
    environment.filters["minus"] = lambda text: str(text).replace("-", "\u2212")
    return environment


def build_sections(result: StudyResult) -> list[tuple[Section, Context]]:
    """Build every section that has something to show, in order."""
    trail = Trail()
    built = [(s, s.build(result, trail)) for s in SECTIONS]
    return [(s, context) for s, context in built if context is not None]


def page(result: StudyResult, built: list[tuple[Section, Context]], cite: str, limit: str) -> str:
    """Return the report as HTML with everything inside."""
    common: Mapping[str, Any] = {
        "title": result.spec.title,
        "summary": result.spec.summary,
        "as_of": result.as_of.isoformat(),
        "meta": result.package.meta,
        "headline": result.headline,
        "cite": cite,
        "limit": limit,
    }
    environment = _environment()
    sections = [
        {
            "name": s.name,
            "title": s.title,
            "nav": s.nav,
            "body": environment.get_template(f"sections/{s.name}.html.j2").render(**common, **context),
        }
        for s, context in built
    ]
    return environment.get_template("report.html.j2").render(**common, sections=sections)
