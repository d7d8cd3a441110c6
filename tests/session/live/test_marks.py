"""What stands on the time axis, and what was found out about a run."""

from __future__ import annotations

from app.session.live.view import Mark, View
from tests.session.frames import SECOND, hello, measuring, started, steps
from tests.session.live.test_live import view
from workloads.wire.frames import AnyFrame, Done, Effect, Event, Phase, Profile, Verdict, Verdicts

RUN: tuple[AnyFrame, ...] = (hello(), started(), measuring(), steps(0, 40))


def block(at_s: int, case: str) -> Phase:
    """A block of an experiment begins."""
    return Phase(run=1, at_ns=at_s * SECOND, phase="experiment", case=case)


def said(summary: str, *, whole: bool = False) -> Verdicts:
    """One verdict."""
    verdict = Verdict(kind="input-bound", severity="warning", summary=summary, evidence=(), next="")
    return Verdicts(run=1, at_ns=SECOND, verdicts=(verdict,), whole=whole)


def told(seen: View) -> str:
    """The primary verdict."""
    assert seen.current is not None
    assert seen.current.verdicts is not None
    return seen.current.verdicts.verdicts[0].summary


def test_an_experiment_is_one_stretch_however_many_blocks_it_has() -> None:
    blocks = [block(4, "plain"), block(5, "tf32"), block(6, "plain"), block(7, "tf32")]
    going_on = view(*RUN, *blocks)
    assert going_on.marks == (Mark(run=1, kind="experiment", from_ns=4 * SECOND, text="tf32"),)
    over = view(*RUN, *blocks, measuring(at_ns=8 * SECOND))
    assert over.marks == (Mark(run=1, kind="experiment", from_ns=4 * SECOND, to_ns=8 * SECOND, text="tf32"),)


def test_a_stretch_ends_with_its_run_and_another_experiment_is_another_stretch() -> None:
    marks = view(*RUN, block(4, "tf32"), block(5, "bfloat16"), Done(run=1, at_ns=6 * SECOND)).marks
    assert [(mark.text, mark.from_ns, mark.to_ns) for mark in marks] == [
        ("tf32", 4 * SECOND, 5 * SECOND),
        ("bfloat16", 5 * SECOND, 6 * SECOND),
    ]


def test_a_block_of_an_experiment_is_no_case_of_the_run_and_costs_what_the_run_does() -> None:
    seen = view(*RUN, block(4, "plain"), steps(4 * SECOND, 20), at_s=6.5)
    assert seen.current is not None
    assert (seen.current.case, seen.current.cases) == (None, 0)
    assert seen.current.flops_per_s is not None
    assert seen.bytes_per_s is not None
    assert seen.bytes_per_s.values[-1] == 400.0


def test_knobs_and_the_scripts_own_marks_stand_where_they_happened_and_collections_do_not() -> None:
    events = [
        Event(run=1, at_ns=SECOND, kind="knob", text="batch 64 to 128"),
        Event(run=1, at_ns=2 * SECOND, kind="garbage-collection", wall_ns=5, text="generation 2"),
        Event(run=1, at_ns=3 * SECOND, kind="mark", text="epoch \x1b[31m3"),
    ]
    marks = view(*RUN, *events).marks
    assert [(mark.kind, mark.from_ns, mark.text) for mark in marks] == [
        ("knob", SECOND, "batch 64 to 128"),
        ("mark", 3 * SECOND, "epoch 3"),
    ]
    assert not any(mark.disturbed for mark in marks)


def test_the_newest_verdicts_replace_what_was_said_but_not_what_was_said_of_the_whole_run() -> None:
    assert told(view(*RUN, said("once"), said("twice"))) == "twice"
    over = (*RUN, said("once"), said("of all", whole=True), Done(run=1, at_ns=5 * SECOND))
    assert told(view(*over)) == "of all"
    assert told(view(*over, said("late"))) == "of all"


def test_the_last_word_of_each_experiment_counts_and_profiles_are_kept() -> None:
    def effect(experiment: str, ratio: float) -> Effect:
        return Effect(run=1, at_ns=SECOND, experiment=experiment, setting="", plain=3, changed=3, ratio=ratio)

    frames: list[AnyFrame] = [
        effect("tf32", 1.1),
        effect("bfloat16", 1.2),
        effect("tf32", 1.3),
        Profile(run=1, at_ns=SECOND, steps=3),
    ]
    run = view(*RUN, *frames).current
    assert run is not None
    assert [(each.experiment, each.ratio) for each in run.effects] == [("tf32", 1.3), ("bfloat16", 1.2)]
    assert [each.steps for each in run.profiles] == [3]
