"""What a saved session says: its tables, and all that is worked out from them. The only room that pays for Polars."""

import os
from typing import Final

READ_AHEAD: Final = "POLARS_ROW_GROUP_PREFETCH_SIZE"

# Polars would read eight row groups ahead and more, however large they are. Ours are of half a million rows: one is
# enough to keep it busy, and its memory is a third.
os.environ.setdefault(READ_AHEAD, "1")
