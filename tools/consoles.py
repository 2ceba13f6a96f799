"""Rerun the commands that the documentation shows, and compare what they print with what the pages say.

    python tools/consoles.py                         what README and docs/ show and the program no longer prints
    python tools/consoles.py --write docs/routes.md  the same for one page, and the page says it again

In a block marked `console`, a line after `$ ` is a command and the lines below it are what it printed. A line `...`
there stands for lines left out. Four remarks, not seen on the page, may stand above a block:

    <!-- file: NAME -->          it is the file NAME, for the commands of this page that come after it
    <!-- varies: WORD, WORD -->  lines with one of these words differ from run to run; only their place is compared
    <!-- slow: WHY -->           `--quick` leaves it out
    <!-- not rerun: WHY -->      it cannot be run again

What is left out is listed with its reason. Every page starts in an empty folder with an empty home, and nothing asks
the network.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from serai.cli import main as serai
from serai.core.files import cache_folder, write_text

ROOT = Path(__file__).parents[1]
REACHED = ("tests/packages/sixplace",)  # what a command may name by its path in a clone
KERNELS = str(cache_folder() / "kernels")  # compiled once for all pages, not anew in each home
CUT = "..."
REMARK = re.compile(r"<!-- (file|varies|slow|not rerun): (.+?) -->")
ALIKE = 0.6  # how much two runs of lines must share for one to be the other's successor


@dataclass(slots=True)
class Run:
    """A command as a page shows it: its line, where its output stands, and the output."""

    command: str
    start: int
    shown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and the remarks above it."""

    line: int
    kind: str
    body: list[str]
    remarks: dict[str, str]

    def runs(self) -> list[Run]:
        """Commands of the block; the first line of its body is line `self.line + 1`, counted from 0 as an index."""
        found: list[Run] = []
        for at, text in enumerate(self.body, start=self.line + 1):
            if found and not found[-1].shown and found[-1].command.endswith("\\"):
                found[-1] = Run(found[-1].command.removesuffix("\\") + text, at + 1)
            elif text.startswith("$ "):
                found.append(Run(text.removeprefix("$ "), at + 1))
            elif found:
                found[-1].shown.append(text)
            else:
                raise SystemExit(f"line {at + 1}: a console block starts with a command after `$ `")
        return found


def blocks(lines: list[str]) -> list[Block]:
    """Find the fenced blocks of a page, each with the remarks between it and what stands before."""
    found: list[Block] = []
    remarks: dict[str, str] = {}
    opened: int | None = None
    for at, text in enumerate(lines):
        if opened is not None:
            if text == "```":
                found.append(Block(opened, lines[opened][3:], lines[opened + 1 : at], remarks))
                opened, remarks = None, {}
        elif text.startswith("```"):
            opened = at
        elif remark := REMARK.fullmatch(text):
            remarks[remark[1]] = remark[2]
        elif text:
            remarks = {}
    return found


def printed(command: str) -> list[str]:
    """Lines that a command prints, on either stream, in the present folder."""
    words = shlex.split(command)
    if words[0] != "serai":
        raise SystemExit(f"only `serai` is rerun, not: {command}")
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", words),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        contextlib.suppress(SystemExit),
    ):
        serai()
    text = out.getvalue().replace(str(Path.home()), "~")
    return [line.rstrip() for line in text.splitlines()]


def pieces(shown: list[str]) -> list[list[str]]:
    """What stands between the lines left out."""
    found: list[list[str]] = [[]]
    for line in shown:
        if line == CUT:
            found.append([])
        else:
            found[-1].append(line)
    return found


def same_line(shown: str, now: str, varies: list[str]) -> bool:
    """Whether a line of a page still holds; spaces at its end are not seen."""
    return shown.rstrip() == now or any(word in shown and word in now for word in varies)


def holds(shown: list[str], now: list[str], varies: list[str]) -> bool:
    """Whether what a page shows is what is printed now; a line left out stands for one line at least."""

    def stands(piece: list[str], at: int) -> bool:
        there = now[at : at + len(piece)]
        return len(there) == len(piece) and all(same_line(a, b, varies) for a, b in zip(piece, there, strict=True))

    parts = pieces(shown)
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return len(now) == len(first) and stands(first, 0)
    if not stands(first, 0):
        return False
    at = len(first)
    for piece in parts[1:-1]:
        found = next((i for i in range(at + 1, len(now)) if stands(piece, i)), None)
        if found is None:
            return False
        at = found + len(piece)
    end = len(now) - len(last)
    return end > at and stands(last, end)


