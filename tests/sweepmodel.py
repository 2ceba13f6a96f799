"""A small model that worker processes can import, with ways to fail on purpose."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from serai.core.errors import InputError
from serai.feasibility.sweep import run_sweep
from serai.feasibility.uncertainty import own_factors

FACTORS = own_factors({f"x{i}": (1.0, 2.0, 3.0 + i) for i in range(5)}, "all")


@dataclass(frozen=True)
class Toy:
    """Two results of five figures.

    `die` names a file; the process that first finds it missing writes it and kills itself. `hold` names a folder;
    once 300 draws were solved, every process waits there to be killed.
    """

    hold: str = ""
    die: str = ""
    die_always: bool = False
    pids: str = ""

    digest = "toy"
    outputs = ("npv_usd", "ev_usd_per_year")

    def solve(self, values):
        if self.pids:
            (Path(self.pids) / str(os.getpid())).touch()
        if self.hold:
            (Path(self.hold) / values.tobytes().hex()[:40]).touch()
            if sum(1 for _ in Path(self.hold).iterdir()) > 300:
                time.sleep(600)
        if values[0] > 3.6:
            raise InputError("no equilibrium", "residual 0.05")
        if values[0] < 0.8:
            return np.array([np.inf, 1.0])
        if self.die_always or (self.die and values[1] > 5.0 and not Path(self.die).exists()):
            if self.die:
                Path(self.die).touch()
            os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        a = np.outer(values, values) + np.eye(5)
        x = np.linalg.solve(a, values)
        return np.array([x.sum() - 0.9, float(values @ a @ values)])


if __name__ == "__main__":
    folder, pids, hold = sys.argv[1:]
    run_sweep(Toy(hold=hold, pids=pids), FACTORS, 512, Path(folder))
