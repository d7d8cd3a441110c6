"""Samples of a step with several optimizers, where no DataLoader tells them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.workloads.hook.kept import Kept
from workloads.hook.line import Line
from workloads.hook.loop import Loop

GENERATOR, CRITIC, LOSS, SCALE, OF_CRITIC, OF_GENERATOR = range(6)
"""Modules and optimizers."""

TURNS = [
    (GENERATOR, 6),
    (CRITIC, 6),
    (LOSS, 6),
    (CRITIC, 6),
    (LOSS, 6),
    OF_CRITIC,
    (CRITIC, 6),
    (LOSS, 6),
    OF_GENERATOR,
]


def _steady(step: list[Any], times: int = 8) -> int:
    """Samples of a step that is made again and again: modules with the size of their batch, and optimizers."""
    kept = Kept()
    loop = Loop(cast("Line", kept))
    loop.trains = True
    for _ in range(times):
        for each in step:
            if isinstance(each, tuple):
                loop.forward_done(loop.clock(), loop.clock(), each[0], each[1], None, True, 0)
            else:
                loop.optimizer_begins(each, loop.clock())
                loop.optimizer_done(each, loop.clock())
    return cast("int", kept.rows[-1]["samples"])


@pytest.mark.parametrize(
    ("step", "samples"),
    [
        (TURNS, 6),
        ([(SCALE, 1), *TURNS], 6),
        ([(module, 1) for module in (GENERATOR, CRITIC, CRITIC)] + [OF_CRITIC, (CRITIC, 1), OF_GENERATOR], 1),
        ([(CRITIC, 6)] * 3 + [OF_CRITIC, OF_GENERATOR], 18),
        ([(CRITIC, 6)] * 3 + [OF_CRITIC], 18),
    ],
)
def test_what_is_given_to_models_in_turns_counts_once(step: list[Any], samples: int) -> None:
    assert _steady(step) == samples
