"""What can be asked: the bodies and query strings of requests, checked before anything else happens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from serai.data.scenario import Operation

Day = Annotated[str, Field(pattern=r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$", examples=["2026-06-01"])]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Names = Annotated[list[Name], Field(max_length=40)]
Upload = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Asked):
    """A day, a scenario of the package, further changes, and the user's own figures."""

    as_of: Day | None = None
    scenario: Name | None = Field(default=None, description="Name of a scenario that comes with the package.")
    ops: Annotated[list[Operation], Field(max_length=200)] = []
    overlays: Annotated[list[Upload], Field(max_length=4)] = []


class _Ways(BaseModel):
    origin: Name
    destination: Name
    commodity: Name | None = Field(default=None, description="By default that of `hs`, else manufactures.")
    k: int = Field(default=5, ge=1, le=20)
    by: Literal["generalized", "cost", "time"] = "generalized"
    modes: Names = []
    avoid: Names = []
    close: Names = []
    via: Annotated[list[Name], Field(max_length=6)] = []
    exclude_sanctioned: Names = []
    container: Name | None = None
    load_t: float | None = Field(default=None, ge=0.001, le=200, allow_inf_nan=False)
    hs: Annotated[str, Field(max_length=12, pattern="^[0-9. ]*$")] = ""
    first_shipment: bool = False


class RoutesQuery(_Ways, _Query):
    """Ways between two places, asked in an address."""

    as_of: Day | None = None
    scenario: Name | None = None


class RoutesQuestion(_Ways, Case):
    """Ways between two places, with changes."""


class StatusQuery(_Query):
    """What is open on a day."""

    as_of: Day | None = None
    stale: bool = False


class SolveQuestion(Case):
    """Who gains and what flows where under a case, beside the same day without it."""


class GradientQuery(_Query):
    """Who gains from an hour or a dollar less, object by object."""

    as_of: Day | None = None
    place: Name | None = None
    most: int = Field(default=20, ge=1, le=200)


class CheckQuestion(_Asked):
    """An article whose claims are to be checked; the server fetches no address."""

    text: Annotated[str, Field(min_length=1, max_length=200_000)]
    date: Day | None = None
    as_of: Day | None = None


class DayQuery(_Query):
    """A day; today by default."""

    as_of: Day | None = None


class LedgerLists(_Asked):
    """The lists of the ledger, with drafts for those who may see them."""

    day: Day
    drafts: bool = False


class LedgerRecord(_Asked):
    """One record of the ledger."""

    day: Day
    name: Name
    drafts: bool = False


class TextsQuestion(_Asked):
    """English texts of an answer, to be set in a language; asked by the server of itself."""

    lang: Literal["ru", "ur", "kk"]
    texts: tuple[str, ...]


class ReportQuestion(_Asked):
    """The study of the package, as a folder of files."""

    as_of: Day | None = None
    draws: Literal[0, 64, 128, 256, 512, 1024] | None = Field(
        default=None, description="Of the decision; 0 leaves it out. By default the study's own, but no more than 64."
    )
    overlays: Annotated[list[Upload], Field(max_length=4)] = []


class UploadCheck(_Asked):
    """A workbook to be tried on the package."""

    overlays: Annotated[list[Upload], Field(max_length=1)]


class CompareQuestion(_Asked):
    """Two cases side by side; without pairs those of the package's study."""

    a: Case = Case()
    b: Case = Case()
    pairs: Annotated[list[Annotated[list[Name], Field(min_length=2, max_length=2)]], Field(max_length=20)] = []
    commodity: Name = "manufactures"


class DecisionQuestion(_Asked):
    """What the study of the package decides: choices, scorecard, coalition."""

    as_of: Day | None = None
    draws: Annotated[int, Field(ge=64, le=1024, multiple_of=64)] | None = Field(
        default=None, description="A power of two of 64 or more; by default the study's own, but no more than 64."
    )
    overlays: Annotated[list[Upload], Field(max_length=4)] = []


class StatusNote(_Asked):
    """A dated, sourced status to be recorded."""

    place: Name
    state: Literal["open", "restricted", "closed"]
    since: Day
    confirmed_on: Day | None = None
    mode: Literal["", "road", "rail", "sea", "ferry"] = ""
    reason: Annotated[str, Field(min_length=1, max_length=400)]
    source: Annotated[str, Field(pattern=r"^https?://", max_length=500)]


class Review(_Asked):
    """A reviewer's word on a claim."""

    verdict: Annotated[str, Field(max_length=40)] = ""
    then: Annotated[str, Field(max_length=40)] = ""
    materiality: Annotated[str, Field(max_length=20)] = ""
    why: Annotated[str, Field(max_length=2000)] = ""
    evidence: Annotated[str, Field(min_length=1, max_length=500)]
    reject: bool = False
    as_of: Day | None = None


class Verdict(_Asked):
    """A reviewer's word, with the claim it is on and who gives it."""

    claim: Name
    review: Review
    by: Name


class Intake(_Asked):
    """An article whose claims are to be entered as drafts, and who enters them."""

    article: CheckQuestion
    by: Name


class Login(_Asked):
    """A token to be exchanged for a session."""

    token: Annotated[str, Field(min_length=1, max_length=200)]


Question = (
    RoutesQuestion | StatusQuery | SolveQuestion | GradientQuery | CheckQuestion | LedgerLists | LedgerRecord
    | CompareQuestion | DecisionQuestion | ReportQuestion | TextsQuestion | UploadCheck | StatusNote | Verdict | Intake
)  # fmt: skip


class JobQuestion(_Asked):
    """Work that takes longer than a request should: a counterfactual, a decision or a whole study."""

    solve: SolveQuestion | None = None
    decision: DecisionQuestion | None = None
    report: ReportQuestion | None = None
