"""Frames of every kind, made at random, and streams of them in any cut."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from workloads.wire.columns import pack_integers
from workloads.wire.frames import (
    AnyFrame,
    ClockAligned,
    Counts,
    Courses,
    DeviceFacts,
    Done,
    Effect,
    Event,
    EventKind,
    Evidence,
    Failure,
    Finding,
    Fingerprint,
    Gauges,
    GpuProcess,
    Hello,
    IdleBaseline,
    Log,
    Missing,
    Operator,
    Overhead,
    Phase,
    PhaseName,
    Pong,
    Profile,
    Requests,
    Rollup,
    RunStarted,
    Score,
    SlowOne,
    Steps,
    Stretches,
    Verdict,
    Verdicts,
)

runs = st.integers(0, 1000)
instants = st.integers(0, 2**62)
texts = st.text(max_size=20)
numbers = st.floats(allow_nan=False)
columns = st.lists(st.integers(0, 2**40), max_size=4).map(pack_integers)


def frames_of(kind: type[Any], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Frames of one kind that belong to any run."""
    return st.builds(kind, run=runs, **fields)


readings = st.dictionaries(texts, numbers, max_size=3)
reasons = st.dictionaries(texts, texts, max_size=3)
processes = st.lists(st.builds(GpuProcess, st.integers(1, 2**22), st.none() | instants), max_size=2).map(tuple)
facts = st.builds(DeviceFacts, device=texts, name=texts, gpm=st.booleans(), absent=reasons)
fingerprints = st.builds(
    Fingerprint, cpu=st.none() | texts, devices=st.lists(facts, max_size=2).map(tuple), absent=reasons
)
parameters = st.dictionaries(texts, st.booleans() | st.integers(-(2**31), 2**31) | numbers | texts, max_size=3)
evidence = st.builds(Evidence, name=texts, value=numbers, unit=texts, limit=st.none() | numbers, source=texts)
verdicts = st.lists(
    st.builds(
        Verdict,
        kind=texts,
        severity=st.sampled_from(("info", "warning", "critical")),
        summary=texts,
        evidence=st.lists(evidence, max_size=2).map(tuple),
        next=texts,
        bound=st.none() | numbers,
        to_ns=instants,
        rank=st.none() | runs,
    ),
    max_size=2,
).map(tuple)
missing = st.lists(st.builds(Missing, texts, texts), max_size=2).map(tuple)
counts = st.builds(Counts, columns, columns, instants)
operators = st.lists(st.builds(Operator, name=texts, calls=runs, device_ns=st.none() | instants), max_size=2).map(tuple)

frames: st.SearchStrategy[AnyFrame] = st.one_of(
    frames_of(
        Hello,
        role=st.sampled_from(("conductor", "worker", "sampler")),
        pid=st.integers(1, 2**22),
        host=texts,
        monotonic_ns=instants,
        wall_ns=instants,
        fingerprint=fingerprints,
    ),
    frames_of(
        RunStarted,
        at_ns=instants,
        workload=texts,
        parameters=parameters,
        repeat=runs,
        seed=runs,
        device=texts,
        device_name=texts,
        precision=texts,
        unit=st.sampled_from(("sample", "product", "copy")),
        flops_per_unit=st.none() | numbers,
        operators_per_step=st.none() | numbers,
    ),
    frames_of(
        Phase,
        at_ns=instants,
        phase=st.sampled_from(get_args(PhaseName)),
        mark=st.none() | texts,
        case=st.none() | texts,
    ),
    frames_of(Steps, start_ns=columns, wall_ns=columns, samples=columns, loss=st.none() | columns),
    frames_of(
        Requests,
        scheduled_ns=columns,
        sent_ns=columns,
        first_ns=columns,
        done_ns=columns,
        samples=columns,
        outcome=columns,
        started_ns=st.none() | columns,
    ),
    frames_of(
        Gauges,
        at_ns=instants,
        device=texts,
        source=st.sampled_from(("gpm", "nvml", "psutil", "proc", "counted")),
        readings=readings,
        absent=reasons,
        core_percent=st.lists(numbers, max_size=3).map(tuple),
        processes=st.none() | processes,
    ),
    frames_of(Score, at_ns=instants, metric=texts, value=numbers, samples=runs, epoch=st.none() | runs),
    frames_of(Log, at_ns=instants, text=texts, level=st.sampled_from(("debug", "error")), origin=texts),
    frames_of(Failure, at_ns=instants, kind=st.sampled_from(("crashed", "hung")), message=texts, remedy=texts),
    frames_of(Finding, at_ns=instants, kind=texts, message=texts),
    frames_of(Pong, sent_ns=instants, received_ns=instants, replied_ns=instants, host=texts),
    frames_of(
        ClockAligned,
        at_ns=instants,
        role=st.sampled_from(("worker", "sampler")),
        host=texts,
        offset_ns=st.integers(-(2**62), 2**62),
        error_ns=instants,
    ),
    frames_of(IdleBaseline, at_ns=instants, seconds=numbers, power_w=readings),
    frames_of(
        Overhead,
        at_ns=instants,
        role=st.sampled_from(("conductor", "worker", "sampler", "viewer")),
        pid=st.integers(1, 2**22),
        cpu_s=numbers,
        wall_s=numbers,
        bytes_to_terminal=st.none() | instants,
        rows=st.none() | instants,
    ),
    frames_of(Event, at_ns=instants, kind=st.sampled_from(get_args(EventKind)), wall_ns=instants, text=texts),
    frames_of(Verdicts, at_ns=instants, verdicts=verdicts, missing=missing, whole=st.booleans()),
    frames_of(
        Effect,
        at_ns=instants,
        experiment=texts,
        setting=texts,
        plain=runs,
        changed=runs,
        ratio=st.none() | numbers,
        over=st.booleans(),
    ),
    frames_of(Profile, at_ns=instants, steps=runs, file=texts, operators=operators, reason=texts),
    frames_of(
        Rollup,
        kind=st.sampled_from(("steps", "requests")),
        began_ns=instants,
        last_ns=instants,
        count=runs,
        units=runs,
        wall_ns=instants,
        times=counts,
        parts=st.dictionaries(texts, instants, max_size=2),
        waits=st.none() | counts,
        loss=st.none() | numbers,
        slowest=st.lists(st.builds(SlowOne, instants, instants), max_size=2).map(tuple),
    ),
    frames_of(
        Courses,
        until_ns=instants,
        device=texts,
        seconds=runs,
        courses=st.dictionaries(texts, st.builds(Stretches, columns, columns, columns), max_size=2),
    ),
    frames_of(Done, at_ns=instants, outcome=st.sampled_from(("done", "failed")), dropped=runs),
)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    """A stream cut at these places, each taken modulo its length."""
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    return [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]
