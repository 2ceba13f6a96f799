"""Parts of work: the same in one thread and in many, and nothing left out."""

from __future__ import annotations

from multiprocessing import current_process

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from serai.core.executors import Processes
from serai.core.threads import KERNEL_THREADS, PARTS, SMALL, blas_alone, in_parts, threads


@pytest.mark.parametrize("items", [0, 1, SMALL - 1, SMALL, SMALL + 3, 10 * SMALL + 1])
def test_parts_cover_everything_once_in_order(items: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("1", "3"):
        monkeypatch.setenv(KERNEL_THREADS, given)
        spans = in_parts(lambda a, b: (a, b), items)
        assert len(spans) == (1 if items < SMALL else PARTS)
        assert [i for a, b in spans for i in range(a, b)] == list(range(items))


def test_sums_of_parts_have_the_same_bytes_in_one_thread_and_in_many(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).lognormal(0, 5, 5 * SMALL + 7)
    found = []
    for given in ("1", "2", "4"):
        monkeypatch.setenv(KERNEL_THREADS, given)
        found.append(sum(in_parts(lambda a, b: float(values[a:b].sum()), values.size)))
    assert len(set(found)) == 1


def test_threads_are_what_was_asked_or_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KERNEL_THREADS, "3")
    assert threads() == 3
    for wrong in ("", "0", "many", "-2"):
        monkeypatch.setenv(KERNEL_THREADS, wrong)
        assert threads() >= 1


def test_a_fault_in_a_part_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KERNEL_THREADS, "2")

    def fails(begin: int, end: int) -> None:
        if begin:
            raise ValueError(f"{begin} to {end}")

    with pytest.raises(ValueError, match="to"):
        in_parts(fails, 2 * SMALL)


def test_a_process_that_may_start_none_works_in_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of the server end with it, and so may have no children."""
    monkeypatch.setitem(current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert sorted(Processes(2).run(pow, 2, [3, 4, 5])) == [(0, 8), (1, 16), (2, 32)]


def test_linear_algebra_is_held_to_one_thread_inside_a_block_and_let_go_after() -> None:
    def held() -> set[int]:
        return {x["num_threads"] for x in threadpool_info() if x["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        outside = held()
        with blas_alone():
            assert held() == {1}
        assert held() == outside
