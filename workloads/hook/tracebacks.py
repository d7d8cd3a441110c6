"""Takes frames of the hook's out of the tracebacks of the script's errors.

An error that an operator raises while operators are counted has passed through a function of the hook. The frame is
taken out where the error next comes by the hook, or, where nobody caught it, before it is printed.
"""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any


class Tracebacks:
    """Those of errors that come through one function."""

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._before: Any = None
        """Who prints errors that nobody caught."""

    def passed(self) -> None:
        """An error passes through that function now."""
        if self._before is None:
            self._before = sys.excepthook
            sys.excepthook = self._print

    def clean(self, error: BaseException | None) -> None:
        """Take its frames out of an error, and of those that it came from."""
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            at = error.__traceback__
            while at is not None:
                while at.tb_next is not None and at.tb_next.tb_frame.f_code is self._code:
                    at.tb_next = at.tb_next.tb_next
                at = at.tb_next
            error = error.__cause__ or error.__context__

    def back(self) -> None:
        """Errors are printed as they were."""
        if self._before is not None and sys.excepthook == self._print:
            sys.excepthook = self._before
        self._before = None

    def _print(self, kind: Any, error: Any, at: Any) -> None:
        before = self._before or sys.__excepthook__
        self.back()
        self.clean(error)
        before(kind, error, at)
