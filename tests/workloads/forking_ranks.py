"""`workloads.ranks` whose ranks are forked from it, once it has imported what they need: run as a script.

Launcher, relay and ranks are the real ones; each rank is a process, in a session of its own, with the environment
that it is given. Only the seconds are spared in which each would import torch.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import Any

from torch.distributed.elastic.multiprocessing.subprocess_handler import SubprocessHandler

from workloads import ranks, worker

for name in ("torch._dynamo", "torch.distributed.fsdp", "workloads.launch", "workloads.train.digits"):
    importlib.import_module(name)


class ForkedWorker(subprocess.Popen[bytes]):
    """A worker that is started without a new interpreter."""

    def _execute_child(self, *given: Any) -> None:
        environment = given[6]
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            os.environ.clear()
            os.environ.update(environment)
            os._exit(worker.main())
        self._child_created = True


def start(_: SubprocessHandler, args: tuple[str, ...], env: dict[str, str]) -> ForkedWorker:
    """What the launcher calls for every rank."""
    assert args == (sys.executable, "-P", "-m", "workloads.worker")
    return ForkedWorker(args, env=env)


if __name__ == "__main__":
    SubprocessHandler._popen = start  # type: ignore[method-assign,assignment]
    os._exit(ranks.main())
