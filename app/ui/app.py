"""The viewer: one clock tick, one look at the session, one view handed to the screens that can be seen.

Owns what leaves the screen: commands to the conductor and the ending. Never draws, never reads a file.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterable

from textual.app import SystemCommand
from textual.screen import Screen

from app.session.live.view import EMPTY, RunView, View
from app.session.live.viewer_cost import Telling, tell_cost
from app.session.sources.control import ConductorGone
from app.ui.commands import ASKS, COMMANDS
from app.ui.display import DEFAULT, Display
from app.ui.ending import Ending, end_words
from app.ui.news import news
from app.ui.playing import Playable, Playing
from app.ui.playing_commands import PLAYS
from app.ui.screens.live import LiveScreen
from app.ui.screens.question import Dialog
from app.ui.terminal.crash import QuietApp
from app.ui.terminal.run import run_on_terminal
from app.ui.watched import Watched
from app.ui.widgets.timeline import TimelineRow
from workloads.wire.commands import AnyCommand, EndRun, SetKnob, Stop, TakeProfile, Try
from workloads.wire.frames import Verdict

__all__ = ["Ending", "Viewer", "view_session"]

CATCH_UP_S = 0.01
"""Pause between two looks while an old session is still being read."""
ANSWERED_NS = 30_000_000_000
"""So long after something was asked of a run, a warning of it is shown as the answer."""


def view_session(watch: Watched, display: Display, *, read_only: bool = False) -> Ending:
    """Show a session until the person leaves, the terminal goes away, or a signal comes. Raises ViewerCrashed."""
    viewer = Viewer(watch, display, read_only=read_only)
    ending = run_on_terminal(viewer, watch.folder.path)
    if watch.live:
        tell_cost(watch.command, viewer.bytes_written)
    if isinstance(ending, Ending):
        return ending
    return Ending.LEFT_RUNNING if watch.live else Ending.FINISHED


class Viewer(QuietApp, inherit_bindings=False):
    """The Textual app around one watched session."""

    TITLE = "benchtop"
    CSS_PATH = "screens/live.tcss"

    def __init__(
        self,
        watch: Watched,
        display: Display = DEFAULT,
        clock: Callable[[], int] = time.monotonic_ns,
        *,
        read_only: bool = False,
    ) -> None:
        super().__init__(display)
        self._watch = watch
        self._clock = clock
        self.read_only = read_only
        """Whoever watches can stop nothing; leaving leaves the session running."""
        self._ticks = 0
        self._telling = Telling(clock())
        self._told: asyncio.Future[None] | None = None
        self._catching_up = False
        self._asked_ns: int | None = None
        self.view: View = EMPTY
        self.playing = Playing(watch, clock) if isinstance(watch, Playable) else None
        """The hand on the timeline of a session that is over; None of one that goes on."""
        self._placed = False

    def get_default_screen(self) -> Screen[None]:
        """The live screen is the ground that all others lie on."""
        return LiveScreen(self.chosen_display)

    def begin(self) -> None:
        """The live screen stands: look before its first picture, and from then on with the one clock."""
        self.tick()
        gc.freeze()  # what stands now stays; looking through it for garbage costs time, and puts the rest off
        self.set_interval(1 / self.chosen_display.refresh_hz, self.tick)

    def tick(self) -> None:
        """Look once and show it; while there is a past to be read, go on reading it."""
        if self._catching_up or not self.is_running:  # a tick may wait in the queue while all screens are closed
            return
        self._ticks += 1
        before, self.view = self.view, self._watch.look(self._clock())
        self.show()
        asked = self._asked_ns is not None and self._clock() - self._asked_ns < ANSWERED_NS
        for line in news(before, self.view, asked=asked) if self._goes_on else ():
            self.notify(line)
        self._withdraw_question()
        self._tell_cost()
        if self.view.catching_up is not None or self._seeks:
            self._catching_up = True
            self.set_timer(CATCH_UP_S, self._catch_up)

    def show(self) -> None:
        """Hand the present view to the screens that can be seen."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, LiveScreen):
                turn = (self._ticks - 1) % self.chosen_display.charts_every == 0
                screen.show(self.view, charts=turn or self._placed)
                self._placed = self._placed and self._seeks
                screen.say_end(end_words(self.view.state, self._watch.folder.path, live=self._watch.live))
            elif screen is self.screen and hasattr(screen, "show"):
                screen.show(self.view)
                if self.playing is not None:
                    for row in screen.query(TimelineRow):
                        row.show(self.view.played, self.playing.note)
            if not screen.is_modal:
                return

    def place(self) -> None:
        """Another instant of the session was asked for: its charts are drawn with its numbers."""
        self._placed = True
        self.tick()

    @property
    def _seeks(self) -> bool:
        return self.view.played is not None and self.view.played.seeking

    def open_jump(self) -> None:
        """Ask where to in the session."""
        from app.ui.screens.jump import JumpDialog  # noqa: PLC0415

        played, playing = self.view.played, self.playing
        if played is not None and playing is not None:
            self.push_screen(JumpDialog(played, playing.typed), self._jump_answered)

    def _jump_answered(self, at_ns: int | None) -> None:
        if at_ns is not None and isinstance(self.screen, LiveScreen):
            self.screen.go_to(at_ns)

    def look_back(self) -> View:
        """The present instant with the courses of all of the session."""
        return self._watch.look_back()

    def _withdraw_question(self) -> None:
        """What is asked of a running session has no answer once it is over."""
        if isinstance(self.screen, Dialog) and self.screen.of_running and not self._goes_on:
            self.screen.action_cancel()

    def open_log(self) -> None:
        """What was said so far, and what will be."""
        from app.ui.screens.log import LogScreen  # noqa: PLC0415 # the first picture does not wait for it

        self.push_screen(LogScreen(self.view))

    def open_help(self) -> None:
        """Keys and numbers in words."""
        from app.ui.screens.help import HelpScreen  # noqa: PLC0415

        self.push_screen(HelpScreen())

    def open_roofline(self) -> None:
        """The runs under the roof of their device."""
        from app.ui.screens.roofline import RooflineScreen  # noqa: PLC0415

        self.push_screen(RooflineScreen(self.view))

    def open_repeats(self) -> None:
        """Every repeat of every variant."""
        from app.ui.screens.repeats import RepeatsScreen  # noqa: PLC0415

        self.push_screen(RepeatsScreen(self.view))

    async def save_screen(self) -> None:
        """A picture and a text of what is shown, in the session's folder; drawn beside the screen, which goes on."""
        from app.ui.saving import save_screen  # noqa: PLC0415

        if self.read_only:
            self.notify("this screen is read-only")
            return
        await save_screen(self, self._watch.folder)

    def open_why(self) -> None:
        """Every verdict of the present run, with its evidence."""
        from app.ui.screens.why import WhyScreen  # noqa: PLC0415

        self.push_screen(WhyScreen(self.view), self._hold_at)

    def open_heat(self) -> None:
        """All devices and ranks at once."""
        from app.ui.screens.heat import HeatScreen  # noqa: PLC0415

        self.push_screen(HeatScreen(self.view))

    def open_slow(self) -> None:
        """The slowest steps of the present run."""
        from app.ui.screens.slow import SlowScreen  # noqa: PLC0415

        self.push_screen(SlowScreen(self.view), self._hold_at)

    def _hold_at(self, stretch: tuple[int, int] | None) -> None:
        """What was chosen on the screen that closed; None: nothing."""
        if stretch is not None and isinstance(self.screen, LiveScreen):
            self.screen.see_window(*stretch)

    async def ask_try(self, run: RunView | None, verdict: Verdict | None) -> None:
        """Make the experiment that belongs to a verdict, or end the one under way."""
        from app.ui.trying import ask_try  # noqa: PLC0415

        await ask_try(self, run, verdict)

    def ask_profile(self) -> None:
        """Take a profile of the present run."""
        from app.ui.trying import ask_profile  # noqa: PLC0415

        ask_profile(self)

    def ask_knob(self) -> None:
        """Change a parameter of the present run."""
        from app.ui.trying import ask_knob  # noqa: PLC0415

        ask_knob(self)

    def refusal(self) -> str:
        """Why nothing can be asked of the present run, in a line; empty: it can."""
        if self.read_only:
            return "this screen is read-only"
        run = self.view.current
        if run is None or run.state not in ("starting", "running") or not self._goes_on:
            return "no run is going on"
        return ""

    def ask_quit(self) -> None:
        """Leave at once when the session is over, or not this person's to end; else ask what becomes of it."""
        from app.ui.screens.questions import quit_question  # noqa: PLC0415

        if self.read_only:
            self.exit(Ending.LEFT_RUNNING if self._goes_on else Ending.FINISHED)
            return
        if not self._goes_on:
            self.exit(Ending.FINISHED)
            return
        self.push_screen(quit_question(), self._quit_answered)

    def ask_end_run(self) -> None:
        """Ask before a run is killed; without a run there is nothing to ask."""
        from app.ui.screens.questions import end_run_question  # noqa: PLC0415

        refused, run = self.refusal(), self.view.current
        if refused or run is None:
            self.notify(refused)
            return
        last = not any(other.state == "planned" for other in self.view.runs)
        self.push_screen(end_run_question(run, last=last), self._end_run_answered)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the table of commands, on the live screen."""
        if isinstance(screen, LiveScreen):
            for command in COMMANDS:
                idle = (self.read_only and command.action in ASKS) or (self.playing is None and command.action in PLAYS)
                if command.action != "palette" and not idle:
                    yield SystemCommand(command.title, command.help, getattr(screen, f"action_{command.action}"))

    @property
    def _goes_on(self) -> bool:
        return self._watch.live and self.view.state in ("starting", "running")

    @property
    def bytes_written(self) -> int | None:
        """To the terminal so far; None where there is none."""
        return getattr(self._driver, "bytes_written", None)

    def _tell_cost(self) -> None:
        """Now and then, without holding up the screen, and never twice at once."""
        if not self._goes_on or (self._told is not None and not self._told.done()):
            return
        if self._telling.is_due(self._clock()):
            told = asyncio.to_thread(tell_cost, self._watch.command, self.bytes_written)
            self._told = asyncio.ensure_future(told)

    def _catch_up(self) -> None:
        self._catching_up = False
        self.tick()

    async def _quit_answered(self, answer: str | None) -> None:
        from app.ui.screens.questions import LEAVE, STOP  # noqa: PLC0415

        if answer == LEAVE:
            self.exit(Ending.LEFT_RUNNING)
        elif answer == STOP and await self.tell(Stop()):
            self.exit(Ending.STOPPED)

    async def _end_run_answered(self, answer: str | None) -> None:
        from app.ui.screens.questions import END  # noqa: PLC0415

        if answer == END:
            await self.tell(EndRun())

    async def tell(self, command: AnyCommand) -> bool:
        """Tell the conductor without holding up the screen → whether it agreed; if not, the screen says why."""
        try:
            reply = await asyncio.to_thread(self._watch.command, command)
        except ConductorGone as error:
            self.notify(str(error), severity="error")
            return False
        if isinstance(command, Try | TakeProfile | SetKnob):
            self._asked_ns = self._clock()
        if reply.message:
            self.notify(reply.message, severity="information" if reply.accepted else "warning")
        return reply.accepted
