"""One line of the tables: a script, how it is called, and what is to be said of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.verdicts.kinds import Kind

Device = Literal["cpu", "cuda"]

SCRIPTS = Path(__file__).parent / "scripts"
BOTH: tuple[Device, ...] = ("cpu", "cuda")
CPU: tuple[Device, ...] = ("cpu",)
CUDA: tuple[Device, ...] = ("cuda",)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A script, or a run of benchtop's own, whose bottleneck is known."""

    name: str
    kind: Kind | None
    """The primary verdict that is right; None: it is healthy, and nothing but a limit of the device may be said."""
    also: tuple[Kind, ...] = ()
    """As right in the first place: two words for one cause, or which of them holds depends on the card."""
    devices: tuple[Device, ...] = BOTH
    file: str = ""
    """Below scripts/."""
    arguments: tuple[str, ...] = ()
    on_cuda: tuple[str, ...] = ()
    """More arguments there."""
    ranks: int = 1
    beside: float = 0.0
    """Busy processes that are run beside it, for each logical processor."""
    run: tuple[str, ...] = ()
    """In the place of a file: arguments of `benchtop run`."""
    more_s: float = 0.0
    """Longer than the others: what comes over time, and what is compiled first."""
    costs: bool = True
    """Whether `--fixed` is faster; a script that only fills its memory is not."""
    fixed_units: float = 1.0
    """How many times the work a step does with `--fixed`."""
    why: str = ""
    """What was planted, in a line."""

    @property
    def expected(self) -> str:
        """The kind, or `healthy`."""
        return self.kind or "healthy"

    @property
    def starter(self) -> tuple[str, ...]:
        """What starts a script, or a module with `-m`, in as many processes as it has ranks."""
        if self.ranks == 1:
            return (sys.executable,)
        launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(self.ranks))
        return (sys.executable, *launcher)

    def command(self, device: Device) -> tuple[str, ...]:
        """The command line, without benchtop."""
        return (*self.starter, *self.called(device))

    def called(self, device: Device, *more: str) -> tuple[str, ...]:
        """The script and its arguments."""
        path = str(SCRIPTS / self.file)
        return (path, *self.arguments, "--device", device, *(self.on_cuda if device == "cuda" else ()), *more)
