"""Every number on the screen in words: its unit, where it comes from, what it means. Draws and computes nothing."""

from __future__ import annotations

import msgspec

from workloads.wire.gauges import GAUGES


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One number as the help explains it."""

    label: str
    unit: str
    source: str
    meaning: str


_COUNTED = "counted by the workload"
_DERIVED = "derived from the steps or requests"
_PROBED = "counted by the workload, against probes"

DERIVED = (
    Number(
        label="verdict",
        unit="words",
        source="steps, requests, events and gauges of the last 10 s",
        meaning="What limits the present run, the strongest first: ✓ as it should be, such as a device at its limit, "
        "⚠ worth a look, ✗ most of the time is lost. Once a run has ended it is of all that was measured. What lacks a "
        "counter or has too few steps is not looked into, and w tells why.",
    ),
    Number(
        label="at most",
        unit="times as fast",
        source="derived from the evidence (Amdahl 1967)",
        meaning="What the run could gain were that which the verdict names gone altogether; a bound, not a promise.",
    ),
    Number(
        label="threshold",
        unit="that of the evidence",
        source="the rule",
        meaning="From here on the number beside it counts.",
    ),
    Number(
        label="tried",
        unit="times as fast, with its 95 % interval",
        source="blocks of steps, plain and changed in turns",
        meaning="What the experiment of a verdict has shown: work a second with the changed setting over that with the "
        "plain one. An interval that holds 1.00× tells nothing. Its steps enter no result.",
    ),
    Number(
        label="own time",
        unit="ms",
        source="torch.profiler",
        meaning="Of an operator without those that it calls, over all its calls in the profile; on the device where "
        "there is one. Idle are the longest stretches without a kernel or copy.",
    ),
    Number(
        label="timeline",
        unit="minutes and seconds since the beginning, times as fast as it was",
        source="the frames of a saved session",
        meaning="Where one is in it. On the bar stand │ where a run begins, ┆ a phase, ▲ a mark or a turned knob, ● "
        "where the primary verdict changed, ✗ a failure.",
    ),
    Number(
        label="B to A",
        unit="percent, or points of percents",
        source="derived from both sessions",
        meaning="Where two sessions are played together: how much more or less the second one has at this instant. "
        "Both are equally far since the start, in measured steps, or in the share of what each run measures (t).",
    ),
    Number(
        label="▲, ├─┤ under a chart",
        unit="time",
        source="the workload",
        meaning="A parameter that was changed, a mark of the script, an experiment or a profile from its beginning to "
        "its end. Charts are grey there: what they show is disturbed, and enters no result.",
    ),
    Number(
        label="samples/s",
        unit="samples, products, copies, launches, calls or collectives a second",
        source=_DERIVED,
        meaning="Units of work finished in the last seconds of measuring, over those seconds; once a run has ended, "
        "over all of its measure phases. Warm-up and evaluation do not count. Of several ranks it is their sum.",
    ),
    Number(
        label="tokens/s",
        unit="tokens a second",
        source=_DERIVED,
        meaning="The same for tokens, where the workload has them.",
    ),
    Number(
        label="FLOP/s",
        unit="floating-point operations a second",
        source=_COUNTED,
        meaning="Units a second × operations per unit, which torch's flop counter counted on the model itself.",
    ),
    Number(
        label="repeats",
        unit="% of the mean of a variant",
        source="derived from the runs that are done",
        meaning="Each point is the headline of one run, on an axis that all variants share; a digit is so many in one "
        "cell. The bar is the 95 % interval of the mean over runs (a bootstrap; Student's t for three to five), as it "
        "was after each repeat. ± is half of it. Dotted: how narrow --until wants it.",
    ),
    Number(
        label="MFU",
        unit="%",
        source=_COUNTED,
        meaning="Model FLOP utilization: FLOP/s over the device's published dense peak at this precision. "
        "Absent where no peak is published.",
    ),
    Number(
        label="HFU",
        unit="%",
        source=_COUNTED,
        meaning="Hardware FLOP utilization: as MFU, with the operations that are really done, recomputation included. "
        "Absent where they are not counted apart.",
    ),
    Number(
        label="of measured peak",
        unit="%",
        source=_PROBED,
        meaning="FLOP/s over the best that probe/matmul reached on this device, in this host, at this precision, in "
        "this session or a saved one. Real work gets nearer to it than to a data sheet. All ranks together are held "
        "against as many devices; those on one host's processor share it.",
    ),
    Number(
        label="of measured bandwidth",
        unit="%",
        source=_PROBED,
        meaning="Counted bytes a second over the best that probe/copy moved in the same memory. Caches save traffic "
        "that is counted, so it can be more than 100 %.",
    ),
    Number(
        label="intensity",
        unit="FLOP/byte",
        source=_COUNTED,
        meaning="Operations per counted byte, the x axis of the roofline. Below the ridge, the intensity at which "
        "slope and flat part meet, memory is the limit, above it arithmetic.",
    ),
    Number(
        label="of the roof",
        unit="%",
        source=_PROBED,
        meaning="FLOP/s over the roof at the run's intensity: the lesser of the measured peak at its precision and "
        "intensity × measured bandwidth.",
    ),
    Number(
        label="bandwidth (counted)",
        unit="B/s",
        source=_COUNTED,
        meaning="Units a second × bytes per unit, each operand of an operator counted once. What caches save is not "
        "in it, so it is the work asked for, not the traffic measured.",
    ),
    Number(
        label="% of the link",
        unit="%",
        source=_COUNTED,
        meaning="Bandwidth over what the link between host and device carries in one direction, by the generation "
        "and width that NVML says the two can have together.",
    ),
    Number(
        label="case, best of cases",
        unit="name",
        source="the workload",
        meaning="A probe may measure several things one after the other. Rates and times are those of the present "
        "one; once the run has ended, of the best: by FLOP/s where they are counted, else bytes, else units a second.",
    ),
    Number(
        label="step p50, p95, p99",
        unit="ms",
        source=_DERIVED,
        meaning="Half, 95 % and 99 % of the steps in the measure phases of this run took at most this long; each "
        "within 0.8 %. For inference it is the latency from the scheduled time to the last output. p95 is a number "
        "from 130 samples on, p99 from 662 (MLPerf's early stopping). What took ten times as long as all that "
        "was measured, such as a first step that compiles, is cut off at the upper edge of the chart.",
    ),
    Number(
        label="data wait",
        unit="% of a step, or ms",
        source=_DERIVED,
        meaning="The part of a step in which the loop waited for its next batch.",
    ),
    Number(
        label="h2d",
        unit="% of a step, or ms",
        source=_DERIVED,
        meaning="The part in which the batch was copied from host to device.",
    ),
    Number(
        label="forward, backward, optimizer",
        unit="% of a step, or ms",
        source=_DERIVED,
        meaning="The parts of a training step. On CUDA the host's time is the time to launch the work; device is "
        "what the work took there.",
    ),
    Number(
        label="comm",
        unit="% of a step, or ms",
        source=_DERIVED,
        meaning="Several ranks: the end of backward in which a step does nothing but wait for the others' gradients, "
        "from the last bucket being ready. What is sent before that hides behind work. Absent with shard=fsdp.",
    ),
    Number(
        label="slowest rank",
        unit="ms",
        source=_DERIVED,
        meaning="The rank with the most work of its own a step (step time without comm) and the median of all: "
        "who is fast waits for who is slow.",
    ),
    Number(
        label="device",
        unit="% of a step, or ms",
        source="CUDA events",
        meaning="Time between two events around the step on the device, read without making the loop wait.",
    ),
    Number(
        label="loss",
        unit="nats",
        source=_COUNTED,
        meaning="Training loss of the last steps.",
    ),
    Number(
        label="top-1",
        unit="%",
        source=_COUNTED,
        meaning="Share of held-out samples whose most probable class is the right one, with how many there were.",
    ),
    Number(
        label="generator",
        unit="ms",
        source=_DERIVED,
        meaning="Requests that are due by a schedule: how late they were sent while the server could have taken them, "
        "99 % of them at most. From 1 ms on the light is amber: the load was not the one that was asked for.",
    ),
    Number(
        label="good",
        unit="% and requests a second",
        source=_DERIVED,
        meaning="Goodput: requests that were answered and met every threshold of --slo, among all that were due while "
        "measuring. Those that failed or were never served are not good.",
    ),
    Number(
        label="meets it, does not",
        unit="requests a second",
        source=_DERIVED,
        meaning="Of a search: the highest rate so far that met --slo, and the lowest above it that did not, by the "
        "majority of the tries at each. A try whose queue ran away, or whose load generator was late, met nothing.",
    ),
    Number(
        label="clock",
        unit="± ms",
        source="exchanges with the other host",
        meaning="With --via or --nodes: times of the other host are turned into this one's, and are off by no more "
        "than this: half of the quickest round trip, and what the clocks may have drifted since (RFC 5905).",
    ),
    Number(
        label="steps, requests",
        unit="count",
        source=_DERIVED,
        meaning="How many were finished in the measure phases of this run.",
    ),
    Number(
        label="dropped",
        unit="samples",
        source=_COUNTED,
        meaning="Samples that came faster than they could be sent. They are missing from the numbers.",
    ),
    Number(
        label="saved",
        unit="B",
        source="session folder",
        meaning="Size of what is on disk by now.",
    ),
    Number(
        label="processes",
        unit="count",
        source="NVML",
        meaning="Processes that hold memory on the device, whoever's they are.",
    ),
    Number(
        label="cores",
        unit="%",
        source="psutil",
        meaning="Load of each logical processor since the reading before.",
    ),
)
"""Numbers that are not read from a device."""

_UNITS = (
    ("_bytes_per_s", "B/s"),
    ("_bytes", "B"),
    ("_percent", "%"),
    ("_mhz", "MHz"),
    ("_w", "W"),
    ("_j", "J"),
    ("_c", "°C"),
    ("_reasons", "bits"),
)

_FIRST_OF_SOURCE = {
    "utilization_percent": "NVML",
    "graphics_active_percent": "GPM",
    "cpu_percent": "psutil",
    "cpu_pressure_percent": "/proc",
    "rss_bytes": "psutil",
    "power_limit_w": "NVML",
    "cpu_steal_percent": "/proc",
    "queue_requests": _COUNTED,
}
"""The table of gauges goes source by source: the first gauge of each."""


def unit_of(gauge: str) -> str:
    """A gauge's unit, which its name ends with."""
    return next((unit for ending, unit in _UNITS if gauge.endswith(ending)), "count")


def gauge_numbers() -> tuple[Number, ...]:
    """Every gauge, in the order of its table."""
    numbers = []
    source = ""
    for gauge in GAUGES.values():
        source = _FIRST_OF_SOURCE.get(gauge.name, source)
        numbers.append(
            Number(label=gauge.label, unit=unit_of(gauge.name), source=source, meaning=gauge.meaning),
        )
    return tuple(numbers)
