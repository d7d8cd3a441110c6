"""A summary as text: what `benchtop show` prints, and what closes a headless run."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator

from msgspec.structs import replace

from app.analysis.energy.text import energy_text
from app.analysis.finishing.damage_lines import damage_lines, recovery_text
from app.analysis.judging.search_text import search_lines, worth_telling
from app.analysis.machine.text import state_lines
from app.analysis.summary.case_text import case_lines
from app.analysis.summary.clocks import ClockSummary
from app.analysis.summary.gauge_summary import GaugeSummary
from app.analysis.summary.goodput_text import goodput_lines
from app.analysis.summary.overheads import overhead_text
from app.analysis.summary.report import Generation, RunSummary, StepParts, Summary, Times
from app.analysis.summary.rooflines import RooflineReport
from app.analysis.summary.steadiness import Steady
from app.analysis.variants.text import repeat_failures, repeat_lines, variant_cautions, variant_lines
from app.analysis.variants.tradeoff_text import tradeoff_lines
from app.session.results.search import SAID
from app.text.gauges import gauge_text
from app.text.numbers import bytes_text, count, duration, flops, loss_text, milliseconds, percent, rate, significant
from app.text.units import units_of
from app.text.verdicts import verdict_line
from workloads.wire.frames import DeviceFacts
from workloads.wire.gauges import GAUGES

LABEL = 16
CASES = 2
"""Blanks before the table of cases."""
RANKS_SHOWN = 64
SMALLEST_OTHER = 0.02
"""Of a mean step: what is less is told by no word."""
NBSP = "\u00a0"


def summary_text(summary: Summary, width: int, *, runs: bool = False) -> str:
    """The whole session, wrapped to `width` columns, 60 at least. `runs`: every repeat is told in full."""
    width = max(width, 60)
    lines = [*_head(summary)]
    if summary.search is not None:
        lines += ["", *(_item(label, text) for label, text in search_lines(summary.search))]
    if summary.variants:
        lines += ["", *(line.replace(" ", NBSP) for line in variant_lines(summary.variants, width))]
        lines += (_item("caution", _joined(*words)) for words in variant_cautions(summary.variants))
    if summary.tradeoffs:
        lines += ["", *(line.replace(" ", NBSP) for line in tradeoff_lines(summary.tradeoffs, width))]
    if not runs and any(len(variant.repeats) > 1 for variant in summary.variants):
        lines += ["", *(line.replace(" ", NBSP) for line in repeat_lines(summary, width))]
        lines += (_item("failed", _joined(message, remedy)) for message, remedy in repeat_failures(summary))
        lines += ["", "--runs tells of each run in full"]
    else:
        told = summary.runs if runs or summary.search is None else worth_telling(summary.runs, summary.search)
        for run in told:
            lines += ["", *_run(run, width)]
        if len(told) < len(summary.runs):
            lines += ["", "--runs tells of each try in full"]
    for roofline in summary.rooflines:
        lines += ["", *_roofline(roofline)]
    return "\n".join(wrapped for line in lines for wrapped in _wrap(line, width))


def _head(summary: Summary) -> Iterator[str]:
    state = "still running: as of now" if summary.running else summary.outcome
    yield f"{summary.name}  {state}"
    if summary.remade:
        yield _item("caution", summary.remade)
    yield from (_item("caution", each.line) for each in summary.damaged)
    began = dt.datetime.fromtimestamp(summary.started_ns / 1e9)
    length = duration((summary.ended_ns - summary.started_ns) / 1e9)
    yield _item("when", f"{began:%Y-%m-%d %H:%M:%S}, {length}" + (f" on {summary.host}" if summary.host else ""))
    if summary.via:
        yield _item("via", summary.via)
    for clock in summary.clocks:
        yield _item("clock", _clock(clock))
    if summary.cpu:
        yield _item("processor", summary.cpu)
    for device in summary.devices:
        yield _item(device.device, device_text(device))
    if summary.idle:
        powers = ", ".join(_together(f"{device} {power:.0f} W") for device, power in summary.idle.power_w.items())
        yield _item("idle baseline", f"{powers} over {summary.idle.seconds:.1f} s")
    if summary.overhead:
        yield _item("own cost", overhead_text(summary.overhead))
    if summary.failure:
        yield _item("failed", _joined(summary.failure.message, summary.failure.remedy))
    if summary.recovery:
        yield _item("recovered", recovery_text(summary.recovery))
        yield from (_item("damaged", line) for line in damage_lines(summary.recovery))
    # What the judge warned of at the end stands under the table of variants.
    told = {caution.kind for variant in summary.variants for caution in variant.cautions}
    for finding in (finding for finding in summary.findings if finding.kind not in told):
        if finding.kind in SAID:  # with the tries
            continue
        yield _item("note", _joined(finding.message, finding.remedy))


def device_text(device: DeviceFacts) -> str:
    """`NVIDIA H100 80GB HBM3, 79.6 GiB, driver 580.95.05`."""
    memory = f", {bytes_text(device.memory_bytes)}" if device.memory_bytes else ""
    return f"{device.name}{memory}" + (f", driver {device.driver}" if device.driver else "")


def _clock(clock: ClockSummary) -> str:
    """How far times of another host may be off."""
    text = f"{clock.host} within ±{milliseconds(clock.largest_error_ns / 1e6)}"
    if clock.drift_ppm is None or clock.drift_error_ppm is None:
        return text
    return f"{text}, drift {clock.drift_ppm:+.1f} ± {clock.drift_error_ppm:.1f} µs/s"


def _run(run: RunSummary, width: int) -> Iterator[str]:
    yield f"{run.run}  {run.title or run.workload}  {run.outcome}"
    yield from _end(run)
    yield from (_item("caution", _joined(caution.message, caution.remedy)) for caution in run.cautions)
    yield from (_item("limited by", verdict_line(verdict)) for verdict in (run.primary,) if verdict is not None)
    if run.started:
        started = run.started
        # A program of the user's that uses no torch names none.
        if started.device:
            yield _item("device", f"{started.device_name} ({started.device}), {started.precision}")
        settings = {**started.parameters, "seed": started.seed}
        yield _item("configuration", " ".join(f"{name}={value}" for name, value in settings.items() if value != ""))
    if run.samples_per_s is not None:
        yield from _rates(run)
    if run.times and not run.cases:
        yield from _times(run.times, len(run.ranks))
    yield from _waits(run)
    yield from (_item(label, text) for label, text in goodput_lines(run.goodput))
    if run.steady and run.steady.reached:
        yield _item("steady", _steady(run, run.steady))
    if run.parts and not run.cases:
        yield _item("mean step", _parts(run.parts, run.times.mean_ms if run.times else None))
    if run.data_wait_fraction is not None:
        yield _item("data wait", percent(run.data_wait_fraction * 100) + " of step time")
    yield from _generation(run.generation)
    if run.cases:
        # A table's blanks are its columns: they stay as they are.
        table = case_lines(run.cases, units_of(run.started), run.best_case, width - CASES)
        yield from (f"{'':<{CASES}}{line}".replace(" ", NBSP) for line in table)
    yield from _results(run)
    yield from _ranks(run)
    for line in state_lines(run.state):
        yield _item("machine", line)
    if run.elsewhere:
        yield _item("", f"{', '.join(run.elsewhere)}: not used by this run, and left out")
    devices = list(dict.fromkeys(gauge.device for gauge in run.gauges))
    width = max([7, *map(len, devices)])
    for device in devices:
        yield from _gauges(device.ljust(width), [gauge for gauge in run.gauges if gauge.device == device])


def _end(run: RunSummary) -> Iterator[str]:
    """Why it was not done, where it was not."""
    if run.reason:
        yield _item("skipped", run.reason)
    if run.failure:
        yield _item("failed", _joined(run.failure.message, run.failure.remedy))
    elif run.exit_status:
        ended = f"by signal {-run.exit_status}" if run.exit_status < 0 else f"with status {run.exit_status}"
        yield _item("ended", ended)


def _rates(run: RunSummary) -> Iterator[str]:
    assert run.samples_per_s is not None
    per_s = f"{count(run.samples_per_s)} {units_of(run.started)}/s"
    if run.best_case is not None:
        of = f"of {len(run.cases):,} cases in " if len(run.cases) > 1 else ""
        yield _item("best case" if of else "case", f"{run.best_case}  ({of}{run.measured_s:.1f} s measured)")
        yield _item("throughput", per_s)
    else:
        of_ranks = f", sum of {len(run.ranks)} ranks" if run.ranks else ""
        yield _item("throughput", f"{per_s}  ({run.samples:,} in {run.measured_s:.1f} s measured{of_ranks})")
    if run.tokens_per_s is not None:
        yield _item("", f"{count(run.tokens_per_s)} tokens/s")
    if run.flops_per_s is not None:
        limit = run.started.limit_source if run.started else None
        mfu = percent(run.mfu * 100) if run.mfu is not None else "– (no published peak)"
        yield _item("arithmetic", f"{flops(run.flops_per_s)}  MFU {mfu}" + (f" ({limit})" if limit else ""))
    if run.hfu is not None:
        yield _item("", f"HFU {percent(run.hfu * 100)}, with all operations that are done")
    if run.mfu_measured is not None:
        yield _item("", f"{percent(run.mfu_measured * 100)} of the measured peak")
    if run.counted_bytes_per_s is not None:
        yield _traffic(run, run.counted_bytes_per_s)
    if run.bandwidth_fraction is not None:
        yield _item("", f"{percent(run.bandwidth_fraction * 100)} of the measured bandwidth")


def _traffic(run: RunSummary, per_s: float) -> str:
    """Bytes under the name of what they move over."""
    counted = f"{rate(per_s)} counted by the workload"
    if run.started and run.started.moves_over == "host-link":
        share = f", {percent(100 * per_s / run.limit_bytes_per_s)} of" if run.limit_bytes_per_s else ""
        limit = f" {rate(run.limit_bytes_per_s)} that the link carries" if run.limit_bytes_per_s else ""
        return _item("over the link", f"{counted}{share}{limit}")
    if run.started and run.started.moves_over == "ranks":
        return _item("between ranks", counted)
    return _item("memory traffic", counted + _dram(run))


def _dram(run: RunSummary) -> str:
    """What the devices themselves say, to hold against the counted rate; nothing for a run that was on none of them."""
    if run.started is None or not run.started.device.startswith("cuda"):
        return ""
    found = [gauge for gauge in run.gauges if gauge.name == "dram_bytes_per_s" and gauge.source != "counted"]
    return "".join(f", {gauge.device} {rate(gauge.mean)} ({gauge.source})" for gauge in found)


def _times(times: Times, ranks: int = 0) -> Iterator[str]:
    """`ranks`: whose steps they are, where there are several."""
    shown = [("p50", times.p50_ms), ("p90", times.p90_ms), ("p95", times.p95_ms), ("p99", times.p99_ms)]
    shown += [("p99.9", times.p99_9_ms), ("max", times.max_ms)]
    told = [_together(f"{name} {_quantile(times, name, value)}") for name, value in shown]
    yield _item(times.kind, "  ".join(told) + f"{NBSP}ms")
    bounds = [(name, found.needs, found.at_most_ms) for name, found in times.early_stopping.items()]
    told = [_together(f"{name} {significant(value)}") for name, _, value in bounds if value is not None]
    if told:
        needs = ", ".join(f"{needs:,}" for _, needs, value in bounds if value is not None)
        yield _item("", f"at most {'  '.join(told)}{NBSP}ms with 99{NBSP}% confidence (early stopping; needs {needs})")
    yield _item(
        "",
        f"mean {significant(times.mean_ms)} ms, from all {times.count:,}"
        + (f" steps of {ranks} ranks" if ranks else ""),
    )


def _quantile(times: Times, name: str, value: float | None) -> str:
    """A percentile that so few samples do not carry is a dash, with how many do."""
    if value is not None:
        return significant(value)
    found = times.early_stopping.get(name)
    return f"– (needs {found.needs:,})" if found else "–"


def _waits(run: RunSummary) -> Iterator[str]:
    """What the latency of requests consists of. The same in a closed loop from send, so it is said of the others."""
    if run.times is None or run.queue is None or run.service is None:
        return
    differs = run.times_from_send is not None and run.times_from_send != replace(run.times, kind="latency from send")
    for times in (run.times_from_send if differs else None, run.queue, run.service, run.lag):
        if times is not None:
            yield _item(times.kind.removeprefix("latency "), _brief(times))


def _brief(times: Times) -> str:
    shown = (("p50", times.p50_ms), ("p90", times.p90_ms), ("p99", times.p99_ms), ("max", times.max_ms))
    return (
        "  ".join(_together(f"{name} {'–' if value is None else significant(value)}") for name, value in shown)
        + f"{NBSP}ms"
    )


def _generation(told: Generation | None) -> Iterator[str]:
    if told is None:
        return
    for times in (told.ttft, told.tpot, told.itl):
        if times is not None:
            yield from _times(times)
    if told.ttft_from_send is not None and told.ttft_from_send.p50_ms != told.ttft.p50_ms:
        yield _item("TTFT from send", _brief(told.ttft_from_send))
    if told.tpot_from_schedule is not None:
        yield _item("TPOT from due", _brief(told.tpot_from_schedule))
    if told.decode_bytes_per_s is not None:
        share = f", {percent(told.decode_fraction * 100)} of what a copy reached" if told.decode_fraction else ""
        yield _item("decode", f"{rate(told.decode_bytes_per_s)} of weights and cache that must be read{share}")


def _ranks(run: RunSummary) -> Iterator[str]:
    """A line for each rank; of many, only the ends: no terminal has room for a thousand, and the document has all."""
    left_out = len(run.ranks) - RANKS_SHOWN
    for place, rank in enumerate(run.ranks):
        if left_out > 0 and RANKS_SHOWN // 2 <= place < RANKS_SHOWN // 2 + left_out:
            if place == RANKS_SHOWN // 2:
                yield _item("", f"… {left_out:,} ranks more; --json has them all")
            continue
        numbers = [f"{count(rank.samples_per_s)} {units_of(run.started)}/s"] if rank.samples_per_s is not None else []
        times = (
            ("step", rank.step_ms),
            ("own work", rank.own_ms),
            ("communication", rank.comm_ms),
            ("data wait", rank.data_wait_ms),
        )
        numbers += [_together(f"{name} {milliseconds(value)}") for name, value in times if value is not None]
        yield _item(f"rank {rank.rank}", "  ".join(numbers))


def _steady(run: RunSummary, steady: Steady) -> str:
    if not steady.steps_before:
        return "from the first measured step on"
    from_there = "" if steady.samples_per_s is None else f": {count(steady.samples_per_s)} {units_of(run.started)}/s"
    return (
        f"after {steady.steps_before:,} of {steady.steps:,} steps, {significant(steady.seconds_before)} s{from_there}"
    )


def _other(parts: StepParts, whole_ms: float | None) -> float | None:
    known = (parts.data_wait_ms, parts.forward_ms, parts.backward_ms, parts.optimizer_ms)
    other = 0.0 if whole_ms is None else whole_ms - sum(part or 0.0 for part in known)
    # The parts of a device overlap those of the host.
    return other if whole_ms and parts.h2d_ms is None and other > SMALLEST_OTHER * whole_ms else None


def _parts(parts: StepParts, whole_ms: float | None) -> str:
    """The parts that there are; on a processor, what of the step is in none of them is `other`."""
    names = (
        ("data wait", parts.data_wait_ms),
        ("host to device", parts.h2d_ms),
        ("forward", parts.forward_ms),
        ("backward", parts.backward_ms),
        ("optimizer", parts.optimizer_ms),
        ("device", parts.device_ms),
        ("of backward, communication", parts.comm_ms),
        ("other", _other(parts, whole_ms)),
    )
    return "  ".join(_together(f"{name} {milliseconds(value)}") for name, value in names if value is not None)


def _results(run: RunSummary) -> Iterator[str]:
    if run.accuracy is not None:
        yield _item("accuracy", f"top-1 {percent(run.accuracy * 100)} of {run.accuracy_samples:,} held out")
    if run.bits_per_byte is not None:
        told = f"{significant(run.bits_per_byte)} bits per byte, {run.bits_per_byte_samples:,} bytes held out"
        yield _item("held-out text", told)
    if run.loss is not None:
        yield _item("loss", f"{loss_text(run.loss)} nats at the last measured step")
    if run.held_out_loss is not None:
        yield _item("held-out loss", f"{loss_text(run.held_out_loss)} of {run.held_out_loss_samples:,}")
    if run.failed_requests:
        yield _item("failed requests", f"{run.failed_requests:,}")
    if run.unserved_requests:
        yield _item("never served", f"{run.unserved_requests:,} requests that were due when the run ended")
    if run.dropped:
        yield _item("dropped", f"{run.dropped:,} samples came faster than they could be sent; they are missing above")
    for energy in run.energy:
        yield _item("energy", energy_text(energy, run.started.unit if run.started else "sample"))
    for event in run.clock_events:
        yield _item("clocks held by", f"{event.device} {event.reason}, {percent(event.fraction * 100)} of the readings")


def _gauges(device: str, gauges: list[GaugeSummary]) -> Iterator[str]:
    for gauge in gauges:
        values = f"mean {gauge_text(gauge.name, gauge.mean):>12}  peak {gauge_text(gauge.name, gauge.peak):>12}"
        yield f"    {device} {GAUGES[gauge.name].label:<19} {values}  {gauge.source}"


def _roofline(roofline: RooflineReport) -> Iterator[str]:
    """The close of a session that probed: what the device did at most, against what it is sold with."""
    yield f"roofline  {roofline.device_name} on {roofline.host}"
    for peak in roofline.peaks:
        said = flops(peak.flops_per_s)
        if peak.published_fraction is not None and peak.published_flops_per_s is not None:
            share = percent(peak.published_fraction * 100)
            said += f", {share} of {flops(peak.published_flops_per_s)} ({peak.published_source})"
        if peak.ridge_flops_per_byte is not None:
            said += "; " + _together(f"ridge {significant(peak.ridge_flops_per_byte)} FLOP/byte")
        yield _item(peak.precision, said)
    if roofline.bytes_per_s is not None:
        said = f"{rate(roofline.bytes_per_s)} read plus written"
        if roofline.dram_limit_fraction is not None and roofline.dram_limit_bytes_per_s is not None:
            share = percent(roofline.dram_limit_fraction * 100)
            said += f", {share} of {rate(roofline.dram_limit_bytes_per_s)} (memory clock × bus width)"
        yield _item("memory", said)


def _item(label: str, text: str) -> str:
    return f"  {label:<{LABEL}}{text}"


def _joined(message: str, remedy: str) -> str:
    return f"{message}; {remedy}" if remedy else message


def _together(words: str) -> str:
    """Words that stay on one line."""
    return words.replace(" ", NBSP)


def _wrap(line: str, width: int) -> list[str]:
    # A journal may come from a stranger: nothing in it may move a cursor.
    plain = "".join(letter if letter.isprintable() or letter == NBSP else " " for letter in line)
    lines = textwrap.wrap(plain, width, subsequent_indent=" " * (LABEL + 2), break_on_hyphens=False) or [""]
    return [wrapped.replace(NBSP, " ") for wrapped in lines]
