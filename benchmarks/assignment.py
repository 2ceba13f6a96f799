"""Chicago Sketch to two gaps, beside AequilibraE and scipy, in turns: ``python benchmarks/assignment.py [FOLDER]``.

FOLDER holds ChicagoSketch_net.tntp and ChicagoSketch_trips.tntp. AequilibraE runs in an environment of its own, whose
interpreter AEQUILIBRAE_PYTHON names (``make bench-assignment`` makes it). Every solver gets the same problem: time
alone, free-flow times of at least 1e-4 (AequilibraE takes no zero). Compiling and reading are not timed.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

ROUNDS = 2
GAPS = (1e-4, 1e-6)
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "oracles" / "tntp"
MINE, YARDSTICK = "serai gradient projection", "AequilibraE bfw"
CORES = (1, 2)
"""Cores that Serai's own rows use; AequilibraE has all there are, the rows on scipy's trees one."""


@dataclass
class Run:
    seconds: float
    iterations: int
    gap: float
    flow: np.ndarray


def scipy_all_or_nothing(graph, pairs, forest, arc_cost):
    """All-or-nothing with scipy's trees, every pair walked back one arc at a time."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    from serai.freight.assign.loading import Loaded

    n = graph.ptr.size - 1
    matrix = csr_array((arc_cost, graph.head, graph.ptr), shape=(n, n))
    dist, pred = dijkstra(matrix, indices=graph.source[pairs.origin], return_predecessors=True)
    arc_of = np.full((n, n), -1, dtype=np.int32)
    arc_of[graph.tail, graph.head] = np.arange(graph.tail.size)
    row = np.repeat(np.arange(pairs.origin.size), np.diff(pairs.ptr))
    node, volume = pairs.sink.copy(), pairs.volume
    total = float(volume @ dist[row, node])
    flow = np.zeros(graph.tail.size)
    while row.size:
        before = pred[row, node]
        flow += np.bincount(arc_of[before, node], weights=volume, minlength=flow.size)
        more = pred[row, before] >= 0
        row, node, volume = row[more], before[more], volume[more]
    return Loaded(flow, total)


def solve_with_serai(problem, method, cores=1) -> Run:
    os.environ["SERAI_THREADS"] = str(cores)
    start = time.perf_counter()
    found = method.solve(problem)
    return Run(
        time.perf_counter() - start, found.iterations, found.certificate.relative_gap, by_link(problem, found.flow)
    )


def solve_with(problem, method, cores, gap) -> Run:
    return solve_with_serai(problem, method(gap), cores)


def by_link(problem, flow):
    out = np.empty_like(flow)
    out[problem.graph.link] = flow
    return out


def solve_with_scipy(problem, method) -> Run:
    from serai.freight.assign import frank_wolfe

    ours, frank_wolfe.all_or_nothing = frank_wolfe.all_or_nothing, scipy_all_or_nothing
    try:
        return solve_with_serai(problem, method)
    finally:
        frank_wolfe.all_or_nothing = ours


def serve_aequilibrae(problem_file: str) -> None:
    """Solve in this process, to each gap read from the input; flows go to the file named beside it."""
    import logging

    import pandas as pd
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    logging.disable(logging.CRITICAL)
    tail, head, time0, b, capacity, power, table = pickle.loads(Path(problem_file).read_bytes())  # noqa: S301 - ours
    zones = np.arange(1, table.shape[0] + 1)
    links = pd.DataFrame(
        {
            "link_id": np.arange(1, tail.size + 1),
            "a_node": tail + 1,
            "b_node": head + 1,
            "direction": 1,
            "capacity": capacity,
            "t0": time0,
            "b": b,
            "power": power,
        }
    )
    for line in sys.stdin:
        gap, out = line.split()
        graph = Graph()
        graph.network = links.copy()
        graph.prepare_graph(zones)
        graph.set_graph("t0")
        graph.set_blocked_centroid_flows(False)
        matrix = AequilibraeMatrix()
        matrix.create_empty(zones=zones.size, matrix_names=["trips"], memory_only=True)
        matrix.index[:] = zones
        matrix.matrices[:, :, 0] = table
        matrix.computational_view(["trips"])
        job = TrafficAssignment()
        job.set_classes([TrafficClass("all", graph, matrix)])
        job.set_vdf("BPR")
        job.set_vdf_parameters({"alpha": "b", "beta": "power"})
        job.set_capacity_field("capacity")
        job.set_time_field("t0")
        job.set_algorithm("bfw")
        job.set_cores(os.cpu_count() or 1)
        job.max_iter, job.rgap_target = 2000, float(gap)
        start = time.perf_counter()
        job.execute(log_specification=False)
        seconds = time.perf_counter() - start
        report = job.report()
        flow = job.results()["trips_ab"].reindex(links["link_id"]).to_numpy()
        np.save(out, flow)
        print(f"@ {seconds} {len(report)} {report['rgap'].iloc[-1]}", flush=True)


