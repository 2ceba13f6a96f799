"""``serai gravity`` on a table of one's own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from serai.cli import app
from serai.core.errors import InputError

NAMES = ("Aland", "Beland", "Celand", "Deland")


@pytest.fixture
def sheet(tmp_path):
    draw = np.random.default_rng(1)
    lines = ["exporter,importer,trade,ln_dist,border,pair,Y"]
    for a in NAMES:
        for b in NAMES:
            far = 0.5 if a == b else float(draw.uniform(1, 3))
            value = 1000 * np.exp(-1.1 * far - 1.2 * (a != b)) * float(draw.lognormal(0, 0.2))
            lines.append(f"{a},{b},{value},{far},{int(a != b)},{'-'.join(sorted((a, b)))},{500 + NAMES.index(a)}")
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(sheet, *options):
    return CliRunner().invoke(app, ["gravity", str(sheet), "--covariates", "ln_dist,border", *options])


def test_estimates_alone(sheet):
    shown = run(sheet, "--json")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert found["rows"] == 16
    assert [c["name"] for c in found["coefficients"]] == ["ln_dist", "border"]
    assert "changes_percent" not in found
    assert found["coefficients"][0]["coefficient"] == pytest.approx(-1.1, abs=0.5)


@pytest.mark.parametrize("kind", ["conditional", "full", "shares-held", "guide"])
def test_a_lifted_border_raises_trade(sheet, kind):
    found = json.loads(run(sheet, "--set", "border=0", "--equilibrium", kind, "--json").stdout)
    rows = {row["economy"]: row for row in found["changes_percent"]}
    assert set(rows) == set(NAMES)
    assert all(row["exports"] > 5 for row in rows.values())
    if kind == "full":
        assert all(row["real_income"] > 0 for row in rows.values())
        assert found["residual"] < 1e-9


def test_one_pair_can_change_alone_and_people_can_read_it(sheet):
    options = ("--set", "border=0:Aland>Beland,Beland>Aland")
    found = json.loads(run(sheet, *options, "--json").stdout)
    rows = {row["economy"]: row["real_income"] for row in found["changes_percent"]}
    assert rows["Aland"] > 0 > rows["Celand"]
    shown = run(sheet, *options, "--cluster", "pair", "--output", "Y")
    assert shown.exit_code == 0
    assert "16 rows in 10 clusters" in shown.stdout
    assert "real income" in shown.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "border"), "cannot be read"),
        (("--set", "tariff=0"), "no covariate"),
        (("--set", "border=0:Aland>Nowhere"), "no economy Nowhere"),
        (("--equilibrium", "best"), "is not known"),
        (("--trade", "weight"), "no column weight"),
        (("--cluster", "club"), "no column club"),
        (("--set", "border=0", "--sigma", "0.5"), "sigma is 0.5"),
        (("--reference", "Nowhere"), "no economy Nowhere"),
        (("--output", "trade"), "differs within an economy"),
    ],
)
def test_a_mistake_is_one_line(sheet, options, said):
    shown = run(sheet, *options)
    assert isinstance(shown.exception, InputError)
    assert said in str(shown.exception)
    assert "\n" not in str(shown.exception)


def test_a_broken_table_is_one_line(sheet):
    text = sheet.read_text(encoding="utf-8")
    for broken, said in (
        (text + text.splitlines()[1] + "\n", "more than once"),
        (text.replace("Aland,Aland,", "Aland,Aland,x"), "row 2, column trade: no number"),
        ("\n".join(v for v in text.splitlines() if not v.startswith("Beland,Beland")), "with itself is missing"),
        ("", "cannot be read as CSV"),
    ):
        sheet.write_text(broken, encoding="utf-8")
        shown = run(sheet, "--set", "border=0")
        assert isinstance(shown.exception, InputError), broken[:60]
        assert said in str(shown.exception)
