"""What can be typed after `benchtop`: commands, options, and their one-line help. Decides nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from app.text.percent import fraction


def parser() -> argparse.ArgumentParser:
    """The whole command line. `command` is the name of a function in `app.cli`, None without a command."""
    top: argparse.ArgumentParser = _Parser(
        prog="benchtop",
        description="top for AI benchmarks: run training and inference workloads, watch what the hardware does, "
        "keep every session. Without a command it opens a screen to choose from.",
    )
    top.add_argument("--version", action=_Version, nargs=0, help="say the version, and leave")
    top.set_defaults(command=None)
    _add_screen(top, refresh=None, slow=False, diff=True, ascii=False, mouse=True)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    _add_run(commands.add_parser("run", help="run workloads, watch them live, save the session"))
    _add_search(
        commands.add_parser("search", help="find the highest rate of requests at which a workload meets an objective")
    )
    _add_exec(commands.add_parser("exec", help="run a program of your own, with no change to it, and watch it live"))
    attach = _command(commands, "attach", "come back to a session that is running")
    _add_screen(attach)
    attach.add_argument("session", nargs="?", help="its name or part of it (default: the newest that is running)")
    attach.add_argument("--read-only", action="store_true", help="watch only: no key stops the session or ends a run")
    _add_serve(_command(commands, "serve", "show a session in a browser, through a port of this machine alone"))
    shown = _command(
        commands, "open", "play a saved session on the same screen, or two together", function="open_session"
    )
    _add_screen(shown)
    shown.add_argument(
        "session", nargs="?", help="its name, part of it, its folder, or a pack (default: one is chosen on a screen)"
    )
    shown.add_argument("other", nargs="?", help="another one, to be played beside it")
    _add_pack(_command(commands, "pack", "make one file of a session, that opens anywhere"))
    _add_export(_command(commands, "export", "make files of a session that other programs read"))
    _add_screen(_command(commands, "sessions", "find, tag, note, rename, delete and compare sessions on a screen"))
    _add_ls(_json(_command(commands, "ls", "list the saved sessions")))
    _add_labels(commands)
    _add_prune(_command(commands, "prune", "remove old sessions; without --yes only say which would go"))
    _add_report(_command(commands, "report", "make one page of sessions, to send and to print; or Markdown"))
    show = _json(_command(commands, "show", "say what a session measured"))
    show.add_argument("session", nargs="?", help="its name, part of it, its folder, or a pack (default: the newest)")
    show.add_argument("--runs", action="store_true", help="tell of every repeat in full, not in a line each")
    why = _json(_command(commands, "why", "say what limits a session's runs, on what evidence, and what to try"))
    why.add_argument("session", nargs="?", help="its name, part of it, its folder, or a pack (default: the newest)")
    why.add_argument("--at", metavar="TIME", help="as it stood at this time of measuring: 90 or 1:30")
    _add_compare(_command(commands, "compare", "hold sessions against each other, or the variants of one"))
    _json(_command(commands, "workloads", "list the workloads and their parameters"))
    _json(_command(commands, "doctor", "what this machine offers, and what will disturb a benchmark"))
    return top


class _Parser(argparse.ArgumentParser):
    """Says what was wrong in one line, as every other command does, not under twenty of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"benchtop: {message.removeprefix('argument ')}; `{self.prog} --help` says what there is\n")


class _Version(argparse.Action):
    """Says the version; looking it up takes longer than all the rest of the command line, so only when asked."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib import metadata  # noqa: PLC0415

        parser.exit(message=f"benchtop {metadata.version('benchtop')}\n")


def _add_run(run: argparse.ArgumentParser) -> None:
    run.set_defaults(command="run")
    run.add_argument("--repeats", type=int, metavar="N", help="measure everything N times, each in a fresh worker")
    run.add_argument(
        "--until",
        metavar="PERCENT",
        help="repeat until half of each headline's 95%% interval is at most this part of it: 1%%",
    )
    run.add_argument("--max-repeats", type=int, metavar="N", help="but no more than N times (default: 20)")
    _add_measuring(run)


EXEC = """\
Run any command and watch it: python, torchrun, accelerate launch, a shell script. It is not changed. Its Python
processes are listened to where they use torch; anything else is still watched, with its log. It runs here, in this
folder, with this environment.

