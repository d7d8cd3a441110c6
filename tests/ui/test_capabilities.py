"""What the environment tells of a terminal."""

from __future__ import annotations

import pytest

from app.ui.terminal.capabilities import TRUE_COLOUR, WEB_DRIVER, colours, shows_unicode


@pytest.mark.parametrize(
    ("environment", "number"),
    [
        ({}, 0),
        ({"TERM": "dumb"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 0),
        ({"TERM": "linux"}, 16),
        ({"TERM": "vt220"}, 16),
        ({"TERM": "xterm"}, 256),
        ({"TERM": "screen"}, 256),
        ({"TERM": "tmux-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE_COLOUR),
        ({"TERM": "xterm-direct"}, TRUE_COLOUR),
        ({"TERM": "dumb", "TEXTUAL_DRIVER": WEB_DRIVER}, TRUE_COLOUR),
        ({"TERM": "dumb", "TEXTUAL_DRIVER": WEB_DRIVER, "NO_COLOR": "1"}, 0),
    ],
)
def test_colours_are_those_that_the_environment_promises(environment: dict[str, str], number: int) -> None:
    assert colours(environment) == number


@pytest.mark.parametrize(
    ("environment", "shows"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "linux", "LANG": "de_DE.UTF-8"}, False),
        ({"TERM": "linux", "LANG": "de_DE.ISO-8859-1", "TEXTUAL_DRIVER": WEB_DRIVER}, True),
        ({"TERM": "xterm", "LANG": "de_DE.UTF-8"}, True),
        ({"TERM": "xterm", "LANG": "C.utf8"}, True),
        ({"TERM": "xterm", "LANG": "C"}, True),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, False),
        ({"TERM": "xterm", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.ISO-8859-15@euro"}, False),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1", "LC_ALL": "C.UTF-8"}, True),
    ],
)
def test_a_terminal_shows_unicode_unless_something_says_that_it_does_not(
    environment: dict[str, str], shows: bool
) -> None:
    assert shows_unicode(environment) is shows
