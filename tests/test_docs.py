"""The documentation says what the program does."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main
import yaml
from typer.testing import CliRunner

import serai
from serai.cli import app
from serai.data.checks.parameters import REQUIRED_PARAMETERS, TRADE_PARAMETERS
from serai.freight.forms import answer_json

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"`([a-z0-9_]+)`")


def command_lines(text: str) -> list[str]:
    found = []
    for kind, body in BLOCK.findall(text):
        for line in body.replace("\\\n", " ").splitlines():
            command = line.removeprefix("$ ") if kind == "console" else line
            if (kind == "sh" or line.startswith("$ ")) and command.startswith("serai "):
                found.append(command)
    return found


COMMANDS = sorted(
    {(page.name, line) for page in PAGES if page.is_file() for line in command_lines(page.read_text("utf-8"))}
)


def leaf(words: list[str]):
    """The command that words name, the path to it, and what is left for its own options."""
    command, path = typer.main.get_command(app), []
    while words and words[0] in getattr(command, "commands", {}):
        command, path, words = command.commands[words[0]], [*path, words[0]], words[1:]
    return command, path, words


def test_pages_show_commands():
    assert len(COMMANDS) > 20


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{p}: {c}" for p, c in COMMANDS])
def test_command_parses(page, line):
    command, path, rest = leaf(shlex.split(line, comments=True)[1:])
    assert path or not rest or rest[0].startswith("-"), f"{page}: there is no command {rest[0]}"
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0, f"{page}: {line}"
    if path:
        command.make_context(path[-1], rest, resilient_parsing=False)


def documented(heading: str) -> set[str]:
    """Names in the first column of the table under a heading of the page on routes."""
    text = (ROOT / "docs" / "routes.md").read_text("utf-8")
    section = re.search(rf"^### {heading}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, heading
    rows = [line for line in section[1].splitlines() if line.startswith("| `")]
    return {name for row in rows for name in FIELD.findall(row.split("|")[1])}


@pytest.fixture(scope="module")
def answers():
    package = serai.open_package(str(ROOT / "tests" / "packages" / "sixplace"))
    days = ("2025-06-01", "2025-10-15", "2025-12-15")
    return [answer_json(serai.routes(package, "Inland", "Isle", as_of=day)) for day in days]


def test_answer_fields(answers):
    for answer in answers:
        assert set(answer) == documented("Answer")


def test_route_evidence_and_leg_fields(answers):
    routes = [r for a in answers for name in ("routes", "if_open", "if_shut") for r in a[name] or []]
    assert routes
    for route in routes:
        assert set(route) == documented("Route")
        assert set(route["evidence"]) == documented("Evidence")
        for leg in route["legs"]:
            assert set(leg) == documented("Leg")


def test_paper_and_why_fields(answers):
    papers = [p for a in answers for r in a["routes"] for p in r["papers"]]
    assert papers
    for paper in papers:
        assert set(paper) == documented("Papers")
    reasons = [a["why"] for a in answers if a["why"]]
    assert reasons
    for reason in reasons:
        assert set(reason) <= documented("Why")


def test_price_fields():
    package = serai.open_package(str(ROOT / "tests" / "packages" / "sixplace"))
    answer = answer_json(serai.routes(package, "Inland", "Isle", as_of="2025-06-01", container="40"))
    for price in answer["prices"]:
        assert set(price) <= documented("Price")


def test_status_fields(answers):
    entries = [s for a in answers for name in ("unknown", "shut") for s in a[name]]
    assert entries
    for entry in entries:
        assert set(entry) == documented("Status entry")


def test_every_page_is_in_the_navigation():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    listed = {page for entry in nav for page in entry.values()}
    present = {p.name for p in (ROOT / "docs").glob("*.md")}
    assert present | {"package-format.md"} == listed


def test_the_page_on_packages_names_every_parameter_a_package_needs():
    text = (ROOT / "docs" / "packages.md").read_text("utf-8")
    assert {p for p in (*REQUIRED_PARAMETERS, *TRADE_PARAMETERS) if f"| `{p}` |" not in text} == set()
    assert "package-format.md" not in text


BASIS = re.compile(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def test_the_page_on_limits_counts_what_the_figures_rest_on(ewec):
    said = {t: tuple(map(int, n)) for t, *n in BASIS.findall((ROOT / "docs" / "limits.md").read_text("utf-8"))}
    assert len(said) > 20
    kinds = ("reported", "derived", "assumed")
    assert said == {t: tuple(int((ewec[t]["basis"] == k).sum()) for k in kinds) for t in said}


@pytest.mark.slow
def test_the_python_of_the_first_page_prints_what_it_shows(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SERAI_HOME", str(tmp_path))
    page = (ROOT / "docs" / "index.md").read_text("utf-8")
    code, shown = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)[0]
    exec(code, {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == shown
