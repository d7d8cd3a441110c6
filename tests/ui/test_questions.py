"""What is asked before a run is disturbed."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.live.view import View
from app.ui.screens.questions import end_run_question, try_question
from app.ui.trying import offered
from tests.ui import samples
from tests.ui.draw.why.samples import with_run


def _told(view: View, workload: str, experiment: str = "resident-batch") -> str:
    run = view.current
    assert run is not None
    return try_question(replace(run, workload=workload, kind="steps"), [(experiment, "")], experiment)._box._note


def test_of_a_script_it_is_said_what_an_experiment_cannot_put_back() -> None:
    view = samples.cpu_view()
    assert "place in its data go on" in _told(view, "exec")
    assert "place in its data" not in _told(view, "train/digits")


def test_all_experiments_are_offered_the_verdicts_own_first_and_the_impossible_with_why() -> None:
    run = samples.cpu_view().current
    assert run is not None
    experiments = offered(run, "double-batch")
    assert [name for name, why in experiments if not why] == ["double-batch", "resident-batch"]
    question = try_question(run, experiments, "double-batch")
    first, second, *_, graph, cancel = question._options
    assert (first.key, first.answer, question._box.marked) == ("x", "double-batch", 0)
    assert (second.key, second.answer) == ("2", "resident-batch")
    assert not graph.possible
    assert graph.meaning == "needs CUDA, and the run is on cpu"
    assert cancel.possible
    question._box.marked = 1
    question._box.refresh = lambda *_, **__: question._box  # type: ignore[method-assign]
    question._box.move(1)
    assert question._options[question._box.marked] is cancel, "what is impossible is passed over"


def test_of_a_script_it_is_known_what_its_hook_cannot_change() -> None:
    view = samples.cpu_view()
    assert view.current is not None
    assert view.current.started is not None
    run = replace(view.current, started=replace(view.current.started, workload="exec"))
    why = dict(offered(run, "cuda-graph"))
    assert next(iter(why)) == "cuda-graph"
    assert "only its author knows" in why["cuda-graph"]
    assert {name for name, reason in why.items() if not reason} == {"resident-batch", "bfloat16"}


def test_a_command_is_named_before_it_is_killed() -> None:
    run = with_run(samples.cpu_view(), workload="exec", title="python train.py").current
    assert run is not None
    question = end_run_question(run)
    assert question._title == "End the run of python train.py?"
    assert "command; the plan goes on with the next run" in question._options[0].meaning
    assert "command; the session ends" in end_run_question(run, last=True)._options[0].meaning
