"""Checks: the seed's claims judged then and now, sums shown, evidence named, nothing invented on an empty package."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from serai.api import open_package
from serai.cli import app
from serai.core.text import read_yaml
from serai.evidence import checks as checkers
from serai.evidence.article import from_text
from serai.evidence.check import check_article, check_claim
from serai.evidence.checks import CHECKERS
from serai.evidence.checks.base import agrees, first_day, last_day, years_between
from serai.evidence.facts import ModelFacts
from serai.evidence.types import Claim, Materiality, Modality, Span, Verdict
from serai.report.check import page, short_quote, spoken, value_text
from serai.report.language import language
from serai.report.reader import reader
from serai.report.section import Trail
from serai.report.sections import article as article_section

TODAY = dt.date(2026, 11, 24)
SAID = dt.date(2025, 5, 27)
SIX = Path(__file__).parent / "packages" / "sixplace"
TEXT = """Envoy speaks at a launch

ISLAMABAD, May 27 (Own report): Speaking at a book launch hosted by the Islamabad Policy Research Institute (IPRI), \
the ambassador of Kazakhstan to Pakistan, Aidar Nurlan, said that Kazakhstan values its 35-year relationship with \
Pakistan.

“Kazakhstan is the largest landlocked country in Central Asia and sees Pakistan’s ports, Gwadar, Karachi and Port \
Qasim, as essential gateways,” he said. “The situation in Afghanistan has stabilized since 2021.”

A trade delegation visited Karachi, resulting in agreements worth over $200 million. He named two challenges for \
Kazakhstan and Pakistan: poor communication and weak connectivity.

