"""All rules, by side. Order does not matter: the engine ranks."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules import device, host, inference, over_time, ranks

ALL: Final[tuple[Rule, ...]] = (*host.RULES, *over_time.RULES, *device.RULES, *ranks.RULES, *inference.RULES)
"""Each gives its verdict, says what it misses, or has nothing to say."""
