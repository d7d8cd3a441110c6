"""Experiments in words. Standard library only; knows what `Try` names, and not how it is done."""

from __future__ import annotations

from typing import Final

SETTINGS: Final = {
    "resident-batch": "one resident batch again and again",
    "pinned-copies": "copies from pinned memory, overlapped with work",
    "double-batch": "twice the batch",
    "bfloat16": "matrix products in bfloat16",
    "tf32": "matrix products in tf32",
    "no-sync": "no reads that wait for the device",
    "cuda-graph": "the step as a CUDA graph",
}
"""Experiment → what it changes."""


def setting_text(experiment: str) -> str:
    """What an experiment changes; its name where nobody knows."""
    return SETTINGS.get(experiment, experiment)
