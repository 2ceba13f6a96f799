"""The workbench in a browser: ``python benchmarks/workbench.py [--workers 1] [--shut 12] [--visits 3]``.

Starts `serai serve` on this machine and opens its page in Chromium (`playwright`), as somebody who has never been
there. Prints when the first counterfactual was answered after the start, and after a second start, which finds prepared
what the first had to prepare; when the page could be used and how many bytes it took; and for the busiest crossings,
shut one after another, the time from the click to the gains on screen with its parts. Server and browser share the
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from serai.core.files import cache_folder

LOOK_MS = 150
"""How often to look whether gains are there; looking costs the page time."""
GOALS = {"usable": 2000.0, "bytes": 2 * 1024 * 1024, "gains": 1000.0}
MARKS = """JSON.stringify({
  paint: performance.getEntriesByType('paint').map(p => [p.name, p.startTime]),
  marks: performance.getEntriesByType('mark').map(m => [m.name, m.startTime]),
  solves: performance.getEntriesByType('resource').filter(r => r.name.endsWith('/api/v1/solve')).map(
    r => [r.startTime, r.responseStart, r.responseEnd])})"""
CLICKED = "addEventListener('click', e => { if (e.target.id === 'shut') performance.mark('shut'); }, true)"


def timeline(page: Page) -> dict[str, Any]:
    """Read what the browser noted, past the policy of the page."""
    told = page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": MARKS, "returnByValue": True})
    found: dict[str, Any] = json.loads(told["result"]["value"])
    return found


def last(entries: list[list[Any]], name: str) -> float:
    return max((at for what, at in entries if what == name), default=0.0)


def visit(browser: Any, base: str, query: str) -> tuple[dict[str, float], int]:
    context = browser.new_context(viewport={"width": 1360, "height": 850})
    page = context.new_page()
    taken: list[int] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda e: taken.append(int(e["encodedDataLength"])))
    page.goto(f"{base}/?{query}")
    page.wait_for_selector("[data-drawn]", state="attached", timeout=60_000)
    page.wait_for_timeout(2500)
    found = timeline(page)
    context.close()
    first = dict(found["paint"]).get("first-contentful-paint", float("nan"))
    return {
        "painted": first,
        "usable": last(found["marks"], "usable"),
        "map drawn": last(found["marks"], "map"),
    }, sum(taken)


def shut(page: Page, place: str) -> dict[str, float]:
    page.select_option("#border", place)
    before = last(timeline(page)["marks"], "gains")
    page.click("#shut")
    while not last((found := timeline(page))["marks"], "gains") > before:
        page.wait_for_timeout(LOOK_MS)
    begun, end = last(found["marks"], "shut"), last(found["marks"], "gains")
    asked, answered, arrived = found["solves"][-1]
    page.click(".chips li:last-child button")
    return {
        "gains": end - begun,
        "click to request": asked - begun,
        "answer": answered - asked,
        "transfer": arrived - answered,
        "drawing": end - arrived,
    }


def busiest(base: str, day: str, most: int) -> list[str]:
    solved = httpx.post(f"{base}/api/v1/solve", json={"as_of": day}, timeout=600).json()
    flows: dict[str, float] = {}
    for f in solved["facilities"]:
        if f["facility"].startswith("crossing:"):
            place = f["facility"].split(":")[1]
            flows[place] = flows.get(place, 0.0) + f["flow_per_day"]
    return sorted(flows, key=lambda p: -flows[p])[:most]


def started(base: str) -> None:
    while True:
        try:
            httpx.get(f"{base}/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


def server_times(stream: Any, out: list[tuple[str, float]]) -> None:
    for line in stream:
        if line.startswith("{"):
            entry = json.loads(line)
            if "path" in entry:
                out.append((entry["path"], entry["ms"]))


def first(base: str, begun: float, what: str) -> None:
    """Ask for a counterfactual as soon as anybody answers."""
    started(base)
    up = time.perf_counter() - begun
    atlas = httpx.get(f"{base}/api/v1/packages/{named(base)['name']}", timeout=60).json()
    gate = atlas["crossings"][0]["place"]
    httpx.post(f"{base}/api/v1/solve", json={"ops": [{"op": "close", "object": gate}]}, timeout=600).raise_for_status()
    print(f"{what:<10}answers after {up:6.1f} s, the first counterfactual after {time.perf_counter() - begun:6.1f} s")


def named(base: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{base}/api/v1/packages", timeout=60).json()["packages"][0]
    return found


def play(base: str, asked: argparse.Namespace, told: list[tuple[str, float]]) -> None:
    atlas = named(base)
    query = f"from={asked.origin}&to={asked.destination}&lang=en&day={atlas['base_date']}"
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        visits = [visit(browser, base, query) for _ in range(asked.visits)]
        for what in visits[0][0]:
            print(f"page {what:<23}" + "".join(f"{v[what] or float('nan'):9.0f}" for v, _ in visits) + " ms")
        print(f"{'page takes':<28}" + "".join(f"{n / 1024:9.0f}" for _, n in visits) + " KiB")
        places = busiest(base, atlas["base_date"], asked.shut)
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.add_init_script(CLICKED)
        page.goto(f"{base}/?{query}&tab=scenario")
        page.wait_for_selector("#border")
        page.wait_for_timeout(2000)
        told.clear()
        rows = [shut(page, place) for place in places]
        browser.close()
    print(f"\n{'shut, ms':<24}" + "".join(f"{what:>18}" for what in rows[0]))
    for place, row in zip(places, rows, strict=True):
        print(f"{place:<24}" + "".join(f"{v:18.0f}" for v in row.values()))
    print(f"{'median':<24}" + "".join(f"{statistics.median(r[w] for r in rows):18.0f}" for w in rows[0]))
    for path in ("/api/v1/solve", "/api/v1/routes"):
        spent = [ms for where, ms in told if where == path]
        print(f"server, {path:<16}" + (f"{statistics.median(spent):18.0f} (median of {len(spent)})" if spent else ""))
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", default="ewec")
    parser.add_argument("--origin", default="ALMATY")
    parser.add_argument("--destination", default="KARACHI")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--shut", type=int, default=12)
    parser.add_argument("--visits", type=int, default=3)
    asked = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from serai.cli import main; main()", "serve", "--port", str(port)]
    command += ["--package", asked.package, "--workers", str(asked.workers)]
    shutil.rmtree(cache_folder() / "ready", ignore_errors=True)
    with tempfile.TemporaryDirectory() as home:
        here = {**os.environ, "SERAI_HOME": home}
        for start in ("a start", "the next"):
            begun, told = time.perf_counter(), list[tuple[str, float]]()
            with subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=here
            ) as server:
                threading.Thread(target=server_times, args=(server.stderr, told), daemon=True).start()
                try:
                    first(f"http://127.0.0.1:{port}", begun, start)
                    if start == "the next":
                        play(f"http://127.0.0.1:{port}", asked, told)
                finally:
                    server.terminate()


if __name__ == "__main__":
    main()
