"""Requests that are due, in front of one server: each is answered when a queue computed by hand says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from workloads.infer.load.answers import Answers
from workloads.infer.load.arrivals import arrivals, poisson_gaps
from workloads.infer.load.open_loop import OpenLoop
from workloads.infer.load.queries import Queries
from workloads.infer.load.schedule import Schedule
from workloads.infer.ticket import Ticket
from workloads.recorder import Recorder
from workloads.rows import RequestRow
from workloads.wire.frames import ANSWERED, UNSERVED

US, MS, SECOND = 1_000, 1_000_000, 1_000_000_000
GRAIN = 10 * US
"""All times are whole grains, which a loop that asks every microsecond is far within: what is computed is exact."""


class Rows(Recorder):
    """A recorder that keeps rows."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.rows: list[RequestRow] = []

    def row(self, row: object) -> None:
        assert isinstance(row, RequestRow)
        self.rows.append(row)


class Host:
    """Time passes in sleeps and in the server's work, and a microsecond at a time while the loop only asks for it."""

    def __init__(self, service_ns: int, *, device: bool = False) -> None:
        self.now_ns = 5 * SECOND
        self.began_ns = self.now_ns
        self.served: list[int] = []
        self._service_ns = service_ns
        self._device = device
        self._free_ns = 0
        self._asked = 0

    def clock(self) -> int:
        self._asked += 1
        if self._asked > 6:
            self.now_ns += US
        return self.now_ns

    def pause(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)
        self._asked = 0

    def submit(self, count: int) -> Ticket:
        self.served.append(count)
        self._asked = 0
        if not self._device:
            self.now_ns += self._service_ns
            return Ticket()
        self._free_ns = max(self._free_ns, self.now_ns) + self._service_ns
        return Ticket(ended=Event(lambda free_ns=self._free_ns: self.clock() >= free_ns))  # type: ignore[misc]


@dataclass
class Event:
    """Passed when that is so."""

    passed: Callable[[], bool]

    def record(self) -> None: ...

    def query(self) -> bool:
        return self.passed()

    def elapsed_time(self, _: object) -> float:
        raise NotImplementedError


