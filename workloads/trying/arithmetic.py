"""The arithmetic of an experiment: that of the whole process, for as long as the changed side is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workloads.device import use_precision
from workloads.run import Length, Run
from workloads.trying.bench import Make


@contextmanager
def arithmetic(run: Run, precision: str | None) -> Iterator[None]:
    """The process computes in that precision, and then as the run does again. None: as the run all the time."""
    if precision is None:
        yield
        return
    use_precision(precision, run.device)
    try:
        yield
    finally:
        use_precision(run.text("precision"), run.device)


def computing_in(run: Run, precision: str | None, make: Make) -> Make:
    """The same steps, within that arithmetic."""

    def made(length: Length) -> None:
        with arithmetic(run, precision):
            make(length)

    return made
