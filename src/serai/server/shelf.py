"""What a worker keeps at hand: the package, what cases make of it, and what it has compiled of them."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from serai.core.errors import InputError, SeraiError
from serai.server.scratch import scratch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.data.scenario import Operation
    from serai.freight.model import Compiled
    from serai.freight.validation import Validation
    from serai.server.questions import Case

    Workbooks = tuple[tuple[str, bytes], ...]

Key = TypeVar("Key")
Value = TypeVar("Value")
KEPT: Final = 16
"""Packages, and compiled ones, that are kept; those not used for longest go first."""


def records_stamp(package: str) -> tuple[tuple[int, int], ...]:
    """Size and time of the user's own records of a package: what is read once must be read again when they change."""
    from serai.data.package import user_sources_file, user_status_file

    stats = [p.stat() for p in (user_status_file(package), user_sources_file(package)) if p.is_file()]
    return tuple((s.st_mtime_ns, s.st_size) for s in stats)


def case_name(case: Case) -> str:
    """Name a case by its scenario and by whether it has changes of its own."""
    return "+".join(filter(None, (case.scenario, "changes" if case.ops else "")))


class Shelf:
    """A package and its variants.

    Parameters
    ----------
    name_or_path
        Of the package.

    Attributes
    ----------
    base
        The package with the user's own records, as they stood at the last :meth:`renew`.
    """

    def __init__(self, name_or_path: str) -> None:
        from serai.api import open_package

        self._name = name_or_path
        self.base = open_package(name_or_path)
        self._stamp = records_stamp(self.base.meta.name)
        self._packages: OrderedDict[tuple[Any, ...], Package] = OrderedDict()
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._validation: tuple[str, Validation] | None = None

    def renew(self) -> bool:
        """Open the package anew where the user's own records have changed; whether they had."""
        from serai.api import open_package

        stamp = records_stamp(self.base.meta.name)
        if stamp == self._stamp:
            return False
        self.base, self._stamp = open_package(self._name), stamp
        self._packages.clear()
        return True

    def with_workbooks(self, workbooks: Workbooks, today: dt.date) -> Package:
        """Lay a user's own figures over the package.

        Raises
        ------
        DataError, InputError
            When a workbook is faulty.
        """
        from serai.data.overlay import lay_over

        package = self.base
        for name, content in workbooks:
            with scratch() as folder:
                path = Path(folder) / name
                path.write_bytes(content)
                try:
                    package = lay_over(package, path, today)
                except SeraiError as fault:  # where the file lay for a moment is nobody's business
                    fault.what = fault.what.replace(str(path), name)
                    raise
        return package

    def case(self, case: Case, workbooks: Workbooks, today: dt.date) -> tuple[Package, Package]:
        """Return the package with the user's figures, and that with the case applied as well; one where nothing is.

        Raises
        ------
        InputError, ScenarioError
            When there is no such scenario, or a change cannot be applied.
        """
        from serai.data.scenario import Scenario, apply

        own = (tuple(case.overlays), None, ())
        key = (tuple(case.overlays), case.scenario, tuple(op.model_dump_json() for op in case.ops))
        before = _kept(self._packages, own, lambda: self.with_workbooks(workbooks, today))
        if key == own:
            return before, before

        def changed() -> Package:
            return apply(before, Scenario(case_name(case), (*_scenario_ops(before, case), *case.ops)))

        return before, _kept(self._packages, key, changed)

    def compiled(self, package: Package) -> Compiled:
        """Compile a package, from what the base has in common with it."""
        from serai.freight.routes import compile_package

        base = self._compiled.get(self.base.meta.digest)
        return _kept(self._compiled, package.meta.digest, lambda: compile_package(package, base))

    def validation(self) -> Validation:
        """How well the package itself predicts published journeys."""
        from serai.freight.validation import validate

        digest = self.base.meta.digest
        if self._validation is None or self._validation[0] != digest:
            self._validation = (digest, validate(self.base))
        return self._validation[1]


def _scenario_ops(package: Package, case: Case) -> tuple[Operation, ...]:
    """Read what the scenario of a case changes."""
    from serai.data.scenario import read_scenario

    if case.scenario is None:
        return ()
    if case.scenario not in package.scenarios:
        names = ", ".join(sorted(package.scenarios))
        raise InputError(f"There is no scenario {case.scenario!r}", f"Use one of: {names}.")
    return read_scenario(case.scenario, package.scenarios).ops


def _kept(held: OrderedDict[Key, Value], key: Key, make: Callable[[], Value]) -> Value:
    """Give what is held under a key, made where it is not; what was not used for longest goes first."""
    if key not in held:
        held[key] = make()
        while len(held) > KEPT:
            held.popitem(last=False)
    held.move_to_end(key)
    return held[key]
