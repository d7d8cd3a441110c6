"""How a run of several ranks ended, from what each of them said and how each of its processes ended. Pure.

The first rank that fails takes the others with it: their collectives break, and what they say then is no cause.
So the earliest failure is the run's. But a rank that was killed says nothing, and is missed only when the others
complain; one whose line broke without a word is the cause, unless another had a reason of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from workloads.end_signals import NATIVE_FAULT, SEE_LOG, kind_of_end, signal_name
from workloads.wire.frames import Done, Failure, Outcome

_WORST: Final[tuple[Outcome, ...]] = ("failed", "interrupted", "skipped", "done")


class Verdict:
    """Takes what comes from the ranks, in any order."""

    def __init__(self, ranks: int) -> None:
        self._ranks = ranks
        self._failures: dict[int, Failure] = {}
        self._done: dict[int, Done] = {}
        self._silent: list[int] = []
        self._nameless = False

    def take(self, rank: int, frame: Failure | Done) -> None:
        """A rank says how it goes."""
        if isinstance(frame, Done):
            self._done[rank] = frame
        else:
            self._failures.setdefault(rank, frame)

    def lose(self, rank: int | None) -> None:
        """A rank's line broke, by itself; None: before it said which one it is."""
        if rank is None:
            self._nameless = True
        elif rank not in self._done and rank not in self._failures:
            self._silent.append(rank)

    @property
    def silent(self) -> bool:
        """Whether a rank went without a word."""
        return bool(self._silent)

    @property
    def failing(self) -> bool:
        """Whether some rank has failed or left the run out, so that the others have nothing to wait for."""
        return bool(self._failures or self._silent or self._nameless or self._skipped)

    def outcome(self) -> Outcome:
        """The worst of all ranks."""
        found = {done.outcome for done in self._done.values()}
        if self._skipped and not self._failures and not self._silent:
            return "skipped"  # the others were ended for it
        if self.failing or len(self._done) < self._ranks:
            found.add("failed")
        return next(outcome for outcome in _WORST if outcome in found)

    def dropped(self) -> int:
        """Samples that are missing, of all ranks."""
        return sum(done.dropped for done in self._done.values())

    def reason(self) -> str:
        """Why the run was left out, of the first rank that said so."""
        return next((done.reason for _, done in sorted(self._done.items()) if done.reason), "")

    @property
    def _skipped(self) -> bool:
        return any(done.outcome == "skipped" for done in self._done.values())

    def failure(self, statuses: Mapping[int, int], last_words: Sequence[str], at_ns: int) -> Failure | None:
        """Why the run failed, in one line that names the rank; None when it did not.

        `statuses` are the exit statuses of ranks that ended badly, negative for a signal, likely causes first.
        """
        if self.outcome() != "failed":
            return None
        silent = self._silent or [rank for rank in statuses if rank not in self._done]
        first = min(self._failures, key=lambda rank: self._failures[rank].at_ns, default=None)
        if first is not None and not (self._silent and self._is_consequence(first, statuses)):
            found = self._failures[first]
            alike = {failure.message for failure in self._failures.values()} == {found.message}
            message = (
                found.message if alike and len(self._failures) == self._ranks else f"rank {first}: {found.message}"
            )
            return msgspec.structs.replace(found, message=message, detail=self._detail(found.detail, last_words, first))
        rank = silent[0] if silent else 0
        detail = self._detail("", last_words, rank)
        return _of_status(rank, statuses.get(rank), last_words, detail, at_ns)

    def _is_consequence(self, rank: int, statuses: Mapping[int, int]) -> bool:
        """Whether a rank may have failed only because another was gone: a peer's abort comes from NCCL's own watch."""
        return self._failures[rank].kind == "crashed" and statuses.get(self._silent[0]) != -signal.SIGABRT

    def _detail(self, detail: str, last_words: Sequence[str], cause: int) -> str:
        others = [f"rank {rank}: {f.message}" for rank, f in sorted(self._failures.items()) if rank != cause]
        return "\n".join([*([detail.rstrip()] if detail else []), *others, *last_words])


def _of_status(rank: int, status: int | None, last_words: Sequence[str], detail: str, at_ns: int) -> Failure:
    """A rank that ended without a word."""
    if status is None or status >= 0:
        ended = "ended without a word" if status is None else f"ended with exit status {status}"
        words = [line for line in last_words if "torch/distributed/" not in line]  # the launcher's, about its own doing
        said = f": {words[-1]}" if words else ""
        message, remedy = f"rank {rank} {ended}{said}", SEE_LOG
        return Failure(at_ns=at_ns, kind="crashed", message=message, remedy=remedy, detail=detail)
    kind, name = kind_of_end(status), signal_name(-status)
    if kind == "crashed":
        message, remedy = f"rank {rank} crashed with {name}", NATIVE_FAULT
    else:
        message, free = f"rank {rank} was killed by {name}", "`benchtop doctor` shows what is free"
        remedy = f"something outside benchtop ended it, or the host is out of memory: {free}"
    return Failure(at_ns=at_ns, kind=kind, message=message, remedy=remedy, detail=detail)
