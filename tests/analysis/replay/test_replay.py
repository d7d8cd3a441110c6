"""A finished session, replayed, is the journal that it was: the same samples, phases, scores, in the order of time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.analysis.summary.making import summarise
from app.analysis.tables.columns import rows
from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.folder import SessionFolder
from app.session.store.lock import hold_lock
from app.session.store.segments import facts_path
from tests.analysis.journals import journalled, training, whole
from tests.session.frames import MS, PLAN, SECOND, casewise, hello, measuring, started, steps
from workloads.wire.columns import pack_floats, pack_integers, unpack
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    Courses,
    Done,
    Estimate,
    Failure,
    Finding,
    Gauges,
    Hello,
    Log,
    Missing,
    Phase,
    Pong,
    Requests,
    Rollup,
    Score,
    Steps,
    Verdicts,
)
from workloads.wire.framing import FrameReader


def replayed(home: Path, frames: Iterable[AnyFrame]) -> list[AnyFrame]:
    """Frames that were journalled, finished and replayed."""
    folder = journalled(home, tuple(frames))
    finish(folder)
    assert not folder.journal.exists()
    return list(replay(load(folder)))


def replay_process(folder: SessionFolder) -> subprocess.CompletedProcess[bytes]:
    """As a viewer starts it."""
    command = (*MODULE_COMMAND, "app.analysis.replay", str(folder.path))
    return subprocess.run(command, capture_output=True, check=False)


def samples(frames: Iterable[AnyFrame], kind: type[Steps] | type[Requests]) -> Iterator[tuple[object, ...]]:
    """Every sample of a kind as a row: run, rank, then its columns, but for the gaps between tokens."""
    names = [name for name in kind.__struct_fields__ if name not in ("run", "rank", "itl_ns", "passes")]
    for frame in frames:
        if isinstance(frame, kind):
            columns = [getattr(frame, name) for name in names]
            count = len(unpack(columns[0]))
            items = [[None] * count if column is None else unpack(column) for column in columns]
            yield from ((frame.run, frame.rank, *row) for row in zip(*items, strict=True))


def in_time(frames: Iterable[AnyFrame]) -> list[AnyFrame]:
    """What is no samples and no readings, by its instant."""
    events = [frame for frame in frames if not isinstance(frame, Steps | Requests | Gauges)]
    return sorted(events, key=_instant)


def _instant(frame: AnyFrame) -> int:
    assert not isinstance(frame, Steps | Requests | Pong | Rollup | Courses)
    return frame.monotonic_ns if isinstance(frame, Hello) else frame.at_ns


def last_view(frames: Iterable[AnyFrame]) -> View:
    """What a screen shows after these frames."""
    session = LiveSession(PLAN)
    for frame in frames:
        session.feed(frame)
    return session.view(20 * SECOND)


def test_every_sample_and_every_event_comes_back(tmp_path: Path) -> None:
    frames = replayed(tmp_path, whole())
    for kind in (Steps, Requests):
        assert list(samples(frames, kind)) == list(samples(whole(), kind))
    assert in_time(frames) == in_time(whole())


def test_readings_come_back_with_why_others_never_came(tmp_path: Path) -> None:
    read = [frame for frame in replayed(tmp_path, whole()) if isinstance(frame, Gauges)]
    sent = sorted((frame for frame in whole() if isinstance(frame, Gauges)), key=lambda frame: frame.at_ns)
    assert [(frame.at_ns, frame.device, frame.source, frame.readings, frame.core_percent) for frame in read] == [
        (frame.at_ns, frame.device, frame.source, frame.readings, frame.core_percent) for frame in sent
    ]
    assert read[0].absent == {"memory_temperature_c": "Not Supported"}
    assert [len(frame.processes or ()) for frame in read] == [len(frame.processes or ()) for frame in sent]


def test_verdicts_come_back_as_they_changed(tmp_path: Path) -> None:
    frames = list(whole())
    said = [
        Verdicts(run=1, at_ns=at_ns, missing=(Missing(kind="drift", what=str(at_ns)),))
        for at_ns in (2 * SECOND, 3 * SECOND, 4 * SECOND)
    ]
    frames[-1:-1] = said
    back = [frame for frame in replayed(tmp_path, frames) if isinstance(frame, Verdicts) and not frame.whole]
    assert back == said


def test_a_session_without_what_was_said_has_the_last_word(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (*whole()[:-1], *(Verdicts(run=1, at_ns=n * SECOND) for n in (2, 3)), whole()[-1]))
    finish(folder)
    for lost in (b"no frames at all", None):
        facts_path(folder).unlink()
        if lost is not None:
            facts_path(folder).write_bytes(lost)
        back = [frame for frame in replay(load(folder)) if isinstance(frame, Verdicts) and not frame.whole]
        assert [frame.at_ns for frame in back] == [3 * SECOND]


def test_frames_are_in_the_order_of_time(tmp_path: Path) -> None:
    frames = replayed(tmp_path, whole())
    assert isinstance(frames[0], Hello)
    assert frames[0].role == "conductor"
    assert frames[-1] == Done(run=SESSION, at_ns=9500 * MS)
    instants = [
        frame.at_ns for frame in frames if not isinstance(frame, Hello | Steps | Requests | Pong | Rollup | Courses)
    ]
    assert instants == sorted(instants)


def test_a_run_with_cases_is_shown_as_it_was_and_as_it_is_summed_up(tmp_path: Path) -> None:
    """Without anything between them: the samples of two cases must not end up in one frame."""
    begun, first, cheap, *_, second, dear = casewise(dear_ns=2 * SECOND + 1)
    told = (hello(), begun, first, cheap, second, dear, Done(run=1, at_ns=3 * SECOND), Done(at_ns=3 * SECOND))
    folder = journalled(tmp_path, told)
    manifest = finish(folder)
    again, before = last_view(replay(load(folder))), last_view(told)
    run = again.runs[0]
    assert run == before.runs[0]
    assert (again.flops_per_s, again.bytes_per_s) == (before.flops_per_s, before.bytes_per_s)
    summary = summarise(load(folder)).runs[0]
    assert (summary.best_case, manifest.runs[0].headline.case) == (run.case, run.case)
    assert (summary.flops_per_s, summary.counted_bytes_per_s) == pytest.approx((run.flops_per_s, run.bytes_per_s))


def test_a_screen_shows_the_replay_as_it_showed_the_journal(tmp_path: Path) -> None:
    was, now = last_view(whole()), last_view(replayed(tmp_path, whole()))
    assert now.state == was.state
    assert now.throughput == was.throughput
    for before, after in zip(was.runs, now.runs, strict=True):
        assert replace(after, parts=None, message="") == replace(before, parts=None, message="")
    assert [gpu.absent for gpu in now.gpus] == [gpu.absent for gpu in was.gpus]


def test_a_frame_is_of_one_phase_and_a_second_at_most(tmp_path: Path) -> None:
    phases = [Phase(run=1, at_ns=n * 700 * MS, phase="measure" if n % 2 else "evaluate") for n in range(10)]
    frames = replayed(tmp_path, (hello(), started(), *phases, steps(0, 700, each_ns=10 * MS)))
    parts = [(min(ends), max(ends)) for ends in map(_ends, frames) if ends]
    assert all(first // SECOND == last // SECOND for first, last in parts)
    assert all(first // (700 * MS) == last // (700 * MS) for first, last in parts)
    assert last_view(frames).runs[0].steps == 351, "the last step ends with the last phase"


def _ends(frame: AnyFrame) -> list[int]:
    if not isinstance(frame, Steps):
        return []
    return [int(start + wall) for start, wall in zip(unpack(frame.start_ns), unpack(frame.wall_ns), strict=True)]


def test_parts_that_only_some_steps_have_stay_absent_in_the_others(tmp_path: Path) -> None:
    bare = Steps(
        run=1,
        start_ns=pack_integers([SECOND, SECOND + MS]),
        wall_ns=pack_integers([MS, MS]),
        samples=pack_integers([2**40, 1]),
        loss=pack_floats([float("inf"), 1e300], double=True),
    )
    sent = (hello(), started(), measuring(), steps(0, 3), bare, steps(1200 * MS, 3))
    assert list(samples(replayed(tmp_path, sent), Steps)) == list(samples(sent, Steps))


def of_two_ranks() -> tuple[AnyFrame, ...]:
    """Ten steps a second of each rank, told by turns two at a time, in two cases of three seconds."""
    begun = replace(started(), ranks=2)
    cases = [Phase(run=1, at_ns=at_s * SECOND, phase="measure", case=f"from {at_s} s") for at_s in (0, 3)]
    told: list[AnyFrame] = [hello(), begun]
    for turn in range(30):
        told += [replace(case, rank=rank) for case in cases if case.at_ns == turn * 200 * MS for rank in (0, 1)]
        told += [replace(steps(turn * 200 * MS, 2, each_ns=100 * MS - 1), rank=rank) for rank in (0, 1)]
    return (*told, Done(run=1, at_ns=6 * SECOND), Done(at_ns=6 * SECOND))


def test_a_frame_is_about_a_second_of_one_rank_and_two_are_shown_as_they_were(tmp_path: Path) -> None:
    frames = replayed(tmp_path, of_two_ranks())
    told = [frame for frame in frames if isinstance(frame, Steps)]
    assert [(frame.rank, rows(frame)) for frame in told] == [(rank, 10) for _ in range(6) for rank in (0, 1)]
    before, after = last_view(of_two_ranks()), last_view(frames)
    # All steps take as long as each other: which of them are the slowest is how they were told.
    assert replace(after.runs[0], slow=()) == replace(before.runs[0], slow=())
    assert after.runs[0].times is not None
    assert after.runs[0].times.count == 60, "three seconds of both ranks"
    assert (after.throughput, after.flops_per_s) == (before.throughput, before.flops_per_s)


def test_requests_that_were_told_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    def request(done_ns: int) -> Requests:
        one, at = pack_integers([1]), pack_integers([done_ns])
        none = pack_integers([0])
        return Requests(run=2, scheduled_ns=at, sent_ns=at, first_ns=at, done_ns=at, samples=one, outcome=none)

    frames = replayed(tmp_path, (hello(), started(2), measuring(2), request(50), request(30), request(40)))
    assert [row[5] for row in samples(frames, Requests)] == [30, 40, 50]


def test_gaps_between_tokens_come_back_with_their_requests(tmp_path: Path) -> None:
    def answered(done_ns: Sequence[int], gaps: Sequence[Sequence[int]] | None, rank: int = 0) -> Requests:
        at, ones = pack_integers(done_ns), pack_integers([1] * len(done_ns))
        return Requests(
            run=2,
            rank=rank,
            scheduled_ns=at,
            sent_ns=at,
            first_ns=at,
            done_ns=at,
            samples=ones,
            outcome=pack_integers([0] * len(done_ns)),
            tokens=None if gaps is None else pack_integers([len(each) + 1 for each in gaps]),
            itl_ns=None if gaps is None else pack_integers(chain.from_iterable(gaps)),
        )

    sent = (answered([10, 20], [(3, 2**40), ()]), answered([30], None), answered([40], [(7,)], rank=1))
    frames = replayed(tmp_path, (hello(), started(2), measuring(2), *sent))
    again = [frame for frame in frames if isinstance(frame, Requests)]
    assert [frame.itl_ns for frame in again] == [frame.itl_ns for frame in sent]
    assert [frame.rank for frame in again] == [0, 0, 1]
    assert list(samples(frames, Requests)) == list(samples(sent, Requests))
    table = pl.read_parquet(next(tmp_path.rglob("requests.parquet")))
    assert table["itl_ns"].to_list() == [[3, 2**40], [], None, [7]]


def test_gaps_that_do_not_fit_the_tokens_are_no_samples() -> None:
    one = pack_integers([1])
    frame = Requests(run=2, scheduled_ns=one, sent_ns=one, first_ns=one, done_ns=one, samples=one, outcome=one)
    gaps = pack_integers([5])
    assert rows(frame) == 1
    assert rows(replace(frame, tokens=pack_integers([2]), itl_ns=gaps)) == 1
    for tokens in (None, pack_integers([3]), pack_integers([-1]), b"q\0"):
        assert rows(replace(frame, tokens=tokens, itl_ns=gaps)) is None


def test_what_failed_and_what_was_never_begun_is_shown_as_that(tmp_path: Path) -> None:
    why = Failure(run=1, at_ns=2 * SECOND, kind="killed", message="by SIGKILL")
    full = Failure(run=SESSION, at_ns=2 * SECOND, kind="disk-full", message="the disk is full")
    ends = (Done(run=1, at_ns=2 * SECOND, outcome="failed"), full, Done(at_ns=3 * SECOND, outcome="failed"))
    view = last_view(replayed(tmp_path, (hello(), started(), measuring(), steps(0, 10), why, *ends)))
    assert view.state == "failed"
    assert [run.state for run in view.runs] == ["failed", "skipped"]
    assert view.runs[0].message == "by SIGKILL"
    assert view.notices[0] == "the disk is full"


def test_an_interrupted_session_ends_as_interrupted(tmp_path: Path) -> None:
    view = last_view(replayed(tmp_path, (hello(), *training()[:6])))
    assert view.state == "interrupted"
    assert [run.state for run in view.runs] == ["interrupted", "skipped"]


def test_a_session_that_goes_on_is_not_ended_by_its_replay(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:6]))
    with hold_lock(folder):
        frames = list(replay(load(folder)))
    assert not [frame for frame in frames if isinstance(frame, Done)]


def test_the_process_writes_frames_and_nothing_else(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    done = replay_process(folder)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(FrameReader().feed(done.stdout)) == list(replay(load(folder)))


def test_a_viewer_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *(steps(n * SECOND, 1000, each_ns=MS) for n in range(200))))
    finish(folder)
    command = (*MODULE_COMMAND, "app.analysis.replay", str(folder.path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_table_that_cannot_be_read_is_named_and_all_else_is_played(tmp_path: Path, damage: str) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    file = folder.table("steps")
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    else:
        file.unlink()
    done = replay_process(folder)
    assert done.returncode == 0
    frames = list(FrameReader().feed(done.stdout))
    first = frames[0]
    assert isinstance(first, Finding)
    assert first.message.startswith("steps.parquet is ")
    kinds = {type(frame) for frame in frames}
    assert kinds >= {Requests, Gauges, Log, Score}
    assert Steps not in kinds


def test_what_was_said_of_repeats_comes_back(tmp_path: Path) -> None:
    *before, end = whole()
    said = [
        Estimate(at_ns=at_ns, variant=1, metric="samples_per_s", value=5.0, repeats=count, low=4.0, high=6.0)
        for count, at_ns in enumerate((6 * SECOND, 9 * SECOND), start=1)
    ]
    frames = replayed(tmp_path, (*before, *said, end))
    assert [frame for frame in frames if isinstance(frame, Estimate)] == said
    assert frames[-1] == end


def test_until_an_instant_all_is_told_that_was_told_by_then(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    loaded = load(folder)
    everything = list(replay(loaded))
    some = list(replay(loaded, until_ns=5000 * MS))
    events = in_time(everything)
    assert in_time(some) == [frame for frame in events if _instant(frame) <= 5000 * MS]
    assert len(in_time(some)) < len(events)
    ended = [row for row in samples(everything, Steps) if row[2] + row[3] <= 5000 * MS]  # type: ignore[operator]
    assert list(samples(some, Steps)) == ended
