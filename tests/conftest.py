"""The two packages every suite runs on, a home of its own for each test, and the count of oracles."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from serai import cli
from serai.data.package import load_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from serai.data.package import Package
    from serving import Served

# How long an example takes depends on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TODAY = dt.date(2026, 11, 23)
ROOT = Path(__file__).resolve().parent.parent
SIXPLACE = ROOT / "tests" / "packages" / "sixplace"
SHARED = ROOT.parent / "shared"
NO_SHARED = f"{SHARED} is not there; it holds what this test compares with"


@pytest.fixture(scope="session")
def sixplace() -> Package:
    """The fictional package of six places."""
    return load_package(str(SIXPLACE), today=TODAY, user_rows=False)


@pytest.fixture(scope="session")
def ewec() -> Package:
    """The embedded package of the East-West Economic Corridor."""
    return load_package("ewec", today=TODAY, user_rows=False)


@pytest.fixture(params=["sixplace", "ewec"])
def package(request: pytest.FixtureRequest) -> Package:
    """Each of the two in turn."""
    found: Package = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command as a user does; return exit code, output and error output."""

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["serai", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture(scope="session")
def sixplace_folder() -> Path:
    return SIXPLACE


@pytest.fixture(scope="session")
def today() -> dt.date:
    return TODAY


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of outside data; only tests marked `oracle` may ask for it."""
    return SHARED


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give all tests of a module one home: that of a server they share, whose workers may be started anew."""
    home = tmp_path_factory.mktemp("module-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERAI_HOME", str(home))
        yield home


@pytest.fixture(autouse=True)
def serai_home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Keep the user's own records out of reach, and each test's apart, unless it shares a server with others."""
    if "module_home" in request.fixturenames:
        shared: Path = request.getfixturevalue("module_home")
        return shared
    home = tmp_path_factory.mktemp("serai-home")
    monkeypatch.setenv("SERAI_HOME", str(home))
    return home


@pytest.fixture(scope="module")
def served(module_home: Path, sixplace_folder: Path) -> Iterator[Served]:
    """A server that the tests of a module share."""
    from serai.server.settings import Limits, Settings
    from serving import TOKENS, Served

    limits = Limits(head_s=1.0, body_s=1.0, body_bytes=16_384, upload_bytes=65_536, requests_per_s=1e6, burst=1e6)
    found = Served(
        Settings(
            str(sixplace_folder),
            database=f"sqlite:///{module_home / 'ledger.db'}",
            tokens=TOKENS,
            audit=str(module_home / "audit.log"),
            limits=limits,
        )
    )
    yield found
    found.close()


@pytest.fixture
def client(served: Served) -> httpx.Client:
    """Whoever asks it, with no session."""
    served.client.cookies.clear()
    return served.client


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("oracle") is None or SHARED.is_dir():
        return
    if os.environ.get("SERAI_ORACLES") == "require":
        pytest.fail(NO_SHARED, pytrace=False)
    pytest.skip(NO_SHARED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many oracles ran. Reports reach this process from every worker, with the marks as keywords."""
    run, skipped = set(), set()
    for outcome in ("passed", "failed", "xfailed", "xpassed", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            if "oracle" in getattr(report, "keywords", {}):
                (skipped if outcome == "skipped" else run).add(report.nodeid)
    terminalreporter.write_line(f"oracles: {len(run - skipped)} run, {len(skipped)} skipped")
