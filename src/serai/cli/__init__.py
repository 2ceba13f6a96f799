"""The command line. Thin: it reads options, calls the Python interface and prints.

Exit codes: 0 done; 1 a fault of Serai's own; 2 a wrong input (one line says what, where and the remedy);
3 no answer exists, such as no route; 4 an optional part is not installed.
"""

from __future__ import annotations

import os
import sys

# Importing a module of commands hangs them on the application, in the order of the help page.
from serai.cli import (
    appraise,
    assign,
    calibrate,
    check,
    data,
    experts,
    gravity,
    ledger,
    publish,
    routes,
    scenarios,
    serve,
    solve,
    status,
    study,
    sweep,
    trade,
)
from serai.cli.app import app
from serai.core.errors import SeraiError
from serai.core.executors import ONE_THREAD

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a user's mistake is one line on the error stream, never a traceback."""
    # Systems of a few hundred unknowns are solved many times slower by threads that wait for each other.
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    try:
        app()
    except SeraiError as fault:
        sys.stderr.write(f"serai: {fault}\n")
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except SystemExit as stop:
        # Whoever reads may leave early, as `head` does. What prints tables ends with 1 then, which is no fault of ours.
        if isinstance(stop.__context__, BrokenPipeError):
            sys.exit(0)
        raise
