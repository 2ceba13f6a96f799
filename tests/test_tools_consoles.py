"""The tool that reruns what the documentation shows; and the documentation, rerun."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools" / "consoles.py"

PAGE = """\
# A page

<!-- file: bridge.csv -->
```text
year,capital,benefit
2027,100,
2028,,121
```

```console
$ serai appraise bridge.csv --rate 0.1
ADB 2017, 10.0 %, 2027-2028.
Net present value 7 USD (14.2 at 6.0 %, 8.04 at 12.0 %).
...
The net present value is zero when
  capital is 10 % more.
...
$ serai appraise \\
  nowhere.csv
serai: nowhere.csv cannot be read: No such file or directory. Name a CSV file or a workbook.
```

<!-- not rerun: it asks the network -->
```console
$ serai check https://example.org
```

<!-- slow: it takes an hour -->
```console
$ serai appraise nowhere.csv
an hour later
```
"""


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("consoles", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules["consoles"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["consoles"]


def test_a_page_is_reported_and_renewed(tool, tmp_path, monkeypatch, capsys):
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    monkeypatch.setattr(sys, "argv", ["consoles.py", "--quick", str(path)])
    assert tool.main() == 1
    said = capsys.readouterr().out
    assert "-Net present value 7 USD" in said
    assert "+Net present value 10 USD" in said
    assert "page.md:24: it asks the network" in said
    assert "page.md:29: it takes an hour" in said
    assert path.read_text("utf-8") == PAGE

    monkeypatch.setattr(sys, "argv", ["consoles.py", "--quick", "--write", str(path)])
    assert tool.main() == 0
    new = path.read_text("utf-8")
    assert [line for line in new.splitlines() if line not in PAGE.splitlines()] == [
        "Net present value 10 USD (14.2 at 6.0 %, 8.04 at 12.0 %).",
    ]
    assert tool.reread("page", new.splitlines(), quick=True).reports == []
    assert len(tool.reread("page", new.splitlines(), quick=False).reports) == 1


@pytest.mark.parametrize(
    ("shown", "now", "varies", "held"),
    [
        ("a b c", "a b c", "", True),
        ("a b c", "a b d", "", False),
        ("a b c", "a b c d", "", False),
        ("a ... c", "a b b c", "", True),
        ("a ... c", "a c", "", False),
        ("... c", "a b c", "", True),
        ("a ...", "a", "", False),
        ("a ... b ... c", "a x b y c", "", True),
        ("a ... b ... c", "a x y c", "", False),
        ("a took-3", "a took-4", "took", True),
        ("a took-3", "took-4 a", "took", False),
    ],
)
def test_what_is_left_out_holds(tool, shown, now, varies, held):
    assert tool.holds(shown.split(), now.split(), varies.split()) is held


def test_what_is_left_out_stays_out(tool):
    shown = ["head 1", "row one 10", "...", "row nine 90", "...", "sum 100"]
    now = ["head 2", "row one 11", "row two 20", "row eight 80", "row nine 91", "row ten 5", "sum 207"]
    assert tool.renewed(shown, now) == ["head 2", "row one 11", "...", "row nine 91", "...", "sum 207"]


def test_what_is_lost_is_not_guessed(tool):
    assert tool.renewed(["head", "...", "row nine 90", "...", "sum"], ["head", "x", "y", "z", "sum"]) is None


@pytest.mark.slow
def test_the_pages_show_what_is_printed():
    found = subprocess.run([sys.executable, TOOL, "--quick"], check=False, capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 0, found.stdout + found.stderr
