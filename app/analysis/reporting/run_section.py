"""One run: its numbers, its charts, what limited it, its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from app.analysis.energy.text import energy_text
from app.analysis.load import Loaded
from app.analysis.machine.text import state_lines
from app.analysis.reporting.blocks import Block, Facts, Notice, Section, Table, Tile, Tiles
from app.analysis.reporting.verdict_section import verdict_section
from app.analysis.summary.goodput_text import clause_text
from app.analysis.summary.report import RankSummary, RunSummary, StepParts, Times
from app.analysis.why.document import RunWhy
from app.session.store.manifest import RunRecord
from app.text.gauges import gauge_text
from app.text.numbers import bytes_text, count, flops, loss_text, milliseconds, percent, rate, significant
from app.text.units import units_of
from app.text.values import typed
from workloads.wire.gauges import GAUGES

NONE: Final = "–"
RANKS_SHOWN: Final = 64


def run_section(
    loaded: Loaded, record: RunRecord, run: RunSummary, why: RunWhy | None, *, most: int, folded: bool
) -> Section:
    """`most`: stretches of a chart over time; 0: no charts."""
    blocks: list[Block] = [*_warnings(run)]
    if tiles := list(headline_tiles(run)):
        blocks.append(Tiles(tiles))
    if most:
        from app.analysis.reporting.run_charts import run_charts  # noqa: PLC0415 - Altair may be missing

        blocks += run_charts(loaded, record, run, most)
    blocks += _tables(run)
    facts = [row for row in _facts(run) if row[1]]
    if facts:
        blocks.append(Facts(facts))
    sections = []
    if why is not None and (limits := verdict_section(why)) is not None:
        sections.append(limits)
    if run.gauges:
        sections.append(Section("Readings of the machine", [_gauges(run)], folded=True, detail=True))
    if run.started is not None:
        sections.append(Section("Configuration", [_configuration(run)], folded=True))
    note = run.outcome if run.outcome != "done" else ""
    return Section(
        f"Run {run.run}: {run.title or run.workload}", blocks, sections, folded=folded, note=note, detail=folded
    )


def headline_tiles(run: RunSummary) -> Iterator[Tile]:
    """The numbers that stand for a run."""
    units = units_of(run.started)
    if run.samples_per_s is not None:
        label, note = "throughput", f"{run.samples:,} in {run.measured_s:.1f} s"
        if run.best_case is not None:
            note = f"best of {len(run.cases):,} cases: {run.best_case}" if len(run.cases) > 1 else run.best_case
        yield Tile(label, f"{count(run.samples_per_s)} {units}/s", note)
    if run.tokens_per_s is not None:
        yield Tile("tokens", f"{count(run.tokens_per_s)} tokens/s")
    if run.goodput is not None and run.goodput.share is not None:
        per_s = f"{count(run.goodput.per_s)} good requests/s" if run.goodput.per_s is not None else ""
        yield Tile("goodput", percent(100 * run.goodput.share), per_s)
    if run.times is not None and not run.cases:
        p99 = f"p99 {milliseconds(run.times.p99_ms)}" if run.times.p99_ms is not None else f"of {run.times.count:,}"
        yield Tile(f"{run.times.kind} p50", milliseconds(run.times.p50_ms), p99)
    if run.mfu is not None:
        yield Tile("MFU", percent(100 * run.mfu), flops(run.flops_per_s) if run.flops_per_s else "")
    elif run.flops_per_s is not None:
        yield Tile("arithmetic", flops(run.flops_per_s), "no published peak")
    elif run.counted_bytes_per_s is not None:
        yield Tile("traffic", rate(run.counted_bytes_per_s), "counted by the workload")
    if run.accuracy is not None:
        yield Tile("top-1 accuracy", percent(100 * run.accuracy), f"of {run.accuracy_samples or 0:,} held out")
    if run.bits_per_byte is not None:
        yield Tile("held-out text", f"{significant(run.bits_per_byte)} bits/byte")


def _warnings(run: RunSummary) -> Iterator[Notice]:
    if run.reason:
        yield Notice("info", "skipped", run.reason)
    if run.failure:
        yield Notice("critical", "failed", run.failure.message, run.failure.remedy)
    elif run.exit_status:
        ended = f"by signal {-run.exit_status}" if run.exit_status < 0 else f"with status {run.exit_status}"
        yield Notice("critical", "ended", ended)
    for caution in run.cautions:
        yield Notice("warning", caution.kind.replace("-", " "), caution.message, caution.remedy)


def _tables(run: RunSummary) -> Iterator[Block]:
    times = [run.times if not run.cases else None, run.times_from_send, run.queue, run.service, run.lag]
    if run.generation is not None:
        told = run.generation
        times += [told.ttft, told.ttft_from_send, told.tpot, told.tpot_from_schedule, told.itl]
    known = [each for each in times if each is not None]
    if known:
        yield _times(known)
    if run.goodput is not None:
        rows = [(clause.text, clause_text(clause)) for clause in run.goodput.clauses]
        yield Table(("objective", "result"), rows, words=frozenset({0, 1}))
    if run.parts is not None and not run.cases and (parts := list(_parts(run.parts, run.times))):
        yield Table(("mean step", "time", "share"), parts)
    if run.cases:
        yield _cases(run)
    if run.ranks:
        yield _ranks(run)


def _times(times: Sequence[Times]) -> Table:
    names = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "p99_9_ms", "max_ms", "mean_ms")
    rows = []
    short = False
    for each in times:
        values = [getattr(each, name) for name in names]
        short = short or None in values
        rows.append((each.kind, *(NONE if v is None else significant(v) for v in values), f"{each.count:,}"))
    caption = "Milliseconds, of every sample that was measured."
    if short:
        caption += " A dash: there were too few samples for that percentile."
    return Table(("time, ms", "p50", "p90", "p95", "p99", "p99.9", "max", "mean", "count"), rows, caption=caption)


def _parts(parts: StepParts, times: Times | None) -> Iterator[tuple[str, str, str]]:
    whole = times.mean_ms if times else None
    for name, value in (
        ("data wait", parts.data_wait_ms),
        ("host to device", parts.h2d_ms),
        ("forward", parts.forward_ms),
        ("backward", parts.backward_ms),
        ("of backward, communication", parts.comm_ms),
        ("optimizer", parts.optimizer_ms),
        ("device", parts.device_ms),
    ):
        if value is not None:
            yield name, milliseconds(value), percent(100 * value / whole) if whole else NONE


def _cases(run: RunSummary) -> Table:
    units = units_of(run.started)
    columns = (
        ("FLOP/s", [None if c.flops_per_s is None else flops(c.flops_per_s) for c in run.cases]),
        ("MFU", [None if c.mfu is None else percent(100 * c.mfu) for c in run.cases]),
        ("bytes/s", [None if c.bytes_per_s is None else rate(c.bytes_per_s) for c in run.cases]),
        ("of limit", [None if c.bytes_of_limit is None else percent(100 * c.bytes_of_limit) for c in run.cases]),
        (f"{units}/s", [None if c.units_per_s is None else count(c.units_per_s) for c in run.cases]),
        ("step p50", [None if c.p50_ms is None else milliseconds(c.p50_ms) for c in run.cases]),
        ("steps", [f"{c.count:,}" for c in run.cases]),
    )
    shown = [(title, cells) for title, cells in columns if any(cells)]
    rows = [(case.name, *(cells[place] or NONE for _, cells in shown)) for place, case in enumerate(run.cases)]
    best = frozenset(place for place, case in enumerate(run.cases) if case.name == run.best_case)
    return Table(("case", *(title for title, _ in shown)), rows, strong=best)


def _ranks(run: RunSummary) -> Table:
    shown: list[RankSummary] = list(run.ranks[:RANKS_SHOWN])
    left = len(run.ranks) - len(shown)
    rows = [
        (
            f"{rank.rank}",
            NONE if rank.samples_per_s is None else f"{count(rank.samples_per_s)}/s",
            *(NONE if ms is None else milliseconds(ms) for ms in (rank.step_ms, rank.own_ms, rank.comm_ms)),
            NONE if rank.data_wait_ms is None else milliseconds(rank.data_wait_ms),
        )
        for rank in shown
    ]
    head = ("rank", units_of(run.started), "step", "own work", "communication", "data wait")
    return Table(head, rows, caption=f"and {left:,} ranks more: `show --json` has them all" if left > 0 else "")


def _facts(run: RunSummary) -> Iterator[tuple[str, str]]:
    yield from _rates(run)
    yield from _course(run)
    yield from _results(run)
    for energy in run.energy:
        yield "energy", energy_text(energy, run.started.unit if run.started else "sample")
    for event in run.clock_events:
        yield "clocks held by", f"{event.device} {event.reason}, {percent(100 * event.fraction)} of the readings"
    for line in state_lines(run.state):
        yield "machine", line


def _rates(run: RunSummary) -> Iterator[tuple[str, str]]:
    if run.ranks:
        yield "ranks", f"{len(run.ranks)}; the throughput is their sum"
    if run.hfu is not None:
        yield "HFU", f"{percent(100 * run.hfu)}, with all operations that are done"
    if run.mfu is not None and run.started is not None:
        yield "peak", run.started.limit_source or ""
    if run.mfu_measured is not None:
        yield "of the measured peak", percent(100 * run.mfu_measured)
    if run.bandwidth_fraction is not None:
        yield "of the measured bandwidth", percent(100 * run.bandwidth_fraction)
    if run.counted_bytes_per_s is not None and run.flops_per_s is not None:
        yield "memory traffic", f"{rate(run.counted_bytes_per_s)}, counted by the workload"
    if run.limit_bytes_per_s is not None:
        yield "the link carries", rate(run.limit_bytes_per_s)
    if run.generation is not None and run.generation.decode_bytes_per_s is not None:
        yield "decode", f"{rate(run.generation.decode_bytes_per_s)} of weights and cache that must be read"


def _course(run: RunSummary) -> Iterator[tuple[str, str]]:
    if run.data_wait_fraction is not None:
        yield "data wait", f"{percent(100 * run.data_wait_fraction)} of step time"
    if (steady := run.steady) is not None and steady.reached:
        after = f"after {steady.steps_before:,} of {steady.steps:,} steps, {significant(steady.seconds_before)} s"
        yield "steady", after if steady.steps_before else "from the first measured step on"
    if run.failed_requests:
        yield "failed requests", f"{run.failed_requests:,}"
    if run.unserved_requests:
        yield "never served", f"{run.unserved_requests:,} requests that were due when the run ended"
    if run.dropped:
        yield "dropped", f"{run.dropped:,} samples came faster than they could be sent; they are missing"


def _results(run: RunSummary) -> Iterator[tuple[str, str]]:
    if run.loss is not None:
        yield "loss", f"{loss_text(run.loss)} nats at the last measured step"
    if run.held_out_loss is not None:
        yield "held-out loss", f"{loss_text(run.held_out_loss)} of {run.held_out_loss_samples or 0:,}"


def _gauges(run: RunSummary) -> Table:
    rows = [
        (
            gauge.device,
            GAUGES[gauge.name].label,
            gauge_text(gauge.name, gauge.mean),
            gauge_text(gauge.name, gauge.peak),
            f"{gauge.readings:,}",
            gauge.source,
        )
        for gauge in run.gauges
    ]
    head = ("device", "gauge", "mean", "peak", "readings", "from")
    return Table(head, rows, words=frozenset({0, 1, 5}))


def _configuration(run: RunSummary) -> Facts:
    started = run.started
    assert started is not None
    rows = [
        ("workload", started.workload),
        ("device", f"{started.device_name} ({started.device})" if started.device else ""),
        ("precision", started.precision),
        ("unit of work", started.unit),
        ("repeat", f"{started.repeat}"),
        ("seed", f"{started.seed}"),
        ("ranks", f"{started.ranks}" if started.ranks > 1 else ""),
        *((name, typed(value)) for name, value in started.parameters.items()),
        ("FLOPs a unit", "" if started.flops_per_unit is None else count(started.flops_per_unit)),
        ("bytes a unit", "" if started.bytes_per_unit is None else bytes_text(started.bytes_per_unit)),
        ("peak", "" if started.limit_flops_per_s is None else flops(started.limit_flops_per_s)),
        ("peak from", started.limit_source or ""),
        ("data, SHA-256", started.data_sha256 or ""),
    ]
    return Facts(rows)
