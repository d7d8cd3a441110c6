"""Every command of the live screen, once: its keys, its words and what it does.

Bindings, the key line, the palette and the help screen are made from this table; nothing about a
command is written anywhere else. Does nothing itself: an action is a method `action_NAME` of the live screen.
"""

from __future__ import annotations

from textual.binding import Binding, BindingType

from app.session.live.view import RunView, View
from app.ui.draw.why.going_on import experiment_under_way
from app.ui.playing_commands import PLAYING, PLAYS, play_entry
from app.ui.user_command import UserCommand

COMMANDS = (
    UserCommand(
        action="quit",
        keys=("q", "ctrl+c", "ctrl+q"),
        shown="q",
        label="quit",
        title="Quit",
        help="Leave. While the session goes on it asks first: stop it and save, or leave it running.",
    ),
    UserCommand(
        action="help",
        keys=("question_mark", "f1"),
        shown="?",
        label="help",
        title="Help",
        help="What every number on the screen is, where it comes from, and every key.",
        looking="help",
    ),
    UserCommand(
        action="why",
        keys=("w",),
        shown="w",
        label="why",
        title="Why it is not faster",
        help="Every verdict with its evidence, what to try and what that would be worth, experiments and profiles.",
    ),
    UserCommand(
        action="try",
        keys=("x",),
        shown="x",
        label="try",
        title="Try what would prove the verdict",
        help="Run the experiment that belongs to the verdict, or another, in turns with the plain setting. It asks "
        "first; x again ends it.",
    ),
    UserCommand(
        action="freeze",
        keys=("space", "f"),
        shown="space",
        label="freeze",
        title="Freeze or go on",
        help="Hold the picture still and let it go on. The recording never stops. In a saved session: play it, and "
        "pause.",
        looking="go on",
    ),
    UserCommand(
        action="all",
        keys=("a",),
        shown="a",
        label="all",
        title="All of the session, or only the newest",
        help="Charts of all of the session so far, and back to the newest.",
        looking="all",
    ),
    UserCommand(
        action="log",
        keys=("l",),
        shown="l",
        label="log",
        title="Log",
        help="What the workloads, their libraries and benchtop itself had to say, with times.",
    ),
    UserCommand(
        action="profile",
        keys=("p",),
        shown="p",
        label="profile",
        title="Take a profile",
        help="A torch.profiler trace of some steps: top operators and idle gaps on the screen, a file for Perfetto. It "
        "asks first.",
    ),
    UserCommand(
        action="knobs",
        keys=("n",),
        shown="n",
        label="knobs",
        title="Change a parameter while it runs",
        help="Batch, precision, rate and what else the workload can change as it runs; a new measured window begins.",
    ),
    UserCommand(
        action="slow",
        keys=("o",),
        shown="o",
        label="slowest",
        title="Slowest steps",
        help="The ten slowest steps or requests of the run, each with its phases, what happened meanwhile, readings "
        "and log lines around it.",
    ),
    UserCommand(
        action="enlarge",
        keys=("enter",),
        shown="enter",
        label="enlarge",
        title="Enlarge the panel",
        help="Give the whole screen to the panel that has the focus, and back.",
    ),
    UserCommand(
        action="next_panel",
        keys=("tab", "down"),
        shown="tab",
        label="next",
        title="Next panel",
        help="Move the focus to the next panel; shift+tab to the one before.",
    ),
    UserCommand(
        action="previous_panel",
        keys=("shift+tab", "up"),
        shown="shift+tab",
        label="previous",
        title="Previous panel",
        help="Move the focus to the panel before.",
        footer=False,
    ),
    UserCommand(
        action="next_gpu",
        keys=("g",),
        shown="g",
        label="GPU",
        title="Next GPU",
        help="Show the next GPU, where there are several.",
    ),
    UserCommand(
        action="heat",
        keys=("h",),
        shown="h",
        label="all GPUs",
        title="All GPUs and ranks",
        help="A strip over time for each GPU, and the own work of each rank, to see which of many differs.",
    ),
    UserCommand(
        action="repeats",
        keys=("e",),
        shown="e",
        label="repeats",
        title="Repeats",
        help="Every repeat as a point, and the interval as it tightens, for each variant of a session that repeats.",
    ),
    UserCommand(
        action="roofline",
        keys=("r",),
        shown="r",
        label="roof",
        title="Roofline",
        help="How near each run comes to what memory and arithmetic of its device can do, as a picture.",
    ),
    UserCommand(
        action="end_run",
        keys=("k",),
        shown="k",
        label="end run",
        title="End this run",
        help="Kill the worker of the present run, such as one that hangs; what the plan still has goes on. It asks "
        "first.",
    ),
    UserCommand(
        action="save",
        keys=("s",),
        shown="s",
        label="save",
        title="Save the screen",
        help="Save what is shown into the session's folder, as a picture (SVG) and as text: here, and on every page of "
        "the session.",
    ),
    UserCommand(
        action="zoom_in",
        keys=("plus", "equals_sign"),
        shown="+",
        label="zoom",
        title="Zoom in",
        help="Freeze, and show less time in all charts, around the cursor; - shows more.",
        footer=False,
        looking="zoom",
    ),
    UserCommand(
        action="zoom_out",
        keys=("minus",),
        shown="-",
        label="zoom out",
        title="Zoom out",
        help="Show more time in all charts.",
        footer=False,
    ),
    UserCommand(
        action="pan_back",
        keys=("comma", "shift+left"),
        shown=",",
        label="earlier",
        title="Earlier",
        help="Freeze, and show what was earlier; . goes forward again.",
        footer=False,
        looking="earlier",
    ),
    UserCommand(
        action="pan_on",
        keys=("full_stop", "shift+right"),
        shown=".",
        label="later",
        title="Later",
        help="Show what was later.",
        footer=False,
        looking="later",
    ),
    UserCommand(
        action="cursor_on",
        keys=("right",),
        shown="→",
        label="cursor",
        title="Cursor to the right",
        help="While frozen: move one cursor through all charts, with time and values under it. Else the next panel.",
        footer=False,
        looking="cursor",
    ),
    UserCommand(
        action="cursor_back",
        keys=("left",),
        shown="←",
        label="cursor back",
        title="Cursor to the left",
        help="The same to the left. Else the panel before.",
        footer=False,
    ),
    *PLAYING,
    UserCommand(
        action="restore",
        keys=("escape",),
        shown="esc",
        label="back",
        title="Back to all panels",
        help="Make an enlarged panel small again; else let frozen charts go on.",
        footer=False,
        looking="live",
    ),
    UserCommand(
        action="palette",
        keys=("ctrl+p",),
        shown="^p",
        label="palette",
        title="Command palette",
        help="Find a command by typing a part of its name.",
        footer=False,
    ),
    UserCommand(
        action="redraw",
        keys=("ctrl+l",),
        shown="^l",
        label="redraw",
        title="Redraw the screen",
        help="Draw everything anew, when something else has written on the terminal.",
        footer=False,
    ),
    UserCommand(
        action="suspend",
        keys=("ctrl+z",),
        shown="^z",
        label="suspend",
        title="Suspend",
        help="Go back to the shell; `fg` comes back. The session goes on.",
        footer=False,
    ),
)
"""In the order of key line and help: where the key line has no room, the last are left out."""


