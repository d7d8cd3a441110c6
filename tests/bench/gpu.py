"""`make bench-gpu`: every workload on a GPU, watched on the live screen, beside its bare loop. Under eight minutes.

With words behind it (`python -m tests.bench.gpu infer`) only the cases that have one of them, and no table.

Each figure and the bare loop's come one right after the other, since a card under its power cap drifts with its
temperature. Where plain PyTorch's figure on an H200 is known it stands as the floor, and counts on that card alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from tests.bench.row import Row
from tests.bench.table import put_table, said, this_machine
from tests.bench.watched import watched_run

RATIO = 0.995
"""What is to be left of the bare loop's speed under benchtop, with a viewer open."""
MEASURE_S = 9

Run = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One workload with its settings, and how its figure and the bare loop's are read."""

    what: str
    run: Sequence[str]
    """Arguments of `benchtop run`."""
    bare: Sequence[str]
    """Module and arguments of the bare loop."""
    figure: Callable[[Run], float]
    bare_figure: Callable[[Mapping[str, float]], float]
    smaller_is_better: bool = False
    words: Callable[[Run, float], str]
    floor: str
    """In words, on an H200."""
    reached: Callable[[Run], bool]
    """Whether the floor is."""
    pairs: int = 1
    """How often bare loop and run are started in turn: more where processes choose different kernels."""


