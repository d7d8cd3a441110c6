"""Rules about serving: whether the load, the queue, the batch or a phase of telling text is the limit."""

from __future__ import annotations

from typing import Final

from app.verdicts.rule import Rule
from app.verdicts.rules.inference.batch import batch_too_small
from app.verdicts.rules.inference.decode import decode_bandwidth_bound
from app.verdicts.rules.inference.generator import generator_limited
from app.verdicts.rules.inference.loading import input_bound_serving
from app.verdicts.rules.inference.prefill import prefill_compute_bound
from app.verdicts.rules.inference.queue import queue_saturated

RULES: Final[tuple[Rule, ...]] = (
    generator_limited,
    input_bound_serving,
    queue_saturated,
    batch_too_small,
    prefill_compute_bound,
    decode_bandwidth_bound,
)