def serve(
    host: Host, due_ns: Sequence[int], *, limit_ns: int = 1 << 62, span_ns: int = 0, **options: object
) -> list[RequestRow]:
    """All rows, with times from the start of measuring in whole grains."""
    recorder = Rows()
    loop = OpenLoop(host.submit, Answers(recorder), clock=host.clock, pause=host.pause, **{"most": 1, **options})  # type: ignore[arg-type]
    loop.serve(Schedule(due_ns, span_ns, limit_ns))
    times = ("scheduled_ns", "sent_ns", "first_ns", "done_ns", "started_ns")
    return [
        row._replace(
            **{name: (at - host.began_ns) // GRAIN * GRAIN for name in times if (at := getattr(row, name)) is not None}
        )
        for row in recorder.rows
    ]


def drawn(rate: float, count: int) -> list[int]:
    """Poisson arrivals, in whole grains."""
    return [ns // GRAIN * GRAIN for ns in arrivals(poisson_gaps(rate, (1, 1)), count=count, duration_s=None)]


@pytest.mark.parametrize("load", [0.3, 0.8, 1.2])
def test_latencies_are_those_of_lindleys_recursion(load: float) -> None:
    """One server, one at a time: wait of the next = max(0, wait + service − gap) (Lindley 1952)."""
    service, due = 2 * MS, drawn(load / 2e-3, 300)
    rows = serve(Host(service), due)
    wait, expected = 0, []
    for number, at in enumerate(due):
        wait = max(0, wait + service - (at - due[number - 1])) if number else 0
        expected.append(wait + service)
    assert [row.scheduled_ns for row in rows] == due
    assert [row.done_ns - row.scheduled_ns for row in rows] == expected
    assert all(row.sent_ns == row.scheduled_ns for row in rows), "a simulated generator is never late"
    assert [row.done_ns - (row.started_ns or 0) for row in rows] == [service] * 300


def batches(due: Sequence[int], service: int, most: int, delay: int) -> list[tuple[int, int]]:
    """By hand: when each batch starts, and how many are in it."""
    made, free, first = [], 0, 0
    while first < len(due):
        full = due[first + most - 1] if first + most <= len(due) else 1 << 62
        start = max(free, min(full, due[first] + delay))
        count = sum(at <= start for at in due[first : first + most])
        made.append((start, count))
        free, first = start + service, first + count
    return made


@pytest.mark.parametrize(("most", "delay"), [(4, 0), (4, 3 * MS), (32, 5 * MS), (1, 3 * MS)])
def test_a_batch_starts_when_it_is_full_or_when_its_oldest_has_waited_long_enough(most: int, delay: int) -> None:
    service, due = 4 * MS, drawn(600.0, 300)
    host = Host(service)
    rows = serve(host, due, most=most, max_delay_ns=delay)
    expected = batches(due, service, most, delay)
    assert host.served == [count for _, count in expected]
    starts = [start for start, count in expected for _ in range(count)]
    assert [row.started_ns for row in rows] == starts


def test_on_a_device_batches_go_ahead_and_are_answered_in_order() -> None:
    service, due = 2 * MS, [0, 0, 0, 0, 0, 0, 20 * MS]
    rows = serve(Host(service, device=True), due)
    assert [row.done_ns for row in rows] == [2 * MS, 4 * MS, 6 * MS, 8 * MS, 10 * MS, 12 * MS, 22 * MS]
    started = [0, 0, 2 * MS, 4 * MS]
    assert [row.started_ns for row in rows[:4]] == started, "one is served, one is behind it, the others may yet be one"
    assert (rows[4].started_ns or 0) >= 2 * MS, "the fifth when the first is answered"


def test_lag_is_what_the_generator_is_late_by_while_the_server_is_free() -> None:
    host = Host(2 * MS)

    def oversleeps(seconds: float) -> None:
        host.pause(seconds + 1e-3)

    recorder = Rows()
    loop = OpenLoop(host.submit, Answers(recorder), most=1, clock=host.clock, pause=oversleeps)
    loop.serve(Schedule([10 * MS, 11 * MS, 12 * MS], 0, SECOND))
    lags = [row.sent_ns - row.scheduled_ns for row in recorder.rows]
    assert [lag // GRAIN * GRAIN for lag in lags] == [800 * US, 0, 0], (
        "those that came while the server was busy could not have been taken earlier"
    )


def test_what_is_not_served_by_the_limit_is_told_as_never_served() -> None:
    rows = serve(Host(10 * MS), [0, MS, 2 * MS, 3 * MS], limit_ns=15 * MS)
    assert [row.outcome for row in rows] == [ANSWERED, ANSWERED, UNSERVED, UNSERVED]
    assert [(row.scheduled_ns, row.sent_ns, row.started_ns) for row in rows[2:]] == [
        (2 * MS, 2 * MS, None),
        (3 * MS, 3 * MS, None),
    ]
    assert {row.done_ns for row in rows[2:]} == {20 * MS}
    assert all(row.first_ns == row.done_ns for row in rows)


def test_a_stop_ends_it_soon_and_what_was_not_due_yet_is_not_told() -> None:
    host = Host(10 * MS)
    rows = serve(host, [0, 5 * MS, 900 * MS], stopping=lambda: bool(host.served))
    assert [row.outcome for row in rows] == [ANSWERED, UNSERVED]


def test_measuring_goes_on_to_the_end_of_the_time_in_which_requests_may_come() -> None:
    host = Host(MS)
    serve(host, [0], span_ns=SECOND)
    assert host.now_ns - host.began_ns >= SECOND
    assert host.now_ns - host.began_ns < SECOND + 10 * MS


def test_all_at_once_are_served_in_full_batches_and_watched() -> None:
    host, seen = Host(100 * MS), list[int]()
    rows = serve(host, [0] * 10, most=4, watch=lambda _, waiting: seen.append(waiting))
    assert host.served == [4, 4, 2]
    assert [row.done_ns for row in rows] == [100 * MS] * 4 + [200 * MS] * 4 + [300 * MS] * 2
    assert (seen[0], seen[-1]) == (10, 0)


@pytest.mark.parametrize("device", [False, True])
def test_a_query_is_answered_when_all_its_samples_are(*, device: bool) -> None:
    class Once:
        done = 0

        def begin(self) -> None: ...

        def over(self) -> bool:
            return self.done == 2

    host, recorder = Host(5 * MS, device=device), Rows()
    Queries(recorder, host.submit, samples=10, most=4, units=3, clock=host.clock).serve(Once())  # type: ignore[arg-type]
    assert host.served == [4, 4, 2] * 2
    assert [row.samples for row in recorder.rows] == [30, 30]
    for row in recorder.rows:
        assert 15 * MS <= row.done_ns - row.sent_ns < 16 * MS
        assert row.scheduled_ns == row.sent_ns == row.started_ns
    assert 0 <= recorder.rows[1].sent_ns - recorder.rows[0].done_ns <= US
