"""The four Parquet files as any other program reads them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.tables.columns import MANY, unpack_series
from app.analysis.tables.readings import Lifetime, runs_at
from app.analysis.tables.samples import phase_at, step_chunks
from app.analysis.tables.schema import SCHEMAS
from app.session.store.folder import TABLES, SessionFolder
from tests.analysis.journals import LATENCIES_MS, journalled, whole
from tests.session.frames import MS, SECOND, hello, measuring, steps
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import AnyFrame, Phase, Steps
from workloads.wire.gauges import GAUGES

COLUMN_NAMES = {
    "steps": "run start_ns wall_ns data_wait_ns h2d_ns forward_ns backward_ns optimizer_ns device_ns samples tokens "
    "loss phase comm_ns rank sync_ns syncs h2d_bytes pageable_bytes ahead_ns launches",
    "requests": "run scheduled_ns sent_ns first_ns done_ns latency_from_schedule_ns latency_from_send_ns samples "
    "tokens outcome device_ns phase itl_ns rank started_ns queue_ns service_ns",
    "gauges": " ".join(("run at_ns device source core_percent processes", *GAUGES)),
    "logs": "run at_ns level origin text rank",
    "events": "run rank at_ns wall_ns kind text",
}
WHOLE_NUMBERS = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SessionFolder:
    made = journalled(tmp_path_factory.mktemp("home"), whole())
    finish(made)
    return made


@pytest.mark.parametrize("name", TABLES)
def test_names_and_types_of_columns_are_a_public_contract(folder: SessionFolder, name: str) -> None:
    schema = pl.read_parquet_schema(folder.table(name))
    assert list(schema) == COLUMN_NAMES[name].split()
    assert schema == SCHEMAS[name]


def test_steps_say_what_was_sent_and_their_phase_is_that_of_their_end(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("steps"))
    assert table["run"].unique().to_list() == [1]
    assert table["start_ns"].to_list()[:3] == [SECOND, SECOND + 100 * MS, SECOND + 200 * MS]
    assert table["phase"].to_list() == ["warmup"] * 9 + ["measure"] * 19
    assert table["data_wait_ns"].unique().to_list() == [10 * MS]
    assert table["loss"].unique().to_list() == [0.5]
    assert table.select("h2d_ns", "device_ns", "tokens").null_count().row(0) == (28, 28, 28)


def test_requests_have_both_latencies_and_their_outcome_in_words(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("requests"))
    assert table["latency_from_send_ns"].to_list() == [latency * MS for latency in (*LATENCIES_MS, 900)]
    assert table["latency_from_schedule_ns"].to_list() == [(latency + 1) * MS for latency in (*LATENCIES_MS, 900)]
    assert table["outcome"].to_list() == ["answered"] * 4 + ["failed"]
    assert table["phase"].to_list() == ["measure"] * 5


def test_a_reading_belongs_to_the_run_that_was_going_on_and_what_is_absent_is_null(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("gauges")).filter(device="gpu0")
    assert table["run"].to_list() == [1, 1, 1, 1, 1, 2, 2, 2, 2]
    assert table["power_w"].to_list() == [10.0 * second for second in range(1, 10)]
    assert table["memory_temperature_c"].null_count() == 9
    assert table["processes"].unique().to_list() == [1]


def test_the_load_of_each_processor_is_a_list(folder: SessionFolder) -> None:
    table = pl.read_parquet(folder.table("gauges")).filter(device="host")
    assert table["core_percent"].to_list() == [[25.0, 75.0]]
    assert table["power_w"].to_list() == [None]


def test_logs_are_whole(folder: SessionFolder) -> None:
    assert pl.read_parquet(folder.table("logs")).rows() == [(1, 3 * SECOND, "info", "stdout", "half way", 0)]


def test_a_part_that_only_some_frames_have_is_null_in_the_others() -> None:
    bare = Steps(run=1, start_ns=pack_integers([1]), wall_ns=pack_integers([1]), samples=pack_integers([1]))
    (chunk,) = step_chunks([bare, steps(0, 2), bare], {})
    assert chunk["data_wait_ns"].to_list() == [None, 10 * MS, 10 * MS, None]
    assert chunk["phase"].null_count() == 4


def test_chunks_are_bounded_and_of_one_run() -> None:
    frames: list[AnyFrame] = [hello(), *(steps(0, 10) for _ in range(5)), *(steps(0, 10, run=2) for _ in range(2))]
    chunks = list(step_chunks(frames, {1: [measuring()]}, size=20))
    assert [(chunk["run"][0], len(chunk)) for chunk in chunks] == [(1, 20), (1, 20), (1, 10), (2, 20)]
    assert [chunk["phase"][0] for chunk in chunks] == ["measure", "measure", "measure", None]


def test_ranks_that_speak_by_turns_are_one_chunk_in_the_order_of_their_words() -> None:
    frames = [replace(steps(turn * SECOND, 2 + rank), rank=rank) for turn in range(3) for rank in (0, 1)]
    (chunk,) = step_chunks(frames, {1: [measuring()]})
    assert chunk["rank"].to_list() == [0, 0, 1, 1, 1] * 3
    assert chunk["start_ns"].to_list()[5:8] == [SECOND, SECOND + 100 * MS, SECOND]
    assert chunk.schema == SCHEMAS["steps"]


def test_a_phase_begins_at_its_own_instant() -> None:
    phases = [Phase(run=1, at_ns=10, phase="warmup"), Phase(run=1, at_ns=20, phase="measure")]
    found = phase_at(phases, pl.Series([9, 10, 19, 20, 21]))
    assert found.to_list() == [None, "warmup", "warmup", "measure", "measure"]


def test_between_two_runs_a_reading_is_the_sessions() -> None:
    lives = [Lifetime(1, 10, 20), Lifetime(2, 30, 40)]
    assert runs_at(lives, pl.Series([5, 10, 20, 25, 30, 40, 41])).to_list() == [0, 1, 1, 0, 2, 2, 0]
    assert runs_at([], pl.Series([5])).to_list() == [0]


@given(st.lists(st.one_of(st.lists(WHOLE_NUMBERS, min_size=1), st.integers(1, 5))))
def test_whole_numbers_of_many_frames_become_one_series_without_loss(frames: list[list[int] | int]) -> None:
    """An integer stands for that many steps of which the column was not measured."""
    pieces = [(None, frame) if isinstance(frame, int) else (pack_integers(frame), len(frame)) for frame in frames]
    expected = [item for frame in frames for item in ([None] * frame if isinstance(frame, int) else frame)]
    assert unpack_series(pieces, pl.Int64()).to_list() == expected


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1))
def test_a_column_of_32_bit_floats_loses_nothing(items: list[float]) -> None:
    assert unpack_series([(pack_floats(items), len(items))], pl.Float64()).to_list() == items


def test_very_many_items_are_the_same_series_as_few() -> None:
    items = [*range(MANY), -5, 2**40]
    packed = pack_integers(items)
    whole = unpack_series([(packed, len(items))], pl.Int64())
    halves = [items[: len(items) // 2], items[len(items) // 2 :]]
    pieces = [unpack_series([(pack_integers(half), len(half))], pl.Int64()) for half in halves]
    assert whole.to_list() == items == pl.concat(pieces).to_list()
