"""What is asked before a run is disturbed."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.view import View
from app.ui.screens.questions import end_run_question, try_question
from tests.ui import samples
from tests.ui.draw.why.samples import with_run


def _told(view: View, workload: str, experiment: str = "resident-batch") -> str:
    run = view.current
    assert run is not None
    question = try_question(replace(run, workload=workload, kind="steps"), experiment)
    return " ".join(option.meaning for option in question._options)


def test_of_a_script_it_is_said_what_an_experiment_cannot_put_back() -> None:
    view = samples.cpu_view()
    assert "place in its data go on" in _told(view, "exec")
    assert "place in its data" not in _told(view, "train/digits")


def test_a_command_is_named_before_it_is_killed() -> None:
    run = with_run(samples.cpu_view(), workload="exec", title="python train.py").current
    assert run is not None
    question = end_run_question(run)
    assert question._title == "End the run of python train.py?"
    assert "command; the plan goes on with the next run" in question._options[0].meaning
    assert "command; the session ends" in end_run_question(run, last=True)._options[0].meaning
