"""The rooflines that earlier sessions measured, for the plan of a new one. Reads manifests alone, and few of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.session.roofs.roofline import Roofline, combined, is_whole
from app.session.store.schema import SCHEMA

MOST = 1_000
"""Sessions that are looked at, the newest."""
NEAR = 100
"""Sessions that are still looked at once this host's whole roofline is found, for its other devices."""
KEPT = 32
"""Rooflines that a plan takes along, at most."""

_KEY = b'"rooflines"'


class _Part(msgspec.Struct):
    """What is read of a manifest."""

    schema: int = SCHEMA
    rooflines: tuple[Roofline, ...] = ()


def kept_rooflines(home: Path, host: str) -> tuple[Roofline, ...]:
    """The newest roofline of each host and device that the sessions in `home` measured; never raises.

    `host` is the one that this runs on: once it is known, the search ends soon.
    """
    try:
        names = sorted(os.listdir(home), reverse=True)  # noqa: PTH208 - thousands of paths take longer than their names
    except OSError:
        return ()
    return combined(_found(f"{home}", names[:MOST], host))[:KEPT]


def _found(home: str, names: list[str], host: str) -> Iterator[Roofline]:
    """Newest first."""
    left = len(names)
    for name in names:
        rooflines = _of_manifest(f"{home}/{name}/manifest.json")
        yield from rooflines
        if any(each.host == host and is_whole(each) for each in rooflines):
            left = min(left, NEAR)
        left -= 1
        if left <= 0:
            return


def _of_manifest(path: str) -> tuple[Roofline, ...]:
    """What one session measured; nothing where it cannot be read: no run is held up by an old one."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            text = file.read()
        if _KEY not in text:
            return ()
        part = msgspec.json.decode(text, type=_Part)
    except (OSError, ValueError):
        return ()
    return part.rooflines if part.schema <= SCHEMA else ()
