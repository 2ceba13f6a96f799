"""The house: rooms import from lower floors only, and no code knows a corridor by name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src" / "serai"
FLOOR = {
    "core": 0,
    "data": 1,
    "network": 2,
    "trade": 2,
    "freight": 3,
    "corridor": 4,
    "feasibility": 5,
    "evidence": 5,
    "study": 6,
    "api": 6.5,
    "report": 7,
    "server": 8,
    "cli": 9,
    "__init__": 9,
    "__main__": 10,
}
MODULES = sorted(SRC.rglob("*.py"))
NAMES = ("Karachi", "Torkham", "Gwadar", "Almaty", "Hormuz", "Afghan", "Pakistan", "Kazakh")


def room(path: Path) -> str:
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported(tree: ast.AST) -> set[str]:
    out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("serai."):
            out.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            out |= {a.name.split(".")[1] for a in node.names if a.name.startswith("serai.")}
    return out


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_imports_lead_downward(path):
    here = room(path)
    assert here in FLOOR, f"give the room {here} a floor"
    for other in imported(ast.parse(path.read_text(encoding="utf-8"))):
        if other != here:
            assert FLOOR[other] < FLOOR[here], f"{here} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_no_code_knows_a_corridor_by_name(path):
    text = path.read_text(encoding="utf-8")
    if room(path) not in {"cli", "api", "__init__"}:
        assert "ewec" not in text
    if room(path) not in {"cli", "__init__"} and path.name != "charts.py":
        found = [n for n in NAMES if n in text]
        assert not found, found


def test_nothing_needs_posix():
    for path in MODULES:
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not names & {"fcntl", "resource", "pwd", "grp", "termios"}, path
