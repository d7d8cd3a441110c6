"""What to try, as it is written: a parameter of benchtop's own workload, or a line of a script. Pure."""

from __future__ import annotations

from app.text.values import typed
from app.verdicts.window import Window
from workloads.wire.frames import Value


def setting(window: Window, name: str, value: Value | None, line: str) -> str:
    """`--set train/gpt.batch=32` where the run has such a parameter, else the line of code."""
    started = window.started
    if window.hooked or started is None or value is None or name not in started.parameters:
        return line
    return f"--set {started.workload}.{name}={typed(value)}"


def parameter(window: Window, name: str) -> Value | None:
    """What the run has for it; None where it has none such."""
    return None if window.started is None else window.started.parameters.get(name)


def can_be_compiled(window: Window) -> bool:
    """Whether `torch.compile` is left to try: a script can, a workload where it has it as a parameter that is off."""
    return window.hooked or parameter(window, "compile") is False


def whole_number(window: Window, name: str) -> int | None:
    """What the run has for it, of at least 0; None where it has none such."""
    value = parameter(window, name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def doubled(window: Window, name: str = "batch") -> int | None:
    """Twice as much of it; None where the run has none such."""
    value = whole_number(window, name)
    return 2 * value if value else None


def doubled_batch(window: Window) -> str:
    """To try: twice the batch of one of benchtop's own workloads, or a larger one in a script."""
    return setting(window, "batch", doubled(window), "a larger batch")
