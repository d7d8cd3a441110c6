"""Probes that measure several things in one run: what they say of each, and what they refuse."""

from __future__ import annotations

import math

import pytest
import torch

from tests.workloads.here import run_here
from tests.workloads.process import Talk, start
from workloads.catalog import find_workload, parse_settings
from workloads.probe.allreduce import bus_bytes
from workloads.probe.attention import Shape, forward_flops
from workloads.probe.conv import GRID
from workloads.probe.sizes import MIB, sizes_of
from workloads.probe.transfer import copies_a_step
from workloads.run import Length
from workloads.wire.columns import unpack
from workloads.wire.frames import Phase, RunStarted, Steps

TINY = "1x1x8x16,1x2x16x16"


def steps_by_case(talk: Talk) -> dict[str, list[tuple[str, int]]]:
    """Case → its phases, each with how many steps it has."""
    found: dict[str, list[tuple[str, int]]] = {}
    now: list[tuple[str, int]] = []
    for frame in talk.frames:
        if isinstance(frame, Phase) and frame.case is not None:
            now = found.setdefault(frame.case, [])
            now.append((frame.phase, 0))
        elif isinstance(frame, Steps):
            phase, count = now[-1]
            now[-1] = (phase, count + len(unpack(frame.wall_ns)))
    return found


def test_every_case_is_warmed_up_and_measured_with_costs_of_its_own() -> None:
    attended = run_here(start("probe/attention", "", shapes=TINY, steps=3, warmup=2, inner=5, threads=1))
    started = attended.one(RunStarted)
    assert (started.unit, started.flops_per_unit, started.bytes_per_unit) == ("call", None, None)
    cases = steps_by_case(attended)
    assert list(cases)[:4] == ["1×1×8×16 fwd", "1×1×8×16 fwd+bwd", "1×1×8×16 causal fwd", "1×1×8×16 causal fwd+bwd"]
    assert set(map(tuple, cases.values())) == {(("warmup", 2), ("measure", 3))}
    phases = [phase for phase in attended.of(Phase) if phase.phase == "measure"]
    once = 4 * 8 * 8 * 16
    assert [phase.flops_per_unit for phase in phases[:4]] == [once, 3.5 * once, once / 2, 3.5 * once / 2]
    assert phases[0].bytes_per_unit == 4 * 8 * 16 * 4
    assert [phase.phase for phase in attended.of(Phase)].count("cooldown") == len(cases) - 1
    assert set(attended.column("samples")) == {5}


def test_a_duration_is_the_whole_runs_and_steps_are_a_cases() -> None:
    launched = run_here(start("probe/launch", "", steps=4, warmup=0, inner=3, threads=1))
    assert steps_by_case(launched) == {"operator calls, eager": [("warmup", 0), ("measure", 4)]}
    assert launched.one(RunStarted).unit == "launch"


def test_a_case_gets_its_share_of_the_time() -> None:
    class Ordered:
        orders = None
        agreement = None

    length = Length(Ordered(), None, 3.0 / 12)  # type: ignore[arg-type]
    assert length._duration_s == 0.25


def test_attention_counts_as_the_paper_does() -> None:
    assert forward_flops(Shape(2, 3, 5, 7), causal=False) == 4 * 2 * 3 * 25 * 7
    assert forward_flops(Shape(2, 3, 5, 7), causal=True) == 2 * 2 * 3 * 25 * 7


def test_a_backend_that_cannot_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"cudnn attention does not do float32.*--set backend=auto$"):
        run_here(start("probe/attention", "", shapes=TINY, backend="cudnn", threads=1))


def test_convolutions_count_their_own_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(GRID) == 8
    monkeypatch.setattr("workloads.probe.conv.GRID", GRID[:2])
    convolved = run_here(start("probe/conv", "", batch=1, steps=1, warmup=0, threads=1))
    phases = {phase.case: phase for phase in convolved.of(Phase) if phase.phase == "measure"}
    assert len(phases) == 4
    forward, both = phases["3×3 64→64 at 56×56 fwd"], phases["3×3 64→64 at 56×56 fwd+bwd"]
    assert forward.flops_per_unit == 2 * 56 * 56 * 9 * 64 * 64
    assert both.flops_per_unit == 3 * 2 * 56 * 56 * 9 * 64 * 64
    assert forward.bytes_per_unit == 4 * (2 * 56 * 56 * 64 + 9 * 64 * 64)


@pytest.mark.parametrize(
    ("workload", "told"), [("probe/transfer", "it needs CUDA$"), ("probe/allreduce", "it needs --ranks 2 or more$")]
)
def test_a_probe_that_has_nothing_to_measure_says_what_it_needs(workload: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        run_here(start(workload, "", threads=1))


@pytest.mark.parametrize("rank", [0, 3])
def test_every_rank_does_as_many_collectives_and_the_first_counts_them(
    monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    summed: list[int] = []

    def all_reduce(tensor: torch.Tensor, **_: object) -> None:
        summed.append(tensor.nbytes)

    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("RANK", str(rank))
    monkeypatch.setattr("workloads.launch._join_ranks", lambda device: None)
    monkeypatch.setattr("torch.distributed.all_reduce", all_reduce)
    order = start("probe/allreduce", "", sizes_mib="1,2", warmup=2, steps=3, threads=1)
    reduced = run_here(order)
    if rank == 0:
        started = reduced.one(RunStarted)
        assert (started.unit, started.moves_over) == ("collective", "ranks")
    assert steps_by_case(reduced) == {size: [("warmup", 2), ("measure", 3)] for size in ("1 MiB", "2 MiB")}
    assert summed == [*[MIB] * 5, *[2 * MIB] * 5]
    moved = [phase.bytes_per_unit for phase in reduced.of(Phase) if phase.phase == "measure"]
    assert moved == [1.5 * MIB, 2 * 1.5 * MIB], "the bus bytes of a collective"
    assert set(reduced.column("samples")) == {1 if rank == 0 else 0}


def test_bus_bandwidth_is_what_every_link_must_carry() -> None:
    assert bus_bytes(1000, 2) == 1000
    assert math.isclose(bus_bytes(1000, 8), 1750)


def test_sizes_are_checked_when_they_are_typed() -> None:
    transfer = find_workload("probe/transfer")
    assert parse_settings(transfer, {"sizes_mib": "1,16"}) == {"sizes_mib": "1,16"}
    for wrong in ("", "1,", "0", "1;2", "1.5", "many"):
        with pytest.raises(ValueError, match="allowed: whole numbers such as 1,16,256"):
            parse_settings(transfer, {"sizes_mib": wrong})
    assert sizes_of("1,16,1") == (MIB, 16 * MIB)
    assert [copies_a_step(size * MIB) for size in (1, 64, 256)] == [64, 1, 1]
