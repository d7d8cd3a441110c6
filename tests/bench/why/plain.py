"""One script without benchtop: `python -m tests.bench.why.plain SECONDS FILE ARGUMENTS…` prints its steps a second.

A step is a step of an optimizer, or, of a script that has none, a forward that no other is around. What comes before
half of the time is over is warm-up.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import sys
import time
from types import FrameType

from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook


class Over(BaseException):
    """The time is up."""


class Clock:
    """When each step was over."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.forwards: list[float] = []
        self._depth = 0

    def listen(self) -> None:
        """Hear of every step and every outermost forward."""
        register_optimizer_step_post_hook(self._stepped)
        register_module_forward_pre_hook(self._enter)
        register_module_forward_hook(self._leave, always_call=True)

    def _stepped(self, optimizer: Optimizer, args: object, kwargs: object) -> None:
        self.steps.append(time.perf_counter())

    def _enter(self, module: nn.Module, args: object) -> None:
        self._depth += 1

    def _leave(self, module: nn.Module, args: object, output: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.forwards.append(time.perf_counter())


def main() -> None:
    """Run it, and say what it did in a line of JSON."""
    seconds, file, clock = float(sys.argv[1]), sys.argv[2], Clock()
    clock.listen()
    sys.argv = sys.argv[2:]
    signal.signal(signal.SIGALRM, _over)
    began = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with contextlib.suppress(Over):
        runpy.run_path(file, run_name="__main__")
    ended = time.perf_counter()
    late = [at for at in clock.steps or clock.forwards if at > (began + ended) / 2]
    rate = (len(late) - 1) / (late[-1] - late[0]) if len(late) > 1 else None
    if os.environ.get("RANK", "0") == "0":
        print("\n" + json.dumps({"steps_per_s": rate, "steps": len(clock.steps or clock.forwards)}), flush=True)
    os._exit(0)


def _over(number: int, frame: FrameType | None) -> None:
    raise Over


if __name__ == "__main__":
    main()
