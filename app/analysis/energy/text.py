"""A run's energy as one line of `show`."""

from __future__ import annotations

from app.analysis.energy.making import Energy
from app.text.numbers import percent, significant

SMALL_J = 0.1
"""Below that millijoules are easier to read."""


def energy_text(energy: Energy, unit: str) -> str:
    """`gpu0 1,340 J, 1.34 J a sample ±0.4 % (by energy counter), 63.0 % of it above idling at 71 W`."""
    told = [f"{energy.device} {significant(energy.joules)} J"]
    # A request of one sample is the sample.
    same = energy.joules_per_request == energy.joules_per_sample
    each = (
        (energy.joules_per_sample, unit),
        (None if same else energy.joules_per_request, "request"),
        (energy.joules_per_token, "token"),
    )
    for joules, of in each:
        if joules is not None:
            told.append(f"{_joules(joules)} a {of}")
    error = f" ±{percent(energy.error_fraction * 100)}" if energy.error_fraction is not None else ""
    text = f"{', '.join(told)}{error} (by {energy.source})"
    if energy.idle_w is None or energy.above_idle_fraction is None:
        return text
    share = max(0.0, energy.above_idle_fraction)
    return f"{text}, {percent(share * 100)} of it above idling at {energy.idle_w:.0f} W"


def _joules(joules: float) -> str:
    return f"{significant(joules * 1e3)} mJ" if joules < SMALL_J else f"{significant(joules)} J"
