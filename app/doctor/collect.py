"""Puts the diagnosis together: facts from each place, then advice from the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from app.doctor.advice import advise
from app.doctor.devices import with_devices
from app.doctor.diagnosis import Diagnosis, Facts
from app.doctor.machine import on_battery, processors, sessions_folder, terminal
from app.doctor.torch_probe import TORCH_COMMAND, probe_torch
from app.session.planning.plan import MODULE_COMMAND

SAMPLER_COMMAND = (*MODULE_COMMAND, "app.telemetry", "--once")
SAMPLER_S = 20.0
"""A driver that is not kept loaded takes seconds to start, a machine with eight devices more."""
TORCH_S = 90.0
"""The first import from a slow disk."""


def collect(
    home: Path,
    *,
    environment: Mapping[str, str],
    sampler: Sequence[str] = SAMPLER_COMMAND,
    torch: Sequence[str] = TORCH_COMMAND,
    sampler_s: float = SAMPLER_S,
    torch_s: float = TORCH_S,
    proc: Path = Path("/proc"),
    sys: Path = Path("/sys"),
) -> Diagnosis:
    """Look at the machine. `home` is the folder of sessions. Takes as long as importing torch does."""
    facts = Facts(
        processors=processors(proc, sys),
        on_battery=on_battery(sys),
        sessions=sessions_folder(home),
        terminal=terminal(environment),
    )
    # The load is read before torch is imported, which is a load of its own.
    facts = with_devices(facts, sampler, sampler_s)
    facts = msgspec.structs.replace(facts, torch=probe_torch(torch, torch_s))
    return Diagnosis(facts=facts, advice=advise(facts))
