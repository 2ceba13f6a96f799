"""The one way from the server to the equilibrium of freight and trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package


class Solver(Protocol):
    """What the server asks of a model of a corridor; answers are plain data."""

    def solve(self, package: Package, changed: Package | None, day: dt.date, name: str) -> dict[str, Any]:
        """Solve a case beside the same day without it; the day beside the base date where nothing is changed."""
        ...

    def gradient(self, package: Package, day: dt.date, place: str | None, most: int) -> dict[str, Any]:
        """Say who gains from less time and less money, object by object."""
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


def corridor_solver() -> Solver:
    """Return the solver of corridors."""
    return CorridorSolver()
