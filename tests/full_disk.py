"""What a full disk is to a writer, in this process: no file can grow beyond a size.

Held around the write under test alone: whatever else writes meanwhile, the test runner's own output too, would fail.
"""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """While the block lasts, a write beyond `size` bytes of any file raises OSError (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
