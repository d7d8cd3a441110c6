"""What the catalogue knows to be impossible is refused before the run hears of it."""

from __future__ import annotations

from msgspec.structs import replace

from app.conductor.refusing import why_refused
from tests.session.frames import started
from workloads.wire.commands import SetKnob, TakeProfile, Try

DIGITS = replace(started(), parameters={"batch": 4, "precision": "float32"})


def test_what_no_such_run_can_do_is_refused_with_the_catalogues_words() -> None:
    assert why_refused(Try(experiment="double-batch"), DIGITS) == ""
    assert why_refused(Try(experiment="cuda-graph"), DIGITS) == "cuda-graph needs CUDA, and the run is on cpu"
    assert why_refused(Try(experiment="doubled-batch"), DIGITS).startswith(
        "no experiment 'doubled-batch'; did you mean"
    )
    assert why_refused(SetKnob(name="batch", value=8), DIGITS) == ""
    assert why_refused(SetKnob(name="batch", value=0), DIGITS) == "batch=0 is not allowed; allowed: from 1 to 1437"
    of_two = replace(DIGITS, ranks=2)
    assert why_refused(SetKnob(name="batch", value=8), of_two) == why_refused(Try(experiment="resident-batch"), of_two)
    assert "one rank" in why_refused(Try(experiment="double-batch"), of_two)
    assert "one rank" in why_refused(SetKnob(name="batch", value=8), replace(of_two, workload="infer/digits"))


def test_what_only_the_run_knows_is_passed_on() -> None:
    assert why_refused(Try(experiment=""), DIGITS) == "", "it ends what is under way"
    assert why_refused(TakeProfile(), DIGITS) == ""
    assert why_refused(Try(experiment="magic"), None) == ""
    assert why_refused(Try(experiment="magic"), replace(DIGITS, workload="exec")) == ""
