"""The columns of Steps and Requests that have an item for each step or request, by name.

Not among them: whose they are, and the gaps between tokens, of which a request has none or many.
"""

from __future__ import annotations

from typing import Final

from workloads.wire.frames import Requests, Steps

ITEM_COLUMNS: Final[dict[type[Steps] | type[Requests], tuple[str, ...]]] = {
    kind: tuple(name for name in kind.__struct_fields__ if name not in ("run", "rank", "passes", "itl_ns"))
    for kind in (Steps, Requests)
}
