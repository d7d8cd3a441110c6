"""Rules about several ranks: one that the others wait for, or an exchange that all of them wait for."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.ranks.communication import communication_bound
from app.verdicts.rules.ranks.straggler import straggler

RULES: Final[tuple[Rule, ...]] = (straggler, communication_bound)
