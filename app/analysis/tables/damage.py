"""Which Parquet files of a finished session cannot be read, each by its name: what is sound is shown without them."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec
import polars as pl

from app.analysis.tables.parquet import scan_file, table_files
from app.analysis.tables.readable import DAMAGED, first_line
from app.session.plain import plain
from app.session.store.folder import SessionFolder


class DamagedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One, and what is wrong with it."""

    file: str
    """Its name in the session's folder."""
    table: str
    problem: str
    """One line."""

    @property
    def line(self) -> str:
        """For people."""
        return f"{self.file} {self.problem}: what rests on it is left out"


def damaged_files(
    folder: SessionFolder, parts: Mapping[str, int], thorough: Collection[str] = ()
) -> tuple[DamagedFile, ...]:
    """Those of a finished session. `parts`: table → how many parts its manifest knows.

    `thorough`: tables whose files are read to their end; of the others, no more than what a file says of itself.
    """
    return tuple(_found(folder, parts, thorough))


def sound_files(folder: SessionFolder, damaged: Collection[DamagedFile], *, partly: bool) -> dict[str, list[Path]]:
    """What is read of each table: of a damaged one nothing, since half of one would make sums that look whole.

    `partly`: all but the damaged files, for who copies rows as they are.
    """
    files, tables = {each.file for each in damaged}, {each.table for each in damaged}
    return {
        name: [path for path in paths if (path.name not in files if partly else name not in tables)]
        for name, paths in table_files(folder).items()
    }


def _found(folder: SessionFolder, parts: Mapping[str, int], thorough: Collection[str]) -> Iterator[DamagedFile]:
    for table, paths in table_files(folder).items():
        for path in paths:
            if problem := _problem(path, table, thorough=table in thorough):
                yield DamagedFile(file=path.name, table=table, problem=problem)
        there = len(fnmatch.filter([path.name for path in paths], f"{table}-*.parquet"))
        if there < (count := parts.get(table, 0)):
            problem = f"is not all there ({count - there} of {count} files are gone)"
            yield DamagedFile(file=f"{table}-NNNNN.parquet", table=table, problem=problem)


def _problem(path: Path, table: str, *, thorough: bool) -> str:
    """Empty where there is none."""
    try:
        scanned = scan_file(path, table)
        if thorough:
            # Each value has to be decoded for it; a count would be answered by what the file says of itself.
            scanned.select(pl.all().hash().sum()).collect(engine="streaming")
    except FileNotFoundError:
        return "is not there"
    except DAMAGED as error:
        return f"is damaged ({plain(first_line(error))})"
    return ""
