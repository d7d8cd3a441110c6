"""What the measured loop tells arrives in order and in columns; what does not fit is counted."""

from __future__ import annotations

import pytest

from workloads.recorder import LOGS, Recorder
from workloads.rows import ROWS_A_FRAME, RequestRow, Row, StepRow, pack
from workloads.wire.clock import AlignedClock
from workloads.wire.columns import length, unpack
from workloads.wire.frames import AnyFrame, Done, Log, Overhead, Phase, Requests, Score, Steps
from workloads.wire.framing import FrameReader


def heard(recorder: Recorder, sent: bytearray) -> list[AnyFrame]:
    """All that the recorder had to send. Its thread starts only now, so that nothing of it is left to chance."""
    recorder.start()
    recorder.close()
    return list(FrameReader().feed(sent))


def test_rows_stand_between_the_phases_that_they_were_made_in() -> None:
    sent = bytearray()
    recorder = Recorder(sent.extend)
    recorder.run = 3
    for phase in ("warmup", "measure", "evaluate"):
        recorder.frame(Phase(at_ns=1, phase=phase))
        for start in range(2):
            recorder.row(StepRow(start, 1, 64))
    frames = heard(recorder, sent)
    assert [type(frame) for frame in frames] == [Phase, Steps] * 3
    assert {frame.run for frame in frames} == {3}


def test_a_line_that_comes_while_the_last_frame_is_sent_does_not_come_behind_it() -> None:
    sent = bytearray()

    def write(data: bytes) -> None:
        sent.extend(data)
        recorder.log(Log(at_ns=2, text="late", origin="stdout"))

    recorder = Recorder(write)
    recorder.start()
    recorder.close(Done(at_ns=1, outcome="done"))
    assert [type(frame) for frame in FrameReader().feed(sent)] == [Overhead, Done]


def test_every_rank_says_its_phases_and_the_first_alone_what_is_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = bytearray()
    monkeypatch.setenv("RANK", "1")
    recorder = Recorder(sent.extend)
    recorder.frame(Phase(at_ns=1, phase="measure"))
    recorder.row(StepRow(1, 1, 64))
    recorder.frame(Score(at_ns=2, metric="loss", value=1.0, samples=1))
    assert [(type(frame), frame.rank) for frame in heard(recorder, sent)] == [(Phase, 1), (Steps, 1)]


def test_a_column_is_whole_or_absent_and_frames_are_cut_where_that_changes() -> None:
    rows: list[Row] = [StepRow(1, 5, 64, loss=0.5), StepRow(6, 5, 64, loss=0.25), StepRow(11, 5, 64, device_ns=4)]
    first, second = pack(1, rows)
    assert isinstance(first, Steps)
    assert isinstance(second, Steps)
    assert first.loss is not None
    assert list(unpack(first.loss)) == [0.5, 0.25]
    assert first.device_ns is first.tokens is first.data_wait_ns is None
    assert second.loss is None
    assert second.device_ns is not None
    assert list(unpack(second.device_ns)) == [4]


def test_steps_and_requests_never_share_a_frame_and_no_frame_is_large() -> None:
    rows: list[Row] = [RequestRow(1, 1, 2, 3, 1, 0)] * (ROWS_A_FRAME + 1) + [StepRow(1, 1, 1)]
    frames = list(pack(1, rows))
    assert [type(frame) for frame in frames] == [Requests, Requests, Steps]
    assert isinstance(frames[1], Requests)
    assert length(frames[1].done_ns) == 1


def test_what_the_buffer_cannot_hold_is_counted_and_frames_still_pass() -> None:
    sent = bytearray()
    recorder = Recorder(sent.extend, capacity=10)
    for start in range(25):
        recorder.row(StepRow(start, 1, 64))
    recorder.frame(Phase(at_ns=1, phase="evaluate"))
    steps, phase = heard(recorder, sent)
    assert isinstance(steps, Steps)
    assert isinstance(phase, Phase)
    assert list(unpack(steps.start_ns)) == list(range(10))
    assert recorder.dropped == 15


def test_before_its_last_word_it_tells_what_sending_has_cost() -> None:
    sent = bytearray()
    recorder = Recorder(sent.extend)
    recorder.run = 3
    for start in range(25):
        recorder.row(StepRow(start, 1, 64))
    for start in range(5):
        recorder.row(RequestRow(start, 1, 2, 3, 1, 0))
    recorder.frame(Done(at_ns=1))
    *_, cost, done = heard(recorder, sent)
    assert isinstance(cost, Overhead)
    assert isinstance(done, Done)
    assert (cost.role, cost.run, cost.rows) == ("worker", 3, 30)
    assert 0 < cost.cpu_s <= cost.wall_s


def test_log_lines_that_do_not_fit_are_counted_and_said() -> None:
    sent = bytearray()
    recorder = Recorder(sent.extend)
    for _ in range(LOGS + 7):
        recorder.log(Log(at_ns=1, text="line"))
    *lines, last = heard(recorder, sent)
    assert len(lines) == LOGS
    assert isinstance(last, Log)
    assert last.text.startswith("7 log lines left out")


def test_with_a_clock_every_instant_that_is_sent_is_the_conductors_and_no_duration_changes() -> None:
    sent, clock = bytearray(), AlignedClock()
    clock.set(1_000_000, 0)
    recorder = Recorder(sent.extend, clock=clock)
    recorder.frame(Phase(at_ns=5, phase="measure"))
    recorder.row(StepRow(10, 7, 64, data_wait_ns=3))
    recorder.row(RequestRow(11, 12, 13, 14, 1, 0, device_ns=2))
    recorder.log(Log(at_ns=6, text="line"))
    log, phase, steps, requests = heard(recorder, sent)
    assert isinstance(log, Log)
    assert isinstance(phase, Phase)
    assert isinstance(steps, Steps)
    assert isinstance(requests, Requests)
    assert (log.at_ns, phase.at_ns) == (1_000_006, 1_000_005)
    assert [list(unpack(column)) for column in (steps.start_ns, steps.wall_ns, steps.samples)] == [
        [1_000_010],
        [7],
        [64],
    ]
    instants = (requests.scheduled_ns, requests.sent_ns, requests.first_ns, requests.done_ns)
    assert [unpack(column)[0] for column in instants] == [1_000_011, 1_000_012, 1_000_013, 1_000_014]
    assert steps.data_wait_ns is not None
    assert requests.device_ns is not None
    assert (unpack(steps.data_wait_ns)[0], unpack(requests.device_ns)[0]) == (3, 2)


def test_a_row_has_the_columns_of_its_frame_in_their_order() -> None:
    for row, frame in ((StepRow, Steps), (RequestRow, Requests)):
        columns = [name for name in frame.__struct_fields__ if name not in ("run", "rank", "passes")]
        assert row._fields == tuple(columns)
