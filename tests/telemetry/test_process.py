"""The sampler as a real process: what it says, and that nothing it belongs to outlives the other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from workloads.wire.commands import Stop, Watch
from workloads.wire.frames import AnyFrame, Gauges, Hello
from workloads.wire.framing import FrameReader, frame_bytes

COMMAND = (sys.executable, "-P", "-m", "app.telemetry")
PATIENCE_S = 20


@contextmanager
def sampler(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running sampler; it is killed when a test fails to end it."""
    process = subprocess.Popen([*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[bytes], device: str) -> list[AnyFrame]:
    """Frames up to the first of this device."""
    assert process.stdout is not None
    reader, frames = FrameReader(), list[AnyFrame]()
    while data := os.read(process.stdout.fileno(), 65536):
        frames.extend(reader.feed(data))
        if any(isinstance(frame, Gauges) and frame.device == device for frame in frames):
            return frames
    raise AssertionError(f"it ended without a reading of {device}")


def say(process: subprocess.Popen[bytes], command: Watch | Stop) -> None:
    assert process.stdin is not None
    process.stdin.write(frame_bytes(command))
    process.stdin.flush()


def test_it_says_hello_reads_what_it_is_told_to_watch_and_ends_with_its_stdin() -> None:
    with sampler("--hz", "50") as process:
        say(process, Watch(run=2, pids=(os.getpid(),)))
        hello, *gauges = read_until(process, "worker")
        assert isinstance(hello, Hello)
        assert hello.role == "sampler"
        worker = [frame for frame in gauges if isinstance(frame, Gauges) and frame.device == "worker"]
        assert worker[0].run == 2
        assert worker[0].readings["rss_bytes"] > 0
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
        process.stdin = None


def test_stop_ends_it() -> None:
    with sampler("--hz", "50") as process:
        say(process, Stop())
        assert process.wait(PATIENCE_S) == 0


def test_it_ends_when_nobody_reads_any_more_and_says_nothing() -> None:
    process = subprocess.Popen(
        [*COMMAND, "--hz", "50"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 0
    assert process.stderr.read() == b""
    process.stdout = None
    process.communicate()


def test_it_ends_with_its_parent_though_its_stdin_stays_open() -> None:
    """Its parent is killed; the other ends of its pipes are held here, so only the kernel can have ended it."""
    code = f"import subprocess; subprocess.Popen({[*COMMAND, '--hz', '50']!r}).wait()"
    commands, commands_end = os.pipe()
    frames, frames_end = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=commands, stdout=frames_end)
    os.close(frames_end)
    try:
        assert os.read(frames, 1)
        parent.kill()
        parent.wait()
        while os.read(frames, 65536):
            pass
    finally:
        for end in (commands, commands_end, frames):
            os.close(end)


def test_once_ends_by_itself_with_one_reading_that_has_rates() -> None:
    done = subprocess.run(
        [*COMMAND, "--once"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=True
    )
    hello, *gauges = FrameReader().feed(done.stdout)
    assert isinstance(hello, Hello)
    load = [frame for frame in gauges if isinstance(frame, Gauges) and frame.source == "psutil"]
    assert len(load) == 1
    assert "cpu_percent" in load[0].readings


def test_what_a_library_prints_never_lands_among_the_frames() -> None:
    code = (
        "import os; from app.telemetry.process import claim_stdout, write_all\n"
        "frames = claim_stdout(); print('printed', flush=True); os.system('echo echoed'); write_all(frames, b'frame')"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, timeout=PATIENCE_S, check=True)
    assert done.stdout == b"frame"
    assert done.stderr == b"printed\nechoed\n"


def test_a_rate_that_is_none_is_one_clear_line() -> None:
    done = subprocess.run([*COMMAND, "--hz", "often"], check=False, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 2
    assert "'often' is no number of readings a second" in done.stderr.splitlines()[-1]


def test_damaged_commands_end_it_with_one_clear_line() -> None:
    done = subprocess.run(COMMAND, check=False, input=b"garbage " * 8, capture_output=True, timeout=PATIENCE_S)
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert "damaged" in done.stderr.decode()