def _settings(**settings: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same settings for `benchtop run` and for a bare loop."""
    sets = tuple(word for name, value in settings.items() for word in ("--set", f"{name}={value}"))
    return sets, tuple(word for name, value in settings.items() for word in (f"--{name}", str(value)))


def _training(what: str, workload: str, steps: int, least: float, **settings: object) -> Case:
    """`least`: MFU where it is below 1, else tokens or images a second."""
    model = workload.partition("/")[2]
    sets, flags = _settings(**settings)
    per, rate = ("tokens", "tokens_per_s") if model == "gpt" else ("images", "samples_per_s")
    return Case(
        what=what,
        run=(workload, "--duration", str(MEASURE_S), *sets),
        bare=(f"workloads.train.bare_{model}", "--steps", str(steps), *flags),
        figure=lambda run: float(run[rate]),
        bare_figure=lambda bare: bare[rate],
        words=lambda run, figure: f"{figure:,.0f} {per}/s, MFU {run['mfu'] or 0:.1%}",
        floor=f"MFU ≥ {least:.0%}" if least < 1 else f"≥ {least:,.0f} {per}/s",
        reached=lambda run: ((run["mfu"] or 0) if least < 1 else run[rate]) >= least,
    )


def _decode(size: str, steps: int) -> Case:
    sets, flags = _settings(size=size)
    return Case(
        what=f"`infer/gpt` {size}, batch 1, 512 + 256 tokens: a decode step",
        run=("infer/gpt", "--duration", str(MEASURE_S), *sets),
        bare=("workloads.infer.bare_gpt", "--steps", str(steps), *flags),
        figure=lambda run: float(run["generation"]["itl"]["mean_ms"]),
        bare_figure=lambda bare: bare["itl_ms"],
        smaller_is_better=True,
        words=lambda run, figure: (
            f"{figure:.3f} ms, TTFT {run['generation']['ttft']['p50_ms']:.2f} ms, "
            f"{run['generation']['decode_bytes_per_s'] / 1e9:,.0f} GB/s, "
            f"{run['generation']['decode_fraction'] or 0:.1%} of what a copy reached"
        ),
        floor="≥ 60 % of the measured bandwidth" if size == "xl" else "none",
        reached=lambda run: size != "xl" or (run["generation"]["decode_fraction"] or 0) >= 0.6,
    )


def _serving(batch: int, steps: int) -> Case:
    sets, flags = _settings(batch=batch)
    single = batch == 1
    return Case(
        what=f"`infer/resnet` 50, bf16, batch {batch}, compiled, CUDA graph",
        run=("infer/resnet", "--duration", str(4 if single else MEASURE_S), *sets),
        bare=("workloads.infer.bare_resnet", "--steps", str(steps), *flags),
        figure=lambda run: float(run["times"]["p50_ms"] if single else run["samples_per_s"]),
        bare_figure=lambda bare: bare["ms_per_request" if single else "samples_per_s"],
        smaller_is_better=single,
        words=lambda run, figure: (
            f"p50 {figure:.3f} ms, p99 {run['times']['p99_ms']:.3f} ms" if single else f"{figure:,.0f} images/s"
        ),
        floor="≤ 0.88 ms" if single else "≥ 15,800 images/s",
        reached=lambda run: run["times"]["p50_ms"] <= 0.88 if single else run["samples_per_s"] >= 15_800,
        pairs=3 if single else 1,  # the library's choice of kernels moves a request by up to 4 %
    )


def _probe(workload: str, bare_name: str, words: Callable[[Run, float], str], floor: str, least: float | None) -> Case:
    return Case(
        what=f"`{workload}`",
        run=(workload, "--duration", str(MEASURE_S)),
        bare=("workloads.probe.bare_probes", workload.partition("/")[2]),
        figure=lambda run: float(run["samples_per_s"]),
        bare_figure=lambda bare: bare[bare_name],
        words=words,
        floor=floor,
        reached=lambda run: least is None or run["counted_bytes_per_s"] >= least,
    )


def _held(run: Run) -> str:
    """What held the clocks down."""
    events = [f"{event['reason']} in {event['fraction']:.0%} of the readings" for event in run["clock_events"]]
    return f"; clocks held by {', '.join(events)}" if events else ""


CASES = (
    _probe(
        "probe/copy",
        "copies_per_s",
        lambda run, _: f"{run['counted_bytes_per_s'] / 1e9:,.0f} GB/s",
        "≥ 4,250 GB/s",
        4.25e12,
    ),
    _probe(
        "probe/matmul",
        "products_per_s",
        lambda run, _: f"{run['flops_per_s'] / 1e12:,.0f} TFLOP/s{_held(run)}",
        "within 2 % of torch.mm by hand",
        None,
    ),
    _training("`train/gpt` small, 1,024 × 64, compile", "train/gpt", 90, 0.48),
    _training("the same, eager", "train/gpt", 60, 370_000, compile="false"),
    _training("`train/resnet` 50, batch 256, compile", "train/resnet", 250, 6_700),
    _serving(1, 6_000),
    _serving(256, 500),
    _decode("small", 60),
    _decode("xl", 15),
)  # fmt: skip


def main() -> int:
    """Measure everything → 0 when every floor of this device was reached."""
    if not torch.cuda.is_available():
        print("make bench-gpu needs a GPU that torch can use", file=sys.stderr)
        return 2
    name, wanted = torch.cuda.get_device_name(), sys.argv[1:]
    cases = [case for case in CASES if not wanted or any(word in case.what for word in wanted)]
    with tempfile.TemporaryDirectory(prefix="benchtop-bench-") as home:
        environment = {"BENCHTOP_HOME": home, "COLORTERM": ""}
        rows = [row for case in cases for row in said(_row(case, environment, name))]
    if not wanted:
        put_table("bench-gpu", f"{this_machine()[:-1]}, {name}.", rows)
    return 0 if all(row.reached for row in rows) else 1


def _row(case: Case, environment: Mapping[str, str], device: str) -> Row:
    pairs = sorted((_pair(case, environment) for _ in range(case.pairs)), key=lambda pair: pair[0])
    ratio, bare, run = pairs[case.pairs // 2]
    known = "H200" in device
    between = f" (of {case.pairs} pairs, {pairs[0][0]:.3f} to {pairs[-1][0]:.3f})" if case.pairs > 1 else ""
    return Row(
        what=case.what,
        measured=f"{case.words(run, case.figure(run))}; {ratio:.3f} of the bare loop{between}",
        floor=f"ratio ≥ {RATIO}; on an H200 {case.floor}",
        reached=ratio >= RATIO and (not known or case.reached(run)),
        how=f"bare loop {bare:,.{0 if bare > 1000 else 3}f}",
    )


def _pair(case: Case, environment: Mapping[str, str]) -> tuple[float, float, Run]:
    """The ratio, the bare loop's figure and the run."""
    bare = case.bare_figure(_bare(case.bare))
    run = watched_run(case.run, environment)
    figure = case.figure(run)
    return (bare / figure if case.smaller_is_better else figure / bare), bare, run


def _bare(command: Sequence[str]) -> dict[str, float]:
    done = subprocess.run((sys.executable, "-P", "-m", *command), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
