"""Rules about how a run goes on: what comes back again and again, and what slowly changes."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.over_time.drift import drift
from app.verdicts.rules.over_time.growth import memory_growth
from app.verdicts.rules.over_time.stalls import periodic_stall
from app.verdicts.rules.over_time.warming import warming_up

RULES: Final[tuple[Rule, ...]] = (periodic_stall, drift, memory_growth, warming_up)
