"""A session's end as the text that Prometheus reads, for `node_exporter --collector.textfile` or a push gateway."""

from __future__ import annotations

from collections.abc import Callable

from app.analysis.export.asked import Asked, window_of
from app.analysis.export.place import STDOUT, file_at, stdout
from app.analysis.export.sums import sums_of
from app.analysis.load import Loaded
from app.metrics.exposition import exposition
from app.metrics.families import metrics_of
from app.session.pack.about import packed_name


def export_text(loaded: Loaded, asked: Asked, say: Callable[[str], None]) -> None:
    """Write it. Raises ValueError, OSError and PolarsError."""
    metrics = metrics_of(sums_of(loaded, window_of(asked, loaded)))
    text = exposition(metrics).encode("utf-8", "replace")
    if asked.output == STDOUT:
        with stdout(binary=False) as out:
            out.write(text)
        return
    with file_at(asked.output, f"{packed_name(loaded.name)}.prom") as (draft, target):
        draft.write_bytes(text)
    series = sum(len(metric.points) for metric in metrics)
    say(f"{target}: {len(metrics)} metrics, {series} series")
