"""What an end by a signal means, and what the signal is called."""

from __future__ import annotations

import signal

import pytest

from workloads.end_signals import kind_of_end, signal_name
from workloads.wire.frames import FailureKind


@pytest.mark.parametrize(
    ("status", "out_of_memory", "kind"),
    [
        (0, False, "crashed"),
        (3, True, "crashed"),
        (-signal.SIGSEGV, True, "crashed"),
        (-signal.SIGKILL, False, "killed"),
        (-signal.SIGKILL, True, "out-of-memory"),
        (-signal.SIGTERM, True, "killed"),
    ],
)
def test_an_end_is_told_by_its_status(status: int, out_of_memory: bool, kind: FailureKind) -> None:
    assert kind_of_end(status, out_of_memory=out_of_memory) == kind


def test_every_signal_that_can_be_sent_is_called_something() -> None:
    assert signal_name(signal.SIGKILL) == "SIGKILL"
    assert {signal_name(number) for number in range(1, 65)} >= {"SIGSEGV", "signal 40"}