On the screen what it prints stands in the log, its stdin is empty, and its stdout is no terminal. Headless, stdin is
yours, and stdout and stderr come through byte by byte (to stderr, with --json); what benchtop says goes to stderr. The
exit status is the command's, 128 + N for signal N, and 0 where --duration or --steps ended it. Ctrl+C interrupts the
command; after 10 s it is terminated, after 15 s killed; headless, SIGTERM reaches it as SIGTERM, and a second signal
kills it at once. Whatever it started ends with it.
"""


def _add_exec(program: argparse.ArgumentParser) -> None:
    program.set_defaults(command="exec")
    program.description = EXEC
    program.formatter_class = argparse.RawDescriptionHelpFormatter
    program.usage = "benchtop exec [options] -- COMMAND [ARGUMENT…]"
    program.add_argument("stray", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    program.add_argument("--name", metavar="TEXT", help="what to call the session (default: the command)")
    program.add_argument("--repeats", type=int, metavar="N", help="run the command N times, one after the other")
    program.add_argument(
        "--duration",
        type=float,
        metavar="SECONDS",
        help="stop the command after this long (default: it runs to its end)",
    )
    program.add_argument(
        "--steps", type=int, metavar="N", help="stop the command after this many measured steps, or requests"
    )
    _add_readings(program)
    _add_max_size(program)
    program.add_argument(
        "--headless", action="store_true", help="no screen (chosen by itself when stdout is no terminal)"
    )
    _json(program, "headless, with one JSON document on stdout and all else on stderr")
    _add_screen(program)


def split_program(arguments: Sequence[str]) -> tuple[list[str], tuple[str, ...] | None]:
    """What was typed → benchtop's own part, and the command behind `--` of `benchtop exec`; None: there is none."""
    given = list(arguments)
    if "--" not in given:
        return given, None
    place = given.index("--")
    if "exec" not in given[:place]:
        return given, None
    return given[:place], tuple(given[place + 1 :])


def _add_readings(command: argparse.ArgumentParser) -> None:
    """How the machine is read."""
    command.add_argument("--telemetry-hz", type=float, default=4.0, metavar="HZ", help="readings a second (default: 4)")
    command.add_argument(
        "--idle",
        type=float,
        metavar="SECONDS",
        help="read the idle machine for so long before the first run, as the baseline of energy"
        " (default: 2 where anything tells of power, else 0)",
    )
    command.add_argument(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="tell the numbers as Prometheus reads them, at http://127.0.0.1:PORT/metrics, while it runs; 0: any port",
    )
    command.add_argument(
        "--metrics-host", metavar="HOST", help="listen on this address: others can read the numbers then"
    )


def _add_max_size(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-size",
        metavar="SIZE",
        help="what the session's folder may take: 500MB, 20GiB, 8MiB at least; it stops before that, and is saved",
    )


def _add_search(search: argparse.ArgumentParser) -> None:
    search.set_defaults(command="search")
    search.add_argument(
        "--tries", type=int, default=16, metavar="N", help="rates that are tried, at most, a run each (default: 16)"
    )
    search.add_argument(
        "--rate-from",
        type=float,
        metavar="R",
        help="requests a second of the first try (default: half of what a closed loop serves)",
    )
    search.add_argument(
        "--resolution",
        default="2%",
        metavar="PERCENT",
        help="how near the highest rate that meets the objective and the lowest that does not are to be (default: 2%%)",
    )
    _add_measuring(search)


def _add_measuring(run: argparse.ArgumentParser) -> None:
    """What is measured, and how."""
    run.add_argument(
        "workloads",
        nargs="+",
        metavar="WORKLOAD",
        help="one after the other, `probe` for all probes; `benchtop workloads` lists",
    )
    run.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of every workload that has it; WORKLOAD.NAME=VALUE for one; VALUE,VALUE sweeps, a run each",
    )
    run.add_argument(
        "--slo",
        metavar="OBJECTIVE",
        help='what requests must meet to be good: "p99<50ms", "ttft p95<200ms, tpot p95<30ms"; goodput is told then',
    )
    run.add_argument(
        "--load",
        metavar="KIND[:NAME=VALUE,…]",
        help="how requests come to infer/*: closed, offline, single-stream, multi-stream, "
        "poisson:rate=500,max_batch=8, burst:rate=500,burstiness=0.3, trace=FILE",
    )
    run.add_argument(
        "--duration", type=float, metavar="SECONDS", help="measure for this long (default: the workload's own length)"
    )
    run.add_argument("--steps", type=int, metavar="N", help="measure this many steps, or batches of requests")
    run.add_argument("--warmup", type=int, metavar="N", help="steps before measuring (default: the workload's own)")
    run.add_argument(
        "--seed", type=int, default=0, metavar="N", help="seed of data split, weights and order (default: 0)"
    )
    run.add_argument(
        "--ranks", type=int, default=1, metavar="N", help="processes that train together, one GPU each (default: 1)"
    )
    run.add_argument("--name", metavar="TEXT", help="what to call the session")
    _add_readings(run)
    _add_max_size(run)
    run.add_argument(
        "--via",
        metavar="COMMAND",
        help='run on another machine, through a command that forwards stdio: --via "ssh host", "docker exec -i NAME"',
    )
    run.add_argument(
        "--nodes",
        metavar="HOST[,HOST…]",
        help="share each run among these hosts, --ranks workers on each; {node} in --via is the host"
        " (default: --via 'ssh {node}')",
    )
    run.add_argument(
        "--rendezvous",
        metavar="HOST:PORT",
        help="where the nodes' workers find each other (default: port 29400 of the first)",
    )
    run.add_argument(
        "--via-python", metavar="PATH", help="the Python of benchtop on that machine (default: the same path as here)"
    )
    run.add_argument(
        "--headless",
        action="store_true",
        help="no screen: a progress line a second and a closing table (chosen by itself when stdout is no terminal)",
    )
    _json(run, "headless, with one JSON document on stdout and progress on stderr")
    _add_screen(run)


