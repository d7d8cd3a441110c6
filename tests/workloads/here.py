"""A workload in this process: the same orders and frames as a worker's, without its two seconds of importing torch.

Without its garbage collection before a measured loop either: here that looks through all that pytest has imported,
a quarter of a second for nothing.
"""

from __future__ import annotations

from importlib import import_module
from unittest.mock import patch

from tests.workloads.process import Talk
from workloads.catalog import find_workload
from workloads.launch import prepare
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.wire.commands import Start
from workloads.wire.framing import FrameReader


def run_here(order: Start, orders: Orders | None = None) -> Talk:
    """Carry out the order, and the others that come with it, and give all frames. Raises what the workload raises."""
    sent, entry = bytearray(), find_workload(order.workload)
    recorder = Recorder(sent.extend)
    recorder.run = order.run
    with patch("workloads.timing.gc"):
        import_module(entry.module).run(prepare(order, entry, recorder, orders or Orders()))
    recorder.start()
    recorder.close()
    return Talk(list(FrameReader().feed(sent)))
