"""Whether the columns of a frame fit together: a journal may be damaged, or come from a stranger."""

from __future__ import annotations

from typing import Final

from workloads.wire.columns import length
from workloads.wire.frames import Requests, Steps

_COLUMNS: Final = {
    kind: tuple(name for name in kind.__struct_fields__ if name not in ("run", "rank", "passes", "itl_ns"))
    for kind in (Steps, Requests)
}
"""Those that have an item a row; the gaps between tokens have none or many."""


def check_columns(frame: Steps | Requests) -> None:
    """Raises ValueError where a column is none, or is not as long as the others. No item is looked at."""
    columns = (getattr(frame, name) for name in _COLUMNS[type(frame)])
    if len({length(column) for column in columns if column is not None}) > 1:
        raise ValueError("the columns of a frame are not of one length")
