"""The one way from the server to the equilibrium of freight and trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package

    Pairs = list[tuple[str, str]]


class Solver(Protocol):
    """What the server asks of a model of a corridor; answers are plain data."""

    def solve(self, package: Package, changed: Package | None, day: dt.date, name: str) -> dict[str, Any]:
        """Solve a case beside the same day without it; the day beside the base date where nothing is changed."""
        ...

    def gradient(self, package: Package, day: dt.date, place: str | None, most: int) -> dict[str, Any]:
        """Say who gains from less time and less money, object by object."""
        ...

    def compare(
        self, base: Package, a: tuple[Package, str, str], b: tuple[Package, str, str], pairs: Pairs, commodity: str
    ) -> dict[str, Any]:
        """Set two cases (package, name, day) side by side; without pairs those of the study."""
        ...

    def decide(self, package: Package, day: dt.date, draws: int | None) -> dict[str, Any] | None:
        """Examine what the study of a package decides."""
        ...


class CorridorSolver:
    """The corridor's own service."""

    def solve(self, package: Package, changed: Package | None, day: dt.date, name: str) -> dict[str, Any]:
        """See :class:`Solver`."""
        from serai.corridor.service import solve_scenario

        return solve_scenario(package, changed, day, name)

    def gradient(self, package: Package, day: dt.date, place: str | None, most: int) -> dict[str, Any]:
        """See :class:`Solver`."""
        from serai.corridor.service import gradient_table

        return gradient_table(package, day, place, most)

    def compare(
        self, base: Package, a: tuple[Package, str, str], b: tuple[Package, str, str], pairs: Pairs, commodity: str
    ) -> dict[str, Any]:
        """See :class:`Solver`."""
        from serai.api import as_day
        from serai.study.compare import Case
        from serai.study.spec import read_spec
        from serai.study.view import comparison_view

        one, other = (Case(name, package, as_day(day)) for package, name, day in (a, b))
        asked = pairs or list(read_spec(base).pairs)
        return comparison_view(base, one, other, asked, commodity, solved=bool(len(base["trade_totals"])))

    def decide(self, package: Package, day: dt.date, draws: int | None) -> dict[str, Any] | None:
        """See :class:`Solver`."""
        from serai.study.view import decision_view

        return decision_view(package, day, draws)


def take_ready(package: Package) -> bool:
    """Open the corridor of a package as an earlier run kept it; False where none did."""
    from serai.corridor.ready import take_up

    return take_up(package)


def make_ready(package: Package) -> None:
    """Open the corridor of a package: as an earlier run kept it, else anew, and kept for the next.

    Raises
    ------
    SeraiError
        Where it cannot be opened.
    """
    from serai.corridor.ready import keep

    if not take_ready(package):
        keep(package)


def corridor_solver() -> Solver:
    """Return the solver of corridors."""
    return CorridorSolver()
