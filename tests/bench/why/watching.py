"""One script under `benchtop exec`, headless, and what its session says of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from tests.bench.why.entry import Device, Entry
from tests.bench.why.judged import Said
from workloads.wire.columns import length, unpack_integers
from workloads.wire.frames import AnyFrame, Failure, Phase, Steps, Verdict, Verdicts
from workloads.wire.framing import FrameReader

WITHIN_S = 20.0
"""Of steady state, in which a verdict has to stand: what is said then is judged, or at the end if that is sooner."""
SLACK_S = 60.0
"""For everything around the measured time, on a machine that has other work."""
FIRST_NS = 4_000_000_000
"""Of the measured time, in which a window fills: a warning that has gone by then was about the start."""


def watch(
    entry: Entry, device: Device, seconds: float, keep: Path | None = None, environment: Mapping[str, str] | None = None
) -> Said:
    """Run it for so long, and read its journal. `keep`: a folder for its session; `environment`: more of it."""
    with _home(entry, keep) as home, beside(entry):
        command = (sys.executable, "-m", "app", *_arguments(entry, device, seconds))
        everything = {**os.environ, **(environment or {}), "BENCHTOP_HOME": home, "PYTHONUNBUFFERED": "1"}
        with (Path(home) / "stderr").open("w+") as errors:
            process = subprocess.Popen(command, env=everything, stdout=subprocess.DEVNULL, stderr=errors, cwd=home)
            try:
                frames = _journal(process, Path(home), time.monotonic() + seconds + SLACK_S)
            finally:
                _end(process)
            errors.seek(0)
            last = errors.read().strip().splitlines()[-1:]
    return _said(frames) if frames else Said(failed=last[0] if last else "no session was written")


@contextlib.contextmanager
def _home(entry: Entry, keep: Path | None) -> Iterator[str]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="benchtop-why-") as home:
            yield home
    else:
        (keep / entry.name).mkdir(parents=True)
        yield str(keep / entry.name)


@contextlib.contextmanager
def beside(entry: Entry) -> Iterator[None]:
    """Busy processes, as many as the entry wants beside it."""
    count = round(entry.beside * (os.cpu_count() or 1))
    busy = [subprocess.Popen((sys.executable, "-S", "-c", "while True: pass")) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def _arguments(entry: Entry, device: Device, seconds: float) -> tuple[str, ...]:
    common = ("--headless", "--idle", "0", "--duration", f"{seconds:g}")
    if entry.run:
        return ("run", *entry.run, *common, "--set", f"device={device}")
    return ("exec", *common, "--", *entry.command(device))


def _journal(process: subprocess.Popen[bytes], home: Path, until: float) -> list[AnyFrame]:
    """All frames of its session: the file is held open, since a finished session keeps it no longer."""
    journal: BinaryIO | None = None
    with contextlib.ExitStack() as stack:
        while process.poll() is None and time.monotonic() < until:
            found = next(home.glob("sessions/*/journal.frames"), None) if journal is None else None
            if found is not None:
                with contextlib.suppress(FileNotFoundError):
                    journal = stack.enter_context(found.open("rb"))
            time.sleep(0.05)
        return list(FrameReader().feed(journal.read())) if journal is not None else []


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _said(frames: list[AnyFrame]) -> Said:
    """What stood at the instant that counts."""
    run = max((frame.run for frame in frames if isinstance(frame, Phase)), default=None)
    began = next(
        (frame.at_ns for frame in frames if isinstance(frame, Phase) and frame.phase == "measure" and frame.run == run),
        None,
    )
    first = next((frame for frame in frames if isinstance(frame, Steps) and frame.run == run), None)
    if began is None and first is not None:  # it never came to be warm
        began = unpack_integers(first.start_ns)[0]
    if run is None or began is None:
        failure = next((frame.message for frame in frames if isinstance(frame, Failure)), "nothing was measured")
        return Said(failed=failure)
    told = [frame for frame in frames if isinstance(frame, Verdicts) and frame.run == run]
    live = [frame for frame in told if not frame.whole and frame.at_ns <= began + WITHIN_S * 1e9]
    whole = next((frame.verdicts for frame in told if frame.whole), ())
    stands = live[-1].verdicts if live else ()
    warned = [verdict for frame in live if frame.at_ns >= began + FIRST_NS for verdict in frame.verdicts]
    steps = sum(length(frame.start_ns) for frame in frames if isinstance(frame, Steps) and frame.run == run)
    return Said(
        kinds=_kinds(stands),
        warnings=tuple(dict.fromkeys(verdict.kind for verdict in (*warned, *whole) if verdict.severity != "info")),
        after_s=_since(live, began),
        at_the_end=_kinds(whole),
        steps=steps,
    )


def _kinds(verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    return tuple(verdict.kind for verdict in verdicts)


def _since(live: list[Verdicts], began: int) -> float | None:
    """How long after the beginning the primary verdict was there to stay."""
    since = None
    primary = _kinds(live[-1].verdicts)[:1] if live else ()
    for frame in reversed(live):
        if not primary or _kinds(frame.verdicts)[:1] != primary:
            break
        since = frame.at_ns
    return None if since is None else max(0.0, (since - began) * 1e-9)
