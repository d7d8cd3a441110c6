"""Numbers as a person reads them, the same in `show`, on a progress line and on the screen.

Standard library only, and nothing about layout: callers pad and colour. None is never given here;
what was not measured is left out, or shown as a dash, by whoever knows why it is missing.
"""

from __future__ import annotations

GIB = 1 << 30
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("", "k", "M", "G", "T", "P", "E")


def count(number: float) -> str:
    """A number of things, or of things a second: `0`, `0.0123`, `1.23`, `12.3`, `12,345`."""
    if number == int(number):
        return f"{int(number):,}"
    return significant(number)


def counted(number: int, thing: str) -> str:
    """`1 step`, `3 steps`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def significant(number: float) -> str:
    """At least three digits: `0.0123`, `1.23`, `12.3`, `123`, `12,345`; `0` for nothing."""
    size = abs(number)
    if size >= 99.95:
        return f"{number:,.0f}"
    if size >= 9.995:
        return f"{number:.1f}"
    if size >= 0.9995:
        return f"{number:.2f}"
    return f"{number:.3g}" if size >= 1e-4 else f"{number:.1e}" if size else "0"


def percent(number: float) -> str:
    """A number of percent (not a fraction): `46.5 %`."""
    return f"{number:.1f} %"


def duration(seconds: float) -> str:
    """Whole seconds as a clock shows them: `00:42`, `1:02:03`; never negative."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def loss_text(loss: float) -> str:
    """Four digits, however small a loss has become: `3.412`, `0.04321`, `1.2e-06`."""
    return f"{loss:.4g}" if abs(loss) < 0.1 else f"{loss:,.3f}"


def milliseconds(number: float) -> str:
    """A time in milliseconds: `0.0312 ms`, `1.23 ms`, `1,234 ms`."""
    return f"{significant(number)} ms"


def bytes_text(number: float) -> str:
    """An amount of memory or disk, in powers of 1024: `512 B`, `1.50 KiB`, `139 GiB`."""
    step, unit = _scale(number, 1024, len(_BINARY) - 1)
    return f"{significant(step) if unit else count(round(step))} {_BINARY[unit]}"


def rate(bytes_per_s: float) -> str:
    """Bytes a second, in powers of 1000 as data sheets give them: `4,266 GB/s`, `12.3 MB/s`.

    Gigabytes are the largest unit, so that memory bandwidths can be compared digit by digit.
    """
    step, unit = _scale(bytes_per_s, 1000, 3)
    return f"{significant(step)} {_DECIMAL[unit]}B/s"


def flops(per_s: float) -> str:
    """Floating-point operations a second: `459 TFLOP/s`, `12.3 GFLOP/s`; TFLOP/s is the largest unit."""
    step, unit = _scale(per_s, 1000, 4)
    return f"{significant(step)} {_DECIMAL[unit]}FLOP/s"


def short(number: float) -> str:
    """A number in five characters or so: `999`, `1.23k`, `12.3M`, `4.27T`."""
    step, unit = _scale(number, 1000, len(_DECIMAL) - 1)
    return f"{count(step) if not unit else significant(step)}{_DECIMAL[unit]}"


def _scale(number: float, base: int, largest: int) -> tuple[float, int]:
    """A number and the power of `base` that leaves it below `base`, as far as units go."""
    unit = 0
    while abs(number) >= base - 0.5 and unit < largest:
        number /= base
        unit += 1
    return number, unit
