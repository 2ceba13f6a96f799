"""The command line as a newcomer meets it: what it answers, and how it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from serai import cli
from serai.data.package import write_package
from serai.report import answer, console

HEAVY = ("numpy", "pandas", "numba", "matplotlib", "openpyxl", "scipy")


@pytest.fixture
def run(run, sixplace_folder):
    """Run a command on the six-place package, which its words call SIX."""
    return lambda *words: run(*(w.replace("SIX", str(sixplace_folder)) for w in words))


def test_help_imports_nothing_heavy():
    script = f"import sys, serai.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


ASK = ("routes", "Inland", "Isle", "-p", "SIX", "--as-of", "2025-06-01")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("routes", "Inlund", "Isle", "-p", "SIX"), "Did you mean Inland"),
        ((*ASK, "-c", "gold"), "no commodity"),
        (("routes", "Inland", "Isle", "-p", "SIX", "--as-of", "yesterday"), "not a date"),
        ((*ASK, "--by", "luck"), "--by"),
        ((*ASK, "--modes", "camel"), "no mode"),
        ((*ASK, "-k", "0"), "-k"),
        (("routes", "Inland", "Isle", "-p", "nowhere"), "No data package"),
        ((*ASK, "--with", "absent.xlsx"), "absent.xlsx"),
        ((*ASK, "--close", "Atlantis"), "no place"),
        ((*ASK, "--avoid", "Atlantis"), "no country"),
        ((*ASK, "--exclude-sanctioned", "XX"), "authority"),
        ((*ASK, "--scenario", "absent.yaml"), "absent.yaml"),
        ((*ASK, "--container", "99"), "container"),
        ((*ASK, "--container", "40", "--load-t", "60"), "does not fit"),
        ((*ASK, "--hs", "soap"), "HS code"),
        ((*ASK, "-c", "grain", "--hs", "5201"), "not grain"),
        ((*ASK, "--bye", "cost"), "No such option: --bye"),
        ((*ASK, "-k", "two"), "Invalid value for '-k'"),
        (("routes", "Inland"), "Missing argument"),
        (("rutes",), "No such command 'rutes'"),
        (("routes", "Inland", "Inland", "-p", "SIX"), "same place"),
        (("compare", "2025-06-01", "nonsense", "-p", "SIX"), "neither a day"),
        (
            ("status", "set", "High Pass", "ajar", "--from", "2026-01-01", "--source", "https://x.org", "-p", "SIX"),
            "state",
        ),
        (("data", "describe", "nothing"), "no table"),
        (("scenarios", "--lang", "de", "-p", "SIX"), "no language"),
        (("trade", "--pair", "XLA", "XLA", "-p", "SIX"), "twice"),
    ],
)
def test_a_mistake_is_one_line_with_a_remedy(run, words, what):
    code, out, err = run(*words)
    assert code == 2
    assert what in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert not out


def test_scenarios_in_a_circle_are_refused(run, tmp_path):
    (tmp_path / "a.yaml").write_text("name: a\nextends: [b.yaml]\n")
    (tmp_path / "b.yaml").write_text("name: b\nextends: [a.yaml]\n")
    code, _, err = run(*ASK, "--scenario", str(tmp_path / "a.yaml"))
    assert code == 2
    assert "circle" in err


def test_a_comparison_without_a_study_asks_for_a_pair(run, sixplace, tmp_path):
    write_package(replace(sixplace, study=""), tmp_path / "bare")
    code, _, err = run("compare", "2025-06-01", "2026-01-01", "-p", str(tmp_path / "bare"))
    assert code == 2
    assert "--pair" in err


def test_a_package_without_container_types_says_so(run, sixplace, tmp_path):
    boxes = sixplace["containers"].iloc[:0]
    write_package(sixplace.with_tables({"containers": boxes}), tmp_path / "bare")
    code, _, err = run("routes", "Inland", "Isle", "-p", str(tmp_path / "bare"), "--container", "40")
    assert code == 2
    assert "no container types" in err


def test_a_first_shipment_alone_is_priced(run):
    _, out, _ = run(*ASK, "--first-shipment", "--json", "-k", "1")
    assert json.loads(out)["prices"]


def test_scenarios_are_told_in_a_language_by_their_own_words_or_those_of_the_package(run):
    code, out, _ = run("scenarios", "--lang", "ru", "-p", "SIX")
    assert code == 0
    assert "faster-pass: Быстрее посты на Перевале [not checked by a native reader]" in out
    assert "  Вдвое меньше часов на обоих постах. [not checked by a native reader]" in out


def test_a_package_without_scenarios_says_so(run, sixplace, tmp_path):
    bare = sixplace.with_tables(
        {"projects": sixplace["projects"].assign(scenario=""), "texts": sixplace["texts"].iloc[:0]}
    )
    write_package(replace(bare, scenarios={}, study=""), tmp_path / "bare")
    code, out, err = run("scenarios", "-p", str(tmp_path / "bare"))
    assert (code, err) == (0, "")
    assert "brings no scenario" in out


def test_a_sea_leg_is_measured_between_two_places(run):
    pytest.importorskip("searoute")
    code, out, _ = run("data", "sea", "Karachi", "Rotterdam", "--avoid", "suez")
    assert code == 0
    assert "KARACHI - ROTTERDAM" in out
    assert "suez" not in out


def test_a_reader_that_leaves_early_is_no_fault(monkeypatch):
    def leaves(**_):
        try:
            raise BrokenPipeError
        except BrokenPipeError:
            raise SystemExit(1)  # noqa: B904 - as rich does it

    monkeypatch.setattr(cli, "app", leaves)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 0


def test_no_route_has_its_own_exit_code(run):
    code, out, _ = run(*ASK, "--close", "High Pass", "--close", "Gauge Gate")
    assert code == 3
    assert "No route" in out


def test_json_is_plain_and_says_what_the_table_says(run):
    code, out, _ = run(*ASK, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["as_of"] == "2025-06-01"
    assert [r["rank"] for r in answer["routes"]] == list(range(1, len(answer["routes"]) + 1))
    code, table, _ = run(*ASK, "--why", "--legs", "--profile", "--papers", "--container", "40")
    assert code == 0
    assert "Why way 1" in table
    assert "price, the sum of the lines" in table


def test_status_list_and_set(run):
    code, out, _ = run("status", "list", "--json", "--stale", "-p", "SIX", "--as-of", "2026-11-01")
    assert code == 0
    assert all(e["state"] == "unknown" for e in json.loads(out)["entries"])
    words = (
        "status",
        "set",
        "High Pass",
        "open",
        "--from",
        "2026-02-01",
        "--source",
        "https://example.org/a",
        "--mode",
        "road",
        "-p",
        "SIX",
    )
    assert run(*words, "--confirmed-on", "2026-02-02")[0] == 0
    _, out, _ = run("status", "list", "--json", "-p", "SIX", "--as-of", "2026-02-10")
    mine = [e for e in json.loads(out)["entries"] if e["object"] == "HIGHPASS"]
    assert [e["state"] for e in mine] == ["open"]


@pytest.mark.parametrize(
    "words",
    [
        ("data", "check", "SIX"),
        ("data", "describe", "links"),
        ("data", "describe", "--format", "markdown"),
        ("data", "describe", "--format", "json"),
        ("data", "describe", "--places", "-p", "SIX"),
        ("data", "sources", "-p", "SIX", "--json"),
        ("data", "sources", "-p", "SIX"),
        ("compare", "2025-06-01", "2025-12-15", "-p", "SIX"),
        ("compare", "2025-06-01", "2025-12-15", "-p", "SIX", "--json"),
        ("--version",),
    ],
)
def test_commands_answer(run, words):
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert out


def test_a_new_package_and_a_template(run, tmp_path):
    assert run("data", "new", str(tmp_path / "mine"))[0] == 0
    assert (tmp_path / "mine" / "datapackage.json").is_file()
    assert run("data", "template", str(tmp_path / "my.xlsx"), "-p", "SIX")[0] == 0
    code, _, _ = run(*ASK, "--with", str(tmp_path / "my.xlsx"))
    assert code == 0


def test_a_study_is_written_twice_to_the_same_bytes(run, tmp_path):
    for name in ("one", "two"):
        code, out, _ = run("study", "SIX", "--as-of", "2025-12-15", "--out", str(tmp_path / name))
        assert code == 0
        assert "Report:" in out
    names = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert {"report.html", "study.json", "tables.xlsx", "provenance.json"} <= {str(n) for n in names}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.slow
def test_a_study_does_not_depend_on_the_order_of_sets(sixplace_folder, tmp_path):
    """Words are hashed anew in every run: what is summed over a set of them must not be."""
    package = tmp_path / "three"
    shutil.copytree(sixplace_folder, package)
    study = package / "study.yaml"
    study.write_text(study.read_text("utf-8").replace("players: [XLA, XCO]", "players: [XLA, XCO, XIS]"), "utf-8")
    found = []
    for seed in ("1", "2"):
        words = ["-m", "serai", "study", str(package), "--as-of", "2025-12-15", "--out", str(tmp_path / seed)]
        subprocess.run(
            [sys.executable, *words], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        )
        files = sorted(x for x in (tmp_path / seed).rglob("*") if x.is_file())
        found.append({str(x.relative_to(tmp_path / seed)): x.read_bytes() for x in files})
    assert "tables/decision_coalition.csv" in found[0]
    assert [n for n in found[0] if found[0][n] != found[1].get(n)] == []


# -- what is printed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_gets_lines_in_which_nothing_is_cut(run, monkeypatch, width):
    monkeypatch.setattr(answer, "terminal", lambda: Console(highlight=False, width=width))
    _, out, _ = run(*ASK, "--container", "40", "--legs", "--papers")
    _, full, _ = run(*ASK, "--container", "40", "--json")
    assert max(map(len, out.splitlines())) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in out
    assert "\N{BOX DRAWINGS LIGHT VERTICAL}" not in out
    words = set(out.split())
    for route in json.loads(full)["routes"]:
        low, high = (console.rounded(route[f"cost_usd_per_t_{p}"]) for p in ("p10", "p90"))
        assert f"{low}-{high})" in words
        assert set(route["label"].split()) <= words


def test_printed_lines_add_up_to_the_printed_price_and_it_has_a_range(run):
    _, out, _ = run(*ASK, "--container", "40", "-k", "1")
    table = out[out.index("Way 1:") : out.index("per tonne of goods")]
    rows = [[c.strip() for c in line.split("\N{BOX DRAWINGS LIGHT VERTICAL}")[1:-1]] for line in table.splitlines()]
    cells = [r for r in rows if len(r) == 6 and r[1]]
    *lines, total = [int(r[1].replace(",", "")) for r in cells]
    assert len(lines) > 5
    assert sum(lines) == total
    low, high = (int(x.replace(",", "")) for x in cells[-1][2].split("-"))
    assert low < total < high
    _, full, _ = run(*ASK, "--container", "40", "-k", "1", "--json")
    price = json.loads(full)["prices"][0]
    # Printed in whole dollars.
    assert price["usd_p10"] == pytest.approx(low, abs=0.5)
    # Lines share a part of their variance alone, so their sum is less wide than the sum of their ends.
    assert sum(x["usd_p10"] for x in price["lines"]) < price["usd_p10"] < price["usd"] < price["usd_p90"]
    assert price["usd_p90"] < sum(x["usd_p90"] for x in price["lines"])


def test_a_comparison_gives_the_days_that_routes_gives(run):
    _, full, _ = run(*ASK, "--json", "-k", "1")
    _, two, _ = run("compare", "2025-06-01", "2025-06-01", "--pair", "Inland:Isle", "-p", "SIX", "--json")
    side = json.loads(two)["pairs"][0]["a"]
    assert side["door_to_door_days"] * 24 == pytest.approx(json.loads(full)["routes"][0]["door_to_door_h_p50"])


def test_a_closure_of_a_scenario_is_said_to_be_the_scenarios(run, tmp_path):
    (tmp_path / "shut.yaml").write_text("name: shut\nops:\n- {op: close, object: HIGHPASS}\n")
    _, out, _ = run(*ASK, "--scenario", str(tmp_path / "shut.yaml"))
    assert "High Pass (by scenario shut)" in out
    assert "1900" not in out


def test_a_day_that_is_the_base_says_that_nothing_differs_and_on_what_it_rests(run):
    _, out, _ = run("solve", "-p", "SIX", "--as-of", "2025-06-01")
    assert "Nothing differs" in out
    assert "-0.00" not in out
    assert "%" in out[out.index("rest on assumed") - 120 : out.index("rest on assumed")]
    assert "digest" in out
    assert "not a quotation" in out.replace("\n", " ")


def test_gains_of_a_scenario_have_ranges_from_lower_to_upper(run):
    _, out, _ = run("solve", "-p", "SIX", "--as-of", "2025-06-01", "--scenario", "faster-pass")
    spans = re.findall(r"([+-]?[\d.,]+) to ([+-]?[\d.,]+)", out)
    assert spans
    assert all(float(a.replace(",", "")) < float(b.rstrip(",").replace(",", "")) for a, b in spans)
    assert not re.search(r"[+-]0\.0*(?!\d)", out)
    _, out, _ = run("gradient", "-p", "SIX", "--as-of", "2025-06-01")
    assert "digest" in out
    assert "rest on assumed figures" in out.replace("\n", " ")


def test_the_gradient_names_who_gains(run):
    _, told, _ = run("gradient", "-p", "SIX", "--as-of", "2025-06-01", "--json")
    ids = {e for r in json.loads(told)["objects"] for e in r["by_economy_usd_m_per_day_less"]}
    _, out, _ = run("gradient", "-p", "SIX", "--as-of", "2025-06-01")
    assert ids
    assert not [e for e in ids if re.search(rf"\b{e} [+-]", out)]


@pytest.mark.parametrize(("day", "said"), [("2025-06-01", False), ("2040-01-01", True), ("1990-01-01", True)])
def test_a_day_outside_the_years_of_the_prices_is_told(run, day, said):
    _, out, _ = run("routes", "Inland", "Isle", "-p", "SIX", "--as-of", day)
    assert ("prices here are of" in out) == said
