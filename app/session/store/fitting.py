"""Whether the columns of a frame fit together: a journal may be damaged, or come from a stranger."""

from __future__ import annotations

from workloads.wire.columns import length
from workloads.wire.frames import Requests, Steps
from workloads.wire.items import ITEM_COLUMNS


def check_columns(frame: Steps | Requests) -> None:
    """Raises ValueError where a column is none, or is not as long as the others. No item is looked at."""
    columns = (getattr(frame, name) for name in ITEM_COLUMNS[type(frame)])
    if len({length(column) for column in columns if column is not None}) > 1:
        raise ValueError("the columns of a frame are not of one length")
