"""Every command of the sessions screen, once: key line, keys and help are made from this table.

Does nothing itself: an action is a method `action_NAME` of the sessions screen.
"""

from __future__ import annotations

from typing import Final

from app.ui.user_command import UserCommand

BROWSING: Final = (
    UserCommand(
        action="close",
        keys=("q", "escape"),
        shown="q",
        label="leave",
        title="Leave",
        help="Leave. Esc first takes away what was typed and the marks.",
    ),
    UserCommand(
        action="help",
        keys=("question_mark", "f1"),
        shown="?",
        label="help",
        title="Help",
        help="These words.",
    ),
    UserCommand(
        action="open",
        keys=("enter",),
        shown="enter",
        label="open",
        title="Open",
        help="Open the session; one that goes on is come back to.",
    ),
    UserCommand(
        action="find",
        keys=("slash",),
        shown="/",
        label="find",
        title="Find",
        help="Type to find: every word of it in name, #tags, workloads, state, host or note. In the first three "
        "letters in their order are enough: trdig finds train/digits. Enter opens; esc goes back to the keys.",
    ),
    UserCommand(
        action="sort",
        keys=("s",),
        shown="s",
        label="sort",
        title="Sort",
        help="Sort by time, size, name or rate, in turns.",
    ),
    UserCommand(
        action="turn",
        keys=("S", "upper_s"),
        shown="S",
        label="turn",
        title="Turn the order round",
        help="Turn the order round.",
        footer=False,
    ),
    UserCommand(
        action="mark",
        keys=("space",),
        shown="space",
        label="mark",
        title="Mark",
        help="Mark several, to compare or to delete them; the first is the base of a comparison.",
    ),
    UserCommand(
        action="compare",
        keys=("c",),
        shown="c",
        label="compare",
        title="Compare",
        help="Hold the marked sessions against each other, or the variants of the one at the cursor.",
    ),
    UserCommand(
        action="play",
        keys=("p",),
        shown="p",
        label="play two",
        title="Play two together",
        help="Play two marked sessions together, with the difference in every panel.",
        footer=False,
    ),
    UserCommand(
        action="tags",
        keys=("t",),
        shown="t",
        label="tags",
        title="Tags",
        help="Give the session tags, or take some away.",
    ),
    UserCommand(
        action="note",
        keys=("n",),
        shown="n",
        label="note",
        title="Note",
        help="Write down something about the session.",
    ),
    UserCommand(
        action="rename",
        keys=("r",),
        shown="r",
        label="rename",
        title="Rename",
        help="Give the session another name; its time stays in front.",
    ),
    UserCommand(
        action="delete",
        keys=("d", "delete"),
        shown="d",
        label="delete",
        title="Delete",
        help="Delete the marked sessions, or the one at the cursor. It asks first; none that is running goes.",
    ),
    UserCommand(
        action="again",
        keys=("u", "f5"),
        shown="u",
        label="read again",
        title="Read again",
        help="Read all sessions anew, those of others who are at it too.",
        footer=False,
    ),
)
"""In the order of key line and help."""

FINDING: Final = (("enter", "open"), ("↑↓", "move"), ("esc", "done"))
"""The key line while one types."""
