"""Makes the golden sessions of one version: `python -m tests.session.golden.make FOLDER`, with that version's files.

Two sessions of one plan, small and real: `finished`, in parts where that version makes any, and `interrupted`, whose
conductor was killed. Names of host, user and folders are taken out of what is text; the rest is as it was written.
"""

from __future__ import annotations

import getpass
import json
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from app.conductor import record
from app.session.planning import RunRequest, make_plan
from app.session.planning.plan import Plan
from app.session.store.folder import SessionFolder, create_session
from app.session.store.journal import JournalReader
from workloads.wire.frames import AnyFrame, Gauges, Requests, Steps
from workloads.wire.framing import frame_bytes

FINISHED_BYTES, INTERRUPTED_BYTES = 30_000, 8_000
"""Of a segment, where that version has any: some of each session is in parts then."""
CONDUCT = (
    "import sys; from app.conductor import record\n"
    "segment_bytes = int(sys.argv.pop())\n"
    "record.segment_bytes_of = lambda _: segment_bytes\n"
    "from app.conductor.__main__ import main; sys.exit(main())"
)
KEPT = re.compile(r"plan\.json|manifest\.json|part-\d+\.json|.*\.frames|(?!rollups).*\.parquet")


def main() -> None:
    """Both of them."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as home:
        finished = create_session(Path(home), plan("golden, finished"))
        conducted(finished, FINISHED_BYTES).wait()
        interrupted = create_session(Path(home), plan("golden, interrupted"))
        process = conducted(interrupted, INTERRUPTED_BYTES)
        while not has_steps(interrupted):
            select.select((), (), (), 0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name, folder in (("finished", finished), ("interrupted", interrupted)):
            keep(folder, target / name)


def plan(name: str) -> Plan:
    """A training and a serving run of a few steps."""
    small = ("train/digits.width=4", "train/digits.threads=1", "infer/digits.threads=1", "infer/digits.concurrency=2")
    request = RunRequest(
        workloads=("train/digits", "infer/digits"), settings=small, steps=40, warmup=2, telemetry_hz=1, name=name
    )
    return make_plan(request, time.time_ns())


def conducted(folder: SessionFolder, segment_bytes: int) -> subprocess.Popen[bytes]:
    """Its conductor."""
    command = [sys.executable, "-c", CONDUCT, str(folder.path), str(segment_bytes)]
    return subprocess.Popen(command, start_new_session=True)


def has_steps(folder: SessionFolder) -> bool:
    """Whether it has written any, and something is in a part where that version makes parts."""
    paths = [*sorted(folder.path.glob("journal-*.frames")), folder.journal]
    frames = (frame for path in paths if path.is_file() for frame in JournalReader(path))
    rolled = (folder.path / "part-00001.json").is_file() or not hasattr(record, "segment_bytes_of")
    return rolled and (any(folder.path.glob("steps-*")) or any(isinstance(frame, Steps) for frame in frames))


def keep(folder: SessionFolder, target: Path) -> None:
    """Copy what belongs to the session, without names."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(folder.path.iterdir()):
        if not KEPT.fullmatch(path.name):
            continue
        if path.suffix == ".json":
            (target / path.name).write_text(nameless(path.read_text()))
        elif path.suffix == ".frames":
            (target / path.name).write_bytes(b"".join(nameless_frame(frame) for frame in JournalReader(path)))
        else:
            shutil.copyfile(path, target / path.name)


def nameless_frame(frame: AnyFrame) -> bytes:
    """The same frame, encoded anew where there is text in it that may tell of this machine."""
    if isinstance(frame, Steps | Requests | Gauges):
        return frame_bytes(frame)
    kind = type(frame)
    text = nameless(msgspec.json.encode(frame).decode())
    return frame_bytes(msgspec.json.decode(text, type=kind))


def nameless(text: str) -> str:
    """Without the names of host, user and folders."""
    for name in (socket.gethostname(), socket.getfqdn()):
        text = text.replace(name, "golden")
    for place in (sys.prefix, sys.base_prefix, str(Path.cwd()), str(Path.home()), tempfile.gettempdir()):
        text = text.replace(json.dumps(place)[1:-1], "/golden")
    return re.sub(rf'"{re.escape(getpass.getuser())}"', '"golden"', text)


if __name__ == "__main__":
    main()
