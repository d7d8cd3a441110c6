"""Experiments in words. Standard library only."""

from __future__ import annotations

from workloads.entries.experiments import SETTINGS


def setting_text(experiment: str) -> str:
    """What an experiment changes; its name where nobody knows."""
    return SETTINGS.get(experiment, experiment)
