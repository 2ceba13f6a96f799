"""The public site: what is on every page, what never is, and that nothing others wrote can bend it."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from serai.core.errors import InputError
from serai.evidence.briefs.grammar import LANGUAGES, bare, language
from serai.evidence.feeds import check_claim_review, claim_review, json_feed, json_ld, rss
from serai.evidence.ledger.entries import Book, package_book
from serai.evidence.ledger.review import Correction, Docket, Reply, Verdict
from serai.evidence.ledger.scales import TRUTH_RATING, VERDICTS
from serai.report.site import write_site
from serai.report.site.gather import gather, reviewed
from serai.report.site.pages import MENU, Pages, address_of, directed, pair_address
from test_evidence_ledger import NOW, PAGE, claim, entry, milestone, opinion

DAY = dt.date(2026, 3, 1)
SINCE = dt.date(2025, 6, 1)
NOTHING = Docket({}, {}, {}, (), ())
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp'
VOID = {"meta", "link", "br", "img", "hr"}


class Tags(HTMLParser):
    """Collects elements and attributes, and checks that every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.seen.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    return tags


def verdict(name: str, now: str = "supported", second: str = "") -> Verdict:
    return Verdict(name, now, now, "minor", "It adds up.", PAGE, DAY, "Ann", second, DAY)


@pytest.fixture(scope="module")
def data(sixplace):
    return gather(sixplace, package_book(sixplace.tables, "package"), NOTHING, DAY, SINCE)


@pytest.fixture(scope="module")
def site(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    write_site(data, out, "https://example.org/watch")
    return out


def pages(folder):
    return sorted(folder.glob("*/*.html"))


def test_every_language_has_every_page(site, data):
    expected = {address_of(n) for n in MENU} | {pair_address(*p) for p in data.country_pairs}
    for code in LANGUAGES:
        assert {p.name for p in (site / code).glob("*.html")} == expected
    assert pair_address("XCO", "XLA") in expected


def test_every_page_carries_what_a_reader_must_know(site, data):
    for path in list(pages(site)):
        lang = language(path.parent.name)
        text = path.read_text("utf-8")
        tags = parsed(text)
        assert f'<html lang="{lang.code}" dir="{lang.direction}">' in text
        assert data.package.meta.digest[:12] in text
        for note in ("limit", "boundary", "overdue", "unreviewed", "reply"):
            assert lang.say(f"note.{note}").split("«")[0] in text, (path, note)
        assert lang.say("note.native") in text
        assert lang.code == "en" or lang.say("note.native")
        assert re.search(r"Serai|serai", text)
        assert len(tags.ids) == len(set(tags.ids)), path
        assert [t for t, _ in tags.seen].count("h1") == 1
        assert "None" not in re.sub(r"<[^>]*>", "", text)


def test_no_page_needs_a_script_or_another_site(site):
    for path in [*pages(site), site / "index.html"]:
        tags = parsed(path.read_text("utf-8"))
        for tag, attrs in tags.seen:
            assert tag != "script" or attrs["type"] == "application/ld+json"
            assert not any(name.startswith("on") for name in attrs)
            if tag in {"img", "link", "script", "iframe"}:
                assert not attrs.get("src", attrs.get("href", "")).startswith(("http", "//")), (path, attrs)
    css = (site / "style.css").read_text("utf-8")
    assert "@import" not in css
    assert "http" not in css
    assert "prefers-color-scheme:dark" in css


def test_every_link_within_the_site_leads_somewhere(site):
    for path in [*pages(site), site / "index.html"]:
        tags = parsed(path.read_text("utf-8"))
        for tag, attrs in tags.seen:
            href = attrs.get("href", "")
            if tag not in {"a", "link"} or href.startswith("http"):
                continue
            file, _, anchor = href.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), (path, href)
            if anchor:
                assert anchor in parsed(target.read_text("utf-8")).ids, (path, href)


def test_the_same_input_gives_the_same_bytes(site, data, tmp_path):
    write_site(data, tmp_path / "again", "https://example.org/watch")
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    again = {p.relative_to(tmp_path / "again"): p.read_bytes() for p in (tmp_path / "again").rglob("*") if p.is_file()}
    assert first == again


