"""Which accelerators a run works on, and which processors it may use. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from app.verdicts.gathering.gauges import Cells
from workloads.wire.frames import DeviceFacts, Fingerprint, Hello, RunStarted

OWN: Final = "own_processes"
VISIBLE: Final = "CUDA_VISIBLE_DEVICES"


def devices_of(
    started: RunStarted | None,
    workers: Mapping[int, Hello],
    facts: Mapping[str, DeviceFacts],
    prefixes: Mapping[str, str],
    cells: Cells,
) -> tuple[str, ...]:
    """The accelerators that a run works on, where that is known; else all. None for a run on the processor.

    `workers`: rank → who it is; `prefixes`: host → what stands before the names of its devices. Best known is on which
    devices the run's own processes hold memory; else each rank has the one of its place on its host.
    """
    names = sorted({name for name in cells if _is_gpu(name)} | set(facts), key=_place)
    if started is not None and started.device == "cpu":
        return ()
    owned = tuple(name for name in names if (stat := cells.get(name)) and (own := stat.stats.get(OWN)) and own.largest)
    if owned:
        return owned
    if started is None or not started.device.startswith("cuda") or not workers:
        return tuple(names)
    first = started.device.partition(":")[2]
    places = _places_on_hosts(workers)
    found = [
        _device_of(hello, (int(first) if first.isdigit() else 0) + places[rank], facts, prefixes)
        for rank, hello in workers.items()
    ]
    known = {name for name in found if name is not None}
    return tuple(name for name in names if name in known) if known and None not in found else tuple(names)


def processors(fingerprints: Sequence[Fingerprint]) -> tuple[int | None, int | None]:
    """Logical processors that the workload may use, and physical cores: what the first says that knows.

    A limit of the control group counts as so many processors, rounded up: a part of one is used in turns.
    """
    threads = next((each.threads for each in fingerprints if each.threads), None)
    cores = next((each.cores for each in fingerprints if each.cores), None)
    limit = next((each.cpu_limit for each in fingerprints if each.cpu_limit), None)
    if threads is not None and limit is not None:
        threads = max(1, min(threads, -int(-limit // 1)))
    return threads, cores


def _places_on_hosts(workers: Mapping[int, Hello]) -> dict[int, int]:
    """Rank → which of the ranks on its host it is, from 0."""
    places, on_host = {}, Counter[str]()
    for rank in sorted(workers):
        places[rank] = on_host[workers[rank].host]
        on_host[workers[rank].host] += 1
    return places


def _device_of(hello: Hello, index: int, facts: Mapping[str, DeviceFacts], prefixes: Mapping[str, str]) -> str | None:
    """The device that torch calls `cuda:index` there, as gauges name it; None where that cannot be told."""
    prefix = prefixes.get(hello.host, "")
    visible = hello.fingerprint.environment.get(VISIBLE)
    if visible is not None:
        listed = [name.strip() for name in visible.split(",")]
        if index >= len(listed):
            return None
        if not listed[index].isdigit():  # by its number that never changes: GPU-…
            return next(
                (name for name, each in facts.items() if each.uuid and each.uuid.startswith(listed[index])), None
            )
        index = int(listed[index])
    name = f"{prefix}gpu{index}"
    return name if name in facts else None


def _is_gpu(device: str) -> bool:
    return device.rpartition(":")[2].startswith("gpu")


def _place(device: str) -> tuple[str, int, str]:
    node, _, name = device.rpartition(":")
    number = name.removeprefix("gpu")
    return node, int(number) if number.isdigit() else 0, name
