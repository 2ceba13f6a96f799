"""A server under load: ``python benchmarks/server.py [--package ewec] [--readers 50] [--seconds 60] [--workers 2]``.

Starts `serai serve` on this machine and asks it over HTTP, each reader from an address of its own, with pauses of
a second or two as people make them. Prints the middle and the 95th percentile by kind of question, the same for the
health check asked meanwhile, and what became of many solves asked for at once. Server and readers share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict

import httpx

GOALS = {"cached": 300.0, "routes": 2000.0, "health": 50.0}
Found = dict[str, list[float]]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def reader(base: str, number: int, timeout_s: float = 300.0) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number % 250 + 1}")
    return httpx.AsyncClient(base_url=base, transport=transport, timeout=timeout_s)


async def read(
    base: str, name: str, zones: list[str], number: int, end: float, found: Found, bad: Counter[str]
) -> None:
    chance = random.Random(number)  # noqa: S311 - whose turn it is, no secret
    async with reader(base, number) as client:
        await asyncio.sleep(chance.random() * 2)
        while time.perf_counter() < end:
            kind = chance.choices(["cached", "routes"], [0.6, 0.4])[0]
            if kind == "cached":
                ask = client.get(f"/api/v1/{chance.choice([f'packages/{name}', 'status', 'ledger', 'scenarios'])}")
            else:
                origin, destination = chance.sample(zones, 2)
                ask = client.get("/api/v1/routes", params={"origin": origin, "destination": destination})
            begun = time.perf_counter()
            answer = await ask
            found[kind].append(1e3 * (time.perf_counter() - begun))
            if answer.status_code != 200:
                bad[f"{kind} {answer.status_code} {answer.text[:80]}"] += 1
            await asyncio.sleep(chance.uniform(1.0, 2.0))


async def watch(base: str, end: float, found: Found) -> None:
    async with reader(base, 240) as client:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            await client.get("/healthz")
            found["health"].append(1e3 * (time.perf_counter() - begun))
            await asyncio.sleep(0.1)


async def solve(base: str, number: int, row: str) -> tuple[int, str, float]:
    op = {"op": "set", "table": "crossings", "id": row, "column": "hours", "value": 10.0 + number}
    async with reader(base, number, 900.0) as client:
        begun = time.perf_counter()
        answer = await client.post("/api/v1/solve", json={"ops": [op]})
        return answer.status_code, answer.headers.get("retry-after", ""), time.perf_counter() - begun


def show(what: str, values: list[float]) -> None:
    goal = f"{GOALS[what]:8.0f}" if what in GOALS else "       -"
    print(f"{what:<10}{len(values):8d}{percentile(values, 0.5):10.1f}{percentile(values, 0.95):10.1f}{goal}")


async def play(base: str, readers: int, seconds: float, solves: int) -> None:
    async with reader(base, 200) as client:
        name = (await client.get("/api/v1/packages")).json()["packages"][0]["name"]
        atlas = (await client.get(f"/api/v1/packages/{name}")).json()
        zones, row = [p["id"] for p in atlas["places"] if p["zone"]], atlas["crossings"][0]["id"]
        begun = time.perf_counter()
        await client.post("/api/v1/solve", json={})
        print(f"first solve after {time.perf_counter() - begun:.1f} s")
    found: Found = defaultdict(list)
    bad: Counter[str] = Counter()
    end = time.perf_counter() + seconds
    await asyncio.gather(
        watch(base, end, found), *(read(base, name, zones, n, end, found, bad) for n in range(readers))
    )
    print(f"{readers} readers, {seconds:g} s\n{'':<10}{'asked':>8}{'p50 ms':>10}{'p95 ms':>10}{'goal':>8}")
    for what in ("cached", "routes", "health"):
        show(what, found[what])
    print(f"errors: {dict(bad) or 'none'}")
    meanwhile: Found = defaultdict(list)
    watching = asyncio.create_task(watch(base, time.perf_counter() + 1e6, meanwhile))
    for at_once in (solves, 3 * solves):
        told = await asyncio.gather(*(solve(base, 100 * at_once + n, row) for n in range(at_once)))
        codes = Counter(f"{code}{' with Retry-After' if again else ''}" for code, again, _ in told)
        print(f"{at_once} solves at once: {dict(codes)}, the last after {max(s for _, _, s in told):.1f} s")
    watching.cancel()
    show("health", meanwhile["health"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", default="ewec")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--solves", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from serai.cli import main; main()",
        "serve",
        "--port",
        str(port),
        "--package",
        asked.package,
        "--workers",
        str(asked.workers),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            while True:
                try:
                    httpx.get(f"{base}/healthz")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            asyncio.run(play(base, asked.readers, asked.seconds, asked.solves))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
