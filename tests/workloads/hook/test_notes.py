"""What the script's threads note, and when the loop is told of it."""

from __future__ import annotations

from typing import cast

from tests.workloads.hook.heard import hear
from tests.workloads.hook.kept import Kept
from workloads.hook.line import Line
from workloads.hook.loop import Loop
from workloads.hook.notes import Notes

OPTIMIZER, MODULE = 1, 2


def _training() -> tuple[Kept, Loop, Notes]:
    """A training that is warm."""
    kept = Kept()
    loop = Loop(cast("Line", kept))
    notes = Notes(loop)
    loop.begin(0)
    loop.known = ("cpu", "float32")
    for step in range(6):
        _note(loop, notes, 1_000 * step)
        notes.catch_up()
    kept.said.clear()
    return kept, loop, notes


def _note(loop: Loop, notes: Notes, at: int) -> None:
    """A step of 1,000 ns, whose parts are 10, 20, 30 and 40 long."""
    notes.add((loop.loaded, at + 100, at + 110, 8))
    notes.add((loop.forward_done, at + 200, at + 220, MODULE, 0, None, True, 0))
    notes.add((loop.backward_begins, at + 300))
    notes.add((loop.backward_done, at + 330))
    notes.add((loop.optimizer_begins, OPTIMIZER, at + 960))
    notes.add((loop.optimizer_done, OPTIMIZER, at + 1_000))


def test_many_steps_are_told_at_a_time_and_are_what_they_were() -> None:
    kept, loop, notes = _training()
    assert not notes.prompt
    for step in range(6, 9):
        _note(loop, notes, 1_000 * step)
    assert kept.rows == []
    notes.gather()
    assert [row["start_ns"] for row in kept.rows] == [6_000, 7_000, 8_000]
    names = ("wall_ns", "samples", "data_wait_ns", "forward_ns", "backward_ns", "optimizer_ns")
    assert [[row[name] for name in names] for row in kept.rows] == [[1_000, 8, 10, 20, 30, 40]] * 3


def test_an_order_is_for_steps_behind_it_and_for_the_thread_of_the_script() -> None:
    kept, loop, notes = _training()
    ends: list[int] = []
    _note(loop, notes, 6_000)
    loop.ordered, notes.prompt = ends.append, True
    notes.gather()
    assert kept.rows == []
    _note(loop, notes, 7_000)
    notes.catch_up()
    assert (len(kept.rows), ends) == (2, [])
    _note(loop, notes, 8_000)
    notes.catch_up()
    assert ends == [9_000]


def test_nothing_is_told_when_the_hook_is_off() -> None:
    kept, loop, notes = _training()
    _note(loop, notes, 6_000)
    notes.stop()
    notes.catch_up()
    assert (kept.said, len(notes.waiting), notes.prompt) == ([], 0, True)


def test_threads_each_have_forwards_of_their_own() -> None:
    heard = hear(
        """
        import threading
        import torch
        from torch import nn

        torch.set_num_threads(1)
        inner, outer = threading.Barrier(2), threading.Barrier(2)

        class Meets(nn.Module):
            def __init__(self, barrier):
                super().__init__()
                self.barrier = barrier

            def forward(self, x):
                self.barrier.wait()
                return x

        model = nn.Sequential(nn.Linear(4, 4), Meets(outer), nn.Sequential(nn.Linear(4, 4), Meets(inner)), nn.ReLU())

        def serve():
            with torch.no_grad():
                for _ in range(50):
                    model(torch.ones(2, 4))

        threads = [threading.Thread(target=serve) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """,
        forked=True,
    )
    assert (heard.status, heard.err) == (0, "")
    assert heard.column("samples", "requests") == [2] * 100
