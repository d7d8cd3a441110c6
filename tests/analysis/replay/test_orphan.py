"""A finishing process that outlived its conductor, and recoveries beside it: one whole session comes of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import polars as pl
import pytest

from app.analysis.finishing.finish import finish
from app.session.planning.plan import MODULE_COMMAND
from app.session.store.segments import facts_path
from tests.analysis.journals import journalled, whole
from tests.session.frames import SECOND, steps


def test_recoveries_beside_an_orphaned_finish_do_no_harm(tmp_path: Path) -> None:
    """The conductor was killed while it waited, and its lock went with it; the process that it started goes on."""
    late = tuple(steps(20 * SECOND + n * SECOND, 10) for n in range(2000))
    folder = journalled(tmp_path, (*whole()[:-1], *late, whole()[-1]))
    command = (*MODULE_COMMAND, "app.analysis.finishing.finish", str(folder.path))
    flags: tuple[tuple[str, ...], ...] = (("--by-conductor",), (), ("--by-conductor",), ())
    running = [subprocess.Popen((*command, *flag), stderr=subprocess.PIPE) for flag in flags]
    said = [process.communicate()[1] for process in running]
    assert not any(b"Traceback" in words for words in said)
    assert [running[0].returncode, running[2].returncode] == [0, 0]
    assert not folder.journal.exists()
    assert len(pl.read_parquet(folder.table("steps"))) == 20_028
    assert folder.read_manifest().frames == len(whole()) + 2000


def test_tables_without_journal_and_manifest_are_never_overwritten(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    folder.manifest.unlink()
    facts_path(folder).unlink()
    with pytest.raises(ValueError, match=r"manifest\.json is missing, and so is facts\.frames"):
        finish(folder)
    assert not folder.manifest.exists()
    assert len(pl.read_parquet(folder.table("steps"))) == 28
