"""The commands of `benchtop`, one function each. Whatever is heavy is imported by the command that needs it.

Exit status: 0 done, 1 a run failed, or a file cannot be read or written, 2 wrong usage, 3 a condition of
`compare --fail-if` is met, 130 interrupted (and saved).
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from msgspec.structs import replace

from app.arguments import parser, screen_options, split_program
from app.recovery import is_interrupted, recovered
from app.session.plain import plain
from app.session.store.folder import SessionFolder, find_session, list_sessions, sessions_home
from app.session.store.lock import is_locked
from app.ui.display import Display, choose_display
from workloads.wire.frames import Outcome

if TYPE_CHECKING:
    from app.metrics.listening import Listening
    from app.session.planning import RunRequest
    from app.session.planning.plan import Plan
    from app.session.roofs.roofline import Roofline

DONE, FAILED, USAGE, CONDITION, INTERRUPTED = 0, 1, 2, 3, 130
STATUS: dict[Outcome, int] = {"done": DONE, "failed": FAILED, "interrupted": INTERRUPTED, "skipped": INTERRUPTED}


NO_MEMORY = "there is not enough memory; where a session is read: a file of it is damaged, or far too large"
BROKEN_OFF = ("interrupted", "unreadable")
"""States in which a session may still have to be finished."""
GUARDED = ("show", "why", "pack", "export", "report")
"""Commands that read sessions and nothing else."""


def main(arguments: Sequence[str] | None = None, *, guard: bool = False) -> int:
    """`benchtop …` → exit status. Bad input is one line on stderr.

    `guard`: what only reads sessions does so in a process of its own, see `app.guard`.
    """
    own, program = split_program(sys.argv[1:] if arguments is None else arguments)
    given = parser().parse_args(own, argparse.Namespace(program=program))
    if guard and (given.command in GUARDED or (given.command == "compare" and not _compares_on_screen(given))):
        from app.guard import guarded

        return guarded(lambda: _carry_out(given))
    return _carry_out(given)


def _carry_out(given: argparse.Namespace) -> int:
    try:
        return COMMANDS[given.command](given)
    except MemoryError:
        print(f"benchtop: {NO_MEMORY}", file=sys.stderr)
        return FAILED
    except ValueError as error:
        print(f"benchtop: {plain(str(error))}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter's own flush must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"benchtop: {plain(f'{error.strerror or error}{where}')}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def run(given: argparse.Namespace) -> int:
    """Run workloads: watched on the live screen, or headless."""
    from app.session.planning import make_plan

    repeated = replace(_asked(given), repeats=given.repeats, until=given.until, max_repeats=given.max_repeats)
    return _measured(given, make_plan(repeated, time.time_ns(), _rooflines(given)))


def search(given: argparse.Namespace) -> int:
    """Find the highest rate at which a workload meets an objective."""
    from app.session.planning.search import SearchRequest, make_search

    wanted = SearchRequest(tries=given.tries, rate_from=given.rate_from, resolution=given.resolution)
    return _measured(given, make_search(_asked(given), wanted, time.time_ns(), _rooflines(given)))


def exec_(given: argparse.Namespace) -> int:
    """Run a program of the user's and listen to it."""
    from app.session.planning import RunRequest
    from app.session.planning.program import CannotRun, Typed, make_program_plan

    typed = Typed(given.program, tuple(given.stray))
    asked = RunRequest(
        workloads=(),
        name=given.name,
        repeats=given.repeats,
        duration_s=given.duration,
        steps=given.steps,
        telemetry_hz=given.telemetry_hz,
        idle_s=given.idle,
        max_size=given.max_size,
    )
    try:
        plan = make_program_plan(typed, asked, time.time_ns(), _kept_rooflines(socket.gethostname()))
    except CannotRun as error:
        print(f"benchtop: {plain(str(error))}", file=sys.stderr)
        return error.status
    if not _is_headless(given):
        return _program_status(*_watched(given, plan))
    from app.headless import run_headless
    from app.session.planning.program_streams import program_streams

    metrics = _listening(given)
    with program_streams(given.json) as streams:
        folder = run_headless(_home(), plan, progress=sys.stderr, streams=streams, metrics=metrics)
    status = _closed(folder, as_json=given.json, table=sys.stdout if given.json else sys.stderr)
    return _program_status(folder, status)


def attach(given: argparse.Namespace) -> int:
    """Come back to a session that goes on; a finished one is opened."""
    from app.viewing import view

    folder = find_session(_home(), given.session) if given.session else _running()
    shown = folder if is_locked(folder) else recovered(folder)
    return _viewed(folder, view(shown, _display(given), read_only=given.read_only))


