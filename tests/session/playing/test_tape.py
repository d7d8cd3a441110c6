"""Any instant is brought back as it was, whichever way one came to it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.playing import tape as taping
from app.session.playing.instants import told_ns
from app.session.playing.outline import Outliner, next_sign
from app.session.playing.rows import cut
from app.session.playing.tape import Tape
from tests.session.frames import MS, PLAN, SECOND, hello, measuring, requests, started, steps
from workloads.wire.columns import pack_integers, unpack_integers
from workloads.wire.frames import AnyFrame, Done, Event, Failure, Gauges, Phase, Requests, Steps, Verdict, Verdicts


def verdicts(at_ns: int, *kinds: str, run: int = 1) -> Verdicts:
    return Verdicts(
        run=run,
        at_ns=at_ns,
        verdicts=tuple(Verdict(kind=kind, severity="warning", summary=kind, evidence=(), next="") for kind in kinds),
    )


def session() -> list[AnyFrame]:
    """A run of 20 s with steps of 0.1 s, told a second at a time, and one that serves."""
    frames: list[AnyFrame] = [hello(), started(), measuring()]
    for second in range(20):
        frames.append(
            Gauges(
                at_ns=second * SECOND + 500 * MS,
                device="host",
                source="psutil",
                readings={"cpu_percent": float(second)},
            )
        )
        frames.append(steps(second * SECOND, 10))
        if second in (5, 12):
            frames.append(verdicts((second + 1) * SECOND + 1, "input-bound" if second == 5 else "drift"))
    frames += [Done(run=1, at_ns=20 * SECOND + 2, outcome="done"), started(2, 21 * SECOND), measuring(2, 21 * SECOND)]
    frames += [requests([(21 + n) * SECOND + 200 * MS, (21 + n) * SECOND + 700 * MS], 50 * MS) for n in range(5)]
    return [*frames, Done(run=2, at_ns=27 * SECOND, outcome="done"), Done(at_ns=28 * SECOND, outcome="done")]


def taped(frames: Sequence[AnyFrame]) -> Tape:
    tape = Tape(PLAN)
    for frame in frames:
        tape.add(frame)
    return tape


def as_it_was(frames: Sequence[AnyFrame], at_ns: int) -> View:
    """Fed once, with what had been told by then, each sample by itself."""
    live = LiveSession(PLAN)
    for frame in frames:
        if isinstance(frame, Steps | Requests):
            ended, _ = cut(frame, at_ns)
            if ended is not None:
                live.feed(ended)
        elif (told_ns(frame) or 0) <= at_ns:
            live.feed(frame)
    return live.view(at_ns)


def test_every_instant_is_as_it_was_however_one_came_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taping, "COPY_AT", 4)
    monkeypatch.setattr(taping, "MOST_COPIES", 5)
    frames, chance = session(), random.Random(1)
    tape = taped(frames)
    assert tape.seek(tape.newest_ns)
    for _ in range(60):
        at_ns = chance.randrange(29 * SECOND)
        assert tape.seek(at_ns)
        view, expected = tape.session.view(at_ns), as_it_was(frames, at_ns)
        assert summary(view) == summary(expected)
    assert len(tape._copies) <= 6


def summary(view: View) -> object:
    run = view.current
    return (
        view.state,
        run and (run.run, run.steps, run.times, run.verdicts, run.phase, run.state),
        view.host_device.readings,
        view.log,
    )


def test_a_seek_that_has_no_time_goes_on_where_it_was() -> None:
    tape = taped(session())
    looks = 1
    while not tape.seek(15 * SECOND, lambda: True):
        looks += 1
    assert looks > 10
    assert summary(tape.session.view(15 * SECOND)) == summary(as_it_was(session(), 15 * SECOND))


def test_steps_are_found_one_by_one_forwards_and_backwards() -> None:
    tape = taped(session())
    assert tape.step(3 * SECOND + 50 * MS, 1, 1) == 3 * SECOND + 100 * MS
    assert tape.step(3 * SECOND + 100 * MS, 1, 1) == 3 * SECOND + 200 * MS
    assert tape.step(3 * SECOND, -1, 1) == 2 * SECOND + 900 * MS
    assert tape.step(3 * SECOND + 950 * MS, -1, 1) == 3 * SECOND + 900 * MS
    assert tape.step(50 * MS, -1, 1) is None
    assert tape.step(20 * SECOND, 1, 1) is None
    assert tape.step(22 * SECOND, 1, 2) == 22 * SECOND + 200 * MS


def test_what_is_forgotten_is_said_and_the_rest_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taping, "COPY_AT", 4)
    tape = taped(session())
    tape.seek(tape.newest_ns)
    whole = tape.bytes
    tape.forget_before(10 * SECOND)
    assert 0 < tape.oldest_ns <= 10 * SECOND
    assert tape.bytes < whole
    for at_ns in (12 * SECOND + 350 * MS, 25 * SECOND):
        assert tape.seek(at_ns)
        assert summary(tape.session.view(at_ns)) == summary(as_it_was(session(), at_ns))


def test_a_frame_is_cut_between_two_samples_with_all_its_columns() -> None:
    frame = steps(0, 10)
    before, after = cut(frame, 250 * MS)
    assert before is not None
    assert after is not None
    assert list(unpack_integers(before.start_ns)) == [0, 100 * MS]
    for name in frame.__struct_fields__:
        column = getattr(frame, name)
        if isinstance(column, bytes):
            assert getattr(before, name)[1:] + getattr(after, name)[1:] == column[1:]
    assert cut(frame, SECOND) == (frame, None)
    assert cut(frame, 0) == (None, frame)
    gaps = replace(requests([SECOND, 2 * SECOND], MS), tokens=pack_integers([3, 2]), itl_ns=pack_integers([7, 8, 9]))
    first, second = cut(gaps, SECOND)
    assert first is not None
    assert second is not None
    assert (first.itl_ns, second.itl_ns) == (pack_integers([7, 8]), pack_integers([9]))


def test_a_frame_that_is_not_sound_stays_whole() -> None:
    frame = replace(steps(0, 10), loss=b"q1")
    assert cut(frame, 250 * MS) == (frame, None)
    assert cut(replace(steps(0, 10), wall_ns=b""), 250 * MS) == (replace(steps(0, 10), wall_ns=b""), None)


def test_the_outline_has_runs_phases_marks_failures_and_what_changed_in_verdicts() -> None:
    outliner = Outliner({1: "first", 2: "second"})
    marks: list[AnyFrame] = [
        Event(run=1, at_ns=3, kind="mark", text="epoch \x1b[2J3"),
        Failure(run=2, at_ns=29 * SECOND, kind="crashed", message="it broke", remedy=""),
        verdicts(9 * SECOND, "input-bound"),
        Phase(run=1, rank=3, at_ns=4, phase="evaluate"),
    ]
    for frame in (*session()[:30], *marks, *session()[30:]):
        outliner.take(frame)
    signs = outliner.view().signs
    assert [(sign.kind, sign.text) for sign in signs if sign.kind in ("run", "verdict")] == [
        ("run", "first"), ("verdict", "input-bound"), ("verdict", "drift"), ("run", "second"),
    ]  # fmt: skip
    assert [sign.run for sign in signs if sign.kind == "phase"] == [1, 2]
    assert "\x1b" not in "".join(sign.text for sign in signs)
    assert outliner.view() is outliner.view()
    runs = outliner.view().of("run")
    assert next_sign(runs, 0, 1) == runs[1]
    assert next_sign(runs, 21 * SECOND, -1) == runs[0]
    assert next_sign(runs, 21 * SECOND, 1) is None
