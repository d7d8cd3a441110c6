"""Everything that is known of where and how a run was made, as names and texts: what two runs are held against.

Some facts are left out since they differ without meaning anything: process ids, the folders of sessions, the link's
generation at one instant (an idle link slows down), interfaces that exist for one container.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Final, NamedTuple

from app.session.planning.plan import PlannedRun
from app.session.store.manifest import Manifest, RunRecord
from app.text.numbers import bytes_text, significant
from workloads.wire.frames import DeviceFacts, Fingerprint, Hello, NetworkInterface, RunStarted, Value

UNLIMITED: Final = "no limit"
OF_SESSION: Final = "trained in the same session"
_PASSING: Final = ("veth", "docker", "br-", "virbr", "cni", "cali", "flannel")
"""Interfaces of containers begin so."""


class Fact(NamedTuple):
    """One of them."""

    text: str
    group: str = ""
    """`packages`, `environment`, `parameters`; empty: it stands for itself."""


Facts = dict[str, Fact]


def facts_of(manifest: Manifest, record: RunRecord, planned: PlannedRun | None) -> Facts:
    """Of one run. What is not known is not there."""
    samplers = {hello.host: hello for hello in manifest.hellos if hello.role == "sampler"}
    worker = _hello(manifest.hellos, "worker", record.run)
    conductor = _hello(manifest.hellos, "conductor")
    started = record.started
    facts: Facts = {}
    if started is not None:
        facts |= _of_run(started, planned)
    # By name: which host speaks first is chance.
    facts |= _together([_of_host(samplers[host]) for host in sorted(samplers)])
    if manifest.scrubbed:
        facts.pop("host", None)  # `host-1` of two packs need not be one
    if started is not None and started.device.startswith("cuda"):
        devices = [device for device in manifest.devices if device.name == started.device_name]
        facts |= _of_devices(sorted(devices, key=lambda device: device.device))
    if worker is not None:
        facts |= _of_worker(worker.fingerprint)
    if conductor is not None:
        facts |= _texts(
            git_commit=conductor.fingerprint.git_commit,
            git_changes=_changes(conductor.fingerprint.git_changes),
        )
    return facts | _texts(telemetry_hz=f"{manifest.plan.telemetry_hz:g}")


def _hello(hellos: Iterable[Hello], role: str, run: int | None = None) -> Hello | None:
    """The last of its kind, which knows most: a worker speaks again once it has torch. Of several ranks the first."""
    found = [hello for hello in hellos if hello.role == role and hello.rank == 0 and run in (None, hello.run)]
    return found[-1] if found else None


def _of_run(started: RunStarted, planned: PlannedRun | None) -> Facts:
    facts = {
        name: Fact(_parameter(name, value), "parameters")
        for name, value in started.parameters.items()
        # These two are told by what was really used.
        if name not in ("device", "threads")
    }
    length = planned and _texts(duration_s=planned.duration_s, steps=planned.steps, warmup=planned.warmup)
    return {
        **facts,
        **(length or {}),
        **_texts(
            device=started.device.partition(":")[0],
            precision=started.precision,
            seed=started.seed,
            ranks=started.ranks,
            data_sha256=started.data_sha256 and started.data_sha256[:12],
        ),
    }


def _parameter(name: str, value: Value) -> str:
    """As text; weights that a run of the same session left are called that, whatever their folder."""
    if name == "weights" and PurePath(str(value)).name.startswith("weights-"):
        return OF_SESSION
    return str(value)


def _of_host(hello: Hello) -> Facts:
    told = hello.fingerprint
    facts = _texts(
        host=hello.host,
        platform=told.platform,
        cpu=told.cpu,
        cores=told.cores,
        threads=told.threads,
        memory=_bytes(told.memory_bytes),
        governor=told.governor,
        kernel=told.kernel,
        cpu_set=told.cpu_set,
    )
    if told.kernel is not None:  # before it was told, nor were limits, and None would mean that there are none
        facts |= _texts(
            cpu_limit=UNLIMITED if told.cpu_limit is None else f"{told.cpu_limit:g} processors",
            memory_limit=_bytes(told.memory_limit_bytes) or UNLIMITED,
            interfaces=", ".join(_interfaces(told.interfaces)) or "none",
        )
    return facts


def _interfaces(cards: Iterable[NetworkInterface]) -> Iterator[str]:
    for card in cards:
        if card.speed_bits_per_s and not card.name.startswith(_PASSING):
            yield f"{card.name} {significant(card.speed_bits_per_s / 1e9)} Gbit/s"


def _of_devices(devices: list[DeviceFacts]) -> Facts:
    """Those that a run may have used."""
    facts = _together([_texts(**dict(_of_device(device))) for device in devices])
    return facts | (_texts(gpus=len(devices)) if devices else {})


def _together(each: list[Facts]) -> Facts:
    """Of several hosts or devices; what they do not have in common is told as all of it."""
    names = dict.fromkeys(name for facts in each for name in facts)
    return {name: Fact(", ".join(dict.fromkeys(facts[name].text for facts in each if name in facts))) for name in names}


def _of_device(facts: DeviceFacts) -> Iterator[tuple[str, str | None]]:
    yield "gpu", facts.name
    yield "gpu_uuid", facts.uuid
    yield "gpu_memory", _bytes(facts.memory_bytes)
    yield "driver", facts.driver
    yield "vbios", facts.vbios
    yield "inforom", facts.inforom
    yield "power_limit", None if facts.power_limit_w is None else f"{facts.power_limit_w:g} W"
    yield "sm_clock_limit", _mhz(facts.sm_clock_limit_mhz)
    yield "memory_clock_limit", _mhz(facts.memory_clock_limit_mhz)
    yield "sm_clock_application", _mhz(facts.sm_clock_application_mhz)
    yield "memory_clock_application", _mhz(facts.memory_clock_application_mhz)
    yield "ecc", _switch(facts.ecc)
    yield "mig", _switch(facts.mig)
    yield "persistence", _switch(facts.persistence)
    yield "pcie_generation", _text(facts.pcie_generation)
    yield "pcie_width", _text(facts.pcie_width)
    yield "pcie_width_now", _text(facts.pcie_width_now)


def _of_worker(told: Fingerprint) -> Facts:
    packages = {
        name: Fact(version, "packages") for name, version in told.packages.items() if name not in ("torch", "benchtop")
    }
    environment = {name: Fact(value, "environment") for name, value in told.environment.items()}
    main = _texts(
        python=told.python,
        benchtop=told.benchtop,
        torch=told.torch,
        torch_threads=told.torch_threads,
        cuda=told.cuda,
        cudnn=told.cudnn,
        nccl=told.nccl,
    )
    return {**packages, **environment, **main}


def _changes(digest: str | None) -> str | None:
    return None if digest is None else f"changed ({digest})" if digest else "none"


def _texts(**facts: str | float | None) -> Facts:
    return {name: Fact(str(value)) for name, value in facts.items() if value is not None}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _bytes(value: int | None) -> str | None:
    return None if value is None else bytes_text(value)


def _mhz(value: int | None) -> str | None:
    return None if value is None else f"{value:,} MHz"


def _switch(on: bool | None) -> str | None:
    return None if on is None else "on" if on else "off"
