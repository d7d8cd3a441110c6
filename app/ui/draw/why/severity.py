"""How the severity of a verdict is shown: by a sign and a style."""

from __future__ import annotations

from typing import Final

SEVERITIES: Final = {"info": ("✓", "good"), "warning": ("⚠", "warning"), "critical": ("✗", "failure")}
"""Severity → sign and style. `info` is as it should be."""
