"""The diagnosis: facts about the machine, and advice that follows from them. The JSON document of `doctor --json`."""

from __future__ import annotations

from typing import Literal

import msgspec

from workloads.wire.frames import DeviceFacts, Fingerprint, GpuProcess

Severity = Literal["ok", "warning", "problem"]


class Advice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding."""

    severity: Severity
    """`warning`: numbers will be worse, or missing. `problem`: something will not work."""
    what: str
    remedy: str = ""
    """What to do about it; empty where nothing needs doing."""


class Gpu(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One device, as it is now."""

    facts: DeviceFacts
    readings: dict[str, float] = {}
    absent: dict[str, str] = {}
    processes: tuple[GpuProcess, ...] | None = None
    """None when the driver does not say."""


class Torch(msgspec.Struct, frozen=True, kw_only=True):
    """torch, asked in a process of its own."""

    version: str | None = None
    """None when it cannot be imported."""
    built_for_cuda: str | None = None
    cuda_usable: bool = False
    devices: int = 0
    """CUDA devices that it can use."""
    reason: str = ""
    """Why it cannot be imported, or why CUDA cannot be used."""


class Processors(msgspec.Struct, frozen=True, kw_only=True):
    """How many processors there are, and how many of them a benchmark gets."""

    machine: int | None = None
    """Logical processors of the machine."""
    allowed: int | None = None
    """Those that this process may run on (its affinity)."""
    quota: float | None = None
    """Processors' worth of time that the control group may use; None: no limit."""
    load_1m: float | None = None
    """Mean number of tasks that ran or wanted to run, over the last minute."""


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """Where sessions are written."""

    path: str
    free_bytes: int | None = None
    """None when it cannot be made or asked; `reason` says why."""
    reason: str = ""


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says about the terminal."""

    name: str
    colours: int
    """0: none."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. None and empty: it could not be found out."""

    host: str = ""
    fingerprint: Fingerprint = Fingerprint()
    """As the sampler sees the machine."""
    sampler_trouble: str = ""
    """Why there is no whole reading; empty when there is one."""
    gpus: tuple[Gpu, ...] = ()
    readings: dict[str, float] = {}
    """The host's gauges."""
    processors: Processors = Processors()
    on_battery: bool | None = None
    """None: there is no battery."""
    torch: Torch = Torch()
    sessions: Folder = Folder(path="")
    terminal: Terminal = Terminal(name="", colours=0)


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the doctor has to say."""

    facts: Facts
    advice: tuple[Advice, ...]
    """Problems first, then warnings, then what is well."""
