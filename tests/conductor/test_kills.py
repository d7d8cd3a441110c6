"""A few of what `tests.bench.kills` tries by the thousand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bench.kills.damaging import damaged_faults, written
from tests.bench.kills.enumerating import faults_of, states_of_life, states_of_recovery
from tests.bench.kills.killing import Trial
from tests.bench.kills.life import FEW
from tests.bench.kills.planted import FAULTS


@pytest.mark.parametrize("victim", ["conductor", "finisher"])
def test_whatever_is_killed_what_was_seen_is_there_and_the_session_opens(victim: str, tmp_path: Path) -> None:
    trial = Trial(tmp_path, victim, random.Random(victim))
    assert trial.run() == []


def test_a_damaged_journal_loses_the_damaged_frames_alone_and_names_the_place(tmp_path: Path) -> None:
    whole = written(tmp_path)
    for number in range(3):
        assert damaged_faults(whole, tmp_path, random.Random(number)) == []


def test_of_the_states_between_two_file_operations_a_few_hold(tmp_path: Path) -> None:
    states = states_of_life(tmp_path, FEW)
    assert {state.kind for state in states} >= {"killed", "cut short", "power lost", "names lost"}
    twice = states_of_recovery(states[len(states) // 2], tmp_path)
    assert list(faults_of([*states[5::60], twice[-3]], tmp_path)) == []


def test_a_segment_that_is_removed_too_early_is_found(tmp_path: Path) -> None:
    with FAULTS["a segment is removed before its part counts"]():
        states = [state for state in states_of_life(tmp_path, FEW) if "part-00001.json" in state.before]
    assert any("are missing" in fault for fault in faults_of(states[:1], tmp_path))
