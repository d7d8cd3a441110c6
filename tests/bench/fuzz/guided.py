"""`python -m tests.bench.fuzz.guided KIND [-runs=N] [-max_total_time=S]`: inputs that follow the code's own branches.

KIND is `journal`, `manifest` or `pack`. Needs atheris (pip install atheris), which is no dependency of benchtop: it
goes with few versions of Python. What is raised beside a refusal in one line is written as `crash-…` into this folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["app", "workloads", "zipfile"]):
    import zipfile

    import msgspec

    from app.session.live.session import LiveSession
    from app.session.pack.directory import checked_members, readable_zip
    from app.session.plain import plain_frame
    from app.session.store.manifest import Manifest
    from tests.analysis.journals import whole
    from tests.session.frames import PLAN
    from workloads.wire.framing import HEADER, DamagedStream, FrameReader, frame_bytes, payload_bytes


def journal(data: bytes) -> None:
    """One payload, well framed, after a run has begun; then the rest as it is."""
    session, reader = LiveSession(PLAN), FrameReader()
    for frame in whole()[:16]:
        session.feed(frame)
    with contextlib.suppress(DamagedStream):
        for each in data.split(b"\xfe\xfe"):
            for frame in reader.feed(payload_bytes(each)):
                session.feed(frame)
    session.view(session.newest_ns)


def manifest(data: bytes) -> None:
    """As a document that is read, told and replayed."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    plain_frame(found)
    LiveSession(found.plan)


def pack(data: bytes) -> None:
    """As a file that is opened and whose every member is read."""
    archive, members = checked_members(io.BytesIO(data), len(data))
    for member in members.values():
        with readable_zip():
            archive.read(member)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {"journal": journal, "manifest": manifest, "pack": pack}


def seeds(kind: str, folder: Path) -> None:
    """What it begins with."""
    if kind == "journal":
        for number, frame in enumerate(whole()):
            (folder / str(number)).write_bytes(frame_bytes(frame)[HEADER.size :])
    elif kind == "manifest":
        made = Manifest(plan=PLAN, outcome="done", started_ns=1, ended_ns=2)
        (folder / "0").write_bytes(msgspec.json.encode(made))
    else:
        with zipfile.ZipFile(folder / "0", "w") as archive:
            archive.writestr("pack.json", b'{"name": "x"}')
            archive.writestr("manifest.json", b"{}", compress_type=zipfile.ZIP_DEFLATED)


def main() -> None:
    """Never returns."""
    kind = sys.argv[1]
    folder = Path(tempfile.mkdtemp(prefix="benchtop-guided-"))
    seeds(kind, folder)

    def tried(data: bytes) -> None:
        with contextlib.suppress(ValueError, OSError):
            TARGETS[kind](data)

    atheris.Setup([sys.argv[0], "-rss_limit_mb=1024", "-timeout=20", *sys.argv[2:], os.fspath(folder)], tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
