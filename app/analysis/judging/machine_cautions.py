"""What a reader of a run must be warned of because of the machine that it ran on: somebody else was there too.

| kind | rule | why this much |
|---|---|---|
| foreign-process | a process of others on a device of the run, in more than 1 % of the readings | one is enough |
| cpu-steal | more than 1 % of all processors' time | as much as the smallest difference that is looked for |
| swapping | more than 1 MB/s in or out | 250 pages a second: each takes a disk's time from somebody |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from app.analysis.machine.state import DeviceState, MachineState
from app.session.results.caution import Caution, CautionKind
from app.text.numbers import bytes_text, percent, rate
from workloads.wire.frames import RunStarted

OFTEN: Final = 0.01
STEAL_PERCENT: Final = 1.0
SWAP_BYTES_PER_S: Final = 1e6

KINDS: Final[tuple[CautionKind, ...]] = ("foreign-process", "cpu-steal", "swapping")


def used_devices(started: RunStarted | None, state: MachineState) -> tuple[DeviceState, ...]:
    """The accelerators that a run was on, as far as that can be told: CUDA may number them otherwise than the driver.

    Those that its processes are on; where the driver does not say, those that were busy; else all.
    """
    if started is None or not started.device.startswith("cuda"):
        return ()
    own = tuple(device for device in state.devices if device.own_processes)
    return own or tuple(device for device in state.devices if device.utilization_percent) or state.devices


def machine_cautions(run: int, started: RunStarted | None, state: MachineState | None) -> tuple[Caution, ...]:
    """Of one run."""
    if state is None:
        return ()
    return (*_foreign(run, used_devices(started, state)), *_steal(run, state), *_swapping(run, state))


def shared_cautions(repeats: Sequence[tuple[int, Sequence[Caution]]], variant: int) -> Iterator[Caution]:
    """Of the repeats of a variant with their cautions: one of each kind, which names the repeats."""
    for kind in KINDS:
        found = [(repeat, caution) for repeat, cautions in repeats for caution in cautions if caution.kind == kind]
        if not found:
            continue
        numbers = list(dict.fromkeys(repeat for repeat, _ in found))
        whose = "every repeat" if len(numbers) == len(repeats) else f"repeat {', '.join(map(str, numbers))}"
        yield Caution(kind, f"{whose}: {found[0][1].message}", found[0][1].remedy, variant=variant)


def _foreign(run: int, devices: Sequence[DeviceState]) -> Iterator[Caution]:
    for device in devices:
        if not device.foreign_processes or (device.foreign_fraction or 0) <= OFTEN:
            continue
        several = device.foreign_processes > 1
        who = f"{device.foreign_processes:,} other processes were" if several else "another process was"
        them = "them" if several else "it"
        held = f" and held {bytes_text(device.foreign_memory_bytes)}" if device.foreign_memory_bytes else ""
        yield Caution(
            "foreign-process",
            f"{who} on {device.device}{held}",
            f"`nvidia-smi` names {them}: end {them}, or use another device",
            run=run,
        )


def _steal(run: int, state: MachineState) -> Iterator[Caution]:
    for host in state.hosts:
        if (stolen := host.cpu_steal_percent) is not None and stolen > STEAL_PERCENT:
            yield Caution(
                "cpu-steal",
                f"the hypervisor of {host.host} ran others for {percent(stolen)} of the processors' time",
                "measure on a machine whose processors are its own",
                run=run,
            )


def _swapping(run: int, state: MachineState) -> Iterator[Caution]:
    for host in state.hosts:
        moved = max(host.swap_in_bytes_per_s or 0.0, host.swap_out_bytes_per_s or 0.0)
        if moved > SWAP_BYTES_PER_S:
            yield Caution(
                "swapping",
                f"{host.host} moved {rate(moved)} between memory and swap",
                "free memory, or measure something smaller",
                run=run,
            )
