"""The lines around the panels."""

from __future__ import annotations

from datetime import UTC

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.live.view import EMPTY, LogLine, View
from app.ui.draw.palette import NAMES
from app.ui.draw.rows import Row, row_width
from app.ui.draw.status import keys_row, notice_row, plan_row, status_row
from tests.ui import samples
from tests.ui.draw.text import text_of

GPU = samples.h200_view()
KEYS = (("q", "quit"), ("space", "freeze"), ("⏎", "enlarge"))


def words(row: Row) -> list[str]:
    """What stands in a row, in pieces between at least two blanks."""
    return [part.strip() for part in text_of(row).split("  ") if part.strip()]


def test_the_status_says_what_runs_since_when_on_what_and_what_is_saved() -> None:
    assert words(status_row(GPU, None, 140, UTC)) == [
        "benchtop", "train/digits", "measure 00:42", "NVIDIA H200 · 62 °C · 676 W", "live", "4.01 MiB saved",
    ]  # fmt: skip


def test_runs_that_are_over_stand_before_the_present_one() -> None:
    first, second = (
        samples.training(state="done"),
        samples.serving(state="running", phase="warmup", phase_began_ns=samples.NOW),
    )
    view = msgspec.structs.replace(GPU, runs=(first, second), current=second)
    assert words(status_row(view, None, 140, UTC))[1:3] == ["train/digits ✓ ▸ infer/digits", "warm-up 00:00"]


def test_of_many_runs_the_present_one_is_counted() -> None:
    runs = tuple(samples.training(run=number, state="done") for number in range(1, 9))
    view = msgspec.structs.replace(GPU, runs=runs, current=runs[4])
    assert words(status_row(view, None, 140, UTC))[1] == "5 of 8 train/digits ✓"


def test_where_the_runs_so_far_leave_no_room_for_what_goes_on_the_present_one_is_counted() -> None:
    first, second = samples.training(run=1, state="done"), samples.serving(run=2, state="done")
    third = samples.training(run=3, state="running", phase="measure", measured_s=42)
    view = msgspec.structs.replace(GPU, runs=(first, second, third), current=third)
    assert words(status_row(view, None, 80, UTC))[1:3] == ["3 of 3 train/digits", "measure 00:42"]


def test_in_a_narrow_plan_runs_that_are_over_give_way_before_the_present_one() -> None:
    runs = tuple(
        samples.training(run=number, state="done" if number < 5 else "running" if number == 5 else "planned")
        for number in range(1, 7)
    )
    view = msgspec.structs.replace(GPU, runs=runs, current=runs[4], log=())
    assert "1 train/digits" in text_of(plan_row(view, 200, UTC))
    narrow = text_of(plan_row(view, 60, UTC))
    assert narrow.startswith(" plan …")
    assert "5 train/digits ▶" in narrow
    assert "6 train/digits ·" in narrow


def test_a_bad_line_is_said_so() -> None:
    assert words(status_row(GPU, None, 140, UTC, 1.23))[3] == "round trip 1.2 s"


def test_how_well_another_hosts_clock_is_known_is_said_where_there_is_one() -> None:
    assert "clock" not in text_of(status_row(GPU, None, 140, UTC))
    far = msgspec.structs.replace(GPU, clock_error_ns=213_000)
    assert "clock ±0.213 ms" in words(status_row(far, None, 140, UTC))


def test_a_frozen_picture_says_of_when_it_is() -> None:
    row = status_row(GPU, samples.NOW, 140, UTC)
    assert (" FROZEN at 22:30:00 ", "mark") in row


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"catching_up": 0.43}, "reading 43 %"),
        ({"state": "lost"}, "lost"),
        ({"state": "done"}, "done"),
        ({"current": None}, "starting"),
    ],
)
def test_the_status_says_how_it_is_with_the_session(changes: dict[str, object], word: str) -> None:
    assert word in words(status_row(msgspec.structs.replace(GPU, **changes), None, 140, UTC))


