"""Feeds of others: what is read of them, how politely, and what a hostile one can do."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from serai.cli import app
from serai.core.errors import InputError
from serai.evidence.fetch import LONGEST_PAUSE_S, MOST_BYTES, Answer, FetchError, Manners, ask, fetch
from serai.evidence.incoming import open_source, read_entries
from serai.evidence.likeness import BITS, NEAR_BITS, alike, fingerprint
from serai.evidence.syndication import DEEPEST, MOST_ENTRIES, is_feed, read_feed

TODAY = dt.date(2026, 11, 24)
PARAGRAPH = (
    "Officials of the two countries said on Monday that trade between Pakistan and Kazakhstan stood at $250 million. "
    "They agreed to bring it to $1 billion within two years, and spoke about the railway, the border and the price of "
    "a truck from Karachi to Almaty, which needs twelve days when the road is open. "
)
OTHER = (
    "The port of Gwadar handled 400,000 tonnes in the last fiscal year, its chairman told a seminar in Quetta, and he "
    "asked carriers from Turkmenistan and Uzbekistan to send their cotton and fertiliser that way instead of through "
    "Iran. "
)
THIRD = (
    "Drivers queue for a week before the gate at Torkham, a clearing agent complains, because the scanner breaks down "
    "every other day and nobody is there to mend it. Tomatoes rot, permits run out, and the agents pay for both. "
    "He wants the office to stay open at night, as it did in the past, and a lane for those who carry nothing. "
)
WHOLE = f"<p>{PARAGRAPH}</p><p>{OTHER}</p><p>{PARAGRAPH.replace('250', '239')}</p>"


def rss(*items, head=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>News &amp; roads</title><link>https://host/</link>{''.join(items)}</channel></rss>"
    )


def item(title, link, day="Mon, 03 Nov 2025 10:00:00 +0500", content=""):
    body = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    return (
        f"<item><title>{title}</title><link>{link}</link><pubDate>{day}</pubDate>"
        f"<media:content url='https://host/p.jpg'><media:title>A picture</media:title></media:content>"
        f"<description>Short.</description>{body}</item>"
    )


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Roads</title><link rel="self" href="https://host/feed"/>
<entry><title type="html">Old &lt;b&gt;road&lt;/b&gt;</title><link rel="replies" href="https://host/c"/>
<link rel="alternate" href="/old"/><id>urn:1</id><updated>2025-01-02T03:04:05Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content></entry>
<entry><title>New road</title><link href="https://host/new"/><published>2025-03-02T03:04:05+05:00</published>
<updated>2025-04-01T00:00:00Z</updated></entry></feed>"""


def test_rss_is_read_with_days_and_whole_texts():
    feed = read_feed(rss(item("A", "https://host/a"), item("B", "/b", "2025-12-01", WHOLE)), "https://host/feed")
    assert feed.title == "News & roads"
    assert [(e.title, e.address, e.day) for e in feed.entries] == [
        ("B", "https://host/b", "2025-12-01"),
        ("A", "https://host/a", "2025-11-03"),
    ]
    assert feed.entries[0].content == WHOLE
    assert feed.entries[1].content == "Short."


def test_atom_takes_the_alternate_link_and_the_day_of_publication():
    feed = read_feed(ATOM, "https://host/feed")
    assert [(e.title, e.address, e.day) for e in feed.entries] == [
        ("New road", "https://host/new", "2025-03-02"),
        ("Old road", "https://host/old", "2025-01-02"),
    ]
    assert feed.entries[1].content.split() == ["One", "Two"]


def test_rdf_and_json_feeds_are_read():
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>R</title></channel>'
        "<item><title>A</title><link>https://host/a</link><dc:date>2025-05-06</dc:date></item></rdf:RDF>"
    )
    made = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [{"title": "A", "url": "https://host/a", "date_published": "2025-05-06T00:00:00Z"}],
    }
    for text in (rdf, json.dumps(made)):
        assert is_feed(text)
        (entry,) = read_feed(text).entries
        assert (entry.title, entry.address, entry.day) == ("A", "https://host/a", "2025-05-06")


@pytest.mark.parametrize("text", ["<!DOCTYPE html><html><body><p>rss</p></body></html>", "A road\n\nText.", '{"a": 1}'])
def test_what_is_no_feed_is_not_taken_for_one(text):
    assert not is_feed(text)


BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
LOCAL = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, LOCAL, BOMB.replace("ENTITY", "entity"), f"<!-- <rss> -->{BOMB}"])
def test_a_feed_that_declares_entities_is_refused(head):
    with pytest.raises(InputError, match="entities"):
        read_feed(rss("<item><title>&c;&a;</title></item>", head=head))


