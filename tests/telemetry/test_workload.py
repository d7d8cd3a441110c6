"""The workload's own processes: they and their children, summed; those that ended are not counted on."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.telemetry.host_workload import WorkloadGauges, family, read_stat

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def put(
    proc: Path, pid: int, *, cpu_s: float = 0.0, pages: int = 10, threads: int = 2, started: int = 1, state: str = "R"
) -> None:
    """Write /proc/PID/stat with a name that holds brackets and blanks."""
    folder = proc / str(pid)
    folder.mkdir(exist_ok=True)
    ticks = int(cpu_s * TICKS)
    before = "1 1 1 0 -1 4194304 0 0 0 0"
    (folder / "stat").write_text(
        f"{pid} (a) (b c)) {state} {before} {ticks} 0 0 0 20 0 {threads} 0 {started} 999 {pages} 0 0 0\n"
    )


def children(proc: Path, pid: int, thread: int, *pids: int) -> None:
    task = proc / str(pid) / "task" / str(thread)
    task.mkdir(parents=True)
    (task / "children").write_text(" ".join(map(str, pids)) + " ")


def watching(proc: Path, *pids: int) -> WorkloadGauges:
    """A second passes between two readings."""
    gauges = WorkloadGauges(proc, itertools.count(0, 1_000_000_000).__next__)
    gauges.watch(pids)
    return gauges


@contextmanager
def running(code: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that runs until the block ends; its first line says that it is ready."""
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_nothing_watched_is_no_frame(tmp_path: Path) -> None:
    assert watching(tmp_path).read(1, slow=True) is None


def test_memory_and_threads_are_summed_over_the_family(tmp_path: Path) -> None:
    put(tmp_path, 10, pages=5, threads=3)
    put(tmp_path, 11, pages=7, threads=1)
    put(tmp_path, 12, pages=1, threads=1)
    children(tmp_path, 10, 10, 11)
    children(tmp_path, 11, 11, 12)
    frame = watching(tmp_path, 10).read(4, slow=True)
    assert frame is not None
    assert frame.readings == {"rss_bytes": 13.0 * PAGE, "threads": 5.0}
    assert frame.absent["cpu_percent"] == "the first reading: a rate needs two"
    assert "schedstat" in frame.absent["cpu_wait_percent"]
    assert (frame.device, frame.source, frame.run) == ("worker", "proc", 4)


def test_generations_that_are_not_the_workloads_own_are_not_counted_and_what_they_started_is(tmp_path: Path) -> None:
    for pid in (10, 11, 12, 13, 14):
        put(tmp_path, pid, pages=pid, threads=1)
    children(tmp_path, 10, 10, 11)
    children(tmp_path, 11, 11, 12, 13)
    children(tmp_path, 12, 12, 14)
    gauges = watching(tmp_path)
    gauges.watch((10,), above=2)
    frame = gauges.read(1, slow=True)
    assert frame is not None
    assert frame.readings == {"rss_bytes": (12.0 + 13 + 14) * PAGE, "threads": 3.0}
    assert sorted(gauges.pids) == [12, 13, 14]


def test_children_of_every_thread_count_once(tmp_path: Path) -> None:
    children(tmp_path, 10, 10, 11)
    children(tmp_path, 10, 15, 12, 11)
    assert sorted(family(tmp_path, (10, 11))) == [10, 11, 12]


def test_a_load_of_one_hundred_is_one_processor(tmp_path: Path) -> None:
    put(tmp_path, 10, cpu_s=3.0)
    gauges = watching(tmp_path, 10)
    gauges.read(1, slow=True)
    put(tmp_path, 10, cpu_s=4.5)
    frame = gauges.read(1, slow=False)
    assert frame is not None
    assert frame.readings["cpu_percent"] == 150.0


def test_to_wait_for_a_processor_is_told_of_who_wants_one(tmp_path: Path) -> None:
    def delays(pid: int, ran_ms: int, waited_ms: int) -> None:
        put(tmp_path, pid)
        (tmp_path / str(pid) / "schedstat").write_text(f"{ran_ms * 10**6} {waited_ms * 10**6} 7\n")

    delays(10, 5_000, 100)
    delays(11, 40, 0)
    gauges = watching(tmp_path, 10, 11)
    first = gauges.read(1, slow=True)
    assert first is not None
    assert first.absent["cpu_wait_percent"] == "the first reading: a rate needs two"
    delays(10, 5_300, 500)
    sleeps = gauges.read(1, slow=False)
    assert sleeps is not None
    assert sleeps.readings["cpu_wait_percent"] == 40.0, "the other sleeps"
    idle = gauges.read(1, slow=False)
    assert idle is not None
    assert idle.readings["cpu_wait_percent"] == 0.0


def test_a_process_that_came_or_ended_between_two_readings_never_makes_a_load_negative_or_huge(tmp_path: Path) -> None:
    put(tmp_path, 10, cpu_s=3.0)
    put(tmp_path, 11, cpu_s=90.0)
    gauges = watching(tmp_path, 10, 11)
    gauges.read(1, slow=True)
    put(tmp_path, 10, cpu_s=3.5)
    put(tmp_path, 11, cpu_s=70.0, started=2)
    frame = gauges.read(1, slow=True)
    assert frame is not None
    assert frame.readings["cpu_percent"] == 50.0


def test_processes_that_have_ended_are_absent_and_not_zero(tmp_path: Path) -> None:
    put(tmp_path, 10, state="Z")
    frame = watching(tmp_path, 10, 11).read(1, slow=True)
    assert frame is not None
    assert frame.readings == {}
    assert set(frame.absent.values()) == {"the workload's processes have ended"}


def test_a_real_process_and_its_child_are_found_and_read() -> None:
    with running(
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0)\n"
        "print('up', flush=True); input()"
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        pids = list(family(Path("/proc"), (process.pid,)))
        assert len(pids) == 2
        stat = read_stat(Path("/proc"), process.pid)
        assert stat is not None
        assert stat.threads == 1
        assert stat.rss_bytes > 1_000_000
    assert read_stat(Path("/proc"), process.pid) is None
