"""Rows of sums: put together where they are of the same stretch, and made of longer stretches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from app.analysis.rollups.schema import COUNTED, COUNTS, FACTOR, KEYS, LEVELS, SUMS
from app.session.live.recent import PARTS


@dataclass(frozen=True)
class Sums:
    """Sums over stretches of time, with their histograms."""

    rows: pl.DataFrame
    """Columns SUMS."""
    counts: pl.DataFrame
    """Columns COUNTS; `row` is a place among the rows."""

    @classmethod
    def none(cls) -> Sums:
        """Of nothing."""
        return cls(pl.DataFrame(schema=SUMS), pl.DataFrame(schema=COUNTS))


def _known(name: str, known: pl.Expr) -> pl.Expr:
    """The sum, null where it is not known."""
    return pl.when(known).then(pl.col(name).sum()).alias(name)


_WORKED = (pl.col("count") > 0).sum()
"""Rows with samples that are work done."""
_SUMMED = [
    pl.col("began_ns", "first_ns").min(),
    pl.col("last_ns").max(),
    pl.col("count", "units", "wall_ns", "losses", "failed", "itl_ns").sum(),
    _known("tokens", pl.col("tokens").count() > 0),
    pl.col("loss").drop_nulls().last(),
    pl.col("loss_total").sum(),
    _known("good", pl.col("good").null_count() == 0),
    # Rows are in the order of their first ends.
    pl.col("first_units", "first_wall_ns", "first_loss").first(),
    *(_known(f"{part}_ns", (_WORKED > 0) & (pl.col(f"{part}_ns").count() == _WORKED)) for part in PARTS),
    *(pl.col(f"{of}_largest").max() for of in COUNTED),
]


def merged(pieces: Iterable[Sums]) -> Sums:
    """Rows of any slices of a session's samples, those of one stretch put together, in the order of KEYS."""
    every = list(pieces) or [Sums.none()]
    rows = pl.concat([piece.rows for piece in every]).with_row_index("row")
    offsets, before = [], 0
    for piece in every:
        offsets.append(piece.counts.with_columns(pl.col("row") + before))
        before += len(piece.rows)
    counts = pl.concat(offsets)
    in_order = rows.sort(*KEYS, "first_ns", nulls_last=True)
    stretch = in_order.select(pl.struct(*KEYS).rle_id()).to_series().cast(pl.Int64)
    place = pl.DataFrame({"row": in_order["row"], "place": stretch}).sort("row")["place"]
    counts = counts.with_columns(row=place.gather(counts["row"]))
    if len(in_order) == (0 if stretch.is_empty() else int(stretch[-1]) + 1):
        return Sums(in_order.drop("row").select(*SUMS), counts)
    summed = in_order.with_columns(stretch=stretch).group_by("stretch", *KEYS, maintain_order=True).agg(_SUMMED)
    several = in_order.with_columns(stretch=stretch).select(pl.col("stretch").filter(pl.col("stretch").is_duplicated()))
    those = several.to_series().unique()
    shared = counts["row"].is_in(those.implode())
    again = counts.filter(shared).group_by("row", "of", "key").agg(pl.col("n").sum())
    return Sums(summed.select(*SUMS), pl.concat([counts.filter(~shared), again]))


def levels(finest: Sums) -> list[Sums]:
    """The same over seconds, and over longer and longer stretches."""
    found = [finest]
    for _ in range(LEVELS - 1):
        last = found[-1]
        found.append(merged([Sums(last.rows.with_columns(pl.col("index") // FACTOR), last.counts)]))
    return found


def with_lists(sums: Sums) -> pl.DataFrame:
    """The rows with their histograms in them: `times_keys` and `times_counts` and so on, null where there is none."""
    rows = sums.rows.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    in_order = sums.counts.sort("row", "key")
    for of in COUNTED:
        lists = (
            in_order.filter(pl.col("of") == of)
            .group_by("row", maintain_order=True)
            .agg(pl.col("key").alias(f"{of}_keys"), pl.col("n").cast(pl.UInt32).alias(f"{of}_counts"))
        )
        rows = rows.join(lists, on="row", how="left", maintain_order="left")
    return rows.drop("row")


def from_lists(rows: pl.DataFrame) -> Sums:
    """The reverse of `with_lists`."""
    numbered = rows.drop("row", strict=False).with_row_index("row")
    pieces = [
        numbered.select("row", key=f"{of}_keys", n=f"{of}_counts")
        .drop_nulls()
        .explode("key", "n")
        .select(
            pl.col("row").cast(pl.Int64), of=pl.lit(of, dtype=COUNTS["of"]), key="key", n=pl.col("n").cast(pl.Int64)
        )
        for of in COUNTED
    ]
    return Sums(rows.select(*SUMS), pl.concat(pieces))
