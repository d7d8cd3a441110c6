"""A worker's part in aligning clocks: it answers between two frames, and never waits for a line that is full."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from workloads.aligning import Aligning
from workloads.catalog import find_workload
from workloads.orders import Orders
from workloads.paths import at_home
from workloads.recorder import writer_of
from workloads.wire.commands import Ping, SetClock, Start, Stop
from workloads.wire.frames import Pong
from workloads.wire.framing import FrameReader, frame_bytes


def test_a_ping_is_answered_at_once_with_both_instants_of_this_clock() -> None:
    reading, writing = os.pipe()
    Aligning(writer_of(writing), writing).obey(Ping(sent_ns=5), read_ns=7)
    (pong,) = FrameReader().feed(os.read(reading, 4096))
    assert isinstance(pong, Pong)
    assert (pong.sent_ns, pong.received_ns) == (5, 7)
    assert pong.replied_ns > 7
    for end in (reading, writing):
        os.close(end)


def test_a_ping_on_a_full_line_stays_unanswered_and_holds_nobody_up() -> None:
    reading, writing = os.pipe()
    size = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writing, b"x" * size)
    Aligning(writer_of(writing), writing).obey(Ping(sent_ns=5), read_ns=7)
    assert os.read(reading, 2 * size) == b"x" * size
    for end in (reading, writing):
        os.close(end)


@pytest.mark.parametrize(("last", "aligned"), [(SetClock(offset_ns=3, error_ns=1), True), (Stop(), False)])
def test_a_worker_waits_for_its_clock_or_for_stop(last: SetClock | Stop, aligned: bool) -> None:
    reading, writing = os.pipe()
    order = Start(run=1, workload="w", parameters={}, seed=0, folder="/f")
    orders = Orders(reading, orphaned=lambda: None)
    aligning = orders.aligning = Aligning(writer_of(writing), writing)
    os.write(writing, frame_bytes(last) + frame_bytes(order))
    orders.listen()
    assert aligning.wait() is aligned
    assert orders.start() == (order if aligned else None)
    os.close(writing)


def test_paths_under_the_home_there_are_written_out_and_the_folder_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    order = Start(
        run=1,
        workload="infer/digits",
        parameters={"weights": "~/w.pt", "precision": "~/", "batch": 1},
        seed=0,
        folder="~/.cache/benchtop/s",
    )
    entry = find_workload("infer/digits")
    placed = at_home(order, entry)
    assert placed.folder == str(tmp_path / ".cache/benchtop/s")
    assert Path(placed.folder).stat().st_mode & 0o777 == 0o700
    assert placed.parameters == {"weights": str(tmp_path / "w.pt"), "precision": "~/", "batch": 1}, "only of files"
    plain = replace(order, parameters={"weights": "/a/w.pt"}, folder=str(tmp_path / "here"))
    assert at_home(plain, entry) == plain
    assert not Path(plain.folder).exists()
