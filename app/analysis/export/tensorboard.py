"""A session as TensorBoard event files, a folder for each run and rank, by TensorBoard's own writer (its extra)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from app.analysis.export.asked import Asked, cut_tables, wall_ns, window_of
from app.analysis.export.place import folder_at
from app.analysis.export.series import MOST_POINTS, series_of
from app.analysis.load import Loaded
from app.session.pack.about import packed_name
from app.session.plain import plain
from app.session.results.titles import titles
from app.session.store.folder import slug


def export_events(loaded: Loaded, asked: Asked, say: Callable[[str], None]) -> None:
    """Write the folder. Raises ValueError, OSError and PolarsError."""
    tables, to_wall = cut_tables(loaded, window_of(asked, loaded)), wall_ns(loaded)
    called = titles(loaded.manifest.plan.runs)
    writers: dict[str, EventFileWriter] = {}
    curves = points = 0
    place = folder_at(asked.output, f"{packed_name(loaded.name)}-tensorboard")
    with _silent_threads(), place as (draft, target):
        try:
            for series in series_of(tables, loaded.manifest.runs):
                name = f"run-{series.run}-{slug(called.get(series.run, ''))}"
                name += f"-rank-{series.rank}" if series.rank else ""
                writer = writers.get(name) or writers.setdefault(name, EventFileWriter(str(draft / name)))
                for number, at_ns, value in series.points:
                    told = Summary(value=[Summary.Value(tag=plain(series.name), simple_value=value)])
                    writer.add_event(Event(wall_time=(at_ns + to_wall) / 1e9, step=number, summary=told))
                curves += 1
                points += len(series.points)
        finally:
            for writer in writers.values():
                writer.close()
    say(
        f"{target}: {curves} curves, {points:,} points (of a longer one {MOST_POINTS:,} of them, evenly); "
        f"`tensorboard --logdir {target}` shows them"
    )


@contextmanager
def _silent_threads() -> Iterator[None]:
    """What a writer's thread fails at, its next call raises too: no traceback besides."""
    before = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        yield
    finally:
        threading.excepthook = before
