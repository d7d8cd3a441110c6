"""Frames in, verdicts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.verdicts.engine import Engine
from app.verdicts.rule import Rule
from app.verdicts.window import Window
from tests.verdicts.frames import MS, PLAN, S, phase, steps
from tests.verdicts.windows import started
from tests.wire import strategies as wire
from workloads.wire.frames import AnyFrame, Done, Effect, Log, Missing, Verdict, Verdicts


def waits(window: Window) -> Verdict | Missing | None:
    """A rule: more than a tenth of the time is data wait."""
    if window.steps is None:
        return Missing("input-bound", "no steps")
    share = (window.steps.data_wait_ns or 0) / window.steps.wall_ns
    if share < 0.1:
        return None
    return Verdict(kind="input-bound", severity="warning", summary=f"{share:.0%}", evidence=(), next="")


def breaks(window: Window) -> None:
    """A rule that fails."""
    raise ZeroDivisionError("nothing to divide by")


def second(at: int, wait_ms: float = 5) -> Iterator[AnyFrame]:
    yield steps(at, 100, data_wait_ns=round(wait_ms * MS))


def told(engine: Engine, seconds: Iterable[int], wait_ms: float = 5) -> list[AnyFrame]:
    """What is said while these seconds pass."""
    said: list[AnyFrame] = []
    for at in seconds:
        for frame in second(at, wait_ms):
            engine.feed(frame)
        said += engine.look((at + 1) * S)
    return said


def an_engine(*rules: Rule) -> Engine:
    engine = Engine(PLAN, rules or (waits,))
    engine.feed(started())
    engine.feed(phase("measure", 0))
    return engine


def kinds(said: Iterable[AnyFrame]) -> list[tuple[str, ...]]:
    return [tuple(each.kind for each in frame.verdicts) for frame in said if isinstance(frame, Verdicts)]


def test_a_verdict_is_told_once_it_stands_and_again_every_five_seconds() -> None:
    engine = an_engine()
    said = told(engine, range(20))
    assert kinds(said)[-3:] == [("input-bound",)] * 3
    times = [frame.at_ns // S for frame in said if isinstance(frame, Verdicts) and frame.verdicts]
    assert times == [4, 9, 14, 19]
    last = next(frame for frame in reversed(said) if isinstance(frame, Verdicts))
    assert (last.verdicts[0].from_ns, last.verdicts[0].to_ns) == (9 * S, 19 * S)


def test_it_is_told_that_a_verdict_has_gone() -> None:
    engine = an_engine()
    told(engine, range(10))
    assert kinds(told(engine, range(10, 40), wait_ms=0)).index(()) >= 0


def test_what_stood_in_the_warm_up_does_not_stand_once_something_is_measured() -> None:
    engine = Engine(PLAN, (waits,))
    engine.feed(started())
    engine.feed(phase("warmup", 0))
    assert kinds(told(engine, range(8)))[-1] == ("input-bound",)
    engine.feed(phase("measure", 8))
    assert kinds(told(engine, range(8, 20), wait_ms=0))[0] == ()


def test_nothing_is_looked_at_while_nothing_counts() -> None:
    engine = an_engine()
    told(engine, range(10))
    engine.feed(phase("evaluate", 10))
    assert engine.look(15 * S) == []
    engine.feed(phase("measure", 20))
    engine.feed(steps(20, 100, data_wait_ns=5 * MS))
    assert kinds(engine.look(25 * S)) == [("input-bound",)]


def test_at_the_end_all_that_was_measured_is_told_of() -> None:
    engine = an_engine()
    told(engine, range(3))
    engine.feed(Done(run=1, at_ns=3 * S))
    (last,) = engine.end(1, 4 * S)
    assert isinstance(last, Verdicts)
    assert (last.whole, last.verdicts[0].kind) == (True, "input-bound")
    assert engine.end(1, 4 * S) == []


def test_a_run_that_measured_nothing_has_no_verdicts_at_its_end() -> None:
    engine = Engine(PLAN, (waits,))
    engine.feed(started())
    engine.feed(Done(run=1, at_ns=3 * S))
    assert engine.end(1, 4 * S) == []


def test_a_rule_that_fails_is_left_out_and_that_is_said_once() -> None:
    engine = an_engine(breaks, waits)
    said = told(engine, range(10))
    logs = [frame for frame in said if isinstance(frame, Log)]
    assert [log.text for log in logs] == [
        "the verdict breaks is left out: it failed (ZeroDivisionError: nothing to divide by)"
    ]
    assert kinds(said)[-1] == ("input-bound",)


def test_what_is_missing_is_told() -> None:
    engine = Engine(PLAN, (waits,))
    engine.feed(started())
    engine.feed(phase("measure", 0))
    (frame,) = engine.look(3 * S)
    assert isinstance(frame, Verdicts)
    assert frame.missing == (Missing("input-bound", "no steps"),)


def test_another_run_begins_with_nothing() -> None:
    engine = an_engine()
    told(engine, range(10))
    engine.end(1, 10 * S)
    engine.feed(phase("measure", 10, run=2))
    (frame,) = engine.look(13 * S)
    assert isinstance(frame, Verdicts)
    assert (frame.run, frame.verdicts) == (2, ())


def test_effects_are_told_of_as_blocks_end() -> None:
    engine = an_engine()
    for pair in range(3):
        for place, case in enumerate(("plain", "tf32")):
            at_s = 2 * pair + place
            engine.feed(phase("experiment", at_s, case=case))
            engine.feed(steps(at_s, 50 if place else 25, step_ms=20 if place else 40))
    engine.feed(phase("measure", 10))
    effects = [frame for frame in engine.look(11 * S) if isinstance(frame, Effect)]
    assert [effect.over for effect in effects] == [False, False, True]
    assert effects[-1].ratio is not None
    assert round(effects[-1].ratio, 6) == 2


@given(st.lists(wire.frames, max_size=25), st.integers(0, 2**63 - 1))
def test_whatever_a_stranger_says_the_engine_goes_on(frames: list[AnyFrame], now_ns: int) -> None:
    engine = Engine(PLAN)
    engine.feed(started())
    engine.feed(phase("measure", 0))
    said: list[AnyFrame] = []
    for frame in frames:
        engine.feed(msgspec.structs.replace(frame, run=1))
        said += engine.look(now_ns)
    said += engine.end(1, now_ns)
    assert not [frame for frame in said if isinstance(frame, Log)], "a rule failed"
