"""What a section of the report is, and the trail from each number to its sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from serai.freight.routes import Network
    from serai.report.reader import Reader
    from serai.study import StudyResult

Context: TypeAlias = "Mapping[str, Any]"
"""Plain data for a partial: text, numbers, lists and dicts, so that the page and the PDF can both read it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sources behind a number, or behind numbers made from the same rows."""

    anchor: str
    title: str
    sources: tuple[str, ...]


@dataclass(slots=True)
class Trail:
    """Collects, while sections are built, which sources each number rests on.

    The last section lists the groups, so that a number linked to its group opens to its sources in one click.
    """

    groups: dict[tuple[str, ...], Group] = field(default_factory=dict)

    def to(self, title: str, sources: Iterable[str]) -> str:
        """Return the anchor of the group of these sources; the same sources make one group.

        Parameters
        ----------
        title
            What the numbers are; the first title given to a group stays.
        sources
            Identifiers of sources, several in one joined by ``;``.
        """
        found = tuple(sorted({s for text in sources for s in str(text).split(";") if s}))
        if found not in self.groups:
            self.groups[found] = Group(f"t-{len(self.groups) + 1}", title, found)
        return self.groups[found].anchor


def arc_sources(network: Network, *ways: Iterable[int]) -> list[str]:
    """Give the sources of every figure on some ways, which are indices of arcs."""
    return [network.costs.figures.source[a] for way in ways for a in way]


def trail_of_pairs(result: StudyResult, trail: Trail) -> str:
    """Return the anchor of the sources behind the comparison of all pairs of the first commodity."""
    gaps = [g for g in result.gaps if g.commodity == result.spec.commodities[0]]
    ways = [side.arcs for g in gaps for side in (g.own, g.rival) if side]
    return trail.to("All pairs, by the best own port and the best other way", arc_sources(result.network, *ways))


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report.

    Attributes
    ----------
    name
        Anchor on the page, and stem of its partials beside the module: ``NAME.html.j2`` and, where `pdf` is
        set, ``NAME.typ``.
    title
        Heading.
    nav
        Word for the list of sections.
    build
        Makes the data its partials show from a study, the trail and the reader, whose language its charts are in; the
        texts are English, and set in that language afterwards. None leaves the section out.
    pdf
        Whether the short form on paper has it too.
    """

    name: str
    title: str
    nav: str
    build: Callable[[StudyResult, Trail, Reader], Context | None]
    pdf: bool = False
