"""Articles: cleaning, dating, languages, hostile pages, and fetching that reaches no private host."""

from __future__ import annotations

import datetime as dt
import gzip
import http.server
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.core.errors import InputError
from serai.evidence.article import decode, from_html, from_text, read_article
from serai.evidence.fetch import MOST_BYTES, Answer, FetchError, ask, fetch, pin, public
from serai.evidence.language import guess
from serai.evidence.likeness import earlier

TODAY = dt.date(2026, 11, 24)
BODY = (
    "Traders of two countries met in the capital and spoke about the road, the border and the price of a truck. "
    "They said that the volume of trade was small and that the road was open only on some days of the week. "
)
PAGE = f"""<html lang="en"><head><title>A road</title>
<meta property="article:published_time" content="2025-03-04T10:00:00Z">
</head><body><nav>Home News Sport</nav><article><h1>A road</h1><p>{BODY}</p>
<p>Also Read: Oil deal worth $1.2 billion</p>
<p>{BODY}</p><script>alert("x")</script></article><footer>Share on Facebook</footer></body></html>"""


def text(body, **more):
    return from_text(body, today=TODAY, **more)


def test_a_page_loses_menu_script_and_teaser():
    article = from_html(PAGE, today=TODAY)
    assert article.date == "2025-03-04"
    assert article.date_basis == "metadata"
    assert "1.2 billion" not in article.text
    assert "alert" not in article.text
    assert "Sport" not in article.text
    assert any("1.2 billion" in line for line in article.removed)
    assert BODY.strip() in article.text


@pytest.mark.parametrize(
    ("body", "lang", "script"),
    [
        ("Traders of the two countries said that the road was open.", "en", "Latn"),
        ("Товарооборот между странами вырос, сообщил министр.", "ru", "Cyrl"),
        ("دونوں ممالک کے درمیان تجارت کا حجم بڑھ گیا ہے۔", "ur", "Arab"),
        ("Екі ел арасындағы тауар айналымы өсті, деді министр.", "kk", "Cyrl"),
        ("Eki el arasyndaǵy taýar aınalymy ósti jáne turaqty bolyp keledi.", "kk-Latn", "Latn"),
        ("Der Handel zwischen beiden Staaten ist gewachsen.", "und", "Latn"),
        ("د دواړو هېوادونو ترمنځ سوداګري ډېره شوې ده.", "ps", "Arab"),
        ("Тиҷорати байни ду кишвар афзоиш ёфт, гуфт вазир ва ҳамкорон.", "tg", "Cyrl"),
    ],
)
def test_language_and_script(body, lang, script):
    assert guess(body) == (lang, script)


def test_a_language_not_read_is_refused_with_its_name():
    with pytest.raises(InputError, match="und"):
        text("Der Handel zwischen beiden Staaten ist im vergangenen Jahr gewachsen.")


@pytest.mark.parametrize(
    ("dateline", "date", "basis"),
    [
        ("KABUL, July 18, 2025 – ", "2025-07-18", "dateline"),
        ("ISLAMABAD, May 27 (Agency): On Tuesday, ", "2025-05-27", "dateline-resolved"),
        ("ISLAMABAD, May 27 (Agency): On Friday, ", "2022-05-27", "dateline-resolved"),
        ("ISLAMABAD, May 27 (Agency): ", "2026-05-27", "dateline-resolved"),
        ("ISLAMABAD (Agency): ", "", "none"),
    ],
)
def test_the_day_comes_from_the_dateline_and_says_how(dateline, date, basis):
    article = text(f"A road\n\n{dateline}the traders of the two countries said that the road was open.")
    assert (article.date, article.date_basis) == (date, basis)
    assert article.date_reason


def test_a_given_date_wins():
    article = text("A road\n\nKABUL, July 18, 2025 – the road of the two countries was open.", date="2024-01-02")
    assert (article.date, article.date_basis) == ("2024-01-02", "given")


def test_direction_overrides_and_controls_are_taken_out_and_told():
    article = text("A road\n\nThe volume of the trade was \u202e052$\u202c million\x00 and the road\u200b was open.")
    assert not set("\u202e\u202c\x00\u200b") & set(article.text)
    assert any("direction" in w for w in article.warnings)
    assert any("control" in w for w in article.warnings)


def test_the_same_article_is_known_again():
    one = text(f"A road\n\n{BODY}")
    two = text(f"A road\n\n{BODY.upper()}  \n")
    other = text("A port\n\nThe port of the city was closed for a week, said the director of the harbour.")
    assert one.digest == two.digest
    assert earlier(one, (other, two)) is two
    assert earlier(one, (other,)) is None


def test_empty_binary_and_missing_files_are_one_line(tmp_path):
    with pytest.raises(InputError, match="no text"):
        text(" \n\u200b ")
    with pytest.raises(InputError, match="no article"):
        read_article(str(tmp_path / "none.txt"), today=TODAY)
    big = tmp_path / "big.html"
    with big.open("wb") as stream:
        stream.truncate(50_000_000)
    with pytest.raises(InputError, match="larger"):
        read_article(str(big), today=TODAY)


@pytest.mark.parametrize(
    "html",
    [
        "<html>" + "<div>" * 20_000 + "x",
        "<html><body>" + "<p>" * 5_000 + "</body>",
        "<html><!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c '&a;&a;&a;'>]><p>&c;</p>",
        "<p>\x00\x01</p>",
        "<html><body><article><p>short</p></article></body></html>",
    ],
    ids=["deep", "unclosed", "entities", "controls", "short"],
)
def test_a_hostile_page_is_refused_in_one_line(html):
    with pytest.raises(InputError) as told:
        from_html(html, source="page", today=TODAY)
    assert "\n" not in str(told.value)


