"""What a person asks of the present run: an experiment, a profile, another value of a knob.

Each is refused with one line where it does not apply, asked about before it is done, and told to the conductor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.session.live.asking import experiments_of_run, knob_value, knobs_of_run
from app.session.live.view import RunView
from app.ui.draw.why.going_on import experiment_under_way
from workloads.parameters import Parameter
from workloads.wire.commands import SetKnob, TakeProfile, Try
from workloads.wire.frames import Value, Verdict

if TYPE_CHECKING:
    from app.ui.app import Viewer


async def ask_try(viewer: Viewer, run: RunView | None, verdict: Verdict | None) -> None:
    """Make an experiment, first of all that of the verdict; end the one under way without a question."""
    from app.ui.screens.questions import CANCEL, try_question  # noqa: PLC0415

    refused = viewer.refusal()
    present = viewer.view.current
    if not refused and present is not None and experiment_under_way(present) is not None:
        await viewer.tell(Try(experiment=""))
        return
    own = verdict.experiment if verdict is not None else ""
    experiments = offered(run, own)
    refused = refused or _refusal(run, present, experiments)
    if refused or run is None:
        viewer.notify(refused)
        return

    async def answered(answer: str | None) -> None:
        if answer not in (None, CANCEL):
            await viewer.tell(Try(experiment=answer))

    viewer.push_screen(try_question(run, experiments, own), answered)


def offered(run: RunView | None, own: str) -> list[tuple[str, str]]:
    """Experiments, each with why it cannot be made: the verdict's own, then those that can, then the others."""
    known = dict(experiments_of_run(run.started if run is not None else None))
    if own:
        known.setdefault(own, "")
    return sorted(known.items(), key=lambda each: (each[0] != own, bool(each[1])))


def _refusal(run: RunView | None, present: RunView | None, experiments: list[tuple[str, str]]) -> str:
    if run is not None and present is not None and run.run != present.run:
        return "that run is over: nothing can be tried on it"
    if run is None or not experiments:
        return "it is not known yet what can be tried on this run"
    if all(why for _, why in experiments):
        first, why = experiments[0]
        return f"nothing can be tried on this run: {first} {why}"
    return ""


def ask_profile(viewer: Viewer) -> None:
    """Take a profile of some steps."""
    from app.ui.screens.questions import PROFILES, profile_question  # noqa: PLC0415

    refused, run = viewer.refusal(), viewer.view.current
    if not refused and run is not None and run.phase in ("profile", "experiment"):
        refused = "a profile is being taken" if run.phase == "profile" else "an experiment goes on; x ends it"
    if refused or run is None:
        viewer.notify(refused)
        return

    async def answered(answer: str | None) -> None:
        if answer in PROFILES:
            await viewer.tell(TakeProfile(steps=PROFILES[answer]))

    viewer.push_screen(profile_question(run), answered)


def ask_knob(viewer: Viewer) -> None:
    """Set a parameter of the present run that can be changed while it goes on."""
    from app.ui.screens.knobs import KnobDialog  # noqa: PLC0415

    refused, run = viewer.refusal(), viewer.view.current
    started = run.started if run is not None else None
    knobs = knobs_of_run(started)
    if not refused and run is not None and not knobs:
        refused = f"{run.title or run.workload} has nothing that can be changed while it runs"
    if refused or run is None:
        viewer.notify(refused)
        return

    async def answered(answer: tuple[str, Value] | None) -> None:
        if answer is not None:
            await viewer.tell(SetKnob(name=answer[0], value=answer[1]))

    def checked(knob: Parameter, text: str) -> Value:
        return knob_value(started, knob.name, knob.parse(text))

    viewer.push_screen(KnobDialog(knobs, checked), answered)
