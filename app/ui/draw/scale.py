"""A series in other buckets: wider ones hold the mean of what fell into them, narrower ones repeat it."""

from __future__ import annotations

from app.session.live.view import Series


def rescaled(series: Series | None, bucket_ns: int) -> Series | None:
    """The same numbers in buckets of absolute time of about this width; a power of two of the series' own."""
    if series is None or bucket_ns == series.bucket_ns:
        return series
    if bucket_ns < series.bucket_ns:
        return _finer(series, max(1, series.bucket_ns // bucket_ns))
    return _coarser(series, bucket_ns // series.bucket_ns)


def value_at(series: Series | None, at_ns: int) -> float | None:
    """The number of the bucket that an instant lies in."""
    if series is None:
        return None
    place = at_ns // series.bucket_ns - series.last + len(series.values) - 1
    return series.values[place] if 0 <= place < len(series.values) else None


def _finer(series: Series, parts: int) -> Series:
    values = tuple(value for value in series.values for _ in range(parts))
    return Series(series.bucket_ns // parts, series.last * parts + parts - 1, values)


def _coarser(series: Series, parts: int) -> Series:
    first = series.last - len(series.values) + 1
    start, last = first // parts, series.last // parts
    means: list[float | None] = []
    for bucket in range(start, last + 1):
        begin, end = max(0, bucket * parts - first), (bucket + 1) * parts - first
        known = [value for value in series.values[begin:end] if value is not None]
        means.append(sum(known) / len(known) if known else None)
    return Series(series.bucket_ns * parts, last, tuple(means))