@given(st.text(max_size=400))
def test_any_text_is_an_article_or_one_line(body):
    try:
        article = text(body)
    except InputError:
        return
    assert article.text == article.text.strip()


@given(st.binary(max_size=300))
def test_any_bytes_decode(raw):
    assert isinstance(decode(raw), str)


@pytest.mark.parametrize(
    ("ip", "is_public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.16.9.9", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_public(ip, is_public):
    assert public(ip) is is_public


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://host/x",
        "http://user:pw@host/",
        "http://host:8080/",
        "http:///x",
        "http://host:99999/",
        "gopher://host",
    ],
)
def test_odd_addresses_are_refused_before_anything_is_asked(address):
    with pytest.raises(FetchError):
        pin(address, lambda *_: ["93.184.216.34"])


@pytest.mark.parametrize("ips", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], []])
def test_a_host_with_any_private_address_is_refused(ips):
    with pytest.raises(FetchError, match="public"):
        pin("http://host/", lambda *_: ips)


class Web:
    """A web of canned answers; records what was asked, and from which address."""

    def __init__(self, pages, hosts=None):
        self.pages, self.hosts, self.asked = pages, hosts or {}, []

    def resolve(self, host, _port):
        return self.hosts.get(host, ["93.184.216.34"])

    def ask(self, address, ip, _host, _port, _deadline):
        self.asked.append((address, ip))
        if address.endswith("/robots.txt") and address not in self.pages:
            return Answer(404, {}, b"")
        status, headers, body = self.pages[address]
        return Answer(status, headers, body)

    def fetch(self, address):
        return fetch(address, resolver=self.resolve, asker=self.ask)


HTML = {"content-type": "text/html; charset=utf-8"}


def test_a_page_is_fetched_from_the_address_that_was_checked():
    web = Web({"https://host/a": (200, HTML, PAGE.encode())})
    assert web.fetch("https://host/a").text == PAGE
    assert {ip for _, ip in web.asked} == {"93.184.216.34"}


def test_a_redirect_to_a_private_host_is_refused_and_never_asked():
    web = Web({"https://host/a": (302, {"location": "http://inside/secret"}, b"")}, {"inside": ["10.0.0.7"]})
    with pytest.raises(FetchError, match="inside"):
        web.fetch("https://host/a")
    assert not any("inside" in address for address, _ in web.asked)


def test_a_redirect_to_a_file_is_refused():
    web = Web({"https://host/a": (302, {"location": "file:///etc/passwd"}, b"")})
    with pytest.raises(FetchError, match="file"):
        web.fetch("https://host/a")


def test_a_name_that_changes_its_answer_changes_nothing():
    answers = [["93.184.216.34"], ["93.184.216.34"], ["127.0.0.1"]]
    web = Web({"https://host/a": (200, HTML, PAGE.encode())})
    page = fetch("https://host/a", resolver=lambda *_: answers.pop(0), asker=web.ask)
    assert page.text == PAGE
    assert {ip for _, ip in web.asked} == {"93.184.216.34"}


def test_a_ring_of_redirects_ends():
    web = Web({"https://host/a": (301, {"location": "/a"}, b"")})
    with pytest.raises(FetchError, match="redirects"):
        web.fetch("https://host/a")


def test_robots_are_obeyed():
    rules = b"User-agent: *\nDisallow: /private/\n"
    web = Web(
        {
            "https://host/robots.txt": (200, {}, rules),
            "https://host/private/a": (200, HTML, PAGE.encode()),
            "https://host/b": (200, HTML, PAGE.encode()),
        }
    )
    with pytest.raises(FetchError, match="asks programs"):
        web.fetch("https://host/private/a")
    assert web.fetch("https://host/b").text == PAGE


@pytest.mark.parametrize("status", [401, 403, 500, 503])
@pytest.mark.parametrize("path", ["", "/", "/a", "/a?b=c"])
def test_rules_that_may_not_be_read_forbid_every_page(status, path):
    web = Web({"https://host/robots.txt": (status, {}, b""), f"https://host{path}": (200, HTML, PAGE.encode())})
    with pytest.raises(FetchError, match="asks programs"):
        web.fetch(f"https://host{path}")


@pytest.mark.parametrize("status", [404, 410])
def test_where_there_are_no_rules_every_page_may_be_read(status):
    web = Web({"https://host/robots.txt": (status, {}, b""), "https://host/a": (200, HTML, PAGE.encode())})
    assert web.fetch("https://host/a").text == PAGE


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"\0" * (20 * MOST_BYTES))
    assert len(bomb) < MOST_BYTES
    web = Web({"https://host/a": (200, {**HTML, "content-encoding": "gzip"}, bomb)})
    with pytest.raises(FetchError, match="unpacks"):
        web.fetch("https://host/a")


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream"])
def test_what_is_no_page_is_refused(kind):
    web = Web({"https://host/a": (200, {"content-type": kind}, b"x")})
    with pytest.raises(FetchError, match=kind):
        web.fetch("https://host/a")


class _Huge(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(800):
                self.wfile.write(b"a" * 65_536)
        except OSError:
            self.server.cut = True

    def log_message(self, *_):
        pass


def test_a_page_of_fifty_megabytes_is_cut_off():
    server = http.server.HTTPServer(("127.0.0.1", 0), _Huge)
    server.cut = False
    worker = threading.Thread(target=server.handle_request)
    worker.start()
    try:
        with pytest.raises(FetchError, match="larger"):
            ask(f"http://host:{server.server_port}/", "127.0.0.1", "host", server.server_port, deadline=float("inf"))
    finally:
        worker.join(10)
        server.server_close()
    assert server.cut