def serve(given: argparse.Namespace) -> int:
    """Show a session in a browser until interrupted."""
    try:
        from app.serving.server import SessionServer
    except ImportError:
        raise ValueError("`benchtop serve` needs a package more: pip install textual-serve") from None
    from app.session.planning.plan import MODULE_COMMAND

    _display(given)
    if not 0 < given.port < 1 << 16:
        raise ValueError(f"--port {given.port} is out of range: 1 to 65535")
    folder = find_session(_home(), given.session) if given.session else _newest()
    watching = () if given.control else ("--read-only",)
    command = (*MODULE_COMMAND, "app", "attach", str(folder.path), *watching, *screen_options(given))
    says = "whoever has this address controls the session" if given.control else "read-only"
    SessionServer(command, given.port, f"benchtop {plain(folder.name)}").run(
        lambda address: print(f"{plain(folder.name)} on {address}\n{says}; ctrl+c ends it", flush=True)
    )
    return DONE


def open_session(given: argparse.Namespace) -> int:
    """Play a saved session on the same screen, or two together; without a name, choose one."""
    from app.viewing import view, view_pair

    if given.session is None:
        return sessions(given)
    folders = [recovered(find_session(_home(), name)) for name in (given.session, given.other) if name]
    if len(folders) > 1:
        view_pair(folders[0], folders[1], _display(given))
    else:
        view(folders[0], _display(given))
    return DONE


def pack(given: argparse.Namespace) -> int:
    """Make one file of a session."""
    from app.packing import pack_session

    folder = recovered(find_session(_home(), given.session))
    print(pack_session(folder, given.output, scrub=given.scrub, weights=given.weights))
    return DONE


def export(given: argparse.Namespace) -> int:
    """Make files of a session that other programs read."""
    from app.analysis.export.asked import Asked
    from app.analysis.export.command import export_session

    asked = Asked(given.format, given.output, tuple(given.table), given.begin, given.until)
    folder = recovered(find_session(_home(), given.session), required=False)
    export_session(folder, asked, lambda text: print(f"benchtop: {plain(text)}", file=sys.stderr))
    return DONE


def report(given: argparse.Namespace) -> int:
    """Make one document of sessions: a page, or Markdown."""
    from app.reporting import make_report

    print(make_report(given.sessions, _home(), given.output, md=given.md, accepted=_names(given.accept)))
    return DONE


def ls(given: argparse.Namespace) -> int:
    """List the saved sessions, all of them or some."""
    from app.session.shelf.labels import checked_tag
    from app.session.shelf.listed import session_rows
    from app.session.shelf.listing import rows_json, session_row
    from app.session.shelf.listing_text import sessions_text
    from app.session.shelf.matching import found, haystack
    from app.session.shelf.ordering import in_order

    tags = set(map(checked_tag, given.tag))
    rows = session_rows(_home())
    for place, row in enumerate(rows):
        if row.state in BROKEN_OFF and is_interrupted(folder := SessionFolder(Path(row.path))):
            rows[place] = session_row(recovered(folder, required=False))
    rows = in_order([row for row in rows if tags <= set(row.tags)], given.sort)
    if given.text:
        rows = [rows[place] for place in found(tuple(map(haystack, rows)), " ".join(given.text))]
    if given.json:
        print(rows_json(rows))
    elif rows or not (tags or given.text):
        print(sessions_text(rows, _width()))
    else:
        print("no session is like that; `benchtop ls` lists all")
    return DONE


def sessions(given: argparse.Namespace) -> int:
    """Find, tag, note, rename, delete and compare sessions on a screen."""
    from app.viewing import browse_on_screen, check_terminal

    check_terminal()
    browse_on_screen(_home(), _display(given))
    return DONE


def tag(given: argparse.Namespace) -> int:
    """Give a session tags, or take some away."""
    from app.labelling import tag_session

    print(tag_session(find_session(_home(), given.session), given.changes))
    return DONE


def note(given: argparse.Namespace) -> int:
    """Write down something about a session."""
    from app.labelling import editor_of, note_session

    editor = editor_of(os.environ) if _has_terminal() else None
    print(note_session(find_session(_home(), given.session), given.text, editor=editor))
    return DONE


def rename(given: argparse.Namespace) -> int:
    """Give a session another name."""
    from app.session.shelf.renaming import rename_session

    folder = find_session(_home(), given.session)
    print(f"{plain(folder.name)} is {plain(rename_session(folder, given.name).name)} now")
    return DONE


