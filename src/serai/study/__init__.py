"""Floor 6: examine a corridor from end to end. Computes everything and writes nothing."""

from __future__ import annotations

from serai.study.run import StudyResult, run
from serai.study.spec import StudySpec, read_spec

__all__ = ["StudyResult", "StudySpec", "read_spec", "run"]
