"""Between two runs the judge is asked; whatever it does, the session goes on."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from app.conductor.judging import Judging
from app.conductor.record import Record
from app.session.planning.plan import Plan, PlannedRun
from app.session.results.judgement import Judgement
from app.session.store.folder import SessionFolder, create_session
from tests.conductor.harness import journal
from workloads.wire.frames import Estimate, Finding

PLAN = Plan(
    name="repeats",
    runs=tuple(PlannedRun(run=run, workload="train/digits", repeat=run, variant=1) for run in (1, 2, 3)),
    created_ns=0,
)
ESTIMATE = '{"frame":"estimate","at_ns":%s,"variant":1,"metric":"samples_per_s","value":2.0,"repeats":2}'


def asked(
    home: Path, code: str, *runs: int, patience_s: float = 30.0, plan: Plan = PLAN
) -> tuple[list[Judgement], SessionFolder]:
    """What a judge of these words says before each run, and the session with what was recorded."""
    folder = create_session(home, plan)
    record = Record(folder)
    judging = Judging(folder, plan, record, (sys.executable, "-S", "-c", code), patience_s)

    async def ask() -> list[Judgement]:
        return [await judging.before(run) for run in runs]

    judgements = asyncio.run(ask())
    record.close()
    return judgements, folder


def test_it_is_told_the_session_and_the_run_and_decides_its_parameters(tmp_path: Path) -> None:
    code = "import sys, json; print(json.dumps({'parameters': {'rate': int(sys.argv[2]), 'at': sys.argv[1]}}))"
    (judgement,), folder = asked(tmp_path, code, 2)
    assert judgement.parameters == {"rate": 2, "at": str(folder.path)}


def test_it_is_given_back_what_it_wanted_to_remember(tmp_path: Path) -> None:
    code = """if 1:
        import base64, json, sys
        memory = sys.stdin.buffer.read()
        print(json.dumps({"skip": memory.decode() or None, "memory": base64.b64encode(memory + b"x").decode()}))
    """
    judgements, _ = asked(tmp_path, code, 1, 2, 3)
    assert [judgement.skip for judgement in judgements] == [None, "x", "xx"]


def test_a_skip_of_the_rest_is_not_asked_for_again(tmp_path: Path) -> None:
    code = """if 1:
        import sys
        with open(sys.argv[1] + "/asked", "a") as file: file.write(sys.argv[2])
        print('{"skip": "known", "rest": true}' if sys.argv[2] != "0" else "{}")
    """
    judgements, folder = asked(tmp_path, code, 2, 3, 0)
    assert [judgement.skip for judgement in judgements] == ["known", "known", None]
    assert (folder.path / "asked").read_text() == "20"


def test_a_search_whose_judge_fails_ends_since_its_tries_have_no_rate(tmp_path: Path) -> None:
    tries = tuple(PlannedRun(run=run, workload="infer/gpt", parameters={"load": "poisson"}) for run in (1, 2))
    plan = Plan(name="search", runs=tries, created_ns=0, search=True)
    judgements, folder = asked(tmp_path, "import sys; sys.exit('too many tables')", 1, 2, plan=plan)
    assert [judgement.skip for judgement in judgements] == ["its rate could not be decided"] * 2
    (finding,) = [frame for frame in journal(folder) if isinstance(frame, Finding)]
    assert finding.message == "the tries so far could not be judged: too many tables"


def test_an_estimate_is_recorded_once_as_long_as_it_says_the_same(tmp_path: Path) -> None:
    said = ESTIMATE % "' + str(time.monotonic_ns()) + '"
    code = f"""import time; print('{{"estimates": [{said}]}}')"""
    _, folder = asked(tmp_path, code, 2, 3)
    (estimate,) = [frame for frame in journal(folder) if isinstance(frame, Estimate)]
    assert (estimate.value, estimate.low) == (2.0, None)


@pytest.mark.parametrize(
    ("code", "patience_s", "words"),
    [
        ("import sys; sys.exit('the tables are damaged')", 30.0, "judged: the tables are damaged"),
        ("import sys; sys.exit(3)", 30.0, "status 3"),
        ("print('no JSON')", 30.0, "it said something else"),
        ("import signal; signal.pause()", 0.2, "it took longer than"),
    ],
)
def test_a_judge_that_fails_is_a_finding_and_the_run_is_needed(
    tmp_path: Path, code: str, patience_s: float, words: str
) -> None:
    (judgement,), folder = asked(tmp_path, code, 2, patience_s=patience_s)
    assert judgement == Judgement()
    (finding,) = [frame for frame in journal(folder) if isinstance(frame, Finding)]
    assert finding.kind == "judge-failed"
    assert words in finding.message


def test_a_session_without_repeats_has_no_judge(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    record = Record(folder)
    plan = Plan(name="once", runs=PLAN.runs[:1], created_ns=0)
    judging = Judging(folder, plan, record, ("no-such-command",))
    assert asyncio.run(judging.before(0)) == Judgement()
    record.close()
    assert journal(folder) == []


def test_a_session_that_is_stopped_waits_for_no_judge(tmp_path: Path) -> None:
    folder = create_session(tmp_path, PLAN)
    record = Record(folder)
    waits = "import signal, sys; open(sys.argv[1] + '/asked', 'w').close(); signal.pause()"
    judging = Judging(folder, PLAN, record, (sys.executable, "-S", "-c", waits))

    async def stop() -> Judgement:
        asking = asyncio.ensure_future(judging.before(2))
        while not (folder.path / "asked").exists():
            await asyncio.sleep(0.01)
        judging.stop()
        return await asking

    assert asyncio.run(stop()) == Judgement()
    record.close()
    assert journal(folder) == [], "that it was ended is no fault of its own"
