"""benchtop's worker, serving a model whose every batch takes the same time: what it computes, and then waiting.

`python -P -m tests.bench.fixed_service`, in the place of `workloads.worker`. All else is benchtop's own.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from workloads import worker
from workloads.infer.server import Server

SERVICE_NS = 10_000_000
"""Longer than the net itself takes, so that both load generators serve the same time; and long beside their own work,
about 50 µs of Python a request, which a queue multiplies."""


def wait_until(end_ns: int) -> None:
    """Without a sleep, which would end late."""
    while time.monotonic_ns() < end_ns:
        pass


def main() -> int:
    """A worker, but for its server."""
    patched: Any = Server
    submit = Server.submit

    def submit_fixed(server: Server, *given: Any) -> Any:
        end_ns = time.monotonic_ns() + SERVICE_NS
        ticket = submit(server, *given)
        wait_until(end_ns)
        return ticket

    patched.submit = submit_fixed
    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
