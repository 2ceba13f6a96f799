"""What a study looks at: the specification in the package's ``study.yaml``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serai.core.errors import InputError
from serai.core.text import read_yaml

if TYPE_CHECKING:
    from serai.data.package import Package


class Translation(BaseModel):
    """Title and summary of a study in another language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    summary: str = ""


Share = Annotated[float, Field(gt=-0.5, lt=0.5)]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class DecisionSpec(BaseModel):
    """What is decided on: the project, a first stage, what it is weighed against, and judgements nobody publishes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    project: str
    stage_one: str
    alternatives: tuple[str, ...] = ()
    players: tuple[str, ...] = Field(max_length=9, default=())
    crossings: Annotated[int, Field(ge=1, le=40)] = 8
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
    own_ports: tuple[str, ...]
    rival_ports: tuple[str, ...]
    origins: tuple[str, ...]
    markets: tuple[str, ...]
    commodities: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    dates: tuple[dt.date, ...] = ()
    scenarios: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    summary: str = ""
    translations: dict[str, Translation] = {}
    decision: DecisionSpec | None = None

    def in_language(self, code: str) -> Translation:
        """Title and summary in a language; the package's own where it has no other."""
        return self.translations.get(code, Translation(title=self.title, summary=self.summary))


def _one_line(fault: yaml.YAMLError | ValidationError) -> str:
    """Say all faults in one line."""
    if isinstance(fault, ValidationError):
        found = ((".".join(map(str, e["loc"])) or "the file", e["msg"]) for e in fault.errors())
        text = "; ".join(f"{where}: {what}" for where, what in found)
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
    places = set(package["places"]["id"])
    named = {
        *spec.own_ports,
        *spec.rival_ports,
        *spec.origins,
        *spec.markets,
        *(p for pair in spec.pairs for p in pair),
    }
    if missing := sorted(named - places):
        raise InputError(f"study.yaml names unknown places: {', '.join(missing)}", "Use identifiers of the package.")
    if spec.decision:
        known = {*package["projects"]["id"]}
        asked = {spec.decision.project, spec.decision.stage_one, *spec.decision.alternatives}
        if missing := sorted(asked - known):
            raise InputError(f"study.yaml names unknown projects: {', '.join(missing)}", "Use those of the package.")
        if missing := sorted(set(spec.decision.players) - set(package["economies"]["id"])):
            raise InputError(f"study.yaml names unknown players: {', '.join(missing)}", "Use economies of the package.")
    if missing := sorted(set(spec.commodities) - set(package["commodities"]["id"])):
        raise InputError(f"study.yaml names unknown commodities: {', '.join(missing)}", "Use those of the package.")
    if missing := sorted(set(spec.scenarios) - set(package.scenarios)):
        raise InputError(f"study.yaml names unknown scenarios: {', '.join(missing)}", "Use those of the package.")
    if missing := sorted({s for r in spec.remarks for s in r.sources} - set(package["sources"]["id"])):
        raise InputError(f"study.yaml names unknown sources: {', '.join(missing)}", "Add them to sources.csv.")
    return spec
