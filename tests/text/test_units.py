"""Units of work in words."""

from __future__ import annotations

from typing import get_args

from msgspec.structs import replace

from app.text.units import PLURALS, units_of
from tests.session.frames import started
from workloads.wire.frames import Unit


def test_every_unit_of_the_wire_has_its_plural() -> None:
    assert set(PLURALS) == set(get_args(Unit))
    assert units_of(replace(started(), unit="copy")) == "copies"


def test_work_of_which_nothing_was_said_is_samples() -> None:
    assert units_of(None) == "samples"
