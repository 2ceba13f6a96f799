"""A user's own figures: a workbook or a long CSV file laid over a package."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from serai.core.errors import DataError, InputError
from serai.data.overlay import NO_UNIT, TEMPLATE_TABLES, lay_over, write_template
from serai.data.package import digest
from serai.data.schema import load_schema

TODAY = dt.date(2026, 11, 23)
EXIT = "HIGHPASS.road.XLA-XCO.exit"
TABLES = load_schema().tables


@pytest.fixture
def template(sixplace, tmp_path):
    path = tmp_path / "my.xlsx"
    write_template(sixplace, path)
    return path


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def edit(path, sheet, key, **cells):
    opened = openpyxl.load_workbook(path)
    rows = opened[sheet]
    header = [c.value for c in rows[1]]
    (number,) = [r[0].row for r in rows.iter_rows(min_row=2) if r[0].value == key]
    for column, value in cells.items():
        rows.cell(number, header.index(column) + 1).value = value
    opened.save(path)
    return number


def long(path, *rows, header="table,id,column,value,unit", bom=False):
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8-sig" if bom else "utf-8")
    return path


def refused(package, path):
    with pytest.raises(DataError) as told:
        lay_over(package, path, TODAY)
    assert told.value.exit_code == 2
    assert path.name in str(told.value)
    assert all(i.what and i.remedy for i in told.value.issues)
    assert digest(package.tables) == package.meta.digest
    return told.value.issues


def one(package, path):
    issues = refused(package, path)
    assert len(issues) == 1, [str(i) for i in issues]
    return issues[0]


def value(package, table, key, column):
    frame = package[table]
    return frame.loc[frame["id"] == key, column].iloc[0]


def changed_rows(package, table):
    return list(package[table].loc[package[table]["origin"] != "package", "id"])


# -------------------------------------------------------------------------------------------------------- template


def test_the_template_has_columns_units_and_drop_downs(template):
    opened = openpyxl.load_workbook(template)
    assert opened.sheetnames == ["READ ME", *TEMPLATE_TABLES]
    for name in TEMPLATE_TABLES:
        sheet = opened[name]
        assert [c.value for c in sheet[1]] == list(TABLES[name].columns)
        assert [c.value for c in sheet[2]] == [f.unit or NO_UNIT for f in TABLES[name].fields]
        assert sheet.freeze_panes == "B3"
    rules = {r.formula1 for r in opened["crossings"].data_validations.dataValidation}
    assert '"road,rail"' in rules
    assert '"exit,entry"' in rules


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_a_template_laid_back_as_it_is_changes_nothing(name, request, tmp_path):
    package = request.getfixturevalue(name)
    write_template(package, tmp_path / "my.xlsx")
    out = lay_over(package, tmp_path / "my.xlsx", TODAY)
    assert out.meta.digest == package.meta.digest
    assert out.meta.overlays == ("my.xlsx",)
    assert all(out[t].equals(package[t]) for t in TABLES)


def test_a_template_needs_the_name_of_a_workbook(sixplace, tmp_path):
    with pytest.raises(InputError, match=r"\.xlsx"):
        write_template(sixplace, tmp_path / "my.csv")
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------------- workbook


def test_one_changed_cell_changes_its_row_and_marks_it(sixplace, template):
    edit(template, "crossings", EXIT, hours=16)
    out = lay_over(sixplace, template, TODAY)
    assert changed_rows(out, "crossings") == [EXIT]
    assert value(out, "crossings", EXIT, "origin") == "overlay:my.xlsx"
    assert value(out, "crossings", EXIT, "source") == "overlay"
    assert [value(out, "crossings", EXIT, f"hours{end}") for end in ("_low", "", "_high")] == [8, 16, 60]
    rest = [t for t in TABLES if t not in ("crossings", "sources")]
    assert all(out[t].equals(sixplace[t]) for t in rest)
    assert list(out["sources"]["id"]) == [*sixplace["sources"]["id"], "overlay"]


def test_given_ends_of_a_range_are_taken_as_they_are(sixplace, template):
    edit(template, "crossings", EXIT, hours=16, hours_high=20)
    out = lay_over(sixplace, template, TODAY)
    assert [value(out, "crossings", EXIT, f"hours{end}") for end in ("_low", "", "_high")] == [4, 16, 20]


def test_only_the_key_and_the_columns_to_change_are_needed(sixplace, tmp_path):
    path = book(tmp_path / "o.xlsx", rates=[["usd_per_tkm", "id"], ["USD/t-km", "-"], [0.012, "sea"], [None, None]])
    out = lay_over(sixplace, path, TODAY)
    assert changed_rows(out, "rates") == ["sea"]
    assert value(out, "rates", "sea", "usd_per_tkm") == 0.012


def test_dates_and_truth_values_come_as_a_workbook_holds_them(sixplace, tmp_path):
    path = book(
        tmp_path / "o.xlsx",
        status=[["id", "valid_to"], ["s1", dt.datetime(2025, 8, 31)]],  # noqa: DTZ001
        commodities=[["id", "reefer"], ["grain", True]],
    )
    out = lay_over(sixplace, path, TODAY)
    assert value(out, "status", "s1", "valid_to") == dt.date(2025, 8, 31)
    assert bool(value(out, "commodities", "grain", "reefer")) is True
    assert str(out["commodities"]["reefer"].dtype) == "bool"


def new_parameter(**more):
    row = {
        "id": "toll",
        "value_low": 1,
        "value": 2,
        "value_high": 3,
        "unit": "USD",
        "meaning": "a toll",
        "note": "mine",
    }
    row |= more
    return [list(row), [NO_UNIT] * len(row), list(row.values())]


def test_a_new_row_is_added_and_marked(sixplace, tmp_path):
    out = lay_over(sixplace, book(tmp_path / "o.xlsx", parameters=new_parameter()), TODAY)
    assert changed_rows(out, "parameters") == ["toll"]
    assert value(out, "parameters", "toll", "source") == "overlay"
    assert value(out, "parameters", "toll", "basis") == "assumed"


def test_a_new_row_of_the_template_may_leave_source_and_basis_empty(sixplace, template):
    opened = openpyxl.load_workbook(template)
    row = dict(zip(*(new_parameter()[i] for i in (0, 2)), strict=True))
    opened["parameters"].append([row.get(c) for c in TABLES["parameters"].columns])
    opened.save(template)
    assert changed_rows(lay_over(sixplace, template, TODAY), "parameters") == ["toll"]


def test_a_new_row_that_lacks_something_is_told(sixplace, tmp_path):
    issue = one(sixplace, book(tmp_path / "o.xlsx", parameters=new_parameter(meaning=None)))
    assert (issue.table, issue.row, issue.column) == ("parameters", 3, "meaning")


def test_overlays_are_laid_one_over_the_other(sixplace, tmp_path):
    first = long(tmp_path / "a.csv", "rates,sea,usd_per_tkm,0.012,")
    second = long(tmp_path / "b.csv", "rates,sea,usd_per_tkm,0.024,")
    out = lay_over(lay_over(sixplace, first, TODAY), second, TODAY)
    assert out.meta.overlays == ("a.csv", "b.csv")
    assert value(out, "rates", "sea", "usd_per_tkm_high") == pytest.approx(0.036)
    assert value(out, "rates", "sea", "origin") == "overlay:b.csv"


@pytest.mark.parametrize(
    ("cells", "column", "what"),
    [
        ({"hours": "=4*4"}, "hours", "a formula"),
        ({"hours": "long"}, "hours", "a number"),
        ({"hours": -1}, "hours", "at least 0 h"),
        ({"hours_low": 9}, "hours", "low <= median"),
        ({"side": "middle"}, "side", "allowed values"),
        ({"entry_country": "XXX"}, "entry_country", "no such row in countries"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place_in_the_users_file(sixplace, template, cells, column, what):
    number = edit(template, "crossings", EXIT, **cells)
    issues = [i for i in refused(sixplace, template) if i.column == column]
    assert [(i.table, i.row) for i in issues] == [("crossings", number)]
    assert what in issues[0].what


def test_a_fault_of_the_whole_table_points_to_the_row_of_the_users_file(sixplace, tmp_path):
    path = book(tmp_path / "o.xlsx", links=[["id", "length_km_low"], ["S2", 2300], ["R3", 10_000]])
    issue = one(sixplace, path)
    assert (issue.table, issue.row, issue.column) == ("links", 3, "length_km")


def test_the_wrong_unit_is_told(sixplace, template):
    opened = openpyxl.load_workbook(template)
    sheet = opened["crossings"]
    sheet.cell(2, list(TABLES["crossings"].columns).index("hours") + 1).value = "days"
    opened.save(template)
    issue = one(sixplace, template)
    assert (issue.table, issue.row, issue.column, issue.value) == ("crossings", 2, "hours", "days")
    assert issue.what == "wrong unit, h is expected"


@pytest.mark.parametrize(
    ("sheets", "table", "row", "column", "what"),
    [
        ({"roads": [["id"]]}, "roads", None, "", "no such table"),
        ({"rates": [["id", "colour"], ["sea", "red"]]}, "rates", 1, "colour", "not part of the format"),
        ({"rates": [["usd_per_tkm"], [1]]}, "rates", 1, "id", "the column is missing"),
        ({"rates": [["id", "usd_per_tkm"], [None, 1]]}, "rates", 2, "id", "the key is empty"),
        ({"rates": [["id", "as_of"], ["sea", "1"], ["sea", "2"]]}, "rates", 3, "id", "the key stands twice"),
        ({"parameters": new_parameter(id="Toll!")}, "parameters", 3, "id", "not in the required form"),
    ],
)
def test_what_does_not_fit_the_format_is_told(sixplace, tmp_path, sheets, table, row, column, what):
    issues = {(i.table, i.row, i.column): i for i in refused(sixplace, book(tmp_path / "o.xlsx", **sheets))}
    assert what in issues[table, row, column].what
    assert len(issues) == 1


def test_all_faults_of_a_workbook_are_told_at_once(sixplace, tmp_path):
    path = book(
        tmp_path / "o.xlsx",
        rates=[["id", "usd_per_tkm", "mode"], ["sea", "x", "air"], ["road.xco", "=1", "road"]],
        roads=[["id"]],
        ports=[["id", "colour"]],
    )
    found = {(i.table, i.row, i.column) for i in refused(sixplace, path)}
    assert found == {
        ("rates", 2, "usd_per_tkm"),
        ("rates", 2, "mode"),
        ("rates", 3, "usd_per_tkm"),
        ("roads", None, ""),
        ("ports", 1, "colour"),
    }


@pytest.mark.parametrize("content", [b"", b"id,value\n", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_told(sixplace, tmp_path, content):
    path = tmp_path / "o.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as a workbook") as told:
        lay_over(sixplace, path, TODAY)
    assert told.value.remedy


def test_an_empty_sheet_is_as_good_as_none(sixplace, tmp_path):
    out = lay_over(sixplace, book(tmp_path / "o.xlsx", rates=[]), TODAY)
    assert out.meta.digest == sixplace.meta.digest


@pytest.mark.parametrize("name", ["absent.xlsx", "absent.csv", "."])
def test_a_missing_file_is_told(sixplace, tmp_path, name):
    with pytest.raises(InputError, match="There is no file"):
        lay_over(sixplace, tmp_path / name, TODAY)


# -------------------------------------------------------------------------------------------------------- long CSV


@pytest.mark.parametrize("bom", [False, True])
def test_a_long_csv_file_changes_what_it_names(sixplace, tmp_path, bom):
    path = long(tmp_path / "o.csv", f"crossings,{EXIT},hours,16,h", "", "rates,sea,as_of,2026,", bom=bom)
    out = lay_over(sixplace, path, TODAY)
    assert changed_rows(out, "crossings") == [EXIT]
    assert value(out, "crossings", EXIT, "hours_high") == 60
    assert value(out, "rates", "sea", "as_of") == "2026"
    assert value(out, "rates", "sea", "origin") == "overlay:o.csv"


def test_the_unit_of_a_long_csv_file_may_be_left_out(sixplace, tmp_path):
    path = long(tmp_path / "o.csv", "rates,sea,usd_per_tkm,0.012", header="table,id,column,value")
    assert value(lay_over(sixplace, path, TODAY), "rates", "sea", "usd_per_tkm") == 0.012


@pytest.mark.parametrize(
    ("rows", "row", "column", "what"),
    [
        (["rates,sea,usd_per_tkm,0.012,USD/t"], 2, "usd_per_tkm", "wrong unit, USD/t-km is expected"),
        (["rates,sea,as_of,2026,year"], 2, "as_of", "wrong unit, - is expected"),
        (["", "roads,sea,usd_per_tkm,1,"], 3, "table", "no such table"),
        (["rates,sea,colour,red,"], 2, "column", "no such column in rates"),
        (["rates,sea"], 2, "column", "no such column in rates"),
        (["rates,sea,usd_per_tkm,=1,"], 2, "usd_per_tkm", "a formula"),
        (["rates,sea,usd_per_tkm,1,,x"], 2, "", "6 cells where the header has 5"),
        (["rates,sea,as_of,1,", "rates,sea,as_of,2,"], 3, "as_of", "given twice"),
        (['rates,sea,as_of,"1,'], 2, "", "not readable as CSV"),
    ],
)
def test_a_fault_of_a_long_csv_file_is_told_with_its_row(sixplace, tmp_path, rows, row, column, what):
    issue = one(sixplace, long(tmp_path / "o.csv", *rows))
    assert (issue.row, issue.column) == (row, column)
    assert what in issue.what


def test_a_new_row_of_a_long_csv_file_has_its_key_checked(sixplace, tmp_path):
    keys = {i.column for i in refused(sixplace, long(tmp_path / "o.csv", "sources,My Source!,title,T,"))}
    assert keys == {"id"}


@pytest.mark.parametrize(("header", "lost"), [("table,id,value", "column"), ("a;b;c", "column, id, table, value")])
def test_a_missing_column_of_a_long_csv_file_is_told(sixplace, tmp_path, header, lost):
    issue = one(sixplace, long(tmp_path / "o.csv", "rates,sea,1", header=header))
    assert (issue.row, issue.column, issue.what) == (1, lost, "the column is missing")


def test_a_long_csv_file_that_is_not_utf8_is_told(sixplace, tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes("table,id,column,value\nrates,sea,as_of,июнь\n".encode("cp1251"))
    assert "UTF-8" in one(sixplace, path).remedy


def test_a_row_with_a_unit_of_its_own_takes_figures_in_it(sixplace, tmp_path):
    path = long(tmp_path / "o.csv", "parameters,discount_rate,value,0.07,1/year")
    assert value(lay_over(sixplace, path, TODAY), "parameters", "discount_rate", "value") == 0.07
    issue = one(sixplace, long(tmp_path / "p.csv", "parameters,discount_rate,value,7,%"))
    assert (issue.row, issue.column, issue.what) == (2, "value", "wrong unit, 1/year is expected")


@pytest.mark.parametrize(
    ("line", "table", "column"),
    [
        ("parameters,discount_rate,value,9,", "parameters", "value"),
        ("parameters,discount_rate,unit,%,", "parameters", "unit"),
        ("parameters,carbon_usd_per_t,unit,EUR/t,", "parameters", "unit"),
        ("project_terms,RAIL.o_and_m,value,2,", "project_terms", "value"),
        ("project_terms,RAIL.residual_life,value,0,", "project_terms", "value"),
    ],
)
def test_a_per_cent_or_another_currency_is_refused_in_money(sixplace, tmp_path, line, table, column):
    found = {(i.table, i.row, i.column) for i in refused(sixplace, long(tmp_path / "o.csv", line))}
    assert (table, 2, column) in found
