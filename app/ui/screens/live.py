"""The live screen: status, notice, four panels, repeats, plan and keys. It draws views and turns keys into actions.

Never reads a session: it is shown one, and what a person wants of the session it asks its app for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from app.session.live.courses import with_courses
from app.session.live.view import EMPTY, View
from app.ui.commands import ALWAYS, available, bindings, key_entries, looking_entries, playing_entries
from app.ui.display import Display
from app.ui.draw.box import inner_width
from app.ui.draw.chart import plot_width
from app.ui.draw.look import (
    LIVE,
    Look,
    dragged,
    frozen_at,
    held_at,
    on_all,
    on_window,
    panned,
    pointed,
    with_cursor,
    zoomed,
)
from app.ui.draw.repeats import small_height
from app.ui.draw.why.found import primary
from app.ui.layout import GRID, arrangement, has_room_for_repeats, verdict_rows
from app.ui.playing import Playing
from app.ui.screens.lines import EndLine, TabLine, TooSmallLine
from app.ui.screens.playing import PlayingActions
from app.ui.widgets.keys import KeyLine
from app.ui.widgets.notice import NoticeLine
from app.ui.widgets.panel import Panel, PanelKind
from app.ui.widgets.plan import PlanLine
from app.ui.widgets.repeats import RepeatsStrip
from app.ui.widgets.search import SearchPanel
from app.ui.widgets.status import StatusLine
from app.ui.widgets.timeline import TimelineRow
from app.ui.widgets.verdict import VerdictPanel

if TYPE_CHECKING:
    from app.ui.app import Viewer

KINDS: tuple[PanelKind, ...] = ("device", "memory", "throughput", "time")
VERDICT = len(KINDS)
"""The verdict's place in the ring of what can have the focus; it is in it where all panels are seen."""


