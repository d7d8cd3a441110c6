"""What `benchtop run` was asked for, as typed, and the limits of its numbers."""

from __future__ import annotations

import msgspec

from app.session.planning.plan import SMALLEST_MAX_BYTES
from app.text.numbers import bytes_text
from app.text.typed_amounts import size_bytes

MOST_RANKS = 1024
"""Workers that one run can have on a host."""

MOST_IDLE_S = 600
"""Seconds of the idle baseline."""


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `benchtop run` was asked for, as typed."""

    workloads: tuple[str, ...]
    """Names of the catalogue, or `probe` for all probes."""
    load: str | None = None
    """`KIND[:name=value,…]`, as typed: how requests come to every workload that serves."""
    settings: tuple[str, ...] = ()
    """`name=value` for every workload that has the parameter, or `workload.name=value` for one. Several values with a
    comma between them are a sweep."""
    name: str | None = None
    seed: int = 0
    duration_s: float | None = None
    steps: int | None = None
    warmup: int | None = None
    telemetry_hz: float = 4.0
    via: str | None = None
    """A command in front of worker and sampler, as typed."""
    via_python: str | None = None
    """The Python of benchtop behind it."""
    ranks: int = 1
    nodes: str | None = None
    """Hosts with a comma between them, as typed."""
    rendezvous: str | None = None
    """HOST:PORT at which their ranks find each other, as typed."""
    repeats: int | None = None
    """Measure everything so many times."""
    until: str | None = None
    """Repeat until the headline is known this well, as typed: `1%`."""
    max_repeats: int | None = None
    """But no more often than that."""
    slo: str | None = None
    """What requests must meet to be good, as typed: `p99<50ms`."""
    max_size: str | None = None
    """What the session's folder may take, as typed: `20GB`."""
    idle_s: float | None = None
    """Read the idle machine for so long before the first run; None: two seconds where anything tells of power."""


def check_limits(request: RunRequest) -> None:
    """Raises ValueError for a number that is out of range."""
    if request.duration_s is not None and not 0 < request.duration_s <= 7 * 86400:
        raise ValueError(f"--duration {request.duration_s:g}: give seconds, more than 0 and at most a week")
    if request.steps is not None and request.steps < 1:
        raise ValueError(f"--steps {request.steps}: give at least 1")
    if request.warmup is not None and request.warmup < 0:
        raise ValueError(f"--warmup {request.warmup}: give 0 or more steps")
    if not 0.1 <= request.telemetry_hz <= 50:
        raise ValueError(f"--telemetry-hz {request.telemetry_hz:g}: give 0.1 to 50 readings a second")
    if request.idle_s is not None and not 0 <= request.idle_s <= MOST_IDLE_S:
        raise ValueError(f"--idle {request.idle_s:g}: give 0 to {MOST_IDLE_S} seconds")
    if not 1 <= request.ranks <= MOST_RANKS:
        raise ValueError(f"--ranks {request.ranks}: give 1 to {MOST_RANKS}")
    if not 0 <= request.seed < 2**32:
        raise ValueError(f"--seed {request.seed}: give 0 to {2**32 - 1}")


def max_bytes_of(request: RunRequest) -> int | None:
    """What the session's folder may take; None: as much as there is. Raises ValueError."""
    if request.max_size is None:
        return None
    size = size_bytes(request.max_size)
    if size < SMALLEST_MAX_BYTES:
        raise ValueError(f"--max-size {request.max_size}: a session needs at least {bytes_text(SMALLEST_MAX_BYTES)}")
    return size
