"""`benchtop prune`: what is to go, said first; and, once that was asked for, removed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from app.session.plain import plain
from app.session.shelf.pruning import Pruned, Rules, Saved, pruned, saved_sessions
from app.session.shelf.removal import remove_left_behind, remove_session
from app.session.store.folder import SessionFolder
from app.text.document import json_text
from app.text.errors import error_text
from app.text.numbers import bytes_text
from app.text.typed_amounts import age_s, age_text, size_bytes


class PruneDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`benchtop prune --json`."""

    done: bool
    """Whether they were removed; else they would be."""
    sessions: int
    """How many there were."""
    chosen_bytes: int
    chosen: tuple[Saved, ...]
    """Those that went, or would go."""
    left: tuple[Saved, ...]
    """Those that the rules name and that stay all the same, and why."""


def rules_of(older_than: str | None, keep_size: str | None, keep: int | None) -> Rules:
    """As typed. Raises ValueError, one line."""
    if keep is not None and keep < 0:
        raise ValueError(f"--keep {keep}: none or more sessions can be kept")
    rules = Rules(
        older_than_s=None if older_than is None else age_s(older_than),
        keep_bytes=None if keep_size is None else size_bytes(keep_size),
        keep=keep,
    )
    if rules.is_empty:
        raise ValueError("say which sessions are to go: --older-than 30d, --keep-size 20GB, or --keep 50")
    return rules


def prune(home: Path, rules: Rules, *, yes: bool, as_json: bool) -> str:
    """Remove what the rules say, if `yes` → what was removed, or would be."""
    now = time.time_ns()
    sessions = saved_sessions(home, now)
    chosen = pruned(sessions, rules, now)
    if yes:
        remove_left_behind(home)
        chosen = _removed(chosen)
    if as_json:
        return json_text(
            PruneDocument(
                done=yes,
                sessions=len(sessions),
                chosen_bytes=_bytes(chosen.removed),
                chosen=chosen.removed,
                left=chosen.left,
            )
        )
    return "\n".join(plain(line) for line in _lines(chosen, len(sessions), now, done=yes))


def _removed(chosen: Pruned) -> Pruned:
    """Remove them, one after the other → what became of it."""
    removed, left = [], list(chosen.left)
    for saved in chosen.removed:
        try:
            remove_session(SessionFolder(Path(saved.path)))
        except (ValueError, OSError) as error:
            left.append(replace(saved, stays=error_text(error)))
        else:
            removed.append(saved)
    return Pruned(removed=tuple(removed), left=tuple(left))


def _lines(chosen: Pruned, sessions: int, now_ns: int, *, done: bool) -> list[str]:
    rows = [
        (each.name, age_text((now_ns - each.created_ns) / 1e9), bytes_text(each.size_bytes)) for each in chosen.removed
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    told = [
        f"  {name:<{widths[0]}}  {age:>{widths[1]}}  {size:>{widths[2]}}{'  unreadable' if each.unreadable else ''}"
        for (name, age, size), each in zip(rows, chosen.removed, strict=True)
    ]
    told += [f"  {each.name} stays: {each.stays}" for each in chosen.left]
    total = f"{len(rows)} of {sessions} sessions, {bytes_text(_bytes(chosen.removed))}"
    if done:
        return [*told, f"removed {total}"]
    if not rows:
        return [*told, f"nothing to remove: {total}"]
    return [*told, f"would remove {total}; the same with --yes removes them"]


def _bytes(sessions: Sequence[Saved]) -> int:
    return sum(saved.size_bytes for saved in sessions)
