"""One input → a near one that may be wrong in any way. The same seed makes the same."""

from __future__ import annotations

import random
from typing import Any, Final

INTEGERS: Final = (
    0,
    1,
    -1,
    2,
    255,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**53 + 1,
    2**62,
    2**63 - 1,
    -(2**63),
    2**64 - 1,
)
FLOATS: Final = (0.0, -0.0, 1e-320, 1e308, -1e308, 1e300, 0.1, -1.0, 1e18)
TEXTS: Final = (
    "",
    "\x00",
    "\x1b]0;x\x07",
    "../../etc/passwd",
    "/" * 300,
    "é漢\u202e",
    "[bold",
    "%s%n",
    "x" * 5000,
    "a\nb\r\nc",
    "gpu0",
    "here:gpu1",
    "host",
    "measure",
    "train/digits",
    "infer/gpt",
    "probe/matmul",
    "p99<1ms",
    "nan",
    "1e999",
)
BYTES: Final = (
    b"",
    b"I",
    b"q",
    b"d",
    b"f" + bytes(8),
    b"I" + b"\xff" * 8,
    b"q" + b"\x7f" * 16,
    b"x" * 9,
    b"d" + b"\xff" * 16,
)


def bytes_of(data: bytes, chance: random.Random) -> bytes:
    """A few changes of bits, bytes and stretches."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 2, 4, 8, 64, 512)))
        match chance.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at:end] = chance.randbytes(end - at)
            case 2:
                del changed[at:end]
            case 3:
                changed[at:at] = changed[at:end]
            case 4:
                size = chance.choice((2, 4, 8))
                value = chance.choice(INTEGERS) % (1 << 8 * size)
                changed[at : at + size] = value.to_bytes(size, chance.choice(("little", "big")))
            case 5:
                other = chance.randrange(len(changed) + 1)
                changed[at:at] = changed[other : other + chance.choice((4, 32, 256))]
    if chance.random() < 0.05:
        del changed[chance.randrange(len(changed) + 1) :]
    return bytes(changed)


def tree_of(value: Any, chance: random.Random) -> Any:
    """A document of dictionaries, lists and values with some of them changed."""
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        value = _changed(value, chance)
    return value


def _changed(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.95:
        name = chance.choice(list(value))
        kept = dict(value)
        if chance.random() < 0.06:
            del kept[name]
        elif chance.random() < 0.03:
            kept[chance.choice(TEXTS)] = kept.pop(name)
        else:
            kept[name] = _changed(value[name], chance)
        return kept
    if isinstance(value, list) and value and chance.random() < 0.95:
        place = chance.randrange(len(value))
        match chance.randrange(12):
            case 0:
                return value[:place] + value[place + 1 :]
            case 1:
                return [*value, *value] if len(value) < 200 else value[:1]
            case 2:
                return value * chance.choice((1, 3, 40)) if len(value) < 200 else value
            case _:
                return [*value[:place], _changed(value[place], chance), *value[place + 1 :]]
    return _leaf(value, chance)


def _leaf(value: Any, chance: random.Random) -> Any:
    like = chance.random() < 0.93
    if like and isinstance(value, bool):
        return not value
    if like and isinstance(value, int):
        return max(
            -(2**63),
            min(
                2**64 - 1,
                chance.choice(
                    (*INTEGERS, *(value + each for each in (-2, -1, 1, 2, 1000)), -value, value * 1000, value // 2)
                ),
            ),
        )
    if like and isinstance(value, float):
        return chance.choice((*FLOATS, value * 1e9, -value))
    if like and isinstance(value, str):
        return chance.choice((*TEXTS, value * 3, value[:-1], value + chance.choice(TEXTS)))
    if like and isinstance(value, bytes):
        return chance.choice((*BYTES, value[:-1], value + b"\0", bytes_of(value, chance)))
    return chance.choice(
        (None, True, 3, -1.5, "x", [], {}, [1], {"a": 1}, chance.choice(INTEGERS), chance.choice(TEXTS))
    )
