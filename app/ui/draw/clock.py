"""Instants of the host's monotonic clock as a person reads them. `zone` None is the viewer's own."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from app.session.live.view import View


def clock_text(view: View, at_ns: int, zone: tzinfo | None) -> str:
    """`12:04:41`."""
    wall = datetime.fromtimestamp((at_ns + view.wall_offset_ns) // 1_000_000_000, UTC)
    return f"{wall.astimezone(zone):%H:%M:%S}"


def instant_text(view: View, at_ns: int, zone: tzinfo | None) -> str:
    """`12:03:04.123`."""
    wall = datetime.fromtimestamp((at_ns + view.wall_offset_ns) / 1e9, UTC).astimezone(zone)
    return f"{wall:%H:%M:%S}.{wall.microsecond // 1000:03d}"
