"""Rollups: an instant of a session, and what follows it, is shown from sums as it is from every sample."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from app.analysis.finishing.finish import finish
from app.analysis.finishing.roll import roll_all
from app.analysis.load import Loaded, load
from app.analysis.replay import catch_up
from app.analysis.replay.__main__ import replay
from app.analysis.rollups import keeping, parts
from app.analysis.rollups import sums as sums_of_rows
from app.analysis.rollups.gather import joined, rollups_of
from app.analysis.rollups.parts import rolled_path
from app.analysis.statistics.grouped import histogram
from app.analysis.statistics.order import OrderStatistics
from app.analysis.summary import many_steps
from app.analysis.summary.making import summarise
from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.planning.plan import Plan, PlannedRun
from app.session.results.slo import planned_slo
from app.session.store.folder import SessionFolder, create_session
from app.session.store.segments import closed_path
from tests.analysis.journals import write_journal
from tests.session.frames import MS, SECOND, hello, measuring, started
from workloads.wire.columns import pack_floats, pack_integers, unpack_integers
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    Courses,
    Done,
    Event,
    Finding,
    Gauges,
    Hello,
    Log,
    Phase,
    Requests,
    Rollup,
    Score,
    Steps,
)

PLAN = Plan(
    name="rolled",
    runs=(
        PlannedRun(run=1, workload="train/digits", ranks=2),
        PlannedRun(run=2, workload="infer/digits"),
        PlannedRun(run=3, workload="probe/matmul"),
    ),
    created_ns=0,
    slo="p99<60ms",
)
END = 1700 * SECOND


def training(chance: random.Random) -> Iterator[AnyFrame]:
    """Two ranks for twenty minutes: an epoch of 100 s, an evaluation of 20 s; some steps are longer than a second."""
    yield hello("worker", run=1, at_ns=SECOND)
    yield started(run=1, at_ns=SECOND)
    yield Phase(run=1, at_ns=SECOND, phase="warmup")
    at = [SECOND, SECOND]
    for epoch in range(10):
        begin = 2 * SECOND + epoch * 120 * SECOND
        yield measuring(run=1, at_ns=begin)
        at = [max(begin, each) for each in at]
        while min(at) < begin + 100 * SECOND:
            rank = at.index(min(at))
            frame, at[rank] = some_steps(chance, at[rank], min(at[rank] + SECOND, begin + 100 * SECOND), rank)
            yield frame
            if chance.random() < 0.05:
                yield Event(run=1, rank=rank, at_ns=at[rank] - 5 * MS, kind="garbage-collection", wall_ns=4 * MS)
        yield Phase(run=1, at_ns=begin + 100 * SECOND, phase="evaluate", mark=f"epoch {epoch}")
        yield Score(run=1, at_ns=begin + 110 * SECOND, metric="top1_accuracy", value=0.9, samples=360, epoch=epoch)
        if epoch == 4:
            yield Event(run=1, at_ns=begin + 111 * SECOND, kind="mark", text="half way")
    yield Done(run=1, at_ns=1202 * SECOND)


def some_steps(chance: random.Random, begin: int, until: int, rank: int) -> tuple[Steps, int]:
    walls, starts, at = [], [], begin
    while at < until:
        wall = int(chance.lognormvariate(0, 0.3) * 150 * MS * (9 if chance.random() < 0.005 else 1))
        starts.append(at)
        walls.append(wall)
        at += wall + chance.randrange(MS)
    frame = Steps(
        run=1,
        rank=rank,
        start_ns=pack_integers(starts),
        wall_ns=pack_integers(walls),
        samples=pack_integers([4] * len(walls)),
        tokens=pack_integers([100] * len(walls)),
        data_wait_ns=pack_integers([wall // 7 for wall in walls]),
        forward_ns=pack_integers([wall // 3 for wall in walls]),
        loss=pack_floats([chance.random() for _ in walls]),
    )
    return frame, at


def serving(chance: random.Random) -> Iterator[AnyFrame]:
    """Text from 1,210 s to 1,400 s; some requests fail, and the last were never served."""
    yield hello("worker", run=2, at_ns=1205 * SECOND)
    yield replace(started(run=2, at_ns=1206 * SECOND), parameters={"load": "poisson", "rate": 5.0})
    yield measuring(run=2, at_ns=1210 * SECOND)
    for second in range(1210, 1400):
        due = sorted(second * SECOND + chance.randrange(SECOND) for _ in range(5))
        sent = [each + chance.randrange(MS) for each in due]
        tokens = [chance.randrange(1, 4) for _ in due]
        gaps = [[chance.randrange(MS, 9 * MS) for _ in range(count - 1)] for count in tokens]
        first = [each + chance.randrange(MS, 30 * MS) for each in sent]
        done = [begin + sum(each) for begin, each in zip(first, gaps, strict=True)]
        order = sorted(range(5), key=done.__getitem__)
        outcome = [2 if second > 1397 else 1 if chance.random() < 0.05 else 0 for _ in due]
        done = [1401 * SECOND if how == 2 else end for end, how in zip(done, outcome, strict=True)]
        first = [1401 * SECOND if how == 2 else end for end, how in zip(first, outcome, strict=True)]

        def column(values: list[int], order: list[int] = order) -> bytes:
            return pack_integers([values[place] for place in order])

        yield Requests(
            run=2,
            scheduled_ns=column(due),
            sent_ns=column(sent),
            first_ns=column(first),
            done_ns=column(done),
            samples=column([1] * 5),
            outcome=column(outcome),
            tokens=column(tokens),
            itl_ns=pack_integers([gap for place in order for gap in gaps[place]]),
            started_ns=column(sent),
        )
    yield Done(run=2, at_ns=1402 * SECOND)


def probing(chance: random.Random) -> Iterator[AnyFrame]:
    """Three cases of 90 s, each warmed up."""
    yield hello("worker", run=3, at_ns=1405 * SECOND)
    yield replace(started(run=3, at_ns=1406 * SECOND), flops_per_unit=None, bytes_per_unit=None)
    for number in range(3):
        begin = (1410 + 95 * number) * SECOND
        case = Phase(run=3, at_ns=begin, phase="warmup", case=f"{number}", flops_per_unit=2.0 + number)
        yield case
        yield replace(case, at_ns=begin + 2 * SECOND, phase="measure")
        at = begin + 2 * SECOND
        while at < begin + 94 * SECOND:
            frame, at = some_steps(chance, at, at + SECOND, 0)
            yield replace(frame, run=3, tokens=None, loss=None)
        yield Phase(run=3, at_ns=max(at, begin + 94 * SECOND), phase="cooldown")
    yield Done(run=3, at_ns=END - SECOND)


def readings(chance: random.Random) -> Iterator[AnyFrame]:
    """Of a host five times in two seconds, of an accelerator that falls silent."""
    for at in range(SECOND, END, 400 * MS):
        share = chance.random()
        yield Gauges(at_ns=at, device="host", source="psutil", readings={"cpu_percent": 100 * share})
        if at < 900 * SECOND:
            absent = {"memory_temperature_c": "Not Supported"}
            yield Gauges(at_ns=at, device="gpu0", source="nvml", readings={"power_w": 300 * share}, absent=absent)
        if int(at / MS) % 30_000 == 200:
            yield Log(run=1, at_ns=at, text=f"at {at}", origin="stdout")


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> SessionFolder:
    """A session of half an hour, as a conductor leaves it, with rollups though it is small."""
    chance = random.Random(7)
    frames: list[AnyFrame] = [hello(), hello("sampler", at_ns=MS)]
    frames += sorted((*training(chance), *serving(chance), *probing(chance), *readings(chance)), key=instant)
    frames.append(Done(run=SESSION, at_ns=END))
    folder = create_session(tmp_path_factory.mktemp("rolled"), PLAN)
    write_journal(folder, frames)
    finish(folder)
    loaded = load(folder)
    keeping.write_rollups(folder, loaded.manifest, loaded.tables)
    return folder


def instant(frame: AnyFrame) -> int:
    """When it was told: samples are when the last of them has ended."""
    match frame:
        case Steps():
            return unpack_integers(frame.start_ns)[-1] + unpack_integers(frame.wall_ns)[-1]
        case Requests():
            return unpack_integers(frame.done_ns)[-1]
    at_ns = getattr(frame, "monotonic_ns" if isinstance(frame, Hello) else "at_ns")
    assert isinstance(at_ns, int)
    return at_ns


def shown(loaded: Loaded, at_ns: int, from_ns: int | None) -> tuple[View, View]:
    """The screen at an instant, and with the courses of all that was before; None: from every sample."""
    session = LiveSession(loaded.manifest.plan)
    for frame in replay(loaded, from_ns, at_ns):
        session.feed(frame)
    return session.view(at_ns), session.view(at_ns, whole=True)


def differences(one: object, other: object, where: str = "view") -> Iterator[str]:
    """What differs; numbers do by more than 0.8 %."""
    match one, other:
        case (msgspec.Struct(), msgspec.Struct()) if type(one) is type(other):
            for name in one.__struct_fields__:
                yield from differences(getattr(one, name), getattr(other, name), f"{where}.{name}")
        case dict(), dict():
            for key in one.keys() | other.keys():
                yield from differences(one.get(key), other.get(key), f"{where}[{key}]")
        case (tuple(), tuple()) if len(one) == len(other):
            for place, (each, its) in enumerate(zip(one, other, strict=True)):
                yield from differences(each, its, f"{where}[{place}]")
        case float() | int(), float() | int():
            if one != pytest.approx(other, rel=0.008):
                yield f"{where}: {one} {other}"
        case _ if one != other:
            yield f"{where}: {one} {other}"


@pytest.mark.parametrize("second", [50, 640, 1396, 1700])
def test_an_instant_is_shown_from_sums_as_from_every_sample(rolled: SessionFolder, second: int) -> None:
    loaded, at_ns = load(rolled), second * SECOND + 300 * MS
    assert list(differences(shown(loaded, at_ns, None), shown(loaded, at_ns, at_ns))) == []


def test_what_follows_an_instant_is_shown_as_if_all_had_been_seen(rolled: SessionFolder) -> None:
    loaded, at_ns = load(rolled), 1500 * SECOND
    assert list(differences(shown(loaded, at_ns, None), shown(loaded, at_ns, 640 * SECOND))) == []


def test_most_of_a_long_session_comes_as_sums_and_the_end_of_it_sample_by_sample(rolled: SessionFolder) -> None:
    loaded = load(rolled)
    frames = list(replay(loaded, 600 * SECOND, 610 * SECOND))
    begun = [frame for frame in frames if isinstance(frame, Rollup | Courses)]
    assert 0 < len(begun) < 200
    assert max(frame.last_ns for frame in begun if isinstance(frame, Rollup)) < 600 * SECOND
    assert min(instant(frame) for frame in frames if isinstance(frame, Steps)) >= 597 * SECOND
    alone = [frame for frame in replay(loaded, until_ns=610 * SECOND) if isinstance(frame, Steps)]
    assert len([frame for frame in frames if isinstance(frame, Steps)]) < len(alone) / 10


def test_sums_of_slices_put_together_are_the_sums_of_the_whole(rolled: SessionFolder) -> None:
    loaded = load(rolled)
    begins, slo = keeping.phase_begins(loaded.manifest), planned_slo(PLAN.slo)
    whole = rollups_of(loaded.tables, begins, slo)
    cuts = [0, 100, 101, 2500, 1 << 30]
    slices = [
        rollups_of({name: table.slice(low, high - low) for name, table in loaded.tables.items()}, begins, slo)
        for low, high in pairwise(cuts)
    ]
    again = joined(slices)
    assert_frame_equal(again.sums, whole.sums)
    assert_frame_equal(again.slow, whole.slow)
    assert again.order == whole.order
    assert whole.order.kept


def test_longer_stretches_are_the_same_however_many_rows_are_put_together_at_a_time(
    rolled: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load(rolled)
    finest = rollups_of(loaded.tables, keeping.phase_begins(loaded.manifest), planned_slo(PLAN.slo)).sums
    at_once = sums_of_rows.levels(finest)
    monkeypatch.setattr(sums_of_rows, "AT_ONCE", 50)
    for level, (one, other) in enumerate(zip(at_once, sums_of_rows.levels(finest), strict=True)):
        assert_frame_equal(one, other)
        assert int(one["times_counts"].list.sum().sum()) == finest["count"].sum()
        assert len(one) < len(finest) / 2**level or not level


def test_they_are_made_again_where_they_are_missing_or_older_than_the_tables(
    rolled: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load(rolled)
    rolled.rollups.unlink()
    assert keeping.rollups(rolled, loaded.manifest, loaded.tables) is None, "a session this small needs none"
    monkeypatch.setattr(keeping, "FEWEST", 1)
    assert keeping.rollups(rolled, loaded.manifest, loaded.tables) is not None
    made = rolled.rollups.stat().st_ino
    keeping.rollups(rolled, loaded.manifest, loaded.tables)
    assert rolled.rollups.stat().st_ino == made
    os.utime(rolled.rollups, ns=(0, 0))
    keeping.rollups(rolled, loaded.manifest, loaded.tables)
    assert rolled.rollups.stat().st_ino != made
    rolled.rollups.write_bytes(b"garbage")
    assert keeping.rollups(rolled, loaded.manifest, loaded.tables) is not None, "and what is none is made again"
    assert next(differences(shown(loaded, 900 * SECOND, None), shown(loaded, 900 * SECOND, 900 * SECOND)), None) is None


def test_damaged_ones_are_made_again_which_is_said_before_the_first_picture(
    rolled: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEWEST", 1)
    loaded = load(rolled)
    before = list(map(type, replay(loaded, 900 * SECOND)))
    data = rolled.rollups.read_bytes()
    half = len(data) // 2
    rolled.rollups.write_bytes(data[:4] + b"\xff" * half + data[4 + half :])
    first, *others = replay(loaded, 900 * SECOND)
    assert isinstance(first, Finding)
    assert first.message == "rollups.parquet was damaged: it was made again of the tables"
    assert list(map(type, others)) == before
    assert list(map(type, replay(loaded, 900 * SECOND))) == before


def test_a_run_of_very_many_steps_is_summed_up_as_one_of_few(
    rolled: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load(rolled)
    keeping.write_rollups(rolled, loaded.manifest, loaded.tables)
    few = summarise(loaded)
    assert few.runs[0].times is not None
    monkeypatch.setattr(many_steps, "FEWEST", 1)
    steps = loaded.tables["steps"].filter(pl.col("phase") == "measure", run=1)
    assert many_steps.many_steps(loaded, loaded.manifest.runs[0], steps) is not None
    many = summarise(loaded)
    assert many.runs[0].times == few.runs[0].times, "percentiles are exact"
    assert list(differences(few, many, "summary")) == []
    stranger = pl.read_parquet(rolled.rollups).with_columns(pl.col("count") * 2)
    stranger.write_parquet(rolled.rollups, metadata=pl.read_parquet_metadata(rolled.rollups))
    assert summarise(loaded).runs[0].times == few.runs[0].times, "sums that do not fit are not used"
    keeping.write_rollups(rolled, loaded.manifest, loaded.tables)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 300), st.integers(10**6, 2 * 10**6), st.integers(0, 2**40)), min_size=1),
    st.integers(1, 7),
)
def test_values_at_places_are_those_of_the_sorted_column(values: list[int], pieces: int) -> None:
    column = pl.Series(values, dtype=pl.Int64).to_numpy()
    _, keys, counts = histogram(column * 0, column)
    order = OrderStatistics(keys, counts, range(len(values)))
    for piece in range(pieces):
        order.add(column[piece::pieces])
    assert [order.at(place) for place in range(len(values))] == sorted(values)


def test_sums_of_parts_are_made_as_the_session_goes_on_and_put_together_when_it_is_finished(
    rolled: SessionFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FEWEST", 1)
    folder = create_session(tmp_path, PLAN)
    frames = list(replay(load(rolled)))
    for number, (low, high) in enumerate(pairwise((0, 1500, 4000)), 1):
        write_journal(folder, frames[low:high])
        folder.journal.rename(closed_path(folder, number))
        roll_all(folder)
        assert rolled_path(folder, number).is_file()
    coming = list(catch_up.frames(folder, 1, 2))
    assert len(coming) < 1000, "who comes late is told in sums"
    write_journal(folder, frames[4000:])
    begins = keeping.phase_begins(load(folder).manifest)
    assert all(parts._kept(folder, number, begins) for number in (1, 2))
    odd = rolled_path(folder, 2)
    said = pl.read_parquet_metadata(odd)
    fewer = pl.read_parquet(odd).with_columns(pl.col("times_counts").list.head(1))
    fewer.write_parquet(odd, metadata={name: said[name] for name in said if name != "ARROW:schema"})
    assert parts._kept(folder, 2, begins) is None, "it is made again"
    late, always = LiveSession(PLAN), LiveSession(PLAN)
    for frame in (*coming, *frames[4000:5000]):
        late.feed(frame)
    for frame in frames[:5000]:
        always.feed(frame)
    at_ns = always.newest_ns
    assert list(differences(always.view(at_ns), late.view(at_ns))) == []
    finish(folder)
    assert not rolled_path(folder, 1).exists()
    loaded = load(folder)
    assert list(differences(shown(loaded, 1300 * SECOND, None), shown(loaded, 1300 * SECOND, 1300 * SECOND))) == []
