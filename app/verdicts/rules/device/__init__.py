"""Rules about the device: whether it is at a limit, at which, and whether that is one it has to be at."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.device.allocator import allocator_churn
from app.verdicts.rules.device.bandwidth import bandwidth_bound
from app.verdicts.rules.device.compute import compute_bound
from app.verdicts.rules.device.memory import memory_nearly_full
from app.verdicts.rules.device.occupancy import low_occupancy
from app.verdicts.rules.device.power import power_capped
from app.verdicts.rules.device.tensor_cores import tensor_cores_unused
from app.verdicts.rules.device.thermal import thermally_throttled

RULES: Final[tuple[Rule, ...]] = (
    compute_bound,
    bandwidth_bound,
    low_occupancy,
    tensor_cores_unused,
    power_capped,
    thermally_throttled,
    memory_nearly_full,
    allocator_churn,
)
