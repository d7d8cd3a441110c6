"""What an end by a signal means, and what the signal is called."""

from __future__ import annotations

import signal

from workloads.end_signals import signal_name


def test_every_signal_that_can_be_sent_is_called_something() -> None:
    assert signal_name(signal.SIGKILL) == "SIGKILL"
    assert {signal_name(number) for number in range(1, 65)} >= {"SIGSEGV", "signal 40"}