def bindings() -> list[BindingType]:
    """The table as bindings of a screen.

    With priority, which means: done before the next key is looked at. On a slow line `q` and `s` arrive together,
    and the `s` is meant for the question that the `q` opens.
    """
    return [
        Binding(",".join(command.keys), command.action, command.label, show=False, priority=True)
        for command in COMMANDS
    ]


def key_entries(available: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The key line's (key, label) for the actions that can be done now."""
    return tuple(
        (command.shown, command.label) for command in COMMANDS if command.footer and command.action in available
    )


def looking_entries() -> tuple[tuple[str, str], ...]:
    """The key line's (key, label) while charts are not live."""
    return tuple((command.shown, command.looking) for command in COMMANDS if command.looking)


def playing_entries(offered: frozenset[str], state: str) -> tuple[tuple[str, str], ...]:
    """The key line's (key, label) of a session that is played."""
    entries = [(command.shown, command.label) for command in PLAYING if command.footer]
    rest = key_entries(offered - PLAYS - {"quit", "help", "freeze", "why"})
    return (("q", "quit"), ("?", "help"), play_entry(state), ("w", "why"), *entries, *rest)


ASKS = frozenset({"end_run", "try", "profile", "knobs"})
"""Actions that ask something of the session; who only watches has none of them."""

ALWAYS = frozenset(command.action for command in COMMANDS) - ASKS - PLAYS - {"next_gpu", "repeats", "heat"}
"""Actions that can be done at any time; the others depend on what is going on."""


def available(view: View, *, read_only: bool = False, hurry: bool = False) -> frozenset[str]:
    """The actions that can be done at this instant. `hurry`: without those that the catalogue must be asked about."""
    several = len(view.gpus) > 1
    running = not read_only and view.current is not None and view.current.state in ("starting", "running")
    return (
        ALWAYS
        | ({"next_gpu"} if several else set())
        | ({"heat"} if several or (view.current is not None and view.current.ranks) else set())
        | ({"end_run", "profile"} if running else set())
        | (_asked_of(view.current) if running and view.current is not None and not hurry else set())
        | ({"repeats"} if view.variants else set())
    )


def _asked_of(run: RunView) -> set[str]:
    """What the catalogue says can be asked of this run."""
    from app.session.live.asking import experiments_of_run, knobs_of_run  # noqa: PLC0415 - the first picture does not wait

    can_try = any(not why for _, why in experiments_of_run(run.started))
    return ({"try"} if can_try or experiment_under_way(run) is not None else set()) | (
        {"knobs"} if knobs_of_run(run.started) else set()
    )
