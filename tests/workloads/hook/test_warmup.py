"""When a script is warm: what comes from there on is measured."""

from __future__ import annotations

from typing import cast

from tests.workloads.hook.heard import hear
from tests.workloads.hook.kept import Kept
from workloads.hook.line import Line
from workloads.hook.loop import NEVER_WARM_AT_LEAST, NEVER_WARM_STEPS, WARMUP_STEPS, Loop


def _steps_until_warm(compiles: int, wall_ns: int = 1) -> int:
    """How many steps a script takes that compiles something in so many of its first steps."""
    line = Kept()
    loop = Loop(cast("Line", line))
    loop.begin(0)
    for step in range(1, 200):
        loop.compiled += step <= compiles
        loop.steps = step
        loop._warm(step, wall_ns)
        if line.said[-1]["phase"] == "measure":
            return step
    raise AssertionError("it was never warm")


def test_compilations_are_heard_after_a_reset() -> None:
    heard = hear(
        """
        import torch
        torch.set_num_threads(1)
        model = torch.nn.Linear(4, 4)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        def made(scale):
            torch.compiler.reset()
            return torch.compile(lambda x: model(x).sum() * scale, backend="eager")
        for step in range(4):
            made(float(step))(torch.ones(2, 4)).backward()
            optimizer.step()
        """
    )
    assert heard.err == ""
    assert len(heard.events("compile")) == 4
    assert [header["kind"] for header, _ in heard.lines[0]][:2] == ["hello", "event"]


def test_a_script_is_warm_when_it_compiles_no_more() -> None:
    assert _steps_until_warm(0) == WARMUP_STEPS
    assert _steps_until_warm(8) == 9


def test_a_script_that_compiles_in_every_step_is_as_warm_as_it_will_be() -> None:
    assert _steps_until_warm(1000) == NEVER_WARM_STEPS
    assert _steps_until_warm(1000, 600_000_000) == 17
    assert _steps_until_warm(1000, 60_000_000_000) == NEVER_WARM_AT_LEAST
    assert _steps_until_warm(2, 60_000_000_000) == 3


def test_a_forward_that_nothing_tells_of_is_not_measured() -> None:
    line = Kept()
    loop = Loop(cast("Line", line))
    loop.begin(0)
    loop.close(10)
    loop.passed = True
    loop.close(20)
    assert [row["forward_ns"] for row in line.rows] == [None, 0]
