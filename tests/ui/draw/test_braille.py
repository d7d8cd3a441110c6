"""Braille: which dots become which characters."""

from __future__ import annotations

from app.ui.draw.braille import braille_rows


def test_a_column_lights_all_dots_between_its_ends() -> None:
    assert braille_rows([(0, 3), (0, 0)], 1) == ["⣇"]
    assert braille_rows([(0, 7), (4, 7)], 2) == ["⣿", "⡇"]


def test_an_empty_column_is_a_gap_and_an_empty_cell_a_blank() -> None:
    assert braille_rows([None, (0, 1), None, None], 1) == ["⢠ "]


def test_the_dots_of_a_column_stand_where_they_are_counted_from_the_bottom() -> None:
    assert braille_rows([(0, 0), (1, 1), (2, 2), (3, 3)], 1) == ["⡠⠊"]
