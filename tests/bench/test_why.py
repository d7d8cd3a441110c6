"""The tables of scripts whose bottleneck is known: complete, runnable, and judged as they say."""

from __future__ import annotations

import ast
import os
import runpy
import sys
import threading

import pytest

from app.verdicts.kinds import SIDES
from tests.bench.why.confusion import counts, markdown, reached
from tests.bench.why.entry import SCRIPTS, Entry
from tests.bench.why.judged import Judged, Said
from tests.bench.why.lanes import Lane, Machine, in_lanes
from tests.bench.why.planted import HEALTHY, NOT_PLANTED, PLANTED
from tests.bench.why.traceml import supports, traced
from tests.bench.why.unseen import UNSEEN

ALL = (*PLANTED, *HEALTHY, *UNSEEN)
BY_NAME = {entry.name: entry for entry in ALL}


def test_every_kind_is_planted_or_excused() -> None:
    kinds = {kind for kinds in SIDES.values() for kind in kinds}
    planted = {entry.kind for entry in PLANTED}
    assert planted | NOT_PLANTED.keys() == kinds
    assert not planted & NOT_PLANTED.keys()


def test_names_and_healthy_shapes() -> None:
    assert len(BY_NAME) == len(ALL)
    for device in ("cpu", "cuda"):
        assert sum(device in entry.devices for entry in HEALTHY) >= 5


def test_every_script_parses_and_is_in_a_table() -> None:
    named = {entry.file for entry in ALL if entry.file}
    assert named == {str(path.relative_to(SCRIPTS)) for path in SCRIPTS.glob("*/*.py")}
    for file in named:
        ast.parse((SCRIPTS / file).read_text())


@pytest.mark.parametrize("name", ["narrow", "one-by-one", "tiny"])
def test_a_script_ends_after_its_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", list(BY_NAME[name].called("cpu", "--steps", "3")))
    runpy.run_path(sys.argv[0], run_name="__main__")


def test_scripts_are_given_to_traceml_as_it_asks() -> None:
    given = [entry for entry in ALL if supports(entry)]
    assert BY_NAME["decoding"] in given
    assert BY_NAME["one-by-one"] not in given
    for entry in given:
        source = traced((SCRIPTS / entry.file).read_text(), 5)
        compile(source, entry.file, "exec")
        assert source.count("with traceml.trace_step(") == source.count("traceml.init(") == 1


def _judged(entry: Entry, *kinds: str, warnings: tuple[str, ...] = ()) -> Judged:
    return Judged(entry=entry, said=Said(kinds=kinds, warnings=warnings))


def test_what_is_right() -> None:
    planted, healthy = BY_NAME["decoding"], BY_NAME["tiny"]
    assert _judged(planted, "input-bound", "launch-bound").right
    second = _judged(planted, "launch-bound", "input-bound")
    assert not second.right
    assert second.among_two
    assert not _judged(planted, "launch-bound", "drift", "input-bound").among_two
    assert _judged(healthy).right
    assert _judged(healthy, "power-capped", warnings=("power-capped",)).right
    assert not _judged(healthy, "compute-bound", "drift", warnings=("drift",)).right


def test_the_table_counts() -> None:
    results = [
        _judged(BY_NAME["decoding"], "input-bound"),
        _judged(BY_NAME["narrow"], "compute-bound", "launch-bound"),
        _judged(BY_NAME["tiny"], "compute-bound"),
    ]
    assert counts(results) == (
        "primary verdict right in 1 of 2 (50 %); among the first two in 2 (100 %); warnings on 0 of 1 healthy scripts"
    )
    assert "| launch-bound | 1 | compute-bound 1 |" in markdown(results)
    assert not reached(results)
    assert reached([results[0], results[2]])


EIGHT = Machine(processors=tuple(range(8)), gpus=("0", "1", "2", "3"))


def test_lanes_share_gpus_and_processors() -> None:
    lanes = EIGHT.lanes(4, 1)
    assert [lane.environment for lane in lanes] == [{"CUDA_VISIBLE_DEVICES": str(gpu)} for gpu in range(4)]
    assert [sorted(lane.processors) for lane in lanes] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert [(sorted(lane.processors), lane.gpus) for lane in EIGHT.lanes(4, 2)] == [
        ([0, 1, 2, 3], ("0", "1")),
        ([4, 5, 6, 7], ("2", "3")),
    ]
    assert EIGHT.lanes(4, 4) == EIGHT.lanes(1, 1) == [Lane()]
    assert [lane.environment for lane in Machine(processors=(0, 1)).lanes(2, 1)] == [{}, {}]
    assert EIGHT.text(4, "H200") == ", 4 × H200: 4 scripts at a time, each with 2 processors and a GPU a rank"
    assert EIGHT.text(1, "H200") == ", 4 × H200"
    assert Machine(processors=(0,)).text(1, "") == ""


def test_scripts_run_in_lanes_and_one_with_processes_beside_it_alone() -> None:
    both = threading.Barrier(2, timeout=30)  # two are under way at once, else this breaks
    under_way: set[str] = set()

    def do(entry: Entry, lane: Lane) -> tuple[Lane, int]:
        under_way.add(entry.name)
        together = len(under_way)
        if not entry.beside:
            both.wait()
        under_way.discard(entry.name)
        return lane, together

    machine = Machine(processors=tuple(os.sched_getaffinity(0)), gpus=("0", "1"))
    entries = [Entry(name=name, kind=None) for name in "abcd"] + [Entry(name="alone", kind=None, beside=2.0)]
    found = {entry.name: done for entry, done in in_lanes(machine, 2, entries, do)}
    assert found.keys() == {entry.name for entry in entries}
    assert found["alone"] == (Lane(), 1)
    assert {lane.gpus for name, (lane, _) in found.items() if name != "alone"} == {("0",), ("1",)}