class Aequilibrae:
    """AequilibraE in its own interpreter, asked one question at a time."""

    def __init__(self, python: str, given: tuple) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.out = Path(self.folder.name) / "flow.npy"
        problem = Path(self.folder.name) / "problem"
        problem.write_bytes(pickle.dumps(given))
        self.process = subprocess.Popen(
            [python, __file__, "--serve", str(problem)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "OMP_NUM_THREADS"}},
        )

    def solve(self, gap: float) -> Run:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{gap} {self.out}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("@"):
                seconds, iterations, reached = line[1:].split()
                return Run(float(seconds), int(iterations), float(reached), np.load(self.out))
        raise SystemExit("AequilibraE ended without an answer; run the script with --serve to see why")

    def close(self) -> None:
        self.process.communicate()
        self.folder.cleanup()


def main(folder: Path) -> None:
    from serai.freight.assign.forest import bare
    from serai.freight.assign.frank_wolfe import BiconjugateFrankWolfe
    from serai.freight.assign.gradient_projection import GradientProjection
    from serai.freight.assign.loading import problem_of
    from serai.freight.assign.tntp import read_network, read_trips
    from serai.freight.assign.volume_delay import bpr, integral

    if not (folder / "ChicagoSketch_net.tntp").is_file():
        print(f"not measured: {folder} holds no ChicagoSketch_net.tntp")
        return
    network = read_network(folder / "ChicagoSketch_net.tntp")
    table = [
        [float(f) for f in line.split()[:7]]
        for line in (folder / "ChicagoSketch_net.tntp").read_text().splitlines()
        if line.strip() and line.strip()[0].isdigit()
    ]
    capacity, _, time0, b, power = np.array(table).T[2:]
    time0 = np.maximum(time0, 1e-4)
    network = replace(network, delay=bpr(time0, b, capacity, power))
    trips = read_trips(folder / "ChicagoSketch_trips.tntp", network.zones)
    problem = problem_of(network, trips)
    matrix = np.zeros((network.zones, network.zones))
    matrix[trips.origin, trips.destination] = trips.volume
    np.fill_diagonal(matrix, 0.0)

    python = os.environ.get("AEQUILIBRAE_PYTHON")
    theirs = Aequilibrae(python, (network.tail, network.head, time0, b, capacity, power, matrix)) if python else None
    solvers = {
        f"{name}, {cores} core{'s' * (cores > 1)}": partial(solve_with, problem, method, cores)
        for name, method in ((MINE, GradientProjection), ("serai bfw", BiconjugateFrankWolfe))
        for cores in CORES
    }
    solvers["serai bfw on scipy's trees"] = lambda gap: solve_with_scipy(problem, BiconjugateFrankWolfe(gap))
    if theirs:
        solvers[YARDSTICK] = theirs.solve
    for solve in solvers.values():
        solve(1e-1)  # compile, or load what was compiled

    free = network.delay.base[problem.graph.link]
    os.environ["SERAI_THREADS"] = "1"
    forest = bare(problem.graph, problem.pairs)
    ours, mended, scipys = np.min([one_round(problem, forest, free) for _ in range(5)], axis=0) * 1e3
    print(f"one all-or-nothing, one core: {ours:.1f} ms, mended where no tree changes {mended:.1f} ms, ", end="")
    print(f"scipy {scipys:.1f} ms, ratios {scipys / ours:.1f} and {scipys / mended:.1f}\n")
    print(
        f"{'':<34}{'gap':>8}{'reached':>10}{'iterations':>12}{'s, best':>10}{'s, worst':>10}{'objective':>18}{'':>12}"
    )
    for gap in GAPS:
        runs: dict[str, list[Run]] = {name: [] for name in solvers}
        for _ in range(ROUNDS):
            for name, solve in solvers.items():
                if not (gap < 1e-5 and runs[name] and not name.startswith(MINE) and runs[name][0].seconds > 30):
                    runs[name].append(solve(gap))
        base = min(r.seconds for r in runs.get(YARDSTICK, runs["serai bfw on scipy's trees"]))
        for name, some in runs.items():
            best = min(r.seconds for r in some)
            objective = integral(network.delay, some[-1].flow).sum()
            print(
                f"{name:<34}{gap:>8.0e}{some[-1].gap:>10.2e}{some[-1].iterations:>12}{best:>10.3f}"
                f"{max(r.seconds for r in some):>10.3f}{objective:>18.3f}{base / best:>11.1f}x"
            )
        print()
    if theirs:
        theirs.close()
    else:
        print("AequilibraE: not measured, AEQUILIBRAE_PYTHON is not set; ratios are to scipy's trees")


def one_round(problem, forest, cost) -> tuple[float, float, float]:
    """Seconds of an all-or-nothing from nothing, of the same again on its trees, and of scipy's."""
    from serai.freight.assign.loading import all_or_nothing

    forest.size[:] = 0
    given = problem.graph, problem.pairs, forest, cost
    anew, mended = (timed(lambda: all_or_nothing(*given)) for _ in range(2))
    return anew, mended, timed(lambda: scipy_all_or_nothing(*given))


def timed(function) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve_aequilibrae(sys.argv[2])
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