def test_a_failure_comes_before_notices_and_brings_its_remedy() -> None:
    failed = samples.training(state="failed", message="CUDA is out of memory", remedy="set batch smaller")
    view = msgspec.structs.replace(GPU, runs=(failed,), notices=("no reading for 12 s",))
    row = notice_row(view, 100)
    assert words(row) == ["✗ train/digits: CUDA is out of memory; set batch smaller", "and 1 more"]
    assert row[0][1] == "failure"
    assert words(notice_row(msgspec.structs.replace(GPU, notices=("no reading for 12 s",)), 80)) == [
        "⚠ no reading for 12 s"
    ]
    assert "the conductor is gone" in text_of(notice_row(msgspec.structs.replace(GPU, state="lost"), 100))


def test_the_first_failure_is_not_hidden_by_one_that_follows_from_it() -> None:
    killed = samples.training(state="failed", message="the worker was killed by SIGKILL")
    after = samples.training(state="failed", message="there are no weights")
    row = notice_row(msgspec.structs.replace(GPU, runs=(killed, after), notices=()), 100)
    assert words(row) == ["✗ train/digits: the worker was killed by SIGKILL", "and 1 more"]


def test_the_notice_is_blank_when_there_is_nothing_to_say() -> None:
    assert text_of(notice_row(GPU, 50)) == " " * 50


def test_the_plan_has_every_run_with_its_state_and_result_and_the_last_line_of_the_log() -> None:
    assert words(plan_row(GPU, 140, UTC)) == [
        "plan", "1 train/digits ▶ 98.1 %", "2 infer/digits ·", "│ log",
        "22:29:57 epoch 3: top1 accuracy 0.9806 of 360",
    ]  # fmt: skip


def test_a_run_without_accuracy_that_is_done_shows_its_rate() -> None:
    worked = samples.training(state="done", accuracy=None, samples_per_s=608.3, flops_per_s=459e12, bytes_per_s=4266e9)
    for unit, words_of_it in (
        ("sample", "608 samples/s"),
        ("launch", "608 launches/s"),
        ("product", "459 TFLOP/s"),
        ("call", "459 TFLOP/s"),
        ("copy", "4,266 GB/s"),
        ("collective", "4,266 GB/s"),
    ):
        done = msgspec.structs.replace(worked, started=samples.started(unit=unit))
        view = msgspec.structs.replace(GPU, runs=(done,), log=())
        assert words(plan_row(view, 80, UTC)) == ["plan", f"1 train/digits ✓ {words_of_it}"]


def test_warnings_and_errors_in_the_log_are_marked_by_more_than_colour() -> None:
    log = (LogLine(samples.NOW, "error", "worker", "it broke", 1),)
    assert "✗ it broke" in text_of(plan_row(msgspec.structs.replace(GPU, log=log), 140, UTC))


def test_keys_drop_from_the_right() -> None:
    assert text_of(keys_row(KEYS, 40)) == " q quit  space freeze  ⏎ enlarge        "
    assert text_of(keys_row(KEYS, 25)) == " q quit  space freeze    "


@given(st.integers(1, 200), st.sampled_from((GPU, EMPTY)), st.text("ab 模é", max_size=60))
def test_every_line_is_exactly_as_wide_as_the_screen(width: int, view: View, said: str) -> None:
    log = (LogLine(samples.NOW, "info", "worker", said, 1),)
    shown = msgspec.structs.replace(view, log=log, notices=(said,))
    rows = (
        status_row(shown, None, width, UTC),
        status_row(shown, samples.NOW, width, UTC),
        notice_row(shown, width),
        plan_row(shown, width, UTC),
        keys_row(KEYS, width),
    )
    assert {row_width(row) for row in rows} == {width}
    assert {style for row in rows for _, style in row} <= NAMES


def test_charts_of_all_of_the_session_are_said_so() -> None:
    assert words(status_row(GPU, None, 140, UTC, looked="all"))[1] == "ALL"
    assert "live" not in words(status_row(GPU, None, 140, UTC, looked="all"))
