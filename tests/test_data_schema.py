"""The format: ranges, Frictionless Table Schema, and the descriptors that carry it."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files

import pytest

from serai.core.errors import InputError
from serai.data.describe import basis_count, format_text, places_text, source_use
from serai.data.package import descriptor
from serai.data.schema import load_schema, table_schema

TABLES = load_schema().tables
# Frictionless Table Schema: which constraints fit which types.
CONSTRAINTS = {
    "string": {"required", "unique", "enum", "pattern", "minLength", "maxLength"},
    "number": {"required", "unique", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "integer": {"required", "unique", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "boolean": {"required", "enum"},
    "date": {"required", "unique", "enum", "minimum", "maximum"},
}


def test_a_range_stands_for_three_columns_of_one_figure():
    table = TABLES["crossings"]
    at = table.columns.index("hours_low")
    assert table.columns[at : at + 3] == ("hours_low", "hours", "hours_high")
    low, mode, high = table.fields[at : at + 3]
    assert {f.range_of for f in (low, mode, high)} == {"hours"}
    assert all((f.unit, f.type, f.required, f.minimum) == ("h", "number", True, 0) for f in (low, mode, high))
    assert [f.description.rsplit("(")[-1] for f in (low, mode, high)] == [
        "10th percentile)",
        "median)",
        "90th percentile)",
    ]
    assert table.ranged == ("hours", "fee_usd_per_feu")


def test_every_table_but_sources_and_translations_carries_its_evidence():
    assert [name for name, table in TABLES.items() if not table.evidence] == ["sources", "texts"]
    for table in TABLES.values():
        assert (table.columns[-3:] == ("source", "basis", "note")) == table.evidence


def test_an_unknown_column_is_a_key_error():
    with pytest.raises(KeyError):
        TABLES["links"].field("colour")


@pytest.mark.parametrize("name", TABLES)
def test_keys_units_and_references_of_the_format_hold_together(name):
    table = TABLES[name]
    assert len(set(table.columns)) == len(table.columns)
    assert set(table.key) | set(table.unique) <= set(table.columns)
    assert all(f.description for f in table.fields)
    for field in table.fields:
        if field.ref:
            target, column = field.ref.split(".")
            assert TABLES[target].key == (column,)
        if field.name.endswith(("_km", "_kmh", "_usd", "_km_low", "_per_feu", "_per_day", "_mm")):
            assert field.unit, field.name


@pytest.mark.parametrize("name", TABLES)
def test_table_schema_is_frictionless(name):
    schema = table_schema(TABLES[name])
    names = [f["name"] for f in schema["fields"]]
    assert schema["missingValues"] == [""]
    assert set(schema["primaryKey"]) <= set(names)
    for field in schema["fields"]:
        assert set(field) <= {"name", "type", "description", "unit", "constraints"}
        assert set(field.get("constraints", {})) <= CONSTRAINTS[field["type"]], field
        assert len(set(field.get("constraints", {}).get("enum", ["one"]))) >= 1
    for key in schema.get("foreignKeys", []):
        assert set(key) == {"fields", "reference"}
        assert set(key["fields"]) <= set(names)
        assert set(key["reference"]["fields"]) <= set(TABLES[key["reference"]["resource"]].columns)
    for key in schema.get("uniqueKeys", []):
        assert set(key) <= set(names)
    assert json.loads(json.dumps(schema)) == schema


def test_every_limit_of_the_format_reaches_the_table_schema():
    links = {f["name"]: f.get("constraints", {}) for f in table_schema(TABLES["links"])["fields"]}
    assert links["length_km"] == {"required": True, "exclusiveMinimum": 0}
    assert links["gauge_mm"]["enum"] == ["1000", "1067", "1435", "1520", "1676"]
    assert links["id"]["pattern"] == "[A-Za-z0-9_.-]+"
    delays = {f["name"]: f.get("constraints", {}) for f in table_schema(TABLES["delays"])["fields"]}
    assert (delays["share"]["minimum"], delays["share"]["maximum"]) == (0, 1)
    crossing = table_schema(TABLES["crossings"])
    assert crossing["uniqueKeys"] == [["place", "mode", "exit_country", "entry_country", "side"]]
    assert {"fields": ["place"], "reference": {"resource": "places", "fields": ["id"]}} in crossing["foreignKeys"]


@pytest.mark.parametrize("package", ["ewec", "sixplace"])
def test_the_descriptor_inlines_the_format_of_today(package, sixplace_folder):
    folder = files("serai").joinpath("packages", "ewec") if package == "ewec" else sixplace_folder
    stored = json.loads(folder.joinpath("datapackage.json").read_text(encoding="utf-8"))
    made = descriptor(package, "", "", dt.date(2025, 6, 1), 2025)
    assert stored["resources"] == made["resources"], "write the descriptor again: the format has changed"
    assert (stored["name"], stored["format"]) == (package, load_schema().version)
    dt.date.fromisoformat(stored["base_date"])


def test_a_list_of_allowed_values_is_part_of_the_table_schema_only_for_single_values():
    assert "enum" not in {f["name"]: f for f in table_schema(TABLES["delays"])["fields"]}["months"].get(
        "constraints", {}
    )


# ------------------------------------------------------------------------------------------------- description


def test_the_format_is_described_in_three_forms():
    text, markdown = format_text("links", "text"), format_text("links", "markdown")
    assert "length_km_low" in text
    assert "[km]" in text
    assert "| `gauge_mm` | one of 1000, 1067, 1435, 1520, 1676 | mm |" in markdown
    assert json.loads(format_text(None, "json")) == {n: table_schema(t) for n, t in TABLES.items()}
    for name in TABLES:
        assert f"(`{name}.csv`)" in format_text(None, "markdown")


@pytest.mark.parametrize(("table", "form", "word"), [("lines", "text", "'lines'"), (None, "html", "html")])
def test_an_unknown_table_or_form_is_told(table, form, word):
    with pytest.raises(InputError, match=word):
        format_text(table, form)


def test_places_are_listed_in_three_scripts(sixplace):
    lines = places_text(sixplace).splitlines()
    assert len(lines) == 6
    assert any("High Pass | Перевал | درہ" in line and "XLA/XCO" in line for line in lines)


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_every_row_is_counted_to_its_sources_and_its_basis(name, request):
    package = request.getfixturevalue(name)
    counted = source_use(package)
    cells = [
        source
        for table, schema in TABLES.items()
        if schema.evidence
        for cell in package[table]["source"]
        for source in cell.split(";")
    ]
    assert sum(r["rows"] for r in counted) == len(cells)
    assert [r["rows"] for r in counted] == sorted((r["rows"] for r in counted), reverse=True)
    for row in basis_count(package):
        assert row["reported"] + row["derived"] + row["assumed"] == len(package[row["table"]])


def test_every_source_of_the_embedded_package_is_used(ewec):
    assert [r["id"] for r in source_use(ewec) if r["rows"] == 0 and r["id"] not in ewec.study] == []
