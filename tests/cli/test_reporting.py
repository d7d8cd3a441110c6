"""`benchtop report` writes over nothing, as `pack` and `export` do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.packing import pack_session
from app.reporting import make_report
from tests.analysis.journals import journalled, whole


def test_nothing_is_written_over_and_a_place_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    there = tmp_path / "there.md"
    there.write_text("mine")
    for target, words in ((there, "is there already: remove it"), (tmp_path / "no" / "where.md", "is no folder")):
        with pytest.raises(ValueError, match=words):
            make_report([str(folder.path)], tmp_path, str(target), md=True, accepted=())
        with pytest.raises(ValueError, match=words):
            pack_session(folder, str(target), scrub=False, weights=False)
    assert there.read_text() == "mine"
