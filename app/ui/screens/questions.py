"""The questions of the live screen, in words. What follows from an answer is decided by who asks."""

from __future__ import annotations

from collections.abc import Sequence

from app.session.live.view import RunView
from app.text.evidence import time_text
from app.text.experiments import setting_text
from app.ui.screens.question import Option, Question
from workloads.wire.commands import BLOCK_NS, BLOCKS, LARGEST_TRACE_BYTES

STOP, LEAVE, CANCEL, END, TRY = "s", "l", "escape", "k", "x"
PROFILES = {"p": 10, "s": 3, "l": 50}
"""Answer → steps of a profile."""


def quit_question() -> Question:
    """Stop and save, leave it running, or go on watching."""
    return Question(
        "The session is still running",
        (
            Option(STOP, "s", "Stop and save", "ends the runs, keeps everything measured"),
            Option(LEAVE, "l", "Leave it running", "`benchtop attach` comes back to it"),
            Option(CANCEL, "esc", "Cancel", "go on watching"),
        ),
    )


def end_run_question(run: RunView, *, last: bool = False) -> Question:
    """Kill the worker of one run, or let it go on. `last`: no run follows it."""
    killed = "command" if run.listened else "worker"
    after = "the session ends and is saved" if last else "the plan goes on with the next run"
    return Question(
        f"End the run of {run.title or run.workload}?",
        (
            Option(END, "k", "End this run", f"kills its {killed}; {after}"),
            Option(CANCEL, "esc", "Cancel", "let it run"),
        ),
        chosen=1,
    )


def try_question(run: RunView, experiments: Sequence[tuple[str, str]], own: str) -> Question:
    """Which experiment to make, or leave the run alone: the answer is its name.

    `experiments`: names, each with why it is impossible; `own` is that of the verdict. Says how long one takes.
    """
    step_ns = run.times.p50 if run.times is not None else 0.0
    seconds = 2 * BLOCKS * max(BLOCK_NS, step_ns) / 1e9
    # What a script counts itself cannot be put back from outside.
    goes_on = "; weights are put back, but your program's counters, schedule and place in its data go on"
    options = (
        *(_to_try(number, name, why, own) for number, (name, why) in enumerate(experiments, 1)),
        Option(CANCEL, "esc", "Cancel", "let it run; while one goes on, x ends it"),
    )
    return Question(
        f"Try an experiment in {run.title or run.workload}?",
        options,
        chosen=next(place for place, option in enumerate(options) if option.possible),
        note=f"{2 * BLOCKS} blocks, every other one changed: about {seconds:,.0f} s that enter no result"
        + (goes_on if run.listened and run.kind != "requests" else ""),
    )


def _to_try(number: int, name: str, why: str, own: str) -> Option:
    """One that can be tried, the verdict's own by the key that asked; or why it cannot."""
    if why:
        return Option("", "–", name, why, possible=False)
    key = TRY if name == own else str(number)
    return Option(key, key, name, setting_text(name) + (", for the verdict" if name == own else ""), answer=name)


def profile_question(run: RunView) -> Question:
    """How many steps are to be profiled, if any."""
    what = "requests" if run.kind == "requests" else "steps"

    def option(key: str) -> Option:
        took = "" if run.times is None else f", {time_text(run.times.p50 * PROFILES[key])} and more"
        return Option(
            key, key, f"{PROFILES[key]} {what}", f"torch.profiler, at most {LARGEST_TRACE_BYTES >> 20} MiB{took}"
        )

    return Question(
        f"Profile {run.title or run.workload}? The {what} are disturbed and enter no result",
        (*map(option, PROFILES), Option(CANCEL, "esc", "Cancel", "let it run")),
    )
