"""When a frame was told: frames of a stream are in this order, but for those that were sent late."""

from __future__ import annotations

from app.session.playing.rows import last_end_ns
from workloads.wire.frames import AnyFrame, Courses, Hello, Requests, Rollup, Steps


def told_ns(frame: AnyFrame) -> int | None:
    """The instant that it speaks of: of samples the end of the last; None where it speaks of none, or is not sound."""
    match frame:
        case Steps() | Requests():
            return last_end_ns(frame)
        case Hello():
            return frame.monotonic_ns
        case Rollup():
            return frame.last_ns
        case Courses():
            return None
        case _:
            at_ns = getattr(frame, "at_ns", None)
            return at_ns if isinstance(at_ns, int) else None
