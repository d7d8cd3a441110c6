"""What `show` says of generation, from every gap."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.compare.brief import brief
from app.analysis.load import load
from app.analysis.summary.generation import generation_of
from app.analysis.summary.making import summarise
from app.analysis.summary.text import summary_text
from tests.analysis.journals import journalled
from tests.analysis.requests import asked
from tests.session.frames import MS, SECOND, hello, measuring, started
from tests.session.live.test_telling import told
from workloads.wire.columns import pack_integers
from workloads.wire.frames import Done, Score


def test_every_gap_counts_and_decode_is_held_against_a_copy() -> None:
    requests = pl.LazyFrame(
        {
            "scheduled_ns": [0, 0, 0],
            "sent_ns": [MS, 0, MS],
            "latency_from_schedule_ns": [16 * MS, 30 * MS, 24 * MS],
            "first_ns": [10 * MS, 30 * MS, 20 * MS],
            "done_ns": [16 * MS, 30 * MS, 24 * MS],
            "tokens": [3, 1, 2],
            "itl_ns": [[2 * MS, 4 * MS], [], [4 * MS]],
            "outcome": ["answered"] * 3,
        }
    )
    told = generation_of(requests, replace(started(), bytes_per_decode_step=1e6), 1e9)
    assert told is not None
    assert (told.ttft.count, told.ttft.p50_ms, told.ttft.max_ms) == (3, 20, 30)
    assert told.ttft_from_send is not None
    assert (told.ttft_from_send.p50_ms, told.ttft_from_send.max_ms) == (19, 30)
    assert told.tpot_from_schedule is not None
    assert told.tpot_from_schedule.max_ms == 30
    assert told.tpot is not None
    assert (told.tpot.count, told.tpot.mean_ms) == (2, 3.5)
    assert told.itl is not None
    assert (told.itl.count, told.itl.p50_ms) == (3, 4)
    assert told.decode_bytes_per_s == pytest.approx(1e6 / (10e-3 / 3))
    assert told.decode_fraction == pytest.approx(0.3)
    assert generation_of(requests.with_columns(tokens=pl.lit(0)), None, None) is None


def test_a_request_that_was_never_served_waited_for_its_first_token_until_the_end() -> None:
    requests = asked(
        [20.0, 20.0, 900.0],
        first_ns=[10 * MS, 11 * MS, 902 * MS],
        tokens=[3, 3, None],
        outcomes=["answered", "answered", "unserved"],
    )
    told = generation_of(requests, None, None)
    assert told is not None
    assert (told.ttft.count, told.ttft.max_ms) == (3, 900)
    assert told.ttft_from_send is not None
    assert told.ttft_from_send.count == 2
    assert generation_of(requests.with_columns(tokens=pl.lit(None, dtype=pl.Int64)), None, None) is None


def test_a_session_that_told_text_says_so(tmp_path: Path) -> None:
    score = Score(run=2, at_ns=3 * SECOND, metric="bits_per_byte", value=2.5, samples=8192)
    run = (measuring(2), told((20, 3, (4, 6))), score, Done(run=2, at_ns=4 * SECOND))
    summary = summarise(load(journalled(tmp_path, (hello(), started(2), *run))))
    text = summary_text(summary, 120)
    for words in ("TTFT", "TPOT", "ITL", "2.50 bits per byte, 8,192 bytes held out"):
        assert words in text


def test_a_comparison_holds_the_same_times_of_tokens_against_others_as_are_shown(tmp_path: Path) -> None:
    lost = replace(told((900, 0, ())), outcome=pack_integers([2]), tokens=None, itl_ns=None)
    run = (measuring(2), told((20, 3, (4, 6))), lost, Done(run=2, at_ns=4 * SECOND))
    loaded = load(journalled(tmp_path, (hello(), started(2), *run)))
    shown = summarise(loaded).runs[-1].generation
    assert shown is not None
    assert shown.ttft.count == 2
    assert brief(loaded, loaded.manifest.runs[-1]).summary.generation == shown