Deeper integration could benefit South Asia, Central Asia and the Middle East, he said. Trade between Kazakhstan and \
Pakistan stood at $250 million, and the two sides aim to raise it to $1 billion within the next year.
"""


@pytest.fixture(scope="module")
def ewec():
    return open_package("ewec")


class Unsolved(ModelFacts):
    """Facts of a package whose equilibrium nobody has solved; solving it takes longer than these tests may."""

    def benefits(self, regions, day):
        del regions, day


class Solved(ModelFacts):
    """Facts of a package with gains as an equilibrium gives them."""

    def __init__(self, package, store, low):
        super().__init__(package, store)
        self.low = low

    def benefits(self, regions, day):
        del day
        return dict.fromkeys(regions, (self.low, 20000000.0, 300000000.0))


@pytest.fixture(scope="module")
def facts(ewec, tmp_path_factory):
    return Unsolved(ewec, tmp_path_factory.mktemp("journeys"))


@pytest.fixture(scope="module")
def report(ewec, facts):
    return check_article(from_text(TEXT, today=TODAY), ewec, as_of=TODAY, facts=facts)


@pytest.fixture(scope="module")
def checks(report):
    return {c.claim.type: c for c in report.checks}


def claim(kind, **slots):
    return Claim("c1", kind, Modality.ACTUAL, slots, Span(0, 1, "x"), "en")


def test_a_known_event_settles_the_year(report):
    assert report.article.date == "2025-05-27"
    assert "facts/event.IPRI.2025" in report.article.date_reason


def test_thirty_five_years_are_contradicted_with_the_sum_and_minor(checks):
    check = checks["relationship_duration"]
    assert check.verdict_then is check.verdict_now is Verdict.CONTRADICTED
    assert check.materiality is Materiality.MINOR
    assert any("33.25" in line for line in check.arithmetic)
    assert "facts/rel.KAZ-PAK" in check.evidence_ids


@pytest.mark.parametrize(("years", "verdict"), [(33, "supported"), (34, "contradicted"), (30, "contradicted")])
def test_years_are_counted_to_the_day_it_was_said(facts, years, verdict):
    check = check_claim(claim("relationship_duration", years=years, parties=("KAZ", "PAK")), SAID, TODAY, facts)
    assert check.verdict_then.value == check.verdict_now.value == verdict


def test_over_thirty_years_hold(facts):
    check = check_claim(
        claim("relationship_duration", years=30, qual="over", parties=("KAZ", "PAK")), SAID, TODAY, facts
    )
    assert check.verdict_now is Verdict.SUPPORTED


def test_two_hundred_million_is_single_source_and_not_merged_with_a_later_event(checks):
    check = checks["agreement_value"]
    assert check.verdict_then is check.verdict_now is Verdict.UNVERIFIABLE
    assert "not merged" in check.finding
    assert "facts/deals.KAZ-PAK.2026" in check.evidence_ids
    assert check.next_question
    assert check.would_change


def test_the_later_event_itself_is_supported(facts):
    later = dt.date(2026, 2, 5)
    check = check_claim(claim("agreement_value", value=2e8, cur="USD", parties=("KAZ", "PAK")), later, TODAY, facts)
    assert check.verdict_now is Verdict.SUPPORTED


def test_stability_comes_in_four_parts_and_turns(checks):
    check = checks["stability"]
    assert [p.name for p in check.parts] == ["violence", "crossings", "recognition", "finance"]
    assert check.verdict_then is Verdict.DISPUTED
    assert check.verdict_now is Verdict.CONTRADICTED
    crossings = check.parts[1]
    assert (crossings.verdict_then, crossings.verdict_now) == (Verdict.SUPPORTED, Verdict.CONTRADICTED)
    assert "last confirmed" in crossings.finding_now
    for part in check.parts:
        assert part.evidence or "no data" in part.finding_now


def test_gateways_are_answered_by_share_rank_rivals_cost_time_and_loss(checks):
    check = checks["gateway"]
    for word in ("all its trade with Pakistan", "Rival ways", "ranks", "without them"):
        assert word in check.finding
    told = " ".join(check.arithmetic)
    for port in ("Gwadar", "Karachi", "Port Qasim"):
        assert port in told
    assert check.materiality is Materiality.DECISIVE


def test_barriers_are_the_measured_gaps(checks):
    check = checks["barrier"]
    assert {p.name for p in check.parts} == {"connectivity", "communication"}
    assert "no data" in check.finding


def test_benefits_without_an_equilibrium_are_no_data(checks):
    assert "no data" in checks["benefit"].finding
    assert checks["benefit"].verdict_now is Verdict.UNVERIFIABLE


@pytest.mark.parametrize(("low", "verdict"), [(1e6, Verdict.PLAUSIBLE), (-1e6, Verdict.DISPUTED)])
def test_benefits_are_set_beside_the_equilibrium(ewec, tmp_path, low, verdict):
    found = check_claim(
        claim("benefit", regions=("South Asia", "Central Asia")), SAID, TODAY, Solved(ewec, tmp_path, low)
    )
    assert found.verdict_now is verdict
    assert any("South Asia: USD 20 m a year" in line for line in found.arithmetic)


def test_trade_is_set_beside_both_reporters(checks):
    check = checks["trade_volume"]
    reporters = " ".join(check.arithmetic)
    assert "KAZ" in reporters
    assert "PAK" in reporters
    assert check.verdict_now is Verdict.DISPUTED


def test_a_target_shows_what_growth_it_asks(checks):
    check = checks["trade_target"]
    assert any("% a year" in line for line in check.arithmetic)
    assert check.verdict_then is Verdict.PROMISE_OPEN
    assert check.verdict_now is Verdict.OVERDUE


def test_what_became_known_later_does_not_judge_the_day(facts):
    known = facts.facts("trade_turnover", subject="KAZ", other="PAK", known_by=SAID)
    assert known
    assert all(f.known_on <= SAID for f in known)
    check = check_claim(claim("stability", place="AFG", state="stabilised"), SAID, SAID, facts)
    days = {f"facts/{f.id}": f.known_on for f in facts.facts("terrorism_deaths", known_by=TODAY)}
    used = [e.id for p in check.parts for e in p.evidence if e.id in days]
    assert used
    assert all(days[name] <= SAID for name in used)
    assert "facts/border.AFG.2025Q4" not in check.evidence_ids
    assert "facts/recog.AFG.RUS" not in check.evidence_ids


@pytest.mark.parametrize(
    ("km", "verdict"), [(3800, Verdict.IMPLAUSIBLE), (300, Verdict.IMPLAUSIBLE), (None, Verdict.SUPPORTED)]
)
def test_a_length_is_that_of_the_network(facts, km, verdict):
    length = facts.length_km("KARACHI", "TASHKENT", "road")
    value = float(km) if km else length[1]
    asked = claim("distance", value=value, unit="km", **{"from": "Karachi", "to": "Tashkent"})
    assert check_claim(asked, SAID, TODAY, facts).verdict_now is verdict


def test_a_port_for_four_hundred_million_tonnes_is_not_plausible(facts):
    check = check_claim(claim("capacity", value=4e8, unit="t"), SAID, TODAY, facts)
    assert check.verdict_now is Verdict.IMPLAUSIBLE
    assert check.arithmetic


def test_a_railway_of_many_prices_is_disputed_and_priced_by_the_kilometre(facts):
    asked = claim("project_cost", value=7e9, cur="USD", project="Trans-Afghan Railway")
    check = check_claim(asked, dt.date(2025, 7, 22), TODAY, facts)
    assert check.verdict_now is Verdict.DISPUTED
    assert any("per km" in line for line in check.arithmetic)
    cheap = check_claim(
        claim("project_cost", value=1e9, cur="USD", project="Trans-Afghan Railway"), dt.date(2025, 7, 22), TODAY, facts
    )
    assert cheap.verdict_now is Verdict.CONTRADICTED


def test_a_base_longer_than_any_journey_is_told(facts):
    asked = claim(
        "transit_time", value=(3.0, 5.0), from_value=35.0, unit="day", **{"from": "Tashkent", "to": "Karachi"}
    )
    check = check_claim(asked, SAID, TODAY, facts)
    assert "longer than any known journey" in check.finding


def test_a_journey_as_long_as_the_range_that_is_printed_is_plausible(facts):
    def check(days):
        asked = claim("transit_time", value=(days,), unit="day", **{"from": "Termez", "to": "Karachi"})
        return check_claim(asked, SAID, TODAY, facts)

    low, high = (float(x) for x in re.findall(r"(\d+) to (\d+) days", check(1.0).finding)[0])
    assert check(low).verdict_now is Verdict.PLAUSIBLE is check(high).verdict_now
    assert check(high + 1).verdict_now is Verdict.IMPLAUSIBLE


def test_a_border_is_judged_on_its_day(facts):
    asked = claim("border_status", state="closed", parties=("PAK", "AFG"))
    shut = check_claim(asked, dt.date(2025, 11, 1), dt.date(2026, 2, 1), facts)
    assert shut.verdict_then is Verdict.SUPPORTED
    assert check_claim(asked, dt.date(2025, 6, 1), dt.date(2025, 6, 1), facts).verdict_now is Verdict.CONTRADICTED


def test_every_type_has_a_check_and_every_check_an_answer_on_an_empty_package():
    six = open_package(str(SIX))
    empty = ModelFacts(six, Path("/nonexistent"))
    for kind in CHECKERS:
        slots = {
            "value": 1.0,
            "unit": "t",
            "years": 3,
            "nodes": (),
            "node_ids": (),
            "ports": (),
            "items": (),
            "regions": (),
        }
        check = check_claim(claim(kind, **slots), SAID, TODAY, empty)
        assert check.next_question
        assert check.verdict_now in {Verdict.UNVERIFIABLE, Verdict.NOT_CHECKABLE, Verdict.PROMISE_OPEN}, kind
        assert not check.evidence, kind


def test_a_journey_kept_on_disk_is_the_one_found_and_a_damaged_file_is_left_aside(tmp_path):
    six = open_package(str(SIX))
    first = ModelFacts(six, tmp_path)
    ends = (six["places"]["id"].iloc[0], six["places"]["id"].iloc[1], six.meta.base_date)
    found = first.journey(*ends)
    assert found
    first.keep()
    kept = next(tmp_path.glob("journeys-*.json"))
    again = ModelFacts(six, tmp_path)
    assert again.journey(*ends) == found
    assert not again._dirty
    for damaged in ("", "[]", "3", '{"A|B|2026-01-01": {"origin": "A"}}', '{"A|B|2026-01-01": 3}'):
        kept.write_text(damaged, encoding="utf-8")
        assert not ModelFacts(six, tmp_path)._kept


def test_every_verdict_of_the_seed_names_its_evidence_or_says_it_has_none(report):
    for check in report.checks:
        judged = {Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.PLAUSIBLE, Verdict.IMPLAUSIBLE, Verdict.DISPUTED}
        if check.verdict_now in judged:
            assert check.evidence_ids, check.claim.type
        assert not check.reviewed


def test_every_source_named_as_evidence_is_in_the_package(report, ewec):
    known = set(ewec["sources"]["id"])
    for check in report.checks:
        for item in (*check.evidence, *(e for p in check.parts for e in p.evidence)):
            assert set(filter(None, item.source.split(";"))) <= known


def test_the_json_is_the_documented_one_and_stable(report, ewec, facts):
    text = json.dumps(report.as_json(), allow_nan=False)
    again = check_article(from_text(TEXT, today=TODAY), ewec, as_of=TODAY, facts=facts)
    assert json.dumps(again.as_json(), allow_nan=False) == text
    for entry in report.as_json()["claims"]:
        wanted = {
            "type",
            "modality",
            "slots",
            "span",
            "verdict_then",
            "verdict_now",
            "materiality",
            "evidence",
            "next_question",
        }
        assert wanted <= set(entry)


def test_the_page_stands_alone_quotes_little_and_escapes_all(report):
    html = page(report)
    head = html.split("</head>")[0]
    assert "://" not in head
    assert "@import" not in head
    assert "<script" not in html
    evil = replace(report, article=replace(report.article, title="<script>alert(1)</script>"))
    assert "<script" not in page(evil)
    assert len(short_quote("a " * 40).split()) == 13


def test_evidence_on_the_page_opens_to_its_source(report, ewec):
    sources = ewec["sources"].set_index("id")["address"]
    html = page(report, sources=ewec["sources"])
    used = {s for c in report.checks for e in c.evidence for s in e.source.split(";") if s}
    opened = [s for s in used if str(sources.get(s, "")).startswith("http")]
    assert opened
    for s in opened:
        assert f'href="{escape(sources[s])}"' in html


def test_an_urdu_page_is_written_right_to_left(ewec, facts):
    text = "سفیر\n\nاسلام آباد، 27 مئی 2025: پاکستان اور قازقستان کے درمیان تجارت کا حجم پچیس کروڑ ڈالر ہے۔"
    report = check_article(from_text(text, today=TODAY), ewec, as_of=TODAY, facts=facts)
    html = page(report, reader("ur", ewec))
    assert '<html lang="ur" dir="rtl">' in html
    assert language("ur").words["unchecked"] in html
    assert '<blockquote dir="auto" lang="ur">' in page(report)


OWN = re.compile(r"[A-Z]{2,}(?:/[A-Z]+)*|P\d\d|facts/\S+|Yerzhan|Aidar Nurlan|ML-1")
"""Names and codes that are the same in every language."""


@pytest.mark.parametrize("code", ["ru", "ur", "kk"])
def test_a_check_speaks_the_language_of_its_reader(code, report, ewec):
    """Nothing of a finding, its sums, its evidence and its questions is left in English."""
    one = reader(code, ewec)
    said = []
    for check in report.checks:
        said += [value_text(check), check.finding, check.would_change, check.next_question, *check.arithmetic]
        said += [x for part in check.parts for x in (part.name, part.finding_then, part.finding_now)]
        said += [e.says for e in (*check.evidence, *(e for part in check.parts for e in part.evidence))]
    left = {text: spoken(text, report.names, one) for text in said}
    assert len(left) > 100
    assert one.missed == set()
    assert {t: o for t, o in left.items() if re.search("[A-Za-z]{3}", OWN.sub("", o))} == {}


def test_figures_of_a_finding_stand_in_one_piece_in_urdu(report, ewec):
    one = reader("ur", ewec)
    for check in report.checks:
        for line in (check.finding, *check.arithmetic):
            outside = re.sub("\u2066[^\u2066\u2069]*\u2069", "", spoken(line, report.names, one))
            outside = re.sub("\u2066[^\u2066\u2069]*\u2069", "", outside)
            assert not re.search(r"\d", outside), outside


def test_what_a_check_asks_is_in_every_language(ewec):
    """Each whole sentence that stands in the code of the checks has its text."""
    told = set()
    for path in Path(checkers.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        notes = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        parts = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        told |= {
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in notes | parts
            and re.fullmatch(r"[A-Z].* .*[.?]", n.value)
        }  # fmt: skip
    assert len(told) > 80
    for code in ("ru", "ur", "kk"):
        one = reader(code, ewec)
        for text in told:
            one.turn(text)
        assert one.missed == set(), code


def test_the_command_line_checks_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "a.txt"
    file.write_text(
        "A title\n\nTraders of Pakistan said that trade with Kazakhstan stood at $250 million.", encoding="utf-8"
    )
    done = CliRunner().invoke(
        app,
        [
            "check",
            str(file),
            "--date",
            "2026-02-04",
            "--json",
            "--html",
            str(tmp_path / "a.html"),
            "--as-of",
            "2026-06-01",
        ],
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["claims"][0]["type"] == "trade_volume"
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    shown = CliRunner().invoke(app, ["check", str(file), "--date", "2026-02-04"])
    assert "disputed" in shown.stdout


def test_periods_and_qualifiers():
    assert first_day("2024-01/2024-09") == dt.date(2024, 1, 1)
    assert last_day("2024-01/2024-09") == dt.date(2024, 9, 30)
    assert last_day("2027") == dt.date(2027, 12, 31)
    assert first_day("soon") is None
    assert agrees((200.0,), "over", 230.0)
    assert not agrees((200.0,), "over", 150.0)
    assert agrees((200.0,), "up to", 190.0)
    assert not agrees((200.0,), "up to", 260.0)
    assert years_between(dt.date(2000, 1, 1), dt.date(2010, 1, 1)) == pytest.approx(10, abs=0.01)


def test_the_study_carries_the_article_claim_by_claim(report, ewec):
    shown = article_section.build(SimpleNamespace(article=report, package=ewec), Trail())
    assert [c["what"] for c in shown["claims"]] == [c.claim.type.replace("_", " ") for c in report.checks]
    years = next(c for c in shown["claims"] if c["what"] == "relationship duration")
    assert (years["then"], years["weight"]) == ("contradicted", "minor")
    assert any("33.25 years" in line for line in years["sums"])
    assert years["trail"]
    assert article_section.build(SimpleNamespace(article=None, package=ewec), Trail()) is None


@pytest.mark.parametrize("code", ["ru", "ur", "kk"])
def test_every_word_of_a_verdict_is_in_the_languages_of_the_study(code):
    words = read_yaml((files("serai.report") / "text" / "body" / f"{code}.yaml").read_text(encoding="utf-8"))
    kinds = {kind.replace("_", " ") for kind in CHECKERS}
    assert {v.value for v in Verdict} | {m.value for m in Materiality} | kinds <= set(words)


@pytest.mark.parametrize(
    ("lang", "slots", "text"),
    [
        ("en", {"value": 3.1e6, "unit": "t", "qual": "over"}, "over 3.1 Mt"),
        ("en", {"value": (8.0, 10.0), "unit": "day"}, "8 to 10 days"),
        ("en", {"value": (5e6, 1e7), "unit": "t"}, "5 Mt to 10 Mt"),
        ("en", {"value": 4e6, "unit": "t", "growth_pct": 62.0}, "4 Mt; growth 62%"),
        ("en", {"items": ("visas", "banks")}, "items visas, banks"),
        ("ur", {"items": ("پرواز", "بینک")}, "items پرواز، بینک"),
    ],
)
def test_a_value_is_told_as_people_write_it(facts, lang, slots, text):
    check = check_claim(replace(claim("policy_position", **slots), lang=lang), SAID, TODAY, facts)
    assert value_text(check) == text
