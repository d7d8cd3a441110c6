"""Nothing but ASCII: every character has a stand-in of its own width, and escape sequences stay as they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from app.ui.terminal.plain import PLAIN


@given(st.characters(exclude_categories=("Cs", "Cc")))
def test_whatever_is_drawn_takes_as_many_cells_as_before(character: str) -> None:
    plain = character.translate(PLAIN)
    assert plain.isascii()
    assert cell_len(plain) == get_character_cell_size(character)


def test_escape_sequences_and_ascii_stay() -> None:
    text = "\x1b[?1049h\x1b[38;5;244mloss 3.41\x1b[0m\r\n"
    assert text.translate(PLAIN) == text


def test_frames_bars_and_signs_have_their_likes() -> None:
    assert "╭─ GPU ─╮│┍━┑╰╯".translate(PLAIN) == "+- GPU -+|+=+++"
    assert "fwd ████▎ ✓ ▶ 62 °C – …".translate(PLAIN) == "fwd ####| v > 62 'C - ~"
    assert "é 漢".translate(PLAIN) == "e ??"


def test_a_chart_keeps_its_shape() -> None:
    assert "⣿⣶⡇⣤⣀⠉⠀".translate(PLAIN) == "##:..' "


def test_heights_can_be_told_apart() -> None:
    assert "▁▂▃▄▅▆▇█".translate(PLAIN) == "_.:-=+*#"
