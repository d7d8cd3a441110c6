"""Samples → sums over single seconds, a batch of a table at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from app.analysis.rollups.order import Order, in_order
from app.analysis.rollups.schema import KEYS, SECOND_NS, SUMS, coded
from app.analysis.rollups.slow import SlowFinder, slowest
from app.analysis.rollups.sums import as_lists, merged
from app.analysis.statistics.grouped import Groups, histogram
from app.analysis.summary.goodput import good_requests
from app.analysis.tables.parquet import ROWS_A_GROUP
from app.analysis.tables.schema import SAMPLE_END
from app.analysis.tables.slices import slices
from app.session.live.recent import PARTS
from app.session.results.slo import Clause

if TYPE_CHECKING:
    from app.analysis.statistics.grouped import Column

BATCH_ROWS = ROWS_A_GROUP // 2
MERGE_AFTER = 256
"""Batches whose sums are put together before more are read: neighbours share no more than a second."""

_STEPS = ("run", "rank", "start_ns", "wall_ns", "samples", "tokens", "loss", "phase", *(f"{part}_ns" for part in PARTS))
_REQUESTS = (
    "run", "rank", "scheduled_ns", "sent_ns", "first_ns", "started_ns", "done_ns", "samples", "tokens", "outcome",
    "phase", "itl_ns",
)  # fmt: skip


@dataclass(frozen=True)
class Rolled:
    """What was found in a session, or in a slice of it."""

    sums: pl.DataFrame
    """Over single seconds: columns SUMS."""
    slow: pl.DataFrame
    """The samples that were among the ten slowest of their run when they ended."""
    order: Order
    """Of steps."""


def joined(slices: Sequence[Rolled]) -> Rolled:
    """Neighbouring slices of a session, in their order → all of it."""
    return Rolled(
        merged(each.sums for each in slices),
        slowest(each.slow for each in slices),
        in_order(each.order for each in slices),
    )


def rollups_of(tables: Mapping[str, pl.LazyFrame], begins: pl.Series, slo: Sequence[Clause] = ()) -> Rolled:
    """Of all of a session's tables or of any slice: those of slices are put together by `joined`.

    `begins`: the instants at which phases of any run begin, in order.
    """
    finder, order = SlowFinder(), Order()
    pieces: list[pl.DataFrame] = []
    for what, columns in (("steps", _STEPS), ("requests", _REQUESTS)):
        for batch in _batches(tables[what].select(*columns), what, begins, order):
            finder.take(batch, what)
            pieces.append(_of_steps(batch) if what == "steps" else _of_requests(batch, slo))
            if len(pieces) >= MERGE_AFTER:
                pieces = [merged(pieces)]
    return Rolled(merged(pieces), finder.found(), order)


def _batches(table: pl.LazyFrame, what: str, begins: pl.Series, order: Order) -> Iterator[pl.DataFrame]:
    """In the order of run, rank and end, with what a row of sums is of."""
    since = pl.concat([pl.Series([None], dtype=pl.Int64), begins.cast(pl.Int64)])
    rows = table.with_columns(end_ns=SAMPLE_END[what])
    for piece in slices(rows, BATCH_ROWS):
        batch = piece.rechunk()
        if what == "steps":
            order.look(batch)
        ends = batch["end_ns"]
        phase = since.gather(begins.search_sorted(ends, side="right")).alias("phase_ns")
        keyed = batch.with_columns(phase.fill_null(-1), index=pl.col("end_ns") // SECOND_NS)
        alone = all(keyed[name].min() == keyed[name].max() for name in ("run", "rank"))
        yield keyed if alone and ends.is_sorted() else keyed.sort("run", "rank", "end_ns", maintain_order=True)


def _groups(batch: pl.DataFrame) -> Groups:
    names = ("run", "rank", "phase_ns", "index")
    return Groups([batch[name].to_numpy() for name in names if batch[name].min() != batch[name].max()], len(batch))


def _of_steps(batch: pl.DataFrame) -> pl.DataFrame:
    groups = _groups(batch)
    walls = batch["wall_ns"].to_numpy()
    rows = _worked(batch, groups, walls, "start_ns", None)
    rows |= _losses(batch, groups)
    for part in PARTS:
        if (sums := _whole_sum(groups, batch[f"{part}_ns"])) is not None:
            rows[f"{part}_ns"] = sums
    rows["times_largest"] = groups.largest(walls)
    return _sums(batch, groups, "steps", rows, {"times": groups.histogram(walls)})


def _of_requests(batch: pl.DataFrame, slo: Sequence[Clause]) -> pl.DataFrame:
    groups = _groups(batch)
    answered = (batch["outcome"] == "answered").to_numpy()
    unserved = (batch["outcome"] == "unserved").to_numpy()
    due, sent, first, done = (batch[f"{name}_ns"].to_numpy() for name in ("scheduled", "sent", "first", "done"))
    waited = done - due
    rows = _worked(batch, groups, waited, "scheduled_ns", answered)
    rows["failed"] = groups.rows((batch["outcome"] == "failed").to_numpy())
    good = good_requests(batch, slo)
    if good is not None:
        rows["good"] = groups.rows(good.to_numpy())
    tokens = batch["tokens"].fill_null(0).to_numpy()
    told, several = answered & (tokens > 0), answered & (tokens > 1)
    each = (done - first) // (batch["tokens"].fill_null(0).clip(2) - 1).to_numpy()
    values = {
        "times": (waited, answered),
        "waits": (waited, unserved),
        "ttft": (first - due, told),
        "tpot": (each, several),
        "lag": (sent - due, None),
    }
    for of, (numbers, where) in values.items():
        rows[f"{of}_largest"] = groups.largest(numbers, where)
    counts = {of: groups.histogram(numbers, where) for of, (numbers, where) in values.items()}
    gaps, owner = _gaps(batch, groups)
    if len(gaps):
        between = (
            pl.DataFrame({"group": owner, "ns": gaps})
            .group_by("group")
            .agg(pl.col("ns").sum(), largest=pl.col("ns").max())
        )
        every = pl.DataFrame({"group": range(groups.count)}).join(between, on="group", how="left").fill_null(0)
        rows["itl_ns"], rows["itl_largest"] = every["ns"], every["largest"]
        counts["itl"] = histogram(owner, gaps)
    return _sums(batch, groups, "requests", rows, counts)


def _gaps(batch: pl.DataFrame, groups: Groups) -> tuple[Column, Column]:
    """Every gap between two tokens, and its group."""
    lists = batch.select(group=pl.Series(groups.of()), gaps="itl_ns").drop_nulls()
    each = lists.filter(pl.col("gaps").list.len() > 0).explode("gaps")
    return each["gaps"].to_numpy(), each["group"].to_numpy()


def _worked(
    batch: pl.DataFrame, groups: Groups, times: Column, begin: str, where: Column | None
) -> dict[str, Column | pl.Series]:
    """What every kind of samples has, of those that are work done."""
    samples, ends = batch["samples"].to_numpy(), batch["end_ns"].to_numpy()
    first, _ = groups.ends_of(where)
    none = first < 0
    found = {
        "began_ns": groups.smallest(batch[begin].to_numpy(), where),
        "first_ns": ends[first],
        "first_units": samples[first],
        "first_wall_ns": times[first],
    }
    tokens = batch["tokens"]
    known = groups.rows(tokens.is_not_null().to_numpy()) > 0
    return {
        **{name: _where(values, ~none) for name, values in found.items()},
        # Of requests none of which was answered it says when they ended, for whoever puts rows in order.
        "last_ns": groups.largest(ends, where) + none * groups.largest(ends),
        "count": groups.rows(where),
        "units": groups.sum(samples, where),
        "wall_ns": groups.sum(times, where),
        "tokens": _where(groups.sum(tokens.fill_null(0).to_numpy(), where), known),
    }


def _losses(batch: pl.DataFrame, groups: Groups) -> dict[str, Column | pl.Series]:
    losses = batch["loss"]
    if losses.null_count() == len(losses):
        return {}
    known = losses.is_not_null().to_numpy()
    totals = groups.sum(losses.fill_null(0.0).to_numpy())
    first, last = groups.ends_of()
    finite = pl.Series(totals).is_finite().to_numpy()
    return {
        "loss": losses.gather(last),
        "first_loss": losses.gather(first),
        "loss_total": _where(totals, finite).fill_null(0.0),
        "losses": groups.rows(known) * finite,
    }


def _whole_sum(groups: Groups, column: pl.Series) -> pl.Series | None:
    """Of each group; null where one of its rows was not measured."""
    missing = column.null_count()
    if missing == len(column):
        return None
    if not missing:
        return pl.Series(groups.sum(column.to_numpy()))
    lacking = groups.rows(column.is_null().to_numpy()) > 0
    return _where(groups.sum(column.fill_null(0).to_numpy()), ~lacking)


def _where(values: Column, known: Column) -> pl.Series:
    """The values, null where they are not known."""
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()


def _sums(
    batch: pl.DataFrame,
    groups: Groups,
    what: str,
    rows: Mapping[str, Column | pl.Series],
    counts: Mapping[str, tuple[Column, Column, Column]],
) -> pl.DataFrame:
    starts = pl.Series(groups.starts)
    keys = pl.DataFrame([batch[name].gather(starts) for name in ("run", "rank", "phase_ns", "index")])
    known = {name: pl.Series(name, values) for name, values in rows.items()}
    for of, (group, key, n) in counts.items():
        lists = as_lists(pl.DataFrame({"row": group, "key": key, "n": n}), of, "row")
        every = pl.DataFrame({"row": range(groups.count)}).join(lists, on="row", how="left", maintain_order="left")
        known |= {name: every[name] for name in (f"{of}_keys", f"{of}_counts")}
    zeros = ("failed", "itl_ns", "loss_total", "losses")
    table = keys.with_columns(
        coded(what).alias("what"),
        *known.values(),
        *(pl.lit(0 if name in zeros else None).alias(name) for name in SUMS if name not in known and name not in KEYS),
    )
    return table.select(*SUMS).cast(SUMS)  # type: ignore[arg-type]
