"""What a planted cause costs: each script without any tool, as it is and with `--fixed`."""

from __future__ import annotations

import json
import subprocess

from tests.bench.why.entry import Device, Entry
from tests.bench.why.watching import beside


def told(entry: Entry, device: Device, seconds: float) -> str:
    """`decoding: 63.4 steps/s, fixed 518: 8.2 times as fast`."""
    if not entry.file:
        return f"{entry.name}: a run of benchtop's own"
    with beside(entry):
        plain = _rate(entry, device, seconds)
    if entry.kind is None or not entry.costs:
        return f"{entry.name}: {_text(plain)}"
    fixed = _rate(entry, device, seconds) if entry.beside else _rate(entry, device, seconds, "--fixed")
    times = "" if not plain or not fixed else f": {fixed * entry.fixed_units / plain:.2f} times the work a second"
    return f"{entry.name}: {_text(plain)}, fixed {_text(fixed)}{times}"


def _text(rate: float | None) -> str:
    return "too slow" if rate is None else f"{rate:.4g} steps/s"


def _rate(entry: Entry, device: Device, seconds: float, *more: str) -> float | None:
    command = (*entry.starter, "-m", "tests.bench.why.plain", f"{seconds:g}", *entry.called(device, *more))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in reversed(done.stdout.splitlines()):
        if line.startswith('{"steps_per_s"'):
            rate = json.loads(line)["steps_per_s"]
            return None if rate is None else float(rate)
    raise RuntimeError(f"{entry.name}: {done.stderr.strip().splitlines()[-1:]}")
