"""The questions of the live screen, in words. What follows from an answer is decided by who asks."""

from __future__ import annotations

from app.ui.screens.question import Option, Question

STOP, LEAVE, CANCEL, END = "s", "l", "escape", "k"


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


def end_run_question(workload: str) -> Question:
    """Kill the worker of one run, or let it go on."""
    return Question(
        f"End the run of {workload}?",
        (
            Option(END, "k", "End this run", "kills its worker; the plan goes on with the next run"),
            Option(CANCEL, "esc", "Cancel", "let it run"),
        ),
        chosen=1,
    )
