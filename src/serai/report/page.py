"""The report as one self-contained page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from serai.report.console import rounded
from serai.report.faces import embedded
from serai.report.grids import VERDICTS
from serai.report.language import LANGUAGES, as_html, language, whole_days
from serai.report.reader import BODIES, Reader, page_file
from serai.report.reader import reader as reader_of
from serai.report.section import Trail
from serai.report.sections import SECTIONS
from serai.report.style import dark_properties, themed
from serai.report.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from serai.report.section import Context, Group, Section
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
    environment.filters["isolate"] = as_html
    environment.filters["themed"] = _picture
    environment.filters["minus"] = lambda text: str(text).replace("-", "\u2212")
    return environment


def _picture(svg: str) -> str:
    from markupsafe import Markup

    return Markup(themed(svg))  # noqa: S704 - drawn by this program


@dataclass(frozen=True, slots=True)
class Built:
    """What the page and the PDF of a language show.

    Attributes
    ----------
    reader
        Sets English in the language.
    summaries
        One for each language on the English page, else the one of its own (:func:`serai.report.summary.summary`).
    sections
        Every section that has something to show, in order, with its data.
    groups
        The trail from numbers to sources.
    """

    reader: Reader
    summaries: tuple[Context, ...]
    sections: tuple[tuple[Section, Context], ...]
    groups: tuple[Group, ...]

    def section(self, name: str) -> Context:
        """Give the data of one section; empty where it is left out."""
        return next((context for s, context in self.sections if s.name == name), {})


def build_report(result: StudyResult, code: str = "en") -> Built:
    """Build the summaries and every section that has something to show, in a language of :data:`BODIES`.

    Parameters
    ----------
    result
        The study.
    code
        ISO 639-1.
    """
    trail = Trail()
    reader = reader_of(code, result.package)
    summaries = tuple(summary(result, c, trail) for c in (LANGUAGES if code == "en" else (code,)))
    built = [(s, s.build(result, trail, reader)) for s in SECTIONS]
    told = tuple((s, reader.data(context)) for s, context in built if context is not None)
    return Built(reader, summaries, told, tuple(trail.groups.values()))


def page(result: StudyResult, built: Built, cite: str) -> str:
    """Return the report as HTML with everything inside."""
    reader = built.reader
    code = reader.tongue.code
    common: Mapping[str, Any] = {
        "title": built.summaries[0]["title"],
        "as_of": result.as_of.isoformat(),
        "meta": result.package.meta,
        "cite": cite,
        "limit": reader.tongue.say("limit"),
        "code": code,
        "direction": reader.tongue.direction,
        "marks": {reader.turn(verdict): mark for verdict, mark in VERDICTS.items()},
        "_": reader.say,
    }
    environment = _environment()
    sections = [
        {
            "name": s.name,
            "title": reader.turn(s.title),
            "nav": reader.turn(s.nav),
            "body": environment.get_template(f"sections/{s.name}.html.j2").render(**common, **context),
        }
        for s, context in built.sections
    ]
    others = [{"code": c, "file": page_file(c), "name": language(c).say("name")} for c in BODIES if c != code]
    told = environment.get_template("report.html.j2").render(
        **common,
        sections=sections,
        summaries=built.summaries,
        fonts=embedded(),
        dark=dark_properties(),
        others=others if code != "en" else [],
    )
    return whole_days(told)
