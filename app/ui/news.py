"""What a person has asked for and waits for: a profile that is there, an experiment that is over. Pure."""

from __future__ import annotations

from app.session.live.view import RunView, View
from app.text.numbers import counted
from app.ui.draw.why.going_on import result_text
from workloads.wire.frames import Profile


def news(before: View, now: View, *, asked: bool = False) -> tuple[str, ...]:
    """Lines about what came between two looks at a session that goes on; nothing while its past is being read.

    `asked`: something was asked of the run a moment ago, so that a warning of it is an answer.
    """
    if before.catching_up is not None or now.catching_up is not None or now.current is None:
        return ()
    then = next((run for run in before.runs if run.run == now.current.run), None)
    if then is None:
        return ()
    return (*_of_run(then, now.current), *(_warnings(before, now, now.current.run) if asked else ()))


def _warnings(before: View, now: View, run: int) -> tuple[str, ...]:
    """That its worker has said since, such as why an experiment cannot be made."""
    last_ns = before.log[-1].at_ns if before.log else 0
    new = (line for line in now.log if line.at_ns > last_ns and line.run == run)
    return tuple(line.text for line in new if line.level == "warning" and line.origin not in ("stdout", "stderr"))


def _of_run(then: RunView, now: RunView) -> tuple[str, ...]:
    lines = []
    if now.profiles and now.profiles[-1:] != then.profiles[-1:]:
        lines.append(_profile(now.profiles[-1]))
    over = {effect.experiment for effect in then.effects if effect.over}
    lines += [
        f"{effect.experiment}: {result_text(effect)}"
        for effect in now.effects
        if effect.over and (effect.experiment not in over or effect not in then.effects)
    ]
    return tuple(lines)


def _profile(profile: Profile) -> str:
    if not profile.operators and not profile.file:
        return f"no profile: {profile.reason}" if profile.reason else "no profile"
    return f"the profile of {counted(profile.steps, 'step')} is there, w shows it"