def _add_ls(ls: argparse.ArgumentParser) -> None:
    ls.add_argument(
        "text", nargs="*", metavar="TEXT", help="only those with all of this in name, tags, workloads, host or note"
    )
    ls.add_argument("--tag", action="append", default=[], metavar="TAG", help="only those with this tag")
    ls.add_argument(
        "--sort",
        choices=("time", "size", "name", "rate"),
        default="time",
        help="the newest, largest, first of the alphabet or fastest first (default: time)",
    )


def _add_labels(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What a person says of a session, and does with it."""
    called = "its name, part of it, or its folder"
    tag = _command(commands, "tag", "give a session tags, or take some away")
    tag.usage = "benchtop tag SESSION [+TAG|-TAG …]"
    tag.add_argument("session", help=called)
    tag.add_argument(
        "changes", nargs=argparse.REMAINDER, help="+good or good gives it a tag, -bad takes one away; none: say them"
    )
    note = _command(commands, "note", "write down something about a session")
    note.add_argument("session", help=called)
    note.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="a line more (default: all of it in $EDITOR, or said without a terminal)",
    )
    rename = _command(commands, "rename", "give a session another name")
    rename.add_argument("session", help=called)
    rename.add_argument("name", help="what it is to be called; its time stays in front")
    rm = _command(commands, "rm", "remove sessions; asks first")
    rm.add_argument("sessions", nargs="+", metavar="SESSION", help=called)
    rm.add_argument("--yes", action="store_true", help="do not ask")


def _add_pack(pack: argparse.ArgumentParser) -> None:
    pack.add_argument("session", help="its name, part of it, or its folder")
    pack.add_argument("-o", "--output", metavar="FILE", help="what to write (default: NAME.benchtop.zip, here)")
    pack.add_argument(
        "--scrub",
        action="store_true",
        help="without host and user names, paths, serial numbers, environment and command lines; says what it took out",
    )
    pack.add_argument("--weights", action="store_true", help="with the weights that training left")


def _add_prune(prune: argparse.ArgumentParser) -> None:
    prune.add_argument("--older-than", metavar="AGE", help="those that began longer ago: 12h, 30d, 8w")
    prune.add_argument("--keep-size", metavar="SIZE", help="the oldest, until the rest fits into this: 500MB, 20GiB")
    prune.add_argument(
        "--keep", type=int, metavar="N", help="of the newest N none goes, whatever else is asked; alone: all others go"
    )
    prune.add_argument("--yes", action="store_true", help="remove them; what runs, or is tagged `keep`, never goes")
    _json(prune)


EXPORT = """\
csv, json (lines), arrow (IPC), parquet: the session's tables, each into a file of a folder; one alone with --table.
In CSV a list is its numbers with a blank between, and a text that begins like a formula has ' in front.
perfetto: one trace (.json.gz, or .json if -o says so) of steps, requests, gauges, events and log lines on one axis of
time, for ui.perfetto.dev; of a large session the newest million events.
prometheus: the session's end as text (.prom), with the names that --metrics-port of run and exec tells them by.
otel: the same over OTLP/HTTP to the collector at -o http://HOST:4318 (extra `otel`).
tensorboard: event files, a folder a run (extra `tensorboard`). mlflow: a run of MLflow's for each run, to the tracking
URI or into the folder at -o (extra `mlflow`).
"""
EXPORTS = ("csv", "json", "arrow", "parquet", "perfetto", "prometheus", "otel", "tensorboard", "mlflow")


def _add_export(export: argparse.ArgumentParser) -> None:
    export.description = EXPORT
    export.formatter_class = argparse.RawDescriptionHelpFormatter
    export.add_argument("session", help="its name, part of it, its folder, or a pack")
    export.add_argument("--format", required=True, choices=EXPORTS, metavar="FORMAT", help=", ".join(EXPORTS))
    export.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="what to write, - for stdout, or where to send it (default: the session's name, here)",
    )
    export.add_argument(
        "--table",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one of steps, requests, gauges, logs, events; may be given several times",
    )
    export.add_argument(
        "--from", dest="begin", metavar="TIME", help="only what is from this time of the session on: 90 or 1:30"
    )
    export.add_argument("--until", metavar="TIME", help="only what is before this time of the session")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument(
        "sessions",
        nargs="+",
        metavar="SESSION",
        help="its name, part of it, its folder, or a pack; several are held against the first, SESSION#2 is its second"
        " variant",
    )
    report.add_argument("-o", "--output", metavar="FILE", help="what to write (default: NAME.html, here)")
    report.add_argument(
        "--md", action="store_true", help="Markdown for an issue or a pull request, on stdout unless -o says where"
    )
    _add_accept(report)


def _add_accept(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="NAME[,NAME…]",
        help="differences that were meant, by the names that compare gives them; `packages`, `environment`, `all`",
    )


def _add_serve(serve: argparse.ArgumentParser) -> None:
    _add_screen(serve)
    serve.add_argument(
        "session",
        nargs="?",
        help="its name, part of it, or its folder (default: the newest that runs, else the newest)",
    )
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="port on localhost (default: 8000)")
    serve.add_argument(
        "--control", action="store_true", help="let the page stop the session and end its runs (default: read-only)"
    )


def _add_compare(compare: argparse.ArgumentParser) -> None:
    _json(compare)
    _add_screen(compare)
    compare.add_argument(
        "--train-vs-test",
        action="store_true",
        help="training beside inference of one model, of one session or of several: what each environment needs",
    )
    compare.add_argument("--text", action="store_true", help="text in the place of the screen, as without a terminal")
    compare.add_argument(
        "sessions",
        nargs="+",
        metavar="SESSION",
        help="the base and what is held against it, each a name, part of it, a folder, or a pack; SESSION#2 is its"
        " second variant alone; of one session its variants are compared",
    )
    _add_accept(compare)
    compare.add_argument(
        "--within", type=_share, default=0.01, metavar="PERCENT", help="what is still the same (default: 1%%)"
    )
    compare.add_argument(
        "--fail-if",
        action="append",
        default=[],
        metavar="CONDITION[,CONDITION…]",
        help='leave with status 3 where a change is beyond a limit and not by chance: "throughput<-2%%,p99>5%%"',
    )


def _share(text: str) -> float:
    """`1%` or `1` → 0.01."""
    share = fraction(f"{text.strip().rstrip('%')}%")
    if share is None or not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no part in per cent, such as 1%")
    return share


def screen_options(given: argparse.Namespace) -> list[str]:
    """The options about the screen as they can be given to another command."""
    options = [f"--refresh={given.refresh:g}"] if given.refresh is not None else []
    flags = {"--slow": given.slow, "--ascii": given.ascii, "--no-mouse": not given.mouse, "--no-diff": not given.diff}
    return options + [flag for flag, wanted in flags.items() if wanted]


def _add_screen(parser: argparse.ArgumentParser, **defaults: Any) -> None:
    """How the screen is drawn and sent. A command's own options have no defaults, which would undo those before it."""
    parser.set_defaults(**defaults)
    group = parser.add_argument_group("screen", argument_default=argparse.SUPPRESS)
    group.add_argument("--slow", action="store_true", help="for a bad line: numbers once a second, charts that sweep")
    group.add_argument("--refresh", type=float, metavar="HZ", help="draw numbers so often, 0.2 to 10 (default: 4)")
    group.add_argument("--ascii", action="store_true", help="send nothing but ASCII")
    group.add_argument("--no-mouse", dest="mouse", action="store_false", help="leave the mouse to the terminal")
    group.add_argument(
        "--no-diff", dest="diff", action="store_false", help="send what may have changed, not only the cells that did"
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, function: str | None = None
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(command=function or name)
    return made


def _json(command: argparse.ArgumentParser, text: str = "one JSON document on stdout") -> argparse.ArgumentParser:
    command.add_argument("--json", action="store_true", help=text)
    return command
