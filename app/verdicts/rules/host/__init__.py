"""Rules about the host: what keeps the device, or the arithmetic, waiting."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.host.collection import garbage_collection

RULES: Final[tuple[Rule, ...]] = (garbage_collection,)
