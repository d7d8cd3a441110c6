"""Why one repeat differs from the others: which state of the machine was different then.

A repeat differs where its headline is off the median of its variant by more than FAR; or, from SEVERAL repeats on, by
more than three robust standard deviations (1.4826 · MAD) and SMALL. Its state is then held against the median of the
repeats that do not differ, item by item; each has a threshold of its own in DEVICE and HOST. An item that differs the
other way, a calmer machine under a slow repeat, explains nothing and is not named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from app.analysis.judging.machine_cautions import used_devices
from app.analysis.machine.state import DeviceState, HostState
from app.analysis.summary.metrics import Metric
from app.analysis.summary.report import RunSummary
from app.session.results.caution import Caution
from app.text.numbers import bytes_text, percent, rate

FAR: Final = 0.02
SMALL: Final = 0.005
SEVERAL: Final = 6
"""The MAD of fewer says nothing."""
ROBUST: Final = 3 * 1.4826
FEWEST: Final = 3
"""Of two repeats nobody knows which one differs."""

MIB: Final = 2**20

_CLOCKS: Final = "let the device cool down or fix its clocks (`nvidia-smi -lgc`), and repeat"
_LIMIT: Final = "leave the power limit alone while a session runs"
_OTHERS: Final = "leave the machine to the benchmark, and repeat"
_MEMORY: Final = "free memory, and repeat"


class Item(NamedTuple):
    """One thing about a device or a host."""

    name: str
    field: str
    text: Callable[[float], str]
    """A value with its unit."""
    apart: float
    """Two values that are further from each other than this differ."""
    remedy: str
    relative: bool = False
    """Whether `apart` is a part of the value."""
    more_is_faster: bool = False
    """Else more of it can only make a run slower."""

    def explains(self, value: float, other: float, *, slow: bool) -> bool:
        """Whether two values are apart, in the direction that makes the first one's run slow, or fast."""
        less = value < other
        apart = abs(value - other) > self.apart * (abs(other) if self.relative else 1)
        return apart and slow == (less == self.more_is_faster)


def _mhz(value: float) -> str:
    return f"{value:,.0f} MHz"


def _share(value: float) -> str:
    return f"{percent(100 * value)} of the time"


DEVICE: Final = (
    # Clocks go in steps of 15 MHz, of about 1,980: 0.75 %.
    Item("SM clock", "sm_clock_mhz", _mhz, 0.01, _CLOCKS, relative=True, more_is_faster=True),
    Item("memory clock", "memory_clock_mhz", _mhz, 0.01, _CLOCKS, relative=True, more_is_faster=True),
    # A board near its limit meets it now and then in every repeat.
    Item("power cap", "power_capped_fraction", _share, 0.1, _CLOCKS),
    Item("clocks held down", "otherwise_held_fraction", _share, 0.1, _CLOCKS),
    Item("power limit", "power_limit_w", lambda value: f"{value:,.0f} W", 0.5, _LIMIT, more_is_faster=True),
    # Less than that is how repeats of one hot device differ.
    Item("temperature", "temperature_max_c", lambda value: f"{value:.0f} °C", 5, _CLOCKS),
    Item("other processes", "foreign_processes", lambda value: f"{value:.0f}", 0.5, _OTHERS),
    Item("memory of others", "foreign_memory_bytes", bytes_text, 256 * MIB, _OTHERS),
)
HOST: Final = (
    Item("CPU clock", "frequency_mhz", _mhz, 0.02, _OTHERS, relative=True, more_is_faster=True),
    # Per cent of all processors' time: as much as the smallest difference that is looked for.
    Item("CPU steal", "cpu_steal_percent", percent, 1, "measure on a machine whose processors are its own"),
    # Less is what daemons take, and a worker's own load is known to some hundredths.
    Item("busy for others", "other_processors", lambda value: f"{value:.1f} processors", 0.3, _OTHERS),
    # These are means over 10 s that lag, of time in which any task waited: a backup shows, a log line does not.
    Item("CPU pressure", "cpu_pressure_percent", percent, 10, _OTHERS),
    Item("memory pressure", "memory_pressure_percent", percent, 1, _MEMORY),
    Item("I/O pressure", "io_pressure_percent", percent, 5, _OTHERS),
    Item("swap in", "swap_in_bytes_per_s", rate, 1e6, _MEMORY),
    Item("swap out", "swap_out_bytes_per_s", rate, 1e6, _MEMORY),
    Item("swap used", "swap_used_bytes", bytes_text, 100 * MIB, _MEMORY),
)
"""Items by what they are of, the likelier causes first."""


def state_cautions(
    runs: Sequence[RunSummary], repeats: Mapping[int, int], metric: Metric, variant: int
) -> tuple[Caution, ...]:
    """Of the runs of one variant that are done. `repeats`: the number of each among them, by its run."""
    values = {run.run: value for run in runs if (value := metric.read(run)) is not None}
    away = deviating(values)
    usual = [run for run in runs if run.run in values and run.run not in away]
    found = []
    for run in runs:
        if run.run not in away or not usual:
            continue
        slow = (away[run.run] < 0) == (metric.better == "higher")
        differences = list(_differences(run, usual, slow=slow))
        if differences:
            far = percent(100 * abs(away[run.run]))
            said = f"repeat {repeats[run.run]} is {far} {'slower' if slow else 'faster'} than the median"
            message = f"{said}; {', '.join(text for text, _ in differences)}"
            found.append(Caution("state-differs", message, differences[0][1].remedy, run.run, variant))
    return tuple(found)


def deviating(values: Mapping[int, float]) -> dict[int, float]:
    """Of values by run those that are off their median, with the part of it that they are off by."""
    if len(values) < FEWEST or not (middle := median(values.values())):
        return {}
    spread = ROBUST * median(abs(value - middle) for value in values.values()) / abs(middle)
    least = max(SMALL, spread) if len(values) >= SEVERAL else FAR
    parts = {run: (value - middle) / abs(middle) for run, value in values.items()}
    return {run: part for run, part in parts.items() if abs(part) > min(FAR, least)}


def _differences(run: RunSummary, usual: Sequence[RunSummary], *, slow: bool) -> Iterator[tuple[str, Item]]:
    mine, theirs = _states(run), [_states(other) for other in usual]
    several = sum(isinstance(state, DeviceState) for state in mine.values()) > 1
    for name, state in mine.items():
        for item in DEVICE if isinstance(state, DeviceState) else HOST:
            value = _value(state, item)
            others = [known for each in theirs if name in each and (known := _value(each[name], item)) is not None]
            if value is None or not others or not item.explains(value, other := median(others), slow=slow):
                continue
            where = f"{name} " if several or ":" in name else ""
            yield f"{where}{item.name} {item.text(value)} against {_bare(item.text(other))}", item


def _bare(text: str) -> str:
    """Without the unit, which was just said; per cent are said again."""
    return next(
        (
            text.removesuffix(unit)
            for unit in (" MHz", " W", " °C", " of the time", " processors")
            if text.endswith(unit)
        ),
        text,
    )


def _states(run: RunSummary) -> dict[str, DeviceState | HostState]:
    if run.state is None:
        return {}
    devices = {device.device: device for device in used_devices(run.started, run.state)}
    return {**devices, **{host.host: host for host in run.state.hosts}}


def _value(state: DeviceState | HostState, item: Item) -> float | None:
    value = getattr(state, item.field, None)
    return None if value is None else float(value)