class LiveScreen(PlayingActions, Screen[None], inherit_bindings=False):
    """A session as it goes on, or as it was."""

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = "#device"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual has it, but that only the panels that lose and gain the focus are drawn, not the whole screen."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self._view: View = EMPTY
        self._held: View = EMPTY
        """What frozen charts are drawn from."""
        self._past: View | None = None
        """The same with all of its past, once one has looked there."""
        self._look = self._pulled_from = LIVE
        self._follows = False
        """Charts are held, but at another instant, which was asked for and may not be there yet."""
        self._painted = False
        self._gpu = 0
        self._own_gpu = True
        """Whether the GPU shown is that of the workload: until another is asked for."""
        self._chosen = 0
        self._enlarged = False
        self._arrangement = arrangement(*GRID)
        self._status = StatusLine()
        self._notice = NoticeLine()
        self._verdict = VerdictPanel()
        self._end = EndLine()
        self._tabs = TabLine(KINDS)
        self._panels = tuple(Panel(kind, id=kind, sweep=display.sweep) for kind in KINDS)
        self._search = SearchPanel()
        self._repeats = RepeatsStrip()
        self._repeats_rows = 0
        self._plan = PlanLine()
        self._timeline = TimelineRow()
        self._keys = KeyLine(key_entries(ALWAYS))

    def compose(self) -> ComposeResult:
        """The screen from top to bottom."""
        yield TooSmallLine()
        yield self._status
        yield self._notice
        yield self._end
        yield self._tabs
        yield self._verdict
        yield Container(*self._panels, id="panels")
        yield self._search
        yield self._repeats
        yield self._plan
        yield self._timeline
        yield self._keys

    def on_mount(self) -> None:
        """Arrange for the size that there is, and ask for the first view."""
        self._arrangement = arrangement(*self.app.size)
        self.set_class(self.hand is not None, "-played")
        self._arrange()
        self._viewer.begin()
        self._painted = True

    def show(self, view: View, *, charts: bool) -> None:
        """Draw this instant; while frozen only the status goes on, and says so."""
        self._view = view
        asks = not self._viewer.read_only and self.hand is None
        offered = available(view, read_only=not asks, hurry=not self._painted)
        self._timeline.show(view.played, "" if self.hand is None else self.hand.note)
        self._keys.offer(self._entries(offered))
        self._status.show(view, self._look, self._viewer.pace.round_trip_s)
        if self._look.state == "frozen":
            if not self._follows:
                return
            self._look = held_at(self._look, view.now_ns)
            self._follows = view.played is not None and view.played.seeking
        self._held, self._past = view, None
        drawn = view
        if self._look.state == "frozen":
            drawn = self._drawn()
        elif self._look.state == "all":
            self._look = on_all(view.started_ns or view.now_ns, view.now_ns, self._columns)
            drawn = self._drawn() if charts else view
        self._make_room(small_height(view) if has_room_for_repeats(*self.app.size) else 0)
        if self._own_gpu and view.own_gpu is not None:
            self._gpu = view.own_gpu
        self._notice.show(view)
        self._verdict.show(view)
        for panel in self._panels:
            panel.show(drawn, charts=charts, gpu=self._gpu, look=self._look)
        self._search.show(view)
        self.set_class(view.search, "-search")
        self._repeats.show(view)
        self._plan.show(view)

    def _entries(self, offered: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """The keys that are shown."""
        if self._look.state != "live":
            return looking_entries()
        played = self._view.played
        return key_entries(offered) if played is None else playing_entries(offered, played.state)

    def say_end(self, words: Text) -> None:
        """The session is over, and this became of it."""
        self._end.say(words)

    def on_resize(self, event: events.Resize) -> None:
        """Arrange for the new size."""
        self._arrangement = arrangement(event.size.width, event.size.height)
        self._arrange()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A panel was chosen by mouse or key."""
        if isinstance(event.widget, Panel):
            self._chosen = KINDS.index(event.widget.kind)
            self._arrange()
        elif event.widget is self._verdict:
            self._chosen = VERDICT

    @property
    def hand(self) -> Playing | None:
        """On the timeline of a session that is over."""
        return self._viewer.playing

    def placed(self) -> None:
        """Another instant is shown as it was; charts that are held are held there, as wide as they are."""
        self._follows = self._look.state == "frozen"
        self._viewer.place()

    def open_jump(self) -> None:
        """Ask where to."""
        self._viewer.open_jump()

    def action_freeze(self) -> None:
        """Hold the picture, or let it go on; a session that is over is played, or paused."""
        if self.hand is not None and self.hand.known and self._look.state != "frozen":
            self.toggle_playing()
            return
        self._see(frozen_at(self._held.now_ns) if self._look.state != "frozen" else LIVE)

    def action_all(self) -> None:
        """All of the session, or the newest again."""
        began_ns = self._view.started_ns or self._view.now_ns
        self._see(on_all(began_ns, self._view.now_ns, self._columns) if self._look.state != "all" else LIVE)

    def action_zoom_in(self) -> None:
        """Less time."""
        self._see(zoomed(self._look, -1, self._held.now_ns, self._columns))

    def action_zoom_out(self) -> None:
        """More time."""
        self._see(zoomed(self._look, 1, self._held.now_ns, self._columns))

    def action_pan_back(self) -> None:
        """What was earlier."""
        self._see(panned(self._look, -1, self._held.now_ns, self._columns))

    def action_pan_on(self) -> None:
        """What was later."""
        self._see(panned(self._look, 1, self._held.now_ns, self._columns))

    def action_cursor_on(self) -> None:
        """The cursor of frozen charts to the right; else the next panel."""
        self._move_cursor(1)

    def action_cursor_back(self) -> None:
        """The cursor of frozen charts to the left; else the panel before."""
        self._move_cursor(-1)

    def on_panel_wheeled(self, message: Panel.Wheeled) -> None:
        """Less time or more."""
        self._see(zoomed(self._look, message.by, self._held.now_ns, self._columns))

    def on_panel_dragged(self, message: Panel.Dragged) -> None:
        """Earlier or later, as the chart is pulled."""
        if message.begins:
            self._pulled_from = self._look
        self._see(dragged(self._pulled_from, message.cells, self._held.now_ns))

    def on_panel_pointed(self, message: Panel.Pointed) -> None:
        """The cursor of frozen charts where it was clicked."""
        if self._look.state != "live":
            self._see(pointed(self._look, message.cell, self._held.now_ns, self._columns))

    def see_window(self, from_ns: int, to_ns: int) -> None:
        """Hold the charts at a stretch of time: what a verdict rests on, or a slow step."""
        self._see(on_window(from_ns, to_ns, self._held.now_ns, self._columns))

    def action_enlarge(self) -> None:
        """The chosen panel alone, or all of them again; of the verdict, all that there is to say."""
        if self._chosen == VERDICT:
            self.action_why()
            return
        self._enlarged = not self._enlarged
        self._arrange()

    def action_restore(self) -> None:
        """All panels again; where they are all there, live."""
        if not self._enlarged:
            self._see(LIVE)
        self._enlarged = False
        self._arrange()

    def action_next_panel(self) -> None:
        """Choose the next panel."""
        self._choose(self._chosen + 1)

    def action_previous_panel(self) -> None:
        """Choose the panel before."""
        self._choose(self._chosen - 1)

    def action_next_gpu(self) -> None:
        """Show the next GPU."""
        if len(self._view.gpus) > 1:
            self._gpu = (self._gpu + 1) % len(self._view.gpus)
            self._own_gpu = False
            self._draw_held()

    def action_log(self) -> None:
        """Open the log."""
        self._viewer.open_log()

    def action_help(self) -> None:
        """Open the help."""
        self._viewer.open_help()

    def action_why(self) -> None:
        """Open the verdicts."""
        self._viewer.open_why()

    def on_verdict_panel_chosen(self) -> None:
        """Open the verdicts."""
        self._viewer.open_why()

    async def action_try(self) -> None:
        """Make the experiment that belongs to the primary verdict."""
        run = self._view.current
        await self._viewer.ask_try(run, primary(run))

    def action_heat(self) -> None:
        """Open all devices and ranks."""
        self._viewer.open_heat()

    def action_slow(self) -> None:
        """Open the slowest steps."""
        self._viewer.open_slow()

    async def action_save(self) -> None:
        """Save the screen."""
        await self._viewer.save_screen()

    def action_profile(self) -> None:
        """Take a profile."""
        self._viewer.ask_profile()

    def action_knobs(self) -> None:
        """Change a parameter of the run."""
        self._viewer.ask_knob()

    def action_roofline(self) -> None:
        """Open the roofline."""
        self._viewer.open_roofline()

    def action_repeats(self) -> None:
        """Open the repeats."""
        self._viewer.open_repeats()

    def action_end_run(self) -> None:
        """Ask whether the present run is to be ended."""
        self._viewer.ask_end_run()

    def action_quit(self) -> None:
        """Leave, or ask first."""
        self._viewer.ask_quit()

    def action_palette(self) -> None:
        """Open the command palette."""
        self._viewer.action_command_palette()

    def action_redraw(self) -> None:
        """Send every cell again."""
        self._viewer.forget()

    def action_suspend(self) -> None:
        """Give the terminal back to the shell for a while."""
        self._viewer.action_suspend_process()

    @property
    def _viewer(self) -> Viewer:
        return cast("Viewer", self.app)

    @property
    def _columns(self) -> int:
        """Columns of time that the chosen chart has."""
        panel = self._panels[self._chosen % len(KINDS)]
        return max(2, 2 * plot_width(inner_width(panel.size.width)))

    def _see(self, look: Look) -> None:
        """Draw all charts so, from what is held, or from the newest."""
        if look == self._look:
            return
        self._look = look
        if look.state == "frozen":
            self._draw_held()
        self.show(self._view, charts=True)

    def _draw_held(self) -> None:
        drawn = self._drawn()
        for panel in self._panels:
            panel.show(drawn, charts=True, gpu=self._gpu, look=self._look)

    def _drawn(self) -> View:
        """What the charts are drawn from: what is held, with all of its past where one looks further back."""
        held = self._held
        newest = held.host_device.series.get("cpu_percent") or held.throughput
        known_ns = len(newest.values) * newest.bucket_ns if newest is not None else 0
        if self._look.start_ns(held.now_ns, self._columns) >= held.now_ns - known_ns:
            return held
        if self._past is None:
            self._past = with_courses(held, self._viewer.look_back())
        return self._past

    def _move_cursor(self, by: int) -> None:
        if self._look.state == "live":
            self._choose(self._chosen + by)
        else:
            self._see(with_cursor(self._look, by, self._held.now_ns, self._columns))

    def _choose(self, number: int) -> None:
        alone = self._enlarged or self._arrangement == "tabs"
        ring: tuple[Widget, ...] = self._panels if alone else (*self._panels, self._verdict)
        self._chosen = number % len(ring)
        self._arrange()
        ring[self._chosen].focus()

    def _make_room(self, rows: int) -> None:
        """For the repeats, under the panels; none where there are none."""
        if rows != self._repeats_rows:
            self._repeats_rows = rows
            self.set_class(rows > 0, "-repeats")
            self._repeats.styles.height = rows

    def _arrange(self) -> None:
        """Show what the size, the choice and the enlargement ask for."""
        tabs = self._arrangement == "tabs"
        if tabs:
            self._chosen %= len(KINDS)
        self._verdict.styles.height = verdict_rows(*self.app.size)
        self.set_class(self._arrangement == "nothing", "-too-small")
        self.set_class(tabs, "-tabs")
        alone = tabs or self._enlarged
        self.set_class(alone, "-alone")
        for number, panel in enumerate(self._panels):
            # Where all are seen, no class says which is chosen: a changed class has all laid out anew.
            panel.set_class(alone and number == self._chosen, "-chosen")
        self._tabs.choose(self._chosen)
