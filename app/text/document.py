"""A typed document as JSON text, for a terminal or a pipe."""

from __future__ import annotations

import msgspec

_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""Characters that JSON may hold as they are and that a terminal obeys all the same (ECMA-48, C1). They are in strings
alone, where the escape means the same."""


def json_text(document: object) -> str:
    """Indented, with nothing in it that could move a cursor: a session may come from a stranger."""
    return msgspec.json.format(msgspec.json.encode(document)).decode().translate(_CONTROLS)
