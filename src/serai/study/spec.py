"""What a study looks at: the specification in the package's ``study.yaml``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serai.core.errors import InputError
from serai.core.text import read_yaml

if TYPE_CHECKING:
    from serai.data.package import Package


class Translation(BaseModel):
    """Title and summary of a study in another language; what else its package says has rows in ``texts``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    summary: str = ""


Share = Annotated[float, Field(gt=-0.5, lt=0.5)]
Some = Annotated[tuple[str, ...], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class DecisionSpec(BaseModel):
    """What is decided on: the project, a first stage, what it is weighed against, and judgements nobody publishes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    project: str
    stage_one: str
    alternatives: tuple[str, ...] = ()
    players: tuple[str, ...] = Field(max_length=9, default=())
    crossings: Annotated[int, Field(ge=1, le=40)] = 8
    joint: Annotated[int, Field(ge=0, le=12)] = 4
    growth_per_year: tuple[Share, Share, Share]
    study_cost_usd_m: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    wait_years: Annotated[float, Field(ge=0, le=30)]
    operating_years: Annotated[int, Field(ge=5, le=60)]
    budget_usd_m: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    draws: int = 64
    experts: str = ""
    weights: dict[str, Weight] = {}

    @model_validator(mode="after")
    def _orderly(self) -> DecisionSpec:
        low, mode, high = self.growth_per_year
        if not low <= mode <= high:
            raise ValueError("growth_per_year is low, mode, high")
        if self.project == self.stage_one:
            raise ValueError("the first stage is a project of its own")
        if self.draws < 64 or self.draws & (self.draws - 1) or self.draws > 8192:
            raise ValueError("draws is a power of two from 64 to 8192")
        return self


class Remark(BaseModel):
    """A published result to read the study's own beside, with its sources."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str
    sources: tuple[str, ...]


class StudySpec(BaseModel):
    """What a study looks at; it stands in ``study.yaml`` of the package."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    own_ports: Some
    rival_ports: Some
    origins: Some
    markets: Some
    commodities: Some
    pairs: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    dates: tuple[dt.date, ...] = ()
    scenarios: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    summary: str = ""
    translations: dict[str, Translation] = {}
    decision: DecisionSpec | None = None

    @model_validator(mode="after")
    def _orderly(self) -> StudySpec:
        if both := sorted(set(self.own_ports) & set(self.rival_ports)):
            raise ValueError(f"{_listed(both)} cannot be both an own and a rival port")
        if both := sorted({*self.own_ports, *self.rival_ports} & {*self.origins, *self.markets}):
            # A way ends at its market and does not pass through it, so such a port would never have one.
            raise ValueError(
                f"{_listed(both)} cannot be both a port compared and an origin or market; take it from rival_ports or "
                "own_ports, or name the place behind the port"
            )
        for name in ("own_ports", "rival_ports", "origins", "markets", "commodities"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} names something twice")
        if any(a == b for a, b in self.pairs):
            raise ValueError("a pair needs two places")
        if len({*self.origins, *self.markets}) < 2:
            raise ValueError("an origin needs a market elsewhere")
        return self

    def in_language(self, code: str) -> Translation:
        """Title and summary in a language; the package's own where it has no other."""
        return self.translations.get(code, Translation(title=self.title, summary=self.summary))


_USE: Final = "Use those of the package."
_REMEDY: Final = {"sources": "Add them to sources.csv.", "places": "Use identifiers of the package."}
_SHOWN: Final = 8
"""Names told in one line."""


def _named(spec: StudySpec) -> dict[str, set[str]]:
    """Collect what a study names, by the table it must stand in."""
    ends = (p for pair in spec.pairs for p in pair)
    d = spec.decision
    return {
        "places": {*spec.own_ports, *spec.rival_ports, *spec.origins, *spec.markets, *ends},
        "projects": {d.project, d.stage_one, *d.alternatives} if d else set(),
        "economies": set(d.players) if d else set(),
        "commodities": set(spec.commodities),
        "scenarios": set(spec.scenarios),
        "sources": {s for r in spec.remarks for s in r.sources},
    }


def _listed(names: list[str]) -> str:
    """Name a few on one line, whatever characters they hold."""
    shown = [n if n.isprintable() and n.strip() else ascii(n) for n in names[:_SHOWN]]
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return ", ".join([*(n[:60] for n in shown), *more])


def _one_line(fault: yaml.YAMLError | ValidationError) -> str:
    """Say all faults in one line."""
    if isinstance(fault, ValidationError):
        found = [(".".join(map(str, e["loc"])) or "the file", e["msg"]) for e in fault.errors()]
        text = "; ".join(f"{where[:60]}: {what}" for where, what in found[:_SHOWN])
        text += f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    else:
        text = str(fault)
    return " ".join(text.split())


def read_spec(package: Package) -> StudySpec:
    """Read and check the study specification of a package."""
    if not package.study:
        raise InputError(
            f"Package {package.meta.name} has no study.yaml", "Write one; see the documentation of studies."
        )
    try:
        spec = StudySpec.model_validate(read_yaml(package.study))
    except (yaml.YAMLError, ValidationError) as fault:
        raise InputError(f"study.yaml of {package.meta.name}: {_one_line(fault)}", "Correct the file.") from fault
    known = {t: set(package[t]["id"]) for t in ("places", "projects", "economies", "commodities", "sources")}
    known["scenarios"] = set(package.scenarios)
    for table, names in _named(spec).items():
        if missing := sorted(names - known[table]):
            raise InputError(f"study.yaml names unknown {table}: {_listed(missing)}", _REMEDY.get(table, _USE))
    return spec
