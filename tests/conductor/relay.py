"""Stands for what starts the ranks of one host: `NODE=DEED python -P relay.py --ranks N --nodes M --node K …`.

Aligns its clock as a worker does, speaks for one rank, and then does the deed that its host is named for.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time

from msgspec.structs import replace

from workloads.aligning import Aligning
from workloads.orders import Orders, die_with_parent
from workloads.recorder import writer_of
from workloads.rows import StepRow, pack
from workloads.wire.frames import AnyFrame, Done, Failure, Hello, Outcome, Phase, RunStarted
from workloads.wire.framing import frame_bytes


def main() -> int:
    """Hello, a few steps, the deed."""
    die_with_parent()
    parser = argparse.ArgumentParser()
    for name in ("ranks", "nodes", "node"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--rendezvous")
    parser.add_argument("--align", action="store_true")
    given = parser.parse_args()
    deed = os.environ["NODE"]
    if deed == "unreachable":
        sys.exit("ssh: connect to host unreachable port 22: No route to host")
    orders = Orders()
    aligning = orders.aligning = Aligning(writer_of(1), 1)
    orders.listen()
    aligning.wait()

    def say(frame: AnyFrame) -> None:
        aligning.write(frame_bytes(aligning.clock.frame(frame)))

    order = orders.start()
    assert order is not None
    run, rank, now = order.run, given.node * given.ranks, time.monotonic_ns()
    host = socket.gethostname()
    say(Hello(run=run, rank=rank, role="worker", pid=os.getpid(), host=host, monotonic_ns=now, wall_ns=time.time_ns()))
    if rank == 0:
        say(
            RunStarted(
                run=run,
                at_ns=now,
                workload=order.workload,
                parameters={"rendezvous": given.rendezvous},
                repeat=1,
                seed=0,
                device="cpu",
                device_name="a processor",
                precision="float32",
                unit="sample",
                ranks=given.ranks * given.nodes,
            )
        )
        say(Phase(run=run, at_ns=now, phase="measure"))
    for steps in pack(run, [StepRow(now, 1_000_000, 64)], aligning.clock):
        aligning.write(frame_bytes(replace(steps, rank=rank)))
    if deed == "fails":
        say(Failure(run=run, rank=rank, at_ns=time.monotonic_ns(), kind="crashed", message=f"rank {rank}: it broke"))
        say(Done(run=run, rank=rank, at_ns=time.monotonic_ns(), outcome="failed"))
        return 1
    while deed == "waits" and not orders.stopping:
        time.sleep(0.01)
    outcome: Outcome = "interrupted" if orders.stopping else "done"
    say(Done(run=run, rank=rank, at_ns=time.monotonic_ns(), outcome=outcome, dropped=3))
    return 0


if __name__ == "__main__":
    sys.exit(main())
