"""Colours: seen on black and on white, and never needed."""

from __future__ import annotations

import pytest
from rich.color import Color

from app.ui.draw.palette import NAMES, Ground, rich_style
from app.ui.draw.rows import SOLID


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [part / 255 for part in colour.get_truecolor()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_colour_stands_out_from_black_and_from_white(name: str) -> None:
    colour = rich_style(name, Ground(), colour=True).color
    if colour is not None:
        assert colour.number is not None
        assert colour.number >= 16, "the first 16 are the terminal's own and can be anything"
        assert (luminance(colour) + 0.05) / 0.05 >= 3
        assert 1.05 / (luminance(colour) + 0.05) >= 3


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_color_leaves_no_colour(name: str) -> None:
    style = rich_style(name, Ground(Color.parse("white"), Color.parse("black")), colour=False)
    assert style.color is None
    assert style.bgcolor is None


def test_plain_text_takes_the_text_colour_of_what_it_is_drawn_on() -> None:
    ground = Ground(Color.parse("#000000"), Color.parse("#e0e0e0"))
    assert rich_style("value", ground, colour=True).color == ground.text
    assert rich_style("value", Ground(), colour=True).color is None


def test_what_is_reversed_is_known_to_the_rows() -> None:
    assert {name for name in NAMES if rich_style(name, Ground(), colour=True).reverse} == SOLID
