"""A few of what `tests.bench.kills` tries by the thousand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bench.kills.damaging import damaged_faults, written
from tests.bench.kills.killing import Trial


@pytest.mark.parametrize("victim", ["conductor", "finisher"])
def test_whatever_is_killed_what_was_seen_is_there_and_the_session_opens(victim: str, tmp_path: Path) -> None:
    trial = Trial(tmp_path, victim, random.Random(victim))
    assert trial.run() == []


def test_a_damaged_journal_loses_the_damaged_frames_alone_and_names_the_place(tmp_path: Path) -> None:
    whole = written(tmp_path)
    for number in range(3):
        assert damaged_faults(whole, tmp_path, random.Random(number)) == []
