"""Everything that can be tried on a run, tried: `python -m tests.bench.trying [cpu|cuda] [WORKLOAD ...]`.

Each workload runs in a worker twice: left alone, and with a profile and every experiment that it offers on such a
device. Printed are work a second changed against plain (the median of the blocks' ratios), what was refused, what the
profile says, how far the device was behind, and whether the run learned what it learns when it is left alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.workloads.process import Talk, start, talk
from workloads.catalog import complete, find_workload
from workloads.entries.experiments import PLAIN, offered
from workloads.wire.columns import unpack
from workloads.wire.commands import AnyCommand, TakeProfile, Try
from workloads.wire.frames import Gauges, Log, Phase, Profile, Requests, Steps, Value

BLOCKS = 5
SETTINGS: dict[str, dict[str, Value]] = {
    "train/digits": {"steps": 300, "precision": "float32"},
    "train/gpt": {"steps": 30, "batch": 8, "context": 128, "precision": "float32", "compile": False},
    "train/resnet": {
        "steps": 30,
        "batch": 16,
        "input": "synthetic",
        "pin": False,
        "precision": "float32",
        "compile": False,
    },
    "infer/gpt": {
        "steps": 20,
        "prompt": 64,
        "new": 16,
        "graphs": False,
        "compile": False,
        "precision": "float32",
        "fused": False,
    },
    "infer/resnet": {
        "steps": 200,
        "input": "synthetic",
        "pin": False,
        "graphs": False,
        "compile": False,
        "precision": "float32",
        "batch": 8,
    },
    "probe/matmul": {"steps": 100, "precision": "float32"},
}
"""Small runs in which everything is as slow as it can be, so that all experiments have something to change."""


def main(arguments: list[str]) -> int:
    """Try it on all workloads, or on those that are named → 1 where a run did not end well or learned otherwise."""
    device = arguments[0] if arguments else "cpu"
    return max(_tried(name, device) for name in arguments[1:] or SETTINGS)


def _tried(workload: str, device: str) -> int:
    entry, settings = find_workload(workload), {**SETTINGS[workload], "device": device}
    kind = "cuda" if device.startswith("cuda") else "cpu"
    given = {name: value for name, value in settings.items() if entry.takes(name)}
    names = offered(entry, complete(entry, given, kind), device)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        alone = talk(start(workload, folder, **settings))
        asked: tuple[AnyCommand, ...] = (TakeProfile(steps=5), *(Try(experiment=name, blocks=BLOCKS) for name in names))
        tried = talk(start(workload, folder, **settings), *asked)
        _print(workload, tried, Path(folder))
    same = _losses(alone) == _losses(tried)
    print(f"  {tried.done.outcome}, learned what it learns alone: {same}, of {len(_losses(alone))} steps")
    return int(tried.done.outcome != "done" or not (same or device != "cpu"))


def _print(workload: str, tried: Talk, folder: Path) -> None:
    print(workload)
    rates: dict[str, list[float]] = {}
    for case, rate in _blocks(tried):
        rates.setdefault(case, []).append(rate)
    plain = iter(rates.pop(PLAIN, []))
    for name, changed in rates.items():
        ratios = [one / other for one, other in zip(changed, plain, strict=False)]
        print(f"  {name:<16} {median(ratios):.2f}×  of {len(ratios)} pairs: {', '.join(f'{r:.2f}' for r in ratios)}")
    for profile in tried.of(Profile):
        size = (folder / profile.file).stat().st_size if profile.file else 0
        top = ", ".join(f"{row.name} {(row.device_ns or row.host_ns) / 1e6:.2f} ms" for row in profile.operators[:3])
        busy = None if profile.device_busy_ns is None else profile.device_busy_ns / profile.window_ns
        print(f"  profile          {profile.steps} steps, {size:,} bytes, device busy {busy}, {top} {profile.reason}")
    for log in tried.of(Log):
        if log.level == "warning" or log.origin in ("stdout", "stderr"):
            print(f"  {log.origin}: {log.text}")
    behind = [ns for frame in tried.of(Steps) if frame.ahead_ns is not None for ns in unpack(frame.ahead_ns)]
    if behind:
        print(f"  device behind    median {median(behind) / 1e6:.3f} ms, at most {max(behind) / 1e6:.3f} ms")
    for gauges in [frame for frame in tried.of(Gauges) if frame.source == "torch"][-1:]:
        print(f"  {gauges.device:<16} {gauges.readings}")


def _blocks(tried: Talk) -> Iterator[tuple[str, float]]:
    """Case and units a second of every block, in order."""
    began, case, units = 0, None, 0.0
    for frame in tried.frames:
        if isinstance(frame, Phase):
            if case is not None:
                yield case, units * 1e9 / (frame.at_ns - began)
            began, units = frame.at_ns, 0.0
            case = frame.case if frame.phase == "experiment" else None
        elif isinstance(frame, Steps | Requests):
            units += sum(unpack(frame.samples))


def _losses(told: Talk) -> list[float]:
    """Of all steps that are the run's own, in order."""
    found: list[float] = []
    own = True
    for frame in told.frames:
        if isinstance(frame, Phase):
            own = frame.phase in ("warmup", "measure", "profile")
        elif isinstance(frame, Steps) and frame.loss is not None and own:
            found.extend(unpack(frame.loss))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
