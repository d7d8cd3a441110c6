"""Something long says that it goes on, and nothing afterwards."""

from __future__ import annotations

import threading

from workloads.heartbeat import heartbeat


def test_it_is_said_until_it_is_over() -> None:
    said: list[str] = []
    twice = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 2:
            twice.set()

    with heartbeat(say, "compiling", every_s=0.001):
        assert twice.wait(30)
    count = len(said)
    assert said[0] == "compiling: 0 s"
    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat"]
    assert len(said) == count
