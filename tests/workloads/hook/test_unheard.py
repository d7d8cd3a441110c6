"""Steps of optimizers that are not heard: what is compiled as one with its hooks says nothing when it runs."""

from __future__ import annotations

from typing import Any, cast

from tests.workloads.hook.heard import hear
from tests.workloads.hook.kept import Kept
from workloads.hook.line import Line
from workloads.hook.loop import WITHOUT_OPTIMIZER, Loop


def _steps(versions: list[int | None]) -> list[dict[str, Any]]:
    """Of a loop in which each backward finds the weights changed so often."""
    kept = Kept()
    loop = Loop(cast("Line", kept))
    each = iter(versions)
    loop.version = lambda: next(each)
    for _ in versions:
        loop.forward_done(loop.clock(), loop.clock(), 1, 4, None, True, 0)
        loop.backward_begins(loop.clock())
        loop.backward_done(loop.clock())
    return kept.rows


def test_a_step_ends_where_weights_have_changed() -> None:
    (first, *steps) = _steps([step // 4 for step in range(40)])
    assert first["samples"] == 20, "until the first change"
    assert [step["samples"] for step in steps] == [16] * 8
    assert {step["optimizer_ns"] for step in steps} == {None}, "it was not measured"


def test_where_that_is_not_known_each_backward_ends_one_in_the_end() -> None:
    assert len(_steps([None] * (WITHOUT_OPTIMIZER + 5))) == 5
    assert len(_steps([7] * (WITHOUT_OPTIMIZER + 5))) == 5


def test_a_compiled_step_of_an_optimizer_is_counted() -> None:
    heard = hear(
        """
        import torch
        torch.set_num_threads(1)
        model = torch.nn.Linear(4, 4)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        step = torch.compile(optimizer.step, backend="eager")
        for _ in range(6):
            for _ in range(2):
                model(torch.ones(3, 4)).sum().backward()
            step()
            optimizer.zero_grad()
        """,
        forked=True,
    )
    assert heard.column("samples")[1:] == [6] * 4
    assert heard.column("optimizer_ns") == []
