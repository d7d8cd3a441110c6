"""The commands of a session that is played: another instant, another speed. On every screen that has a timeline.

Does nothing itself: an action is a method of `app.ui.screens.playing.PlayingActions`.
"""

from __future__ import annotations

from typing import Final

from app.ui.user_command import UserCommand

PLAYING: Final = (
    UserCommand(
        action="second_back",
        keys=("left_square_bracket",),
        shown="[ ]",
        label="second",
        title="A second back",
        help="In a saved session: one second back, and on with ]. It pauses there.",
    ),
    UserCommand(
        action="second_on",
        keys=("right_square_bracket",),
        shown="]",
        label="second on",
        title="A second on",
        help="In a saved session: one second on.",
        footer=False,
    ),
    UserCommand(
        action="step_back",
        keys=("left_curly_bracket",),
        shown="{ }",
        label="step",
        title="A step back",
        help="In a saved session: to where the step or request before ended, and on to the next with }.",
    ),
    UserCommand(
        action="step_on",
        keys=("right_curly_bracket",),
        shown="}",
        label="step on",
        title="A step on",
        help="In a saved session: to where the next step or request ended.",
        footer=False,
    ),
    UserCommand(
        action="slower",
        keys=("less_than_sign",),
        shown="< >",
        label="speed",
        title="Play slower",
        help="In a saved session: play slower, down to a quarter; > plays faster, up to 1000 times.",
    ),
    UserCommand(
        action="faster",
        keys=("greater_than_sign",),
        shown=">",
        label="faster",
        title="Play faster",
        help="In a saved session: play faster, up to 1000 times.",
        footer=False,
    ),
    UserCommand(
        action="jump",
        keys=("j",),
        shown="j",
        label="jump",
        title="Jump to a time, mark, verdict or run",
        help="In a saved session: to a time (1:23, +30s, 50%), or to a run, mark or verdict of a list. A click on the "
        "timeline jumps as well.",
    ),
    UserCommand(
        action="next_verdict",
        keys=("v",),
        shown="v",
        label="verdict",
        title="To the next verdict",
        help="In a saved session: to where the primary verdict changes next; V to where it changed before.",
    ),
    UserCommand(
        action="previous_verdict",
        keys=("V",),
        shown="V",
        label="verdict before",
        title="To the verdict before",
        help="In a saved session: to where the primary verdict changed before.",
        footer=False,
    ),
    UserCommand(
        action="next_mark",
        keys=("m",),
        shown="m",
        label="mark",
        title="To the next mark",
        help="In a saved session: to the next mark, turned knob or failure; M to the one before.",
    ),
    UserCommand(
        action="previous_mark",
        keys=("M",),
        shown="M",
        label="mark before",
        title="To the mark before",
        help="In a saved session: to the mark, turned knob or failure before.",
        footer=False,
    ),
    UserCommand(
        action="next_run",
        keys=("u",),
        shown="u",
        label="run",
        title="To the next run",
        help="In a saved session: to where the next run or repeat begins; U to where this one or the one before began.",
    ),
    UserCommand(
        action="previous_run",
        keys=("U",),
        shown="U",
        label="run before",
        title="To the run before",
        help="In a saved session: to where this run or the one before began.",
        footer=False,
    ),
    UserCommand(
        action="to_start",
        keys=("home",),
        shown="home",
        label="start",
        title="To the start",
        help="In a saved session: to its first instant; end goes to its last.",
        footer=False,
    ),
    UserCommand(
        action="to_end",
        keys=("end",),
        shown="end",
        label="end",
        title="To the end",
        help="In a saved session: to its last instant, where it was opened.",
        footer=False,
    ),
)
"""In the order of key line and help."""

PLAYS: Final = frozenset(command.action for command in PLAYING)


def play_entry(state: str) -> tuple[str, str]:
    """The key line's (key, label) of the space bar."""
    return "space", "pause" if state == "playing" else "play"
