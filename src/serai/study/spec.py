"""What a study looks at: the specification in the package's ``study.yaml``."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from serai.core.errors import InputError

if TYPE_CHECKING:
    from serai.data.package import Package


class Translation(BaseModel):
    """Title and summary of a study in another language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    summary: str = ""


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

    def in_language(self, code: str) -> Translation:
        """Title and summary in a language; the package's own where it has no other."""
        return self.translations.get(code, Translation(title=self.title, summary=self.summary))


def read_spec(package: Package) -> StudySpec:
    """Read and check the study specification of a package."""
    if not package.study:
        raise InputError(
            f"Package {package.meta.name} has no study.yaml", "Write one; see the documentation of studies."
        )
    try:
        spec = StudySpec.model_validate(yaml.safe_load(package.study))
    except (yaml.YAMLError, ValidationError) as fault:
        raise InputError(f"study.yaml of {package.meta.name}: {fault}", "Correct the file.") from fault
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
    if missing := sorted(set(spec.commodities) - set(package["commodities"]["id"])):
        raise InputError(f"study.yaml names unknown commodities: {', '.join(missing)}", "Use those of the package.")
    if missing := sorted(set(spec.scenarios) - set(package.scenarios)):
        raise InputError(f"study.yaml names unknown scenarios: {', '.join(missing)}", "Use those of the package.")
    if missing := sorted({s for r in spec.remarks for s in r.sources} - set(package["sources"]["id"])):
        raise InputError(f"study.yaml names unknown sources: {', '.join(missing)}", "Add them to sources.csv.")
    return spec
