"""`make bench-why`: run every script whose bottleneck is known, read what is said of it, and put the table into
BENCHMARKS.md.

`python -m tests.bench.why --device cuda --unseen` runs the scripts that no threshold may be chosen by. With `--only`
nothing is written. Where there are several GPUs, as many scripts run at a time, each with a share of the machine.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

from tests.bench.table import put_text, this_machine
from tests.bench.why import costs, traceml, watching
from tests.bench.why.confusion import counts, markdown, reached
from tests.bench.why.entry import Device, Entry
from tests.bench.why.judged import Judged, Said
from tests.bench.why.lanes import Lane, Machine, in_lanes
from tests.bench.why.planted import HEALTHY, PLANTED
from tests.bench.why.unseen import UNSEEN

SECONDS: dict[Device, float] = {"cpu": 25.0, "cuda": 30.0}
"""Of one script, starting Python and importing torch included, which takes up to 14 s where the disk has to read it."""


def main() -> int:
    """Run them → 0 when what is to be reached was."""
    given = _arguments()
    device: Device = given.device or ("cuda" if torch.cuda.is_available() else "cpu")
    machine = Machine.of_gpus(torch.cuda.device_count()) if device == "cuda" else Machine()
    lanes = given.lanes or max(1, len(machine.gpus))
    entries = [each for each in (UNSEEN if given.unseen else (*PLANTED, *HEALTHY)) if device in each.devices]
    if device == "cuda":
        # A rank needs a GPU of its own.
        entries = [each for each in entries if each.ranks <= len(machine.gpus)]
    if given.only:
        entries = [each for each in entries if each.name in given.only]
    seconds = given.seconds or SECONDS[device]
    if given.costs:
        for entry in entries:
            print(costs.told(entry, device, seconds), flush=True)
        return 0
    if given.other:
        if not Path(given.traceml).is_file():
            print(f"there is no {given.traceml}: pip install traceml-ai, and say where its command is with --traceml")
            return 0
        entries = [each for each in entries if traceml.supports(each)]

    def judge(entry: Entry, lane: Lane) -> Judged:
        lasting_s = seconds + entry.more_s
        if given.other:
            said = traceml.diagnose(entry, device, lasting_s, given.traceml, lane.environment)
        else:
            said = watching.watch(entry, device, lasting_s, given.keep, lane.environment)
        return Judged(entry=entry, said=_uncrowded(said) if given.crowded and entry.kind != "cpu-contention" else said)

    found = {}
    for entry, result in in_lanes(machine, lanes, entries, judge):
        found[entry.name] = result
        _say(result)
    results = [found[entry.name] for entry in entries]
    print(counts(results))
    if not given.only and not given.crowded:
        name = "-".join(("bench-why", device, *(["unseen"] if given.unseen else []), *([given.tool] * given.other)))
        card = torch.cuda.get_device_name() if device == "cuda" else ""
        put_text(name, f"{this_machine()[:-1]}{machine.text(lanes, card)}.\n\n{markdown(results)}")
    return 0 if given.other or reached(results) else 1


def _say(result: Judged) -> None:
    said, mark = result.said, "✓" if result.right else "~" if result.among_two else "✗"
    after = "" if said.after_s is None else f" after {said.after_s:.0f} s"
    warned = f"; warned: {', '.join(result.false_alarms)}" if result.false_alarms else ""
    kinds = ", ".join(said.kinds) or said.failed or "nothing"
    print(
        f"{mark} {result.entry.name}: {result.entry.expected} → {kinds}{after}"
        f"; whole run: {', '.join(said.at_the_end) or 'nothing'}; {said.steps} steps{warned}",
        flush=True,
    )


def _uncrowded(said: Said) -> Said:
    """Without the word about others on the machine."""

    def left(kinds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(kind for kind in kinds if kind != "cpu-contention")

    return replace(said, kinds=left(said.kinds), warnings=left(said.warnings), at_the_end=left(said.at_the_end))


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.why", description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--unseen", action="store_true", help="the held-out scripts")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these alone; nothing is written")
    parser.add_argument("--seconds", type=float, help="of each script, its start included")
    parser.add_argument("--tool", choices=("benchtop", "traceml"), default="benchtop")
    parser.add_argument("--traceml", default="traceml", metavar="PATH", help="the command of traceml-ai")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the sessions there, one a script")
    parser.add_argument("--costs", action="store_true", help="run each without a tool, as it is and with --fixed")
    parser.add_argument(
        "--lanes", type=_count, metavar="N", help="scripts at a time (as many as there are GPUs, else 1)"
    )
    parser.add_argument("--crowded", action="store_true", help="leave out cpu-contention: others use this machine")
    given = parser.parse_args()
    given.other = given.tool != "benchtop"
    return given


if __name__ == "__main__":
    sys.exit(main())
