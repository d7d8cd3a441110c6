"""All rules, by side: `host`, `over_time`, and what stands beside them. Order does not matter: the engine ranks."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules import device, host

ALL: Final[tuple[Rule, ...]] = (*host.RULES, *device.RULES)
"""Each gives its verdict, says what it misses, or has nothing to say."""