def rm(given: argparse.Namespace) -> int:
    """Remove sessions, once that is agreed to."""
    from app.removing import remove_sessions

    folders = [find_session(_home(), name) for name in given.sessions]
    if not (given.yes or _has_terminal()):
        raise ValueError("without a terminal nobody can be asked: --yes removes without a question")
    print(remove_sessions(folders, None if given.yes else input))
    return DONE


def prune(given: argparse.Namespace) -> int:
    """Remove old sessions, or say which would go."""
    from app.pruning import prune as prune_sessions
    from app.pruning import rules_of

    rules = rules_of(given.older_than, given.keep_size, given.keep)
    print(prune_sessions(_home(), rules, yes=given.yes, as_json=given.json))
    return DONE


def show(given: argparse.Namespace) -> int:
    """Say what a session measured."""
    from app.analysis.show import show as show_session

    folder = find_session(_home(), given.session) if given.session else _saved()[0]
    print(show_session(recovered(folder, required=False), as_json=given.json, width=_width(), runs=given.runs))
    return DONE


def why(given: argparse.Namespace) -> int:
    """Say why a session's runs were not faster."""
    from app.analysis.why.document import why as why_session

    folder = find_session(_home(), given.session) if given.session else _saved()[0]
    print(why_session(recovered(folder, required=False), as_json=given.json, width=_width(), at=given.at))
    return DONE


def compare(given: argparse.Namespace) -> int:
    """Hold sessions, or the variants of one, against each other: on a screen, or as text."""
    from app.session.results.variant_names import named_variants

    asked = named_variants(given.sessions, lambda name: recovered(find_session(_home(), name)))
    if given.train_vs_test:
        from app.analysis.compare.command import environments_of

        print(environments_of(asked, as_json=given.json, width=_width()))
        return DONE
    accepted = _names(given.accept)
    conditions = ",".join(given.fail_if)
    if _compares_on_screen(given):
        from app.session.results.compared import compared
        from app.viewing import compare_on_screen

        found = compared(asked, accepted=accepted, within=given.within, conditions=conditions)
        compare_on_screen(found, _home(), _display(given))
        return CONDITION if found.failed else DONE
    from app.analysis.compare.command import comparison_of, printed

    found = comparison_of(asked, accepted=accepted, within=given.within, conditions=conditions)
    print(printed(found, as_json=given.json, width=_width()))
    return CONDITION if found.failed else DONE


def workloads(given: argparse.Namespace) -> int:
    """List the workloads with their parameters."""
    from app.catalogue import catalogue_json, catalogue_text

    print(catalogue_json() if given.json else catalogue_text(_width()))
    return DONE


def doctor(given: argparse.Namespace) -> int:
    """Say what this machine offers, and what will disturb a benchmark."""
    from app.doctor import main as diagnose

    return diagnose(json=given.json, home=_home())


def choose(given: argparse.Namespace) -> int:
    """Without a command: choose on a screen what to run or to open."""
    from app.viewing import check_terminal, choose_on_screen

    check_terminal()
    choose_on_screen(_home(), _display(given))
    return DONE


COMMANDS: dict[str | None, Callable[[argparse.Namespace], int]] = {
    None: choose,
    "run": run,
    "search": search,
    "exec": exec_,
    "attach": attach,
    "serve": serve,
    "open_session": open_session,
    "pack": pack,
    "export": export,
    "report": report,
    "ls": ls,
    "sessions": sessions,
    "tag": tag,
    "note": note,
    "rename": rename,
    "rm": rm,
    "prune": prune,
    "show": show,
    "why": why,
    "compare": compare,
    "workloads": workloads,
    "doctor": doctor,
}


def _names(given: Sequence[str]) -> list[str]:
    """`NAME[,NAME…]`, as often as it was given."""
    return [name.strip() for names in given for name in names.split(",")]


def _asked(given: argparse.Namespace) -> RunRequest:
    """What is to be measured, as typed."""
    from app.session.planning import RunRequest

    return RunRequest(
        workloads=tuple(given.workloads),
        load=given.load,
        slo=given.slo,
        settings=tuple(given.set),
        name=given.name,
        seed=given.seed,
        duration_s=given.duration,
        steps=given.steps,
        warmup=given.warmup,
        telemetry_hz=given.telemetry_hz,
        via=given.via,
        via_python=given.via_python,
        ranks=given.ranks,
        nodes=given.nodes,
        rendezvous=given.rendezvous,
        idle_s=given.idle,
        max_size=given.max_size,
    )


def _rooflines(given: argparse.Namespace) -> tuple[Roofline, ...]:
    """What earlier sessions measured on the host that is measured."""
    # Behind a command the host is another, whose name nobody knows yet.
    return _kept_rooflines("" if given.via or given.nodes else socket.gethostname())


