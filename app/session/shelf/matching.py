"""Finding sessions by what is typed: every word of it, in whatever stands in their rows. Pure.

A word is found where it stands as it is, in name, tags, workloads, state, hosts and note; or, in the first three, where
its letters stand in their order within one word: `trdig` finds `train/digits`. Those that hold all as it is come first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from app.session.shelf.listing import SessionRow

LONGEST_TYPED = 80
_LONGEST_NEAR = 1_000
"""Characters that are looked through letter by letter."""


class Haystack(msgspec.Struct, frozen=True):
    """The texts of a row, in lower case."""

    near: str
    all: str


def haystack(row: SessionRow) -> Haystack:
    """What is looked through."""
    workloads = dict.fromkeys(run.title or run.workload for run in row.runs)
    near = " ".join((row.name, *(f"#{tag}" for tag in row.tags), *workloads))[:_LONGEST_NEAR].lower()
    return Haystack(near, "\n".join((near, row.state, *row.hosts, row.note.lower())))


def found(haystacks: Sequence[Haystack], typed: str) -> list[int]:
    """The places of those that hold every word of it, in their order; those that hold all as it is before the rest."""
    words = _words(typed)
    if not words:
        return list(range(len(haystacks)))
    exact = [place for place, each in enumerate(haystacks) if all(word in each.all for word in words)]
    known = set(exact)
    patterns = [(word, _pattern(word)) for word in words]
    loose = [
        place
        for place, each in enumerate(haystacks)
        if place not in known and all(word in each.all or pattern.search(each.near) for word, pattern in patterns)
    ]
    return exact + loose


def marked(text: str, typed: str) -> list[int]:
    """The characters of a text that is shown, by which what was typed is found in it."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two
        return []
    places: set[int] = set()
    for word in _words(typed):
        at = lower.find(word)
        if at >= 0:
            places.update(range(at, at + len(word)))
        elif match := _pattern(word).search(lower):
            places.update(match.start(group) for group in range(1, len(word) + 1))
    return sorted(places)


def _words(typed: str) -> list[str]:
    return typed[:LONGEST_TYPED].lower().split()


@lru_cache(maxsize=64)
def _pattern(word: str) -> re.Pattern[str]:
    """Its letters in order within one word. Each gap ends at the first that fits, so that none is tried twice."""
    letters = list(map(re.escape, word))
    return re.compile("".join([f"({letters[0]})", *(f"[^{letter}\\s]*({letter})" for letter in letters[1:])]))
