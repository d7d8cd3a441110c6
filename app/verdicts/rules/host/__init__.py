"""Rules about the host: what keeps the device, or the arithmetic, waiting."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.host.collection import garbage_collection
from app.verdicts.rules.host.contention import cpu_contention
from app.verdicts.rules.host.input import input_bound
from app.verdicts.rules.host.launch import launch_bound
from app.verdicts.rules.host.recompiling import recompiling
from app.verdicts.rules.host.swapping import swapping
from app.verdicts.rules.host.sync import sync_bound
from app.verdicts.rules.host.threads import too_many_threads
from app.verdicts.rules.host.transfer import transfer_bound

RULES: Final[tuple[Rule, ...]] = (
    input_bound,
    launch_bound,
    sync_bound,
    transfer_bound,
    recompiling,
    garbage_collection,
    cpu_contention,
    too_many_threads,
    swapping,
)