def _kept_rooflines(host: str) -> tuple[Roofline, ...]:
    from app.session.roofs.kept_rooflines import kept_rooflines

    return kept_rooflines(_home(), host)


def _measured(given: argparse.Namespace, plan: Plan) -> int:
    """Carry a plan out, watched on the live screen or headless → exit status."""
    if not _is_headless(given):
        return _watched(given, plan)[1]
    from app.headless import run_headless

    progress = sys.stderr if given.json else sys.stdout
    folder = run_headless(_home(), plan, progress=progress, metrics=_listening(given))
    return _closed(folder, as_json=given.json)


def _is_headless(given: argparse.Namespace) -> bool:
    return given.headless or given.json or not sys.stdout.isatty()


def _watched(given: argparse.Namespace, plan: Plan) -> tuple[SessionFolder, int]:
    """Carry a plan out on the live screen → its session, and exit status."""
    from app.viewing import check_terminal, start_session, view

    check_terminal()
    display = _display(given)
    folder, conductor = start_session(_home(), plan, metrics=_listening(given))
    return folder, _viewed(folder, view(folder, display, conductor))


def _listening(given: argparse.Namespace) -> Listening | None:
    """The port at which the session's numbers can be asked for, said on stderr; None: nobody wants one."""
    if given.metrics_port is None:
        if given.metrics_host is not None:
            raise ValueError("--metrics-host needs --metrics-port: nothing listens without one")
        return None
    from app.metrics.listening import listen

    listening = listen(given.metrics_host, given.metrics_port)
    says = "; whoever reaches this machine can read them" if listening.open_to_all else ""
    print(f"benchtop: metrics on {listening.address}{says}", file=sys.stderr, flush=True)
    return listening


def _running() -> SessionFolder:
    """The newest session that runs. Raises ValueError without any."""
    folder = next(filter(is_locked, list_sessions(_home())), None)
    if folder is None:
        raise ValueError("no session is running; `benchtop ls` lists the saved ones, `benchtop run` starts one")
    return folder


def _saved() -> list[SessionFolder]:
    """All sessions, the newest first. Raises ValueError without any."""
    sessions = list_sessions(_home())
    if not sessions:
        raise ValueError("there are no sessions yet; `benchtop run` makes one")
    return sessions


def _newest() -> SessionFolder:
    """The newest that runs, else the newest of all. Raises ValueError without any."""
    sessions = _saved()
    return next(filter(is_locked, sessions), sessions[0])


def _compares_on_screen(given: argparse.Namespace) -> bool:
    return not (given.text or given.json or given.train_vs_test) and _has_screen()


def _has_terminal() -> bool:
    """Whether a person can be asked here."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _has_screen() -> bool:
    """Whether a screen can be drawn here; what can also be told as text is told so where it cannot."""
    from app.ui.terminal.capabilities import CANNOT_DRAW

    return _has_terminal() and os.environ.get("TERM", "") not in CANNOT_DRAW


def _home() -> Path:
    return sessions_home(os.environ)


def _display(given: argparse.Namespace) -> Display:
    """How the person wants the screen. Raises ValueError."""
    return choose_display(
        os.environ,
        refresh_hz=given.refresh,
        slow=given.slow,
        diff=given.diff,
        ascii_only=given.ascii,
        mouse=given.mouse,
    )


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _closed(folder: SessionFolder, *, as_json: bool, table: TextIO | None = None) -> int:
    """After a headless run: its table or document (on stdout unless told otherwise), and the exit status."""
    from app.analysis.show import show as show_session

    status = _status(recovered(folder, required=False))
    print(show_session(folder, as_json=as_json, width=_width()), file=table)
    return status


def _program_status(folder: SessionFolder, status: int) -> int:
    """The exit status of the user's command, as a shell tells it: of the first that did not end well, else 0."""
    if not folder.manifest.is_file():
        return status
    ends = [run.exit_status for run in folder.read_manifest().runs if run.exit_status is not None]
    if not ends:
        return status
    bad = next((end for end in ends if end), 0)
    return bad if bad >= 0 else 128 - bad


def _viewed(folder: SessionFolder, left_running: bool) -> int:
    """Exit status after the screen: a session that goes on is no failure."""
    return DONE if left_running else _status(recovered(folder, required=False))


def _status(folder: SessionFolder) -> int:
    """Of a session that is over; one for whose tables the disk has no room has failed."""
    if not folder.manifest.is_file():
        return FAILED
    manifest = folder.read_manifest()
    if manifest.failure is not None:
        print(f"benchtop: {plain(f'{manifest.failure.message}; {manifest.failure.remedy}')}", file=sys.stderr)
    return STATUS[manifest.outcome]
