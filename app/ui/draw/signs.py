"""How the state of a run is shown in one cell."""

from __future__ import annotations

from typing import Final

from app.session.live.view import RunState

SIGNS: Final[dict[RunState, tuple[str, str]]] = {
    "planned": ("·", "label"),
    "starting": ("…", "label"),
    "running": ("▶", "value"),
    "done": ("✓", "good"),
    "failed": ("✗", "failure"),
    "interrupted": ("■", "warning"),
    "skipped": ("–", "label"),
}
"""State of a run → its sign and style."""