def test_a_deep_feed_is_refused_and_a_deep_json_too():
    with pytest.raises(InputError, match="nests"):
        read_feed(rss("<a>" * (DEEPEST + 1)))
    with pytest.raises(InputError, match="JSON"):
        read_feed('{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 200_000)


def test_a_long_feed_is_cut_and_says_so():
    feed = read_feed(rss(*(item(str(i), f"https://host/{i}") for i in range(MOST_ENTRIES + 7))))
    assert len(feed.entries) == MOST_ENTRIES
    assert feed.left_out == 7


def test_what_stood_before_a_fault_is_kept():
    assert len(read_feed(rss(item("A", "https://host/a")).replace("</channel>", "<br></channel>")).entries) == 1
    with pytest.raises(InputError, match="no feed"):
        read_feed("<rss><channel><broken</channel></rss>")


@pytest.mark.parametrize("link", ["file:///etc/passwd", "javascript:alert(1)", "ftp://host/a", "", "https://a b/c"])
def test_an_address_that_is_not_http_is_none(link):
    (entry,) = read_feed(rss(item("A", link)), "https://host/feed").entries
    assert entry.address in {"", "https://host/feed"}  # nothing, or the feed itself


@given(st.text())
def test_any_text_is_a_feed_or_one_line(text):
    for body in (text, rss(text), "{" + text):
        try:
            feed = read_feed(body)
        except InputError:
            continue
        assert len(feed.entries) <= MOST_ENTRIES


class Web:
    """A web of canned pages that notes what was asked, and of whom."""

    def __init__(self, pages, private=()):
        self.pages, self.private, self.asked = pages, private, []

    def ask(self, address, _ip, _host, _port, _deadline):
        self.asked.append(address)
        if address not in self.pages:
            return Answer(404, {}, b"")
        kind, body = self.pages[address]
        return Answer(200, {"content-type": kind}, body.encode())

    def resolve(self, host, _port):
        return ["10.0.0.1"] if host in self.private else ["93.184.216.34"]

    def fetch(self, address, **more):
        return fetch(address, resolver=self.resolve, asker=self.ask, **more)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def manners(self, pause_s=2.0):
        return Manners(pause_s, clock=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def page(*paragraphs, title="A road"):
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        "text/html",
        f"<html lang='en'><head><title>{title}</title></head><body><article>{body}</article></body></html>",
    )


FEED = "application/rss+xml"


def read(web, address="https://host/feed", *, most=10, since=None, clock=None):
    manners = (clock or Clock()).manners()
    feed = open_source(address, today=TODAY, manners=manners, fetcher=web.fetch)
    return read_entries(feed, today=TODAY, most=most, since=since, manners=manners, fetcher=web.fetch)


def test_entries_are_read_newest_first_with_copies_known_and_faults_told():
    web = Web(
        {
            "https://host/feed": (
                FEED,
                rss(
                    item("Gone", "https://host/gone", "2025-11-01"),
                    item("Copy", "https://host/copy", "2025-11-02"),
                    item("First", "https://host/a", "2025-11-04"),
                    item("Whole", "https://host/whole", "2025-11-05", f"<p>{THIRD}</p>" * 3),
                    item("Inside", "https://inside/a", "2025-11-03"),
                ),
            ),
            "https://host/a": page(PARAGRAPH, OTHER),
            "https://host/copy": page(f"KARACHI: {PARAGRAPH}", OTHER, title="Another title"),
        },
        private={"inside"},
    )
    found = read(web)
    assert [(r.entry.title, r.status, r.copy_of) for r in found] == [
        ("Whole", "read", None),
        ("First", "read", None),
        ("Inside", "not read", None),
        ("Copy", "copy", 2),
        ("Gone", "not read", None),
    ]
    assert found[1].article.date == "2025-11-04"
    assert "public internet" in found[2].fault
    assert "404" in found[4].fault
    assert "https://host/whole" not in web.asked  # the feed carried it
    assert not any("inside" in a for a in web.asked)


def test_no_more_are_asked_for_than_wanted_and_none_from_before():
    items = [item(str(d), f"https://host/{d}", f"2025-11-{d:02}") for d in range(1, 10)]
    pages = {f"https://host/{d}": page(f"{d} trucks. {PARAGRAPH * d}", OTHER) for d in range(1, 10)}
    web = Web({"https://host/feed": (FEED, rss(*items)), **pages})
    assert [r.entry.title for r in read(web, most=3)] == ["9", "8", "7"]
    assert sum("/robots" not in a for a in web.asked) == 4
    assert [r.entry.title for r in read(web, since=dt.date(2025, 11, 8))] == ["9", "8"]


def test_a_host_is_given_time_and_its_rules_are_read_once():
    web = Web(
        {
            "https://host/robots.txt": ("text/plain", "User-agent: *\nCrawl-delay: 7\nDisallow: /no\n"),
            "https://host/feed": (FEED, rss(item("A", "https://host/a"), item("B", "https://host/no"))),
            "https://host/a": page(PARAGRAPH, OTHER),
        }
    )
    clock = Clock()
    found = read(web, clock=clock)
    assert clock.slept == [7.0]
    assert web.asked.count("https://host/robots.txt") == 1
    assert [r.status for r in found] == ["read", "not read"]
    assert "asks programs" in found[1].fault


def test_a_host_that_asks_for_an_hour_is_not_asked_twice():
    web = Web(
        {
            "https://host/robots.txt": ("text/plain", "User-agent: *\nCrawl-delay: 3600\n"),
            "https://host/feed": (FEED, rss(item("A", "https://host/a"))),
        }
    )
    clock = Clock()
    assert LONGEST_PAUSE_S < 3600
    assert "between pages" in read(web, clock=clock)[0].fault
    assert clock.slept == []


def test_a_feed_larger_than_the_limit_is_cut_off():
    class Huge(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", FEED)
            self.end_headers()
            try:
                self.wfile.write(b"<rss><channel>")
                for _ in range(2 * MOST_BYTES // 65_536):
                    self.wfile.write(b"<item></item>" * 5_041)
            except OSError:
                pass

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Huge)
    worker = threading.Thread(target=server.handle_request)
    worker.start()
    port = server.server_port

    def here(address, _ip, host, _port, deadline):
        return Answer(404, {}, b"") if "robots" in address else ask(address, "127.0.0.1", host, port, deadline)

    try:
        with pytest.raises(FetchError, match="larger"):
            open_source(
                "http://host/feed",
                today=TODAY,
                fetcher=partial(fetch, resolver=lambda *_: ["93.184.216.34"], asker=here),
            )
    finally:
        worker.join(10)
        server.server_close()


def test_xml_that_is_no_feed_and_a_page_named_as_a_feed():
    web = Web({"https://host/x": ("application/xml", "<a/>"), "https://host/p": page(PARAGRAPH, OTHER)})
    with pytest.raises(InputError, match="no feed"):
        open_source("https://host/x", today=TODAY, fetcher=web.fetch)
    assert open_source("https://host/p", today=TODAY, fetcher=web.fetch).text.startswith("Officials")


def test_a_day_in_the_future_is_not_believed():
    web = Web({"https://host/feed": (FEED, rss(item("A", "", "2031-01-01", WHOLE * 2)))})
    assert read(web)[0].article.date == ""


def test_near_copies_are_near_and_others_far():
    text = PARAGRAPH + OTHER
    near = fingerprint(f"ISLAMABAD, Nov 3 (Agency): {text} Reporting by our desk.")
    assert alike(fingerprint(text), near)
    assert (fingerprint(PARAGRAPH) ^ fingerprint(OTHER)).bit_count() > 2 * NEAR_BITS
    assert 0 <= near < 1 << BITS


@given(st.lists(st.sampled_from(PARAGRAPH.split()), max_size=30))
def test_a_fingerprint_is_of_words_not_of_case_or_marks(words):
    assert fingerprint(" ".join(words)) == fingerprint("  ".join(w.upper() + " ," for w in words))


def test_check_lists_and_checks_a_feed_from_a_file(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(rss(item("Whole", "", "2025-11-05", WHOLE * 2), item("Bare", "")), encoding="utf-8")
    run = CliRunner().invoke(app, ["check", str(file), "--package", "tests/packages/sixplace", "--json"])
    assert run.exit_code == 0, run.output
    made = json.loads(run.stdout)
    assert [e["status"] for e in made["entries"]] == ["read", "not read"]
    assert made["entries"][0]["report"]["article"]["date"] == "2025-11-05"
    assert made["feed"]["title"] == "News & roads"
    shown = CliRunner().invoke(app, ["check", str(file), "--package", "tests/packages/sixplace"])
    assert "not read: The entry has neither" in shown.stdout


def test_a_feed_takes_no_option_of_one_article(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(rss(item("A", "")), encoding="utf-8")
    run = CliRunner().invoke(app, ["check", str(file), "--html", str(tmp_path / "x.html")])
    assert run.exit_code != 0
    assert isinstance(run.exception, InputError)
