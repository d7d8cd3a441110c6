"""What is being tried on the present run, in words: the experiment under way and how far it is, or a profile."""

from __future__ import annotations

from app.session.live.view import RunView
from app.text.evidence import interval_text
from workloads.wire.commands import BLOCKS
from workloads.wire.frames import Effect


def is_running(run: RunView | None) -> bool:
    """Whether there is a worker that can be told something."""
    return run is not None and run.state == "running"


def experiment_under_way(run: RunView) -> str | None:
    """The name of the experiment that goes on; empty where it is not known yet; None where none does."""
    if not is_running(run):
        return None
    going = [effect.experiment for effect in run.effects if not effect.over]
    if going:
        return going[-1]
    return "" if run.phase == "experiment" else None


def effect_of(run: RunView, experiment: str) -> Effect | None:
    """What it has shown so far."""
    return next((effect for effect in run.effects if effect.experiment == experiment), None)


def progress_text(effect: Effect, of: int = 2 * BLOCKS) -> str:
    """`6/20 blocks: 1.31× [1.24, 1.38]`."""
    done = effect.plain + effect.changed
    blocks = f"{done}/{max(of, done)} blocks"
    shown = "" if effect.ratio is None else f": {interval_text(effect.ratio, effect.low, effect.high)}"
    return blocks + shown


def result_text(effect: Effect) -> str:
    """What an experiment came to, or why it did not: `1.31× [1.24, 1.38]`."""
    if effect.ratio is None:
        return effect.reason or "too few blocks"
    result = interval_text(effect.ratio, effect.low, effect.high)
    return f"{result} ({effect.reason})" if effect.reason else result


def going_on_text(run: RunView) -> str:
    """One line about the experiment or the profile under way; empty where there is neither."""
    experiment = experiment_under_way(run)
    if experiment is not None:
        effect = effect_of(run, experiment)
        if effect is not None:
            return f"trying {experiment}: {progress_text(effect)}"
        return f"trying: {run.phase_mark}" if run.phase_mark else f"trying {experiment or 'an experiment'}"
    if is_running(run) and run.phase == "profile":
        return "taking a profile"
    return ""
