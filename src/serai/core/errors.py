"""Errors a user can act on, and the exit codes that go with them."""

from __future__ import annotations

from dataclasses import dataclass

EXIT_FAULT = 1
EXIT_INPUT = 2
EXIT_NO_ANSWER = 3
EXIT_MISSING = 4

FIRST_ROW = 2
"""Row of the first entry of a table, as a spreadsheet counts."""


class SeraiError(Exception):
    """A fault that can be told in one line, with its remedy.

    Parameters
    ----------
    what
        What is wrong and where.
    remedy
        What the user can do about it.
    """

    exit_code = EXIT_INPUT

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}. {remedy}" if remedy else what)


class InputError(SeraiError):
    """A wrong option, name or file given by the user."""


class ScenarioError(SeraiError):
    """An operation of a scenario that cannot be applied."""


class NoRouteError(SeraiError):
    """No way exists between two places under the given conditions."""

    exit_code = EXIT_NO_ANSWER


class NoEquilibriumError(SeraiError):
    """A system that did not settle. What came closest is never given as a result.

    Parameters
    ----------
    which
        The system, such as ``freight`` or ``trade``.
    why
        What would not settle, with the residual reached.
    remedy
        What the user can do about it.
    """

    exit_code = EXIT_NO_ANSWER

    def __init__(self, which: str, why: str, remedy: str = "") -> None:
        self.which = which
        super().__init__(f"No {which} equilibrium: {why}", remedy)


class MissingPartError(SeraiError):
    """An optional part of Serai that is not installed."""

    exit_code = EXIT_MISSING


def sheet_row(index: object) -> int:
    """Row of an entry of a table, counted from 0, as a spreadsheet counts."""
    return int(str(index)) + FIRST_ROW


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault in a table: what, where, and the remedy."""

    table: str
    row: int | None
    column: str
    value: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = self.table
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        shown = f" (found {self.value!r})" if self.value else ""
        return f"{place}: {self.what}{shown}. {self.remedy}"


class DataError(SeraiError):
    """All the faults found in a data package, shown at once."""

    def __init__(self, where: str, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        many = f"{len(issues)} faults" if len(issues) > 1 else "1 fault"
        lines = "\n".join(f"  {issue}" for issue in issues)
        super().__init__(f"{where}: {many}\n{lines}")
