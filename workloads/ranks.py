"""The process that starts the ranks of one run: `python -P -m workloads.ranks --ranks N`.

A conductor starts it in the place of a worker and speaks to it as to one. It launches N workers on this host
with torch.distributed.elastic, which is what torchrun is, and relays between them and the conductor. With
`--nodes M --node K --rendezvous HOST:PORT` it is one of M such processes, which make one run of M × N ranks.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from workloads.aligning import Aligning
from workloads.failures import as_failure
from workloads.line import LINE
from workloads.orders import die_with_parent
from workloads.recorder import writer_of
from workloads.relay import Relay
from workloads.streams import Streams
from workloads.verdict import Verdict
from workloads.wire.clock import ALIGN
from workloads.wire.frames import Done, Failure
from workloads.worker import end_with_last_words, or_end

if TYPE_CHECKING:
    from torch.distributed import TCPStore  # type: ignore[attr-defined]  # torch exports it, unsaid

RENDEZVOUS_S: Final = 600
"""How long the relays of several hosts wait for each other."""
ELSEWHERE_S: Final = 1.0
"""Several hosts: a rank that crashed may only have missed one on another host, whose relay then speaks first."""
MONITOR_S: Final = 0.1
"""Between two looks whether all ranks still live."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole life of the relay. Gives its exit status: 1 when the run failed."""
    given = _parser().parse_args(arguments)
    die_with_parent()
    streams = Streams()
    threading.excepthook = partial(end_with_last_words, streams.errors)
    verdict = Verdict(given.ranks)
    write = or_end(writer_of(streams.wire))
    aligning = Aligning(write, streams.wire) if given.align else None
    relay = Relay(
        write if aligning is None else aligning.write,
        verdict,
        _starting(given),
        first_rank=given.node * given.ranks,
        aligning=aligning,
    )
    streams.read(relay.keep)
    relay.open(given.ranks, _stdin_moved_away())
    os.environ[LINE] = relay.address
    failure: Failure | None = None
    statuses: dict[int, int] = {}
    try:
        statuses = _launch(given)
    except Exception as error:  # noqa: BLE001 - the border: whatever the launcher raises is told, not thrown
        failure = as_failure(error, relay.now())
    relay.close()
    streams.close()
    failure = failure or verdict.failure(statuses, tuple(relay.last_words), relay.now())
    if failure is not None:
        if given.nodes > 1 and failure.kind == "crashed" and not verdict.silent:
            time.sleep(ELSEWHERE_S)
        relay.tell(failure)
    outcome = "failed" if failure is not None else verdict.outcome()
    reason = verdict.reason() if outcome == "skipped" else ""
    relay.tell(Done(at_ns=relay.now(), outcome=outcome, dropped=verdict.dropped(), reason=reason))
    return 1 if outcome == "failed" else 0


def _launch(given: argparse.Namespace) -> dict[int, int]:
    """Run the workers to their end → exit status of each rank that ended badly, likely causes first.

    In the main thread, since a rank dies with the thread that started it.
    """
    from torch.distributed.elastic.multiprocessing import SignalException  # noqa: PLC0415
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError  # noqa: PLC0415 - seconds
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch  # noqa: PLC0415

    from workloads.unlogged import Unlogged  # noqa: PLC0415

    alone = given.nodes == 1
    if alone and sys.platform == "linux":
        # A host's own name need not lead to an address that it can reach.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    store = store_on_loopback() if alone else None
    config = LaunchConfig(
        min_nodes=given.nodes,
        max_nodes=given.nodes,
        nproc_per_node=given.ranks,
        logs_specs=Unlogged(),
        run_id="benchtop",
        role="rank",
        rdzv_backend="static",
        rdzv_endpoint=f"127.0.0.1:{store.port}" if store is not None else given.rendezvous,
        rdzv_configs={"rank": given.node, "timeout": RENDEZVOUS_S},
        max_restarts=0,
        monitor_interval=MONITOR_S,
        local_addr="127.0.0.1" if alone else None,
    )
    try:
        elastic_launch(config, sys.executable)("-P", "-m", "workloads.worker", *([ALIGN] if given.align else []))
    except ChildFailedError as failed:
        # Whoever has SIGTERM from the launcher was ended because of another.
        in_order = sorted(failed.failures.items(), key=lambda item: item[1].exitcode == -signal.SIGTERM)
        return {rank: failure.exitcode for rank, failure in in_order}
    except SignalException:
        pass  # SIGTERM is Stop: the launcher has passed it on, and the ranks have said how they ended
    return {}


def _stdin_moved_away() -> int:
    """The descriptor of what stdin was. Ranks inherit stdin, and must not read what is meant for the relay."""
    orders = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return orders


def store_on_loopback() -> TCPStore:
    """Where the ranks of one host meet: nobody else can reach it.

    By itself torch listens on all interfaces. A store that is served in this process is found by its port, so that the
    launcher takes this one.
    """
    from torch.distributed import TCPStore  # type: ignore[attr-defined]  # noqa: PLC0415 - seconds

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    port: int = listening.getsockname()[1]
    return TCPStore(
        "127.0.0.1",
        port,
        is_master=True,
        wait_for_workers=False,
        multi_tenant=True,
        master_listen_fd=listening.detach(),
    )


def _starting(given: argparse.Namespace) -> str:
    where = "" if given.nodes == 1 else f" on node {given.node} of {given.nodes}"
    return f"starting {given.ranks} {'rank' if given.ranks == 1 else 'ranks'}{where}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workloads.ranks", description="the ranks of one run on this host")
    parser.add_argument("--ranks", type=int, required=True, help="workers on this host")
    parser.add_argument("--nodes", type=int, default=1, help="hosts in all")
    parser.add_argument("--node", type=int, default=0, help="which of them this is, from 0")
    parser.add_argument("--rendezvous", default="", metavar="HOST:PORT", help="where node 0 can be reached")
    parser.add_argument(ALIGN, action="store_true", help="the conductor is on another host, with another clock")
    return parser


if __name__ == "__main__":
    # Everything is sent, and every rank is gone.
    os._exit(main())
