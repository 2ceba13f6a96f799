"""Files a worker writes on the way to an answer: gone with it, however it ends."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path


def _prefix(pid: int) -> str:
    return f"serai-{pid}-"


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Open a folder for a moment; its name says whose it is."""
    return tempfile.TemporaryDirectory(prefix=_prefix(os.getpid()))


def sweep(pid: int) -> None:
    """Take away what a process that is gone has left."""
    for left in Path(tempfile.gettempdir()).glob(f"{_prefix(pid)}*"):
        shutil.rmtree(left, ignore_errors=True)
