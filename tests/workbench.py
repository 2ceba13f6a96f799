"""A real browser at a server of its own: what the tests of the page share."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from serai.server.assets import page_files
from serai.server.settings import Limits, Settings

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
KEY = "reviewer-token-of-the-browser"
SECOND = "reviewer-token-of-a-colleague"
WATCH = (
    "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + e.blockedURI))"
)


def absent(what):
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and this is where it must be tested")
    pytest.skip(what)


@contextmanager
def launched(*more):
    """A browser."""
    if CHROMIUM is None:
        absent("chromium is not installed (Debian: apt-get install chromium)")
    if not page_files():
        absent("the page was not built (make web)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        found = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *more])
        yield found
        found.close()


def serving(package, home, **more):
    """A server of a package, with a ledger of its own under a home."""
    from serving import Served

    tokens = {KEY: ("reviewer", "local"), SECOND: ("reviewer", "colleague")}
    limits = Limits(quick_s=600, solve_s=1200, own_s=3600, requests_per_s=1e6, burst=1e6)
    ledger = f"sqlite:///{home / Path(package).name}.db"
    return Served(Settings(package, database=ledger, tokens=tokens, limits=limits, **more))


class Look:
    """A page that notes every error and every address asked."""

    def __init__(self, browser, served, query, path="", wait="#panel", **context):
        self.context = browser.new_context(viewport={"width": 1360, "height": 850}, accept_downloads=True, **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(150_000)
        self.page.add_init_script(WATCH)
        self.wrong, self.asked = [], set()
        self.page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.wrong.append(str(e)))
        self.page.on("request", lambda r: self.asked.add(r.url))
        self.base = f"http://127.0.0.1:{served.port}/"
        if AXE.is_file():
            self.page.add_init_script(path=str(AXE))
        self.page.goto(f"{self.base}{path}?{query}#key={KEY}")
        self.page.wait_for_selector(wait)

    def run(self, script):
        """Run a script past the page's own policy, which forbids evaluation."""
        told = self.context.new_cdp_session(self.page).send(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def ways(self):
        return [w.get_attribute("data-route") for w in self.page.query_selector_all(".ways >> nth=0 >> .way")]

    def table(self, name):
        self.page.wait_for_selector(f"{name} tbody tr")
        return self.rows(name)

    def rows(self, name):
        return [r.inner_text() for r in self.page.query_selector_all(f"{name} tbody tr")]

    def tab(self, name):
        self.page.click(f"#tab-{name}")
        self.page.wait_for_selector(f"#tab-{name}[aria-selected=true]")
        self.page.wait_for_selector("#panel :not([role=status])")
        self.settled()

    def settled(self):
        self.page.wait_for_selector("[aria-busy=true]", state="detached")

    def is_clean(self):
        assert self.wrong == []
        assert all(u.startswith((self.base, "data:", "blob:")) for u in self.asked), self.asked

    def close(self):
        self.context.close()


def wait_until(true, seconds=240):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
