"""The diagnosis as a person reads it: facts in a table, then advice with remedies. Text only, no colours."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor.diagnosis import Advice, Diagnosis, Facts, Gpu
from app.text.numbers import bytes_text, count, percent, rate

_MARKS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM"}


def text(diagnosis: Diagnosis) -> str:
    """All of it, without a line break at the end."""
    rows = [f"{name:<11} {value}" for name, value in _rows(diagnosis.facts) if value]
    advice = [line for one in diagnosis.advice for line in _advice(one)]
    return "\n".join([*rows, "", *advice])


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    found = facts.fingerprint
    yield "host", _joined(facts.host, found.platform, f"Python {found.python}" if found.python else None)
    yield "processor", _joined(found.cpu, *_processors(facts))
    yield "memory", _memory(facts)
    for gpu in facts.gpus:
        yield gpu.facts.device, _joined(gpu.facts.name, *_gpu_limits(gpu))
        yield "", _joined(*_gpu_now(gpu))
    yield "torch", _joined(facts.torch.version or "cannot be used", *_torch(facts))
    yield "sessions", facts.sessions.path
    yield "terminal", facts.terminal.name


def _processors(facts: Facts) -> Iterator[str]:
    if facts.fingerprint.cores:
        yield f"{facts.fingerprint.cores} cores"
    if facts.processors.machine:
        yield f"{facts.processors.machine} threads"
    if facts.fingerprint.governor:
        yield f"governor {facts.fingerprint.governor}"


def _memory(facts: Facts) -> str:
    available, total = (facts.readings.get(f"memory_{kind}_bytes") for kind in ("available", "total"))
    if available is None or total is None:
        return ""
    return _joined(
        f"{bytes_text(available)} of {bytes_text(total)} available",
        f"swap used {bytes_text(facts.readings.get('swap_used_bytes', 0.0))}",
    )


def _gpu_limits(gpu: Gpu) -> Iterator[str]:
    facts = gpu.facts
    if facts.memory_bytes:
        yield bytes_text(facts.memory_bytes)
    if facts.dram_limit_bytes_per_s:
        yield rate(facts.dram_limit_bytes_per_s)
    if facts.sm_clock_limit_mhz:
        yield f"up to {count(facts.sm_clock_limit_mhz)} MHz"
    if facts.power_limit_w:
        yield f"{count(facts.power_limit_w)} W"
    if facts.pcie_generation and facts.pcie_width:
        yield f"PCIe {facts.pcie_generation}.0 ×{facts.pcie_width}"


def _gpu_now(gpu: Gpu) -> Iterator[str]:
    facts, now = gpu.facts, gpu.readings
    if facts.driver:
        yield f"driver {facts.driver}"
    if facts.compute_capability:
        yield f"compute capability {facts.compute_capability}"
    if "utilization_percent" in now:
        yield f"GPU utilization {percent(now['utilization_percent'])}"
    if "temperature_c" in now:
        yield f"{now['temperature_c']:.0f} °C"
    if "power_w" in now:
        yield f"{now['power_w']:.0f} W now"
    yield "GPM" if facts.gpm else "no GPM"


def _torch(facts: Facts) -> Iterator[str]:
    if facts.torch.built_for_cuda:
        yield f"built for CUDA {facts.torch.built_for_cuda}"
    if facts.torch.reason:
        yield facts.torch.reason


def _advice(advice: Advice) -> Iterator[str]:
    yield f"{_MARKS[advice.severity]:<11} {advice.what}"
    if advice.remedy:
        yield f"{'':<11} → {advice.remedy}"


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
