"""Sums over single seconds → the course of each run, all its ranks together: the numbers that its charts show.

They are those that `app.session.live.timeline` makes of the samples themselves: work is spread evenly from the end of
one sample to the end of the next, rates are per second of working time, and a step that is longer than a second stands
in each of those that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from app.analysis.rollups.schema import COURSE, FACTOR, LEVELS, SECOND_NS
from app.analysis.rollups.sums import histogram_of
from app.analysis.statistics.grouped import histogram, quantiles, stretched
from app.session.live.buckets import KEPT
from app.session.live.timeline import COURSES, SHORTEST_NS
from app.session.store.manifest import RunRecord
from workloads.wire.frames import Phase

AT_ONCE_S: Final = 1_024
"""Seconds whose histograms are taken apart at a time."""

_PAUSING = ("evaluate", "cooldown")


@dataclass(frozen=True)
class Chain:
    """A phase of a run: from its begin on, one sample follows the other."""

    began_ns: int | None
    """None: before the first phase."""
    ended_ns: int | None
    """None: it goes on."""
    pausing: bool
    bytes_per_unit: float | None
    flops_per_unit: float | None


def run_courses(sums: pl.DataFrame, runs: Sequence[RunRecord]) -> pl.DataFrame:
    """Columns COURSE, second by second. `sums`: over single seconds."""
    found = [pl.DataFrame(schema=COURSE)]
    for record in runs:
        rows = sums.filter(pl.col("count") > 0, run=record.run)
        if not rows.is_empty():
            found.append(_course(rows, record))
    return pl.concat(found)


def longer(course: pl.DataFrame) -> list[pl.DataFrame]:
    """The same in longer and longer stretches, the seconds first."""
    levels = [course]
    for _ in range(LEVELS - 1):
        index = (pl.col("index") // FACTOR).alias("index")
        sums = levels[-1].group_by("run", "device", "name", index).agg(pl.col("total", "count").sum())
        levels.append(sums.select(*COURSE))
    return levels


def _course(rows: pl.DataFrame, record: RunRecord) -> pl.DataFrame:
    ranks = rows["rank"].n_unique()
    chains = list(_chains(record))
    chained = _chained(rows.drop("times_keys", "times_counts"), chains)
    long = _long(chained)
    table = (
        _work(chained, chains)
        .join(_times(rows, long), on="index", how="full", coalesce=True)
        .join(_losses(rows, long), on="index", how="full", coalesce=True)
    )
    working = pl.when(pl.col("work_ns") >= SHORTEST_NS * ranks).then(pl.col("work_ns") / SECOND_NS / ranks)
    numbers = table.select(
        "index",
        units=pl.col("units") / working,
        moved=pl.col("moved") / working,
        computed=pl.col("computed") / working,
        p50="p50",
        p99="p99",
        loss=pl.col("loss_total") / pl.col("losses"),
    )
    return (
        numbers.unpivot(COURSES, index="index", variable_name="name", value_name="total")
        .filter(pl.col("total").is_not_null() & pl.col("total").is_finite())
        .with_columns(run=pl.lit(record.run), device=pl.lit(""), count=pl.lit(1))
        .select(*COURSE)
        .cast(COURSE)  # type: ignore[arg-type]
    )


def _chains(record: RunRecord) -> Iterator[Chain]:
    """What came before the first phase, then each phase."""
    started = record.started
    run = (started.bytes_per_unit, started.flops_per_unit) if started else (None, None)
    first = record.phases[0].at_ns if record.phases else None
    yield Chain(None, first, False, *run)
    ends = [*(phase.at_ns for phase in record.phases[1:]), record.ended_ns]
    for phase, ended_ns in zip(record.phases, ends, strict=False):
        yield Chain(phase.at_ns, ended_ns, phase.phase in _PAUSING, *_costs(phase, run))


def _costs(phase: Phase, run: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    """What a unit costs in a phase: what its case says, else the run."""
    of_case = phase.case is not None and phase.phase != "experiment"
    return (phase.bytes_per_unit, phase.flops_per_unit) if of_case else run


def _chained(rows: pl.DataFrame, chains: Sequence[Chain]) -> pl.DataFrame:
    """Each row with its chain, and `before_ns`: when the sample before its first one had ended, or its chain began."""
    begins = pl.Series([chain.began_ns for chain in chains[1:]], dtype=pl.Int64)
    chain = pl.Series("chain", begins.search_sorted(rows["last_ns"], side="right"), dtype=pl.Int64)
    tables = pl.DataFrame(
        {
            "chain": range(len(chains)),
            "chain_ns": [chain.began_ns for chain in chains],
            "pausing": [chain.pausing for chain in chains],
            "bytes_per_unit": [chain.bytes_per_unit for chain in chains],
            "flops_per_unit": [chain.flops_per_unit for chain in chains],
        },
        schema_overrides={"chain_ns": pl.Int64, "bytes_per_unit": pl.Float64, "flops_per_unit": pl.Float64},
    )
    of = ("rank", "chain")
    known = rows.with_columns(chain).sort("rank", "chain", "last_ns").join(tables, on="chain", maintain_order="left")
    follows = pl.coalesce(pl.col("last_ns").shift(1).cum_max().over(*of), "chain_ns", "began_ns")
    return known.with_columns(before_ns=pl.when("pausing").then("began_ns").otherwise(follows))


def _work(rows: pl.DataFrame, chains: Sequence[Chain]) -> pl.DataFrame:
    """Units, working time, bytes and operations by second."""
    each = rows.with_columns(before=pl.min_horizontal("before_ns", "last_ns"))
    first_end = pl.col("first_ns").clip(pl.col("before"), pl.col("last_ns"))
    costs = ("bytes_per_unit", "flops_per_unit")
    # The first sample may have begun long ago; the others end in the second in which it ended.
    firsts = each.with_columns(from_ns="before", to_ns=first_end, units="first_units")
    others = each.with_columns(from_ns=first_end, to_ns="last_ns", units=pl.col("units") - pl.col("first_units"))
    whole = pl.concat([firsts, others]).select("from_ns", "to_ns", "units", *costs)
    spans = pl.concat([whole, _pauses(rows, chains)]).with_columns(
        from_ns=pl.max_horizontal("from_ns", pl.col("to_ns") - KEPT * SECOND_NS)
    )
    begins, ends = spans["from_ns"].to_numpy(), spans["to_ns"].to_numpy()
    row, index = stretched(begins, ends, SECOND_NS)
    inside = spans[row.tolist()].with_columns(index=pl.Series(index))
    length = pl.col("to_ns") - pl.col("from_ns")
    end = pl.min_horizontal("to_ns", (pl.col("index") + 1) * SECOND_NS)
    work = end - pl.max_horizontal("from_ns", pl.col("index") * SECOND_NS)
    shared = pl.when(length > 0).then(pl.col("units") * work / length).otherwise(pl.col("units").cast(pl.Float64))
    pieces = inside.select("index", *costs, work_ns=work, units=shared)
    sums = {"moved": pl.col("units") * pl.col("bytes_per_unit"), "computed": pl.col("units") * pl.col("flops_per_unit")}
    work_done: pl.DataFrame = pieces.group_by("index").agg(
        pl.col("units", "work_ns").sum(),
        *(pl.when(each.count() > 0).then(each.sum()).alias(name) for name, each in sums.items()),
    )
    return work_done


def _pauses(rows: pl.DataFrame, chains: Sequence[Chain]) -> pl.DataFrame:
    """From the last sample of a phase to its end: working time in which nothing was finished. Of each rank."""
    last = {
        (rank, chain): at for rank, chain, at in rows.group_by("rank", "chain").agg(pl.col("last_ns").max()).iter_rows()
    }
    # The first rank is there from the beginning, the others from their first sample on.
    first = {**dict(rows.group_by("rank").agg(pl.col("chain").min()).iter_rows()), 0: 0}
    found = []
    for number, chain in enumerate(chains):
        for rank, begun in first.items():
            begin = last.get((rank, number), chain.began_ns)
            if number >= begun and not chain.pausing and begin is not None and (chain.ended_ns or 0) > begin:
                found.append((begin, chain.ended_ns, 0, None, None))
    schema = {
        "from_ns": pl.Int64,
        "to_ns": pl.Int64,
        "units": pl.Int64,
        "bytes_per_unit": pl.Float64,
        "flops_per_unit": pl.Float64,
    }
    return pl.DataFrame(found, schema=schema, orient="row")


def _long(rows: pl.DataFrame) -> pl.DataFrame:
    """Whole seconds that a sample covers before the one in which it ends: second, its time and its loss."""
    began = pl.max_horizontal("before_ns", pl.col("first_ns") - pl.col("first_wall_ns"))
    those = rows.with_columns(from_index=-(-began // SECOND_NS)).filter(pl.col("from_index") < pl.col("index"))
    from_index = pl.max_horizontal("from_index", pl.col("index") - KEPT)
    return those.select(index=pl.int_ranges(from_index, "index"), wall_ns="first_wall_ns", loss="first_loss").explode(
        "index"
    )


def _times(rows: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
    """Quantiles by second."""
    columns = rows.select("index", "times_keys", "times_counts", "times_largest")
    own, covered = (
        each.with_columns(slice=pl.col("index") // AT_ONCE_S).partition_by("slice", as_dict=True)
        for each in (columns, long)
    )
    none = pl.DataFrame(schema={"index": pl.Int64, "p50": pl.Float64, "p99": pl.Float64})
    slices = ((own.get(each, columns.clear()), covered.get(each, long.clear())) for each in {**own, **covered})
    return pl.concat([none, *(_quantiles(*each) for each in slices)])


def _quantiles(rows: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
    of, key, n = histogram(long["index"].to_numpy(), long["wall_ns"].to_numpy())
    extra = pl.DataFrame({"index": of, "key": key, "n": n}, schema={"index": pl.Int64, "key": pl.UInt16, "n": pl.Int64})
    table = histogram_of(rows, "times", "index")
    if not extra.is_empty():
        table = pl.concat([table, extra]).group_by("index", "key").agg(pl.col("n").sum()).sort("index", "key")
    if table.is_empty():
        return pl.DataFrame(schema={"index": pl.Int64, "p50": pl.Float64, "p99": pl.Float64})
    largest = pl.concat([rows.select("index", largest="times_largest"), long.select("index", largest="wall_ns")])
    largest = largest.group_by("index").agg(pl.col("largest").max()).sort("index")
    group = table["index"].rle_id().cast(pl.Int64).to_numpy()
    columns = (group, table["key"].to_numpy(), table["n"].to_numpy(), largest["largest"].to_numpy())
    return largest.select("index").with_columns(
        p50=pl.Series(quantiles(*columns, 0.5)), p99=pl.Series(quantiles(*columns, 0.99))
    )


def _losses(rows: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
    """Losses by second."""
    known = pl.col("loss").is_not_null() & pl.col("loss").is_finite()
    covered = long.filter(known).select("index", loss_total="loss", losses=pl.lit(1, dtype=pl.Int64))
    every = pl.concat([rows.select("index", "loss_total", "losses"), covered])
    return every.filter(pl.col("losses") > 0).group_by("index").agg(pl.col("loss_total", "losses").sum())
