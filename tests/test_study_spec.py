"""Study files as people break them: every fault is one line with its remedy, never a traceback."""

from __future__ import annotations

import copy
import datetime as dt
import random
import shutil
from dataclasses import replace

import pytest
import yaml

from serai.core.errors import InputError, SeraiError
from serai.data.package import load_package
from serai.report import write
from serai.study import run
from serai.study.spec import read_spec

FILES = 1000
HOSTILE = (
    None, True, -1, 0, 1e308, float("nan"), float("inf"), 10**30, "", " ", "\n", "\x85", "\u202e", "HARBOR", "harbor",
    "=1+1", "../../etc/passwd", [], {}, [[]], [None], {"a": {"b": {}}}, [["HARBOR"]], "2025-02-30", "x" * 5000,
)  # fmt: skip
SNIPPETS = (
    "\t", "\n", ": ", "- ", "&a [*a]", "*nobody", "!!python/object:os.system x", "!!int x", "!!timestamp x",
    "!!binary *",
    "2025-13-45", "{", "]", "'", '"', "|", "%YAML 9.9", "---\n", "...\n", "<<: *x", "? [", "\x00", "\ufeff", "\ud800",
    "9" * 5000, "[" * 5000, "1:99:99", "0x", "!!float .", "!<tag:yaml.org,2002:set> {a}", "a: a: a", "\u2028",
    "@x", "`",
)  # fmt: skip


def spots(node, at=()):
    """All paths into a tree of lists and dicts."""
    yield at
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, below in items:
        yield from spots(below, (*at, key))


def broken_tree(rng, whole):
    tree = copy.deepcopy(whole)
    for _ in range(rng.randint(1, 3)):
        *way, last = rng.choice([p for p in spots(tree) if p])
        parent = tree
        for key in way:
            parent = parent[key]
        kind = rng.random()
        if kind < 0.25:
            del parent[last]
        elif kind < 0.35 and isinstance(parent, dict):
            parent[rng.choice(("", "projekt", 7, "title ", "draws"))] = parent.pop(last)
        else:
            parent[last] = copy.deepcopy(rng.choice(HOSTILE))
        if not tree:
            break
    return yaml.safe_dump(tree, allow_unicode=rng.random() < 0.5)


def broken_text(rng, text):
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        cut = rng.choice((0, 0, 1, 7, 200))
        text = text[:at] + rng.choice((*SNIPPETS, chr(rng.randrange(0x110000)))) + text[at + cut :]
    return text


def fault_of(package, text):
    try:
        read_spec(replace(package, study=text))
    except SeraiError as fault:
        return fault
    return None


def test_a_thousand_malformed_study_files_end_in_a_line_each(sixplace):
    rng = random.Random(20261124)  # noqa: S311
    whole = yaml.safe_load(sixplace.study)
    refused = 0
    for number in range(FILES):
        text = broken_tree(rng, whole) if number % 2 else broken_text(rng, sixplace.study)
        fault = fault_of(sixplace, text)
        if fault is not None:
            refused += 1
            told = str(fault)
            assert len(told.splitlines()) == 1, repr(told)
            assert fault.remedy, told
            assert len(told) < 2000, told[:200]
    # Most of what is broken must be seen; the rest still says what a study may say.
    assert refused > 0.6 * FILES


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "valid dictionary"),
        ("title: 2025-13-45", "not what it looks like"),
        ("[" * 100_000, "study.yaml of sixplace"),
        ("title: !!int x", "not what it looks like"),
        ("a: &a [*a]", "a"),
        ("title: one\ndraws: 1\ntitle: two", "'title' stands twice.*line 3"),
        ("decision: {draws: 64, draws: 128}", "'draws' stands twice"),
    ],
)
def test_what_yaml_itself_trips_over(sixplace, text, what):
    with pytest.raises(InputError, match=what):
        read_spec(replace(sixplace, study=text or "null"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        *(({k: []}, k) for k in ("own_ports", "rival_ports", "origins", "markets", "commodities", "pairs")),
        ({"rival_ports": ["HARBOR"]}, "HARBOR cannot be both"),
        ({"markets": ["OLDPORT", "ISLE"]}, "OLDPORT cannot be both a port compared"),
        ({"pairs": [["INLAND", "INLAND"]]}, "two places"),
        ({"origins": ["ISLE"]}, "elsewhere"),
        ({"commodities": ["grain", "grain"]}, "twice"),
    ],
)
def test_a_study_of_nothing_or_of_itself_is_refused(sixplace, change, what):
    study = yaml.safe_load(sixplace.study) | change
    with pytest.raises(InputError, match=what):
        read_spec(replace(sixplace, study=yaml.safe_dump(study)))


@pytest.mark.parametrize("name", ["study.yaml", "scenarios/new-line.yaml"])
def test_a_file_in_another_encoding_is_told(sixplace_folder, tmp_path, today, name):
    folder = tmp_path / "package"
    shutil.copytree(sixplace_folder, folder)
    (folder / name).write_bytes("title: Коридор".encode("cp1251"))
    with pytest.raises(InputError, match="not UTF-8"):
        load_package(str(folder), today=today, user_rows=False)


@pytest.mark.slow
def test_a_study_without_a_way_through_its_own_ports_is_written_whole(sixplace, tmp_path):
    odd = {"own_ports": ["HIGHPASS"], "pairs": [["HARBOR", "OLDPORT"]], "dates": []}
    study = yaml.safe_dump(yaml.safe_load(sixplace.study) | odd)
    result = run(replace(sixplace, study=study), dt.date(2025, 12, 15), 0)
    write(result, tmp_path / "out")
    assert (tmp_path / "out" / "report.html").is_file()
    assert result.tables["gaps"]["own_usd_per_t"].isna().all()