def test_a_file_in_the_way_is_told_and_an_odd_address_too(data, tmp_path):
    (tmp_path / "f").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        write_site(data, tmp_path / "f")
    with pytest.raises(InputError, match="no address"):
        write_site(data, tmp_path / "g", "javascript:alert(1)")
    assert not (tmp_path / "g").exists()


def test_what_changed_between_two_days(data):
    by_name = {(c.name["en"], c.mode): c for c in data.changes}
    high = by_name["High Pass", "road"]
    assert (high.before.state, high.before.known) == ("open", True)
    assert (high.after.state, high.after.known) == ("closed", False)
    shown = Pages(data, language("en"), "").changes()["rows"]
    row = next(r for r in shown if r["name"] == "High Pass")
    assert (row["before"]["state"], row["after"]["state"], row["after"]["last"]) == ("open", "unknown", "closed")


def test_an_unknown_state_is_never_shown_as_open_or_closed(data):
    for names, s in data.statuses:
        shown = Pages(data, language("en"), "").status_row(names, s)
        assert shown["state"] == ("unknown" if not s.known else s.state)


def test_two_counts_of_the_same_goods_are_set_beside_each_other(data):
    (group,) = Pages(data, language("en"), "").trade()["groups"]
    assert len(group["rows"]) == 2
    assert "2.5 to 1" in bare(group["ratios"][0]), "10 exported by one side, 25 imported by the other"
    a, b = data.trade
    assert directed(a) == directed(b) == ("XLA", "XCO")


def test_the_pair_with_most_on_record_comes_first(ewec):
    book = package_book(ewec.tables, "r")
    from serai.report.site.gather import country_pairs

    members = set(ewec["countries"].loc[ewec["countries"]["member"], "iso3"])
    pairs = country_pairs(book, tuple(ewec["trade_reports"].itertuples(index=False)), set(), members)
    assert pairs[0] == ("KAZ", "PAK")


# -------------------------------------------------------------------------------------------- only what is reviewed


def test_nothing_unreviewed_is_on_any_page(data, tmp_path):
    secret = replace(claim("draft-1"), quote="UNSEEN WORDS", next_question="UNSEEN QUESTION")
    rejected = replace(claim("out-1"), quote="REJECTED WORDS")
    waits = replace(claim("two-1"), quote="ONE OPINION ONLY")
    shown = replace(claim("ok-1"), quote="JUDGED WORDS", proposed_now="implausible")
    docket = Docket(
        {c.id: c for c in (secret, rejected, waits, shown)},
        {
            "out-1": (opinion("Ann", "supported", "out-1"), replace(opinion("Bo", name="out-1"), decision="reject")),
            "two-1": (opinion("Ann", name="two-1"),),
            "ok-1": (opinion("Ann", "supported", "ok-1"),),
        },
        {"ok-1": verdict("ok-1"), "out-1": verdict("out-1")},
        (),
        (),
    )
    nobody = {"en": "UNANSWERED ENTRY", "ru": "", "ur": "", "kk": ""}
    draft = entry("D1", title=nobody, reviewer="")
    book = Book(
        {**data.book.entries, "D1": draft, "D2": entry("D2", parties=("XLA", "XCO"))},
        {**data.book.milestones, "D1.m": milestone("D1.m", "D1"), "D2.m": milestone("D2.m", "D2", reviewer="")},
        {**data.book.sources, "page": PAGE},
    )
    kept = reviewed(book)
    assert "D1" not in kept.entries
    assert not {"D1.m", "D2.m"} & set(kept.milestones)
    write_site(replace(data, docket=docket, book=kept), tmp_path / "s")
    text = "\n".join(p.read_text("utf-8") for p in (tmp_path / "s").rglob("*") if p.is_file())
    for hidden in ("UNSEEN", "REJECTED", "ONE OPINION", "UNANSWERED", "implausible<"):
        assert hidden not in text
    assert "JUDGED WORDS" in text


