"""From facts to advice: each check is a function of the facts alone, and says what to do about what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from app.doctor.advice_gpu import check_gpus
from app.doctor.diagnosis import Advice, Facts
from app.text.numbers import bytes_text, percent

GIB: Final = 2**30
_ORDER: Final = ("problem", "warning", "ok")


def advise(facts: Facts) -> tuple[Advice, ...]:
    """Every check's advice, problems first."""
    found = [advice for check in CHECKS for advice in check(facts)]
    return tuple(sorted(found, key=lambda advice: _ORDER.index(advice.severity)))


def check_sampler(facts: Facts) -> Iterator[Advice]:
    """Whether devices and host can be read at all."""
    if facts.sampler_trouble:
        yield Advice(
            "problem",
            f"the sampler gives no whole reading: {facts.sampler_trouble}",
            "try `nvidia-smi`; if it hangs too, the driver needs a restart of the machine",
        )


def check_torch(facts: Facts) -> Iterator[Advice]:
    """Whether workloads can run, and on the GPU."""
    torch = facts.torch
    if torch.version is None:
        yield Advice("problem", f"torch cannot be used: {torch.reason}", "install benchtop anew, or torch beside it")
    elif torch.cuda_usable:
        yield Advice("ok", f"torch {torch.version} can use CUDA on {torch.devices} of {len(facts.gpus)} devices")
    elif facts.gpus:
        yield Advice(
            "problem",
            f"torch {torch.version} cannot use the GPU: {torch.reason}",
            "install a torch build for the CUDA version of this driver; until then workloads run on the CPU",
        )
    else:
        yield Advice("ok", f"torch {torch.version} runs on the CPU")


def check_governor(facts: Facts) -> Iterator[Advice]:
    """Whether the processors may run at full speed."""
    governor = facts.fingerprint.governor
    if governor == "powersave":
        yield Advice(
            "warning",
            "the processors' governor is powersave: clocks rise late, and timings spread",
            "sudo cpupower frequency-set --governor performance",
        )
    elif governor is not None:
        yield Advice("ok", f"the processors' governor is {governor}")


def check_processors(facts: Facts) -> Iterator[Advice]:
    """Whether a benchmark gets the processors that the machine has."""
    found = facts.processors
    if found.machine and found.allowed and found.allowed < found.machine:
        yield Advice(
            "warning",
            f"only {found.allowed} of the machine's {found.machine} processors may be used (affinity)",
            "start benchtop without taskset, or give the container more with --cpuset-cpus",
        )
    if found.quota is not None and found.quota < (found.allowed or found.machine or found.quota + 1):
        yield Advice(
            "warning",
            f"a quota allows {found.quota:g} processors' worth of time: what needs more is stopped in mid-step",
            "raise the limit of the container or service (--cpus, CPUQuota=, resources.limits.cpu)",
        )


def check_load(facts: Facts) -> Iterator[Advice]:
    """Whether others use the processors now."""
    load, minute = facts.readings.get("cpu_percent"), facts.processors.load_1m
    count = facts.processors.machine or 1
    if load is not None and load > 10:
        yield Advice("warning", f"other programs use {percent(load)} of the processors", "find them with `top`")
    elif minute is not None and minute / count > 0.5:
        yield Advice(
            "warning",
            f"over the last minute {minute:g} tasks ran on {count} processors",
            "wait until the machine is quiet, or find them with `top`",
        )
    elif load is not None:
        yield Advice("ok", f"the machine is quiet: {percent(load)} of the processors are in use")


def check_memory(facts: Facts) -> Iterator[Advice]:
    """Whether there is room, and whether some of it is on a disk."""
    available, total = (facts.readings.get(f"memory_{kind}_bytes") for kind in ("available", "total"))
    if available is not None and total is not None:
        amount = f"{bytes_text(available)} of {bytes_text(total)} memory are available"
        if available < 0.5 * GIB:
            yield Advice("problem", f"only {amount}: a worker will be killed", "end what holds it; `top -o %MEM`")
        elif available < max(2 * GIB, 0.1 * total):
            yield Advice("warning", f"only {amount}", "end what holds it; `top -o %MEM` shows it")
        else:
            yield Advice("ok", amount)
    swap = facts.readings.get("swap_used_bytes", 0.0)
    if swap > 64 * 2**20:
        yield Advice(
            "warning",
            f"{bytes_text(swap)} are swapped out: what touches them waits for a disk",
            "free memory, then `sudo swapoff -a && sudo swapon -a`",
        )


def check_battery(facts: Facts) -> Iterator[Advice]:
    """Whether the machine saves power because it must."""
    if facts.on_battery:
        yield Advice("warning", "the machine runs on its battery, and saves power", "plug it in")


def check_disk(facts: Facts) -> Iterator[Advice]:
    """Whether sessions have somewhere to go."""
    folder = facts.sessions
    elsewhere = "free some, or set BENCHTOP_HOME to a folder on another disk"
    if folder.free_bytes is None:
        yield Advice("problem", f"sessions cannot be written to {folder.path}: {folder.reason}", elsewhere)
    elif folder.free_bytes < GIB:
        yield Advice("problem", f"only {bytes_text(folder.free_bytes)} are free for sessions", elsewhere)
    elif folder.free_bytes < 5 * GIB:
        yield Advice("warning", f"only {bytes_text(folder.free_bytes)} are free for sessions", elsewhere)
    else:
        yield Advice("ok", f"{bytes_text(folder.free_bytes)} are free for sessions")


def check_terminal(facts: Facts) -> Iterator[Advice]:
    """Whether the screen can be drawn as it is meant."""
    if facts.terminal.colours == 0:
        yield Advice(
            "warning",
            "the terminal shows no colours (TERM is empty or dumb, or NO_COLOR is set)",
            "use --headless, or a terminal that sets TERM",
        )
    elif facts.terminal.colours < 256:
        yield Advice("warning", f"the terminal shows {facts.terminal.colours} colours", "export TERM=xterm-256color")
    else:
        yield Advice("ok", f"the terminal shows {facts.terminal.colours:,} colours")


CHECKS: Final[tuple[Callable[[Facts], Iterator[Advice]], ...]] = (
    check_sampler,
    check_gpus,
    check_torch,
    check_governor,
    check_processors,
    check_load,
    check_memory,
    check_battery,
    check_disk,
    check_terminal,
)
"""In the order in which a person wants to read them."""
