"""`python -m tests.bench.fuzz --inputs 100000`: try so many inputs, and say what became of them.

Processes of their own try them, with a limit of memory and a clock on every input, so that a panic, an abort or a hang
is found and named by its kind and number, with which `--only KIND:NUMBER` tries it again.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MEMORY_BYTES: Final = 1 << 30
INPUT_S: Final = 20
"""For one input: more is a hang."""
BATCH: Final = 2_000
"""Inputs of one process."""
SHARES: Final = {"journal": 0.45, "manifest": 0.3, "pack": 0.2, "table": 0.05}


class Hang(BaseException):
    """An input took longer than any may."""


def main() -> int:
    """Try them → 0 where no fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--only", help="KIND:NUMBER, in this process, with its traceback")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        kind, begin, end = given.worker
        return work(kind, int(begin), int(end), given.seed)
    if given.only:
        kind, _, number = given.only.partition(":")
        return work(kind, int(number), int(number) + 1, given.seed, aloud=True)
    return drive(given.inputs, given.seed, given.at_once)


def drive(inputs: int, seed: int, at_once: int) -> int:
    """Hand out batches, take reports, begin again behind an input that ended its process."""
    waiting = [
        (kind, begin, min(begin + BATCH, round(inputs * share)))
        for kind, share in SHARES.items()
        for begin in range(0, round(inputs * share), BATCH)
    ]
    waiting.reverse()
    random.Random(seed).shuffle(waiting)
    counts: dict[str, collections.Counter[str]] = {kind: collections.Counter() for kind in SHARES}
    faults: dict[str, list[str]] = {}
    peak = 0
    running: list[tuple[subprocess.Popen[str], str, int, int]] = []
    began = time.monotonic()
    while waiting or running:
        while waiting and len(running) < at_once:
            kind, begin, end = waiting.pop()
            command = [
                sys.executable,
                "-m",
                "tests.bench.fuzz",
                f"--seed={seed}",
                "--worker",
                kind,
                str(begin),
                str(end),
            ]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            running.append((process, kind, begin, end))
        process, kind, begin, end = running.pop(0)
        said = process.communicate()[0].splitlines()
        last = begin - 1
        for line in said:
            report = json.loads(line)
            last = report.get("at", last)
            counts[kind].update(report.get("counts", {}))
            peak = max(peak, report.get("peak", 0))
            if fault := report.get("fault"):
                if fault not in faults:
                    print(f"{kind}:{report['number']}  {fault}", flush=True)
                faults.setdefault(fault, []).append(f"{kind}:{report['number']}")
        if process.returncode and last + 1 < end:
            counts[kind]["fault"] += 1
            print(f"{kind}:{last + 1}  the process ended with {process.returncode}", flush=True)
            faults.setdefault(f"the process ended with {process.returncode}", []).append(f"{kind}:{last + 1}")
            waiting.append((kind, last + 2, end))
        tried = sum(sum(count.values()) for count in counts.values())
        print(f"{tried:,} inputs in {time.monotonic() - began:.0f} s, {len(faults)} kinds of fault", flush=True)
    for kind, count in counts.items():
        print(
            f"{kind:9} {sum(count.values()):>8,}  "
            + "  ".join(f"{what} {many:,}" for what, many in sorted(count.items()))
        )
    print(f"peak memory of a process {peak / 2**20:.0f} MiB")
    for fault, places in faults.items():
        print(f"FAULT {fault}  ({len(places)}: {', '.join(places[:4])})")
    return 1 if faults else 0


def work(kind: str, begin: int, end: int, seed: int, *, aloud: bool = False) -> int:
    """Try these inputs; reports go out as lines of JSON, and what was begun is said before it is tried."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    with tempfile.TemporaryDirectory(prefix="benchtop-fuzz-") as place:
        os.environ["BENCHTOP_HOME"] = place
        from tests.bench.fuzz.targets import Ground, targets  # noqa: PLC0415 - Polars reads the environment

        target = targets(Ground(Path(place)))[kind]
        if not aloud:
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        signal.signal(signal.SIGALRM, _hang)
        counts: collections.Counter[str] = collections.Counter()
        for number in range(begin, end):
            signal.alarm(INPUT_S)
            try:
                target(random.Random(f"{seed} {kind} {number}"))
            except (ValueError, OSError) as error:
                counts["refused in a line"] += 1
                if aloud:
                    print(f"refused: {error}")
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is a fault
                counts["fault"] += 1
                if aloud:
                    traceback.print_exc()
                _say(fault=_named(error), number=number, at=number)
            else:
                counts["a session"] += 1
            signal.alarm(0)
            if number % 50 == 0:
                _say(at=number - 1, counts=counts)
                counts.clear()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        _say(at=end - 1, counts=counts, peak=peak)
    return 0


def _say(**report: Any) -> None:
    print(json.dumps(report), flush=True)


def _hang(*_: object) -> None:
    raise Hang


def _named(error: BaseException) -> str:
    """By its type and the deepest place of ours."""
    places = list(_places(error))
    return f"{type(error).__name__}: {str(error)[:90]!r} at {places[-1] if places else '?'}"


def _places(error: BaseException) -> Iterator[str]:
    for frame in traceback.extract_tb(error.__traceback__):
        if "/app/" in frame.filename or "/workloads/" in frame.filename:
            yield f"{frame.filename.rpartition('/app/')[2] or frame.filename}:{frame.lineno}"


if __name__ == "__main__":
    sys.exit(main())