def closest(lines: list[str], now: list[str], start: int) -> int | None:
    """Where in `now` the run of lines stands that is most like `lines`; None where nothing is like them."""
    sought = "\n".join(lines)
    likeness = {
        at: difflib.SequenceMatcher(None, sought, "\n".join(now[at : at + len(lines)]), autojunk=False).ratio()
        for at in range(start, len(now) - len(lines) + 1)
    }
    best = max(likeness, key=lambda at: (likeness[at], -at), default=None)
    return best if best is not None and likeness[best] >= ALIKE else None


def renewed(shown: list[str], now: list[str]) -> list[str] | None:
    """What the page shows, as printed now, with the same parts left out; None where a part is no longer found."""
    parts, out, at = pieces(shown), [], 0
    for number, piece in enumerate(parts):
        head, tail = piece[:3], piece[-3:]
        if number:
            out.append(CUT)
        if not piece:
            continue
        start = 0 if number == 0 else closest(head, now, at + 1)
        if start is None:
            return None
        end = closest(tail, now, start) if number < len(parts) - 1 else len(now) - len(tail)
        if end is None:
            return None
        at = end + len(tail)
        out += now[start:at]
    return out


@contextlib.contextmanager
def workplace():
    """An empty folder to work in and an empty home, with what a clone holds within reach."""
    with tempfile.TemporaryDirectory() as folder:
        work, home = Path(folder) / "work", Path(folder) / "home"
        home.mkdir()
        for path in REACHED:
            shutil.copytree(ROOT / path, work / path)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SERAI_", "XDG_"))}
        clean |= {"HOME": str(home), "USERPROFILE": str(home), "COLUMNS": "80", "NUMBA_CACHE_DIR": KERNELS}
        with mock.patch.dict(os.environ, clean, clear=True), contextlib.chdir(work):
            yield


@dataclass(slots=True)
class Page:
    """What a page says, what it should say, and what was not asked."""

    lines: list[str]
    reports: list[str] = field(default_factory=list)
    lost: int = 0
    left: list[str] = field(default_factory=list)


def reread(name: str, lines: list[str], quick: bool) -> Page:
    """Run a page's commands in their order."""
    page = Page(list(lines))
    found: list[tuple[Run, list[str]]] = []
    with workplace():
        for block in blocks(lines):
            if file := block.remarks.get("file"):
                Path(file).write_text("\n".join(block.body) + "\n", "utf-8")
            if block.kind != "console":
                continue
            if why := block.remarks.get("not rerun") or (quick and block.remarks.get("slow")):
                page.left.append(f"{name}:{block.line + 1}: {why}")
                continue
            varies = [word.strip() for word in block.remarks.get("varies", "").split(",") if word.strip()]
            for run in block.runs():
                now = printed(run.command)
                if holds(run.shown, now, varies):
                    continue
                new = renewed(run.shown, now)
                page.lost += new is None
                label = f"{name}:{run.start}", f"$ {run.command}"
                difference = difflib.unified_diff(run.shown, now if new is None else new, *label, n=0, lineterm="")
                hint = ["What is shown around the cut is no longer printed: edit it by hand."] if new is None else []
                page.reports.append("\n".join([*difference, *hint]))
                if new is not None:
                    found.append((run, new))
    for run, new in reversed(found):
        page.lines[run.start : run.start + len(run.shown)] = new
    return page


def main() -> int:
    """Compare, and write where asked; 1 where a page is not true and stays so."""
    parser = argparse.ArgumentParser(description="Rerun the commands that the documentation shows.")
    parser.add_argument("pages", nargs="*", type=Path, help="pages; by default README.md and docs/*.md")
    parser.add_argument("--write", action="store_true", help="put what is printed now into the pages")
    parser.add_argument("--quick", action="store_true", help="leave out what is marked slow")
    asked = parser.parse_args()
    paths = [p.resolve() for p in asked.pages] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    left, stale = [], 0
    for path in paths:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        page = reread(name, path.read_text("utf-8").splitlines(), asked.quick)
        left += page.left
        for report in page.reports:
            print(report)
        stale += page.lost if asked.write else len(page.reports)
        if asked.write and page.reports:
            write_text(path, "\n".join(page.lines) + "\n")
    print(f"{stale} outputs are not what is printed; {len(left)} blocks are not rerun:", *left, sep="\n  ")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