def test_hostile_words_stay_words_on_every_page(data, tmp_path):
    bad = dict.fromkeys(LANGUAGES, HOSTILE)
    texts = {"title": bad, "place": HOSTILE, "note": HOSTILE}
    source = replace(PAGE, title=HOSTILE, publisher=HOSTILE)
    judged = replace(claim("h-1"), quote=HOSTILE, speaker=HOSTILE, source=source)
    docket = Docket(
        {"h-1": judged},
        {"h-1": (opinion("Ann", "supported", "h-1"),)},
        {"h-1": replace(verdict("h-1"), rationale=HOSTILE, evidence=source, reviewer=HOSTILE)},
        (Reply("h-1", HOSTILE, HOSTILE, DAY, source), Reply("H", HOSTILE, HOSTILE, DAY, source)),
        (Correction("h-1", HOSTILE, HOSTILE, HOSTILE, DAY, "Ann"),),
    )
    book = Book(
        {"H": entry("H", **texts), "H2": entry("H2", variant_of="H", **texts)},
        {"H.m": milestone("H.m", "H", what=bad, evidence=HOSTILE)},
        {"page": source},
    )
    out = tmp_path / "s"
    write_site(replace(data, docket=docket, book=book), out, "https://example.org/")
    for path in pages(out):
        text = path.read_text("utf-8")
        assert "\u202e" not in text, path
        for tag, attrs in parsed(text).seen:
            assert tag != "img"
            assert tag != "script" or attrs == {"type": "application/ld+json"}
            assert not any(name.startswith("on") for name in attrs), path
    for path in out.glob("*/feed.xml"):
        root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314
        assert root.tag == "rss"
        assert not root.findall(".//script")
    for path in out.glob("*/feed.json"):
        assert "\u202e" not in json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)
    page = (out / "en" / "claims.html").read_text("utf-8")
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert "<" not in block
    assert "script" in json.loads(block)["claimReviewed"], "the words are kept, as words"


# ---------------------------------------------------------------------------------------------------- standards


@pytest.mark.parametrize("now", VERDICTS)
def test_a_claim_review_has_what_its_readers_require(now):
    made = claim_review(claim(), verdict("a1-c1", now), "https://example.org/claims.html#a1-c1", now, "Serai")
    assert made["@type"] == "ClaimReview"
    assert made["itemReviewed"]["datePublished"] == "2025-05-27"
    rating = made["reviewRating"]
    assert rating["alternateName"] == now
    assert ("ratingValue" in rating) == (now in TRUTH_RATING), "a promise is neither true nor false"
    assert json.loads(json_ld(made)) == made


@pytest.mark.parametrize("missing", ["url", "claimReviewed", "reviewRating", "author"])
def test_a_claim_review_that_lacks_something_is_refused(missing):
    made = claim_review(claim(), verdict("a1-c1"), "https://example.org/x", "supported", "Serai")
    with pytest.raises(InputError, match=missing):
        check_claim_review({**made, missing: ""})
    with pytest.raises(InputError, match="between"):
        check_claim_review({**made, "reviewRating": {"alternateName": "x", "ratingValue": 9, "bestRating": 5,
                                                     "worstRating": 1}})  # fmt: skip


def test_feeds_follow_their_standards(site):
    for code in LANGUAGES:
        root = ET.fromstring((site / code / "feed.xml").read_text("utf-8"))  # noqa: S314
        channel = root.find("channel")
        assert root.get("version") == "2.0"
        assert all(channel.findtext(name) for name in ("title", "link", "description", "lastBuildDate"))
        items = channel.findall("item")
        assert items
        for item in items:
            assert item.findtext("title")
            assert item.findtext("link").startswith(f"https://example.org/watch/{code}/")
        guids = [i.findtext("guid") for i in items]
        assert len(guids) == len(set(guids))
        feed = json.loads((site / code / "feed.json").read_text("utf-8"))
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert [i["id"] for i in feed["items"]] == guids
        days = [i["date_published"] for i in feed["items"]]
        assert days == sorted(days, reverse=True)


def test_an_empty_feed_is_still_a_feed():
    assert ET.fromstring(rss("T", "https://x/", "https://x/f", "en", (), DAY)).find("channel/item") is None  # noqa: S314
    assert json.loads(json_feed("T", "https://x/", "https://x/f", "en", ()))["items"] == []


def test_the_day_of_the_site_decides_what_is_overdue(sixplace, data):
    early = Pages(replace(data, day=dt.date(2026, 1, 15)), language("en"), "").promises()["rows"]
    late = Pages(data, language("en"), "").promises()["rows"]
    state = {name: next(r["state"] for r in rows if r["id"] == "SA1.force") for name, rows in
             (("early", early), ("late", late))}  # fmt: skip
    assert state == {"early": "in grace", "late": "overdue"}
    assert NOW.date() > DAY
