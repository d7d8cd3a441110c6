"""Values of parameters as a person types them. Standard library only."""

from __future__ import annotations

from workloads.wire.frames import Value


def typed(value: Value) -> str:
    """`true`, `64`, `bfloat16`."""
    return str(value).lower() if isinstance(value, bool) else str(value)
