"""Whoever wants to do harm, in a real browser: what others write is text, and other sites stay outside."""

import csv
import http.server
import shutil
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from workbench import KEY, Look, launched, serving, wait_until

BAD = "\"'><img src=hit onerror=top.hit=1><svg onload=top.hit=1><script>top.hit=1</script>{{7*7}}"
SPOKEN = ("name", "title", "what", "reason", "publisher", "evidence", "note")
"""Beginnings of columns that hold words for people."""
PLAIN = {"countries": ("name",), "economies": ("name",)}
"""What the checker of articles looks for."""
SAID = "INLAND, 12 March 2025. Trade between Laria and Costa reached $400 million in 2024, officials said."
TABS = ("routes", "scenario", "gains", "compare", "decision", "status", "ledger", "check")
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def spoiled(folder: Path, out: Path) -> Path:
    """A package in which every word for people brings a script along."""
    shutil.copytree(folder, out)
    said = set()
    for path in sorted(out.glob("*.csv"), key=lambda p: p.stem == "texts"):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        if path.stem == "texts":
            # A row whose English stands nowhere whole would be stale.
            spoilt = [{**r, "english": r["english"] + BAD, "text": r["text"] + BAD} for r in rows]
            rows = [r for r in spoilt if r["english"] in said]
            assert rows
        for row in rows:
            for column in row:
                if column.startswith(SPOKEN) and row[column] and column not in PLAIN.get(path.stem, ()):
                    row[column] += BAD
                    said.add(row[column])
        if rows:
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    for path in (out / "scenarios").glob("*.yaml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        told = [f"{x}{BAD}" if x.startswith(("  en:", "  ru:")) else x for x in lines]
        title = [f"title: '{x[7:]}{BAD.replace(chr(39), chr(39) * 2)}'" if x.startswith("title:") else x for x in told]
        path.write_text("\n".join(title) + "\n", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def browser(module_home):
    with launched("--host-resolver-rules=MAP *.example 127.0.0.1") as found:
        yield found


@pytest.fixture(scope="module")
def served(browser, module_home, sixplace_folder):
    found = serving(str(spoiled(sixplace_folder, module_home / "package")), module_home)
    yield found
    found.close()


@pytest.fixture
def look(browser, served):
    opened = []

    def open_(query="from=INLAND&to=HARBOR&lang=en&day=2025-06-01"):
        opened.append(Look(browser, served, query))
        return opened[-1]

    yield open_
    for found in opened:
        found.close()


def nothing_ran(here, allowed=()):
    """No script ran, none was even tried, and no picture of theirs was asked for."""
    assert here.run("String(window.hit)") == "undefined"
    assert here.run("document.querySelectorAll('svg[onload],img[src=hit],[onerror]').length") == 0
    assert [w for w in here.wrong if not any(a in w for a in allowed)] == []
    assert not [u for u in here.asked if u.endswith("/hit")]


@pytest.mark.parametrize("lang", ["en", "ur"])
def test_words_of_a_package_are_words(look, lang):
    here = look(f"from=INLAND&to=HARBOR&lang={lang}&day=2025-06-01&scenario=faster-pass&do=close~HIGHPASS~")
    page = here.page
    page.wait_for_selector(".way, .fault")
    seen = ""
    for tab in TABS:
        here.tab(tab)
        if tab == "scenario":
            page.select_option("#border", "HIGHPASS")
        for more in page.query_selector_all("details"):
            more.evaluate("d => d.open = true")
        seen += page.inner_html("#panel")
        nothing_ran(here)
    assert "&lt;img src=hit" in seen, "the words did not come to the page"


def test_a_decision_about_it_is_words(look):
    here = look()
    here.tab("decision")
    here.page.click("#decide")
    here.page.wait_for_selector("#choices tbody tr")
    nothing_ran(here)


def test_an_article_and_a_note_of_a_reviewer_are_words(look):
    here = look()
    page = here.page
    here.tab("check")
    page.fill(
        "textarea",
        f"{SAID} {BAD} \u201cTrade between Laria and Costa reached $500 million in 2024 {BAD}\u201d, he said.",
    )
    page.click("#judge")
    page.wait_for_selector("#panel .claims li")
    page.click("#keep")
    page.wait_for_selector("#panel p[role=status] bdi")
    nothing_ran(here)
    here.tab("ledger")
    claim = page.locator("#panel .claims > li").first
    claim.locator("input").fill(f"https://example.org/{BAD}")
    claim.locator("button").first.click()
    wait_until(lambda: "draft" not in claim.inner_text() or page.query_selector(".fault"))
    here.tab("routes")
    here.tab("ledger")
    nothing_ran(here, allowed=("422",))


def test_a_workbook_of_bad_words_is_words(look):
    here = look()
    here.tab("scenario")
    quoted = BAD.replace('"', '""')
    own = f'table,id,column,value,source,note\ncrossings,HIGHPASS.road.XLA-XCO.exit,hours,30,"{quoted}","{quoted}"\n'
    wrong = f'table,id,column,value\ncrossings,"{quoted}",hours,"{quoted}"\n'
    for number, text in enumerate((own, wrong)):
        name = f"{BAD.replace('/', '')}{number}.csv"
        here.page.set_input_files(".drop input", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})
        here.page.wait_for_selector(".chips li" if number == 0 else ".fault")
        nothing_ran(here, allowed=("422",))
    for tab in ("routes", "gains", "compare"):
        here.tab(tab)
        nothing_ran(here, allowed=("422",))


NAMES = ("from", "to", "goods", "box", "day", "by", "k", "scenario", "way", "a", "beside", "tab", "lang", "avoid", "do",
         "own", "none")  # fmt: skip


def addresses(bad):
    """Addresses in which one of the ends is bad, and one in which everything else is."""
    ends = {"from": "INLAND", "to": "HARBOR"}
    for spoilt in ({"from": bad}, {"to": bad}, {name: bad for name in NAMES if name not in ends}):
        yield "&".join(f"{k}={quote(v)}" for k, v in {**ends, **spoilt}.items())


@pytest.mark.parametrize("bad", [BAD, "javascript:top.hit=1", f"close~{BAD}~", f"set~{BAD}~{BAD}~{BAD}~1"])
def test_an_address_is_data(look, bad):
    for query in addresses(bad):
        here = look(query)
        here.page.wait_for_selector(".way, .fault, #panel p, #panel table, #panel button")
        nothing_ran(here, allowed=("422",))
        here.close()


@pytest.mark.parametrize("view", ["map", "chart"])
def test_an_address_of_what_is_framed_is_data(browser, served, view):
    for query in addresses(BAD):
        here = Look(browser, served, query, path=f"embed/{view}", wait=".embed .fault, .embed .map, .embed .chart")
        here.page.wait_for_timeout(300)
        nothing_ran(here, allowed=("422",))
        here.close()


def test_a_key_that_is_none_and_a_fragment_are_data(browser, served):
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{served.port}/#key={quote(BAD)}")
    page.wait_for_selector("#panel")
    assert page.url.endswith("/") or "key=" not in page.url
    assert page.query_selector("img[src=hit]") is None
    page.close()


def test_what_is_typed_is_data(look):
    here = look()
    here.page.fill("#from", BAD)
    here.page.keyboard.press("Enter")
    here.page.wait_for_selector(".fault")
    nothing_ran(here, allowed=("422",))


def test_the_report_of_it_runs_nothing_either(browser, look, tmp_path):
    here = look()
    here.page.set_default_timeout(900_000)
    here.page.click(".report button")
    here.page.wait_for_selector(".report a")
    with here.page.expect_download() as told:
        here.page.click(".report a")
    told.value.save_as(tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as packed:
        packed.extractall(tmp_path / "report")
    for path in sorted((tmp_path / "report").glob("*.html")):
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        assert page.evaluate("String(window.hit)") == "undefined", path.name
        assert page.query_selector("img[src=hit], svg[onload], [onerror]") is None, path.name
        page.close()


@contextmanager
def another_site(page):
    """A site of somebody else: another port of this machine is another origin."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{site.server_port}/"
    site.shutdown()
    site.server_close()


def test_only_what_is_made_for_it_can_be_framed(browser, served):
    base = f"http://127.0.0.1:{served.port}"
    framed = (
        f'<iframe name=whole src="{base}/"></iframe><iframe name=part src="{base}/embed/map?from=INLAND&to=HARBOR">'
    )
    with another_site(framed) as site:
        page = browser.new_page()
        page.goto(site)
        page.frame("part").wait_for_selector(".embed .map")
        assert page.frame("whole").query_selector("#app") is None
        page.close()


def test_another_site_writes_nothing_with_the_session_of_a_reviewer(browser, served, look):
    here = look()
    base = f"http://127.0.0.1:{served.port}"
    tried = f"""<form id=f method=post enctype=text/plain action="{base}/api/v1/status">
    <input name='{{"place":"HIGHPASS'></form>
    <script>
    const told = url => fetch(url, {{method: 'POST', mode: 'no-cors', credentials: 'include',
      body: '{{}}'}}).catch(() => 'blocked');
    const with_head = fetch('{base}/api/v1/overlays', {{method: 'POST', credentials: 'include', body: 'x',
      headers: {{'X-Serai-CSRF': 'guessed', 'X-File-Name': 'a.csv'}}}}).then(() => 'read', () => 'refused');
    const read = fetch('{base}/api/v1/session', {{credentials: 'include'}}).then(r => r.text(), () => 'refused');
    Promise.all([told('{base}/api/v1/jobs'), told('{base}/api/v1/articles'), with_head, read]).then(
      all => {{ document.title = all.slice(2).join(' '); }});
    </script>"""
    before = len(served.hall.jobs._jobs)
    with another_site(tried) as site:
        page = here.context.new_page()
        page.goto(site)
        wait_until(lambda: page.title() != "", 60)
        assert page.title() == "refused refused"
        with page.expect_navigation():
            page.evaluate("document.getElementById('f').submit()")
        assert "another site" in page.content()
        page.close()
    assert len(served.hall.jobs._jobs) == before


def test_a_name_that_was_bent_to_this_machine_gets_nothing(browser, served):
    page = browser.new_page()
    answer = page.goto(f"http://rebound.example:{served.port}/#key={KEY}")
    assert answer.status == 421
    assert page.query_selector("#app") is None
    read = page.evaluate("fetch('/api/v1/packages').then(r => r.status)")
    assert read == 421
    page.close()
