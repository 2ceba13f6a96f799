"""The command line. Thin: it reads options, calls the Python interface and prints.

Exit codes: 0 done; 1 a fault of Serai's own; 2 a wrong input (one line says what, where and the remedy);
3 no answer exists, such as no route; 4 an optional part is not installed.
"""

from __future__ import annotations

import os
import sys

import typer

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
from serai.core.errors import EXIT_FAULT, EXIT_INPUT, SeraiError
from serai.core.executors import ONE_THREAD

__all__ = ["app", "main"]

Told: type[Exception] = typer.BadParameter.__mro__[2]
"""What the library raises for a wrong option or word; it has no public name of its own."""


def main() -> None:
    """Run the command line; a user's mistake is one line on the error stream, never a traceback."""
    # Systems of a few hundred unknowns are solved many times slower by threads that wait for each other.
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    try:
        # In its own mode the library would print a wrong option as a panel of several lines.
        code = app(standalone_mode=False)
    except SeraiError as fault:
        sys.stderr.write(f"serai: {fault}\n")
        sys.exit(fault.exit_code)
    except typer.Abort:
        sys.exit(EXIT_FAULT)
    except Told as fault:
        _tell_usage(fault)
    except BrokenPipeError:
        sys.exit(0)
    except SystemExit as stop:
        # Whoever reads may leave early, as `head` does. What prints tables ends with 1 then, which is no fault of ours.
        if isinstance(stop.__context__, BrokenPipeError):
            sys.exit(0)
        raise
    sys.exit(code if isinstance(code, int) else 0)


def _tell_usage(fault: Exception) -> None:
    """Tell a wrong option in one line, and show the help where a command is named without its words."""
    said = getattr(fault, "format_message", fault.__str__)
    context = getattr(fault, "ctx", None)
    path = context.command_path if context else "serai"
    if type(fault).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(f"{said()}\n")
        sys.exit(EXIT_INPUT)
    sys.stderr.write(f"serai: {' '.join(said().split()).rstrip('.')}. See {path} --help.\n")
    sys.exit(EXIT_INPUT)
