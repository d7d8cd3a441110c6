"""JSON for a terminal."""

from __future__ import annotations

import msgspec

from app.text.document import json_text


def test_no_control_character_comes_through_and_nothing_is_lost() -> None:
    text = "".join(map(chr, range(0x100)))
    told = json_text({"text": text})
    assert all(letter.isprintable() or letter in "\n\u00a0\u00ad" for letter in told)
    assert msgspec.json.decode(told) == {"text": text}
