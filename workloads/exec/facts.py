"""Single messages of a hook → the frames that say the same."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from workloads.exec.said import LONGEST_TEXT, SaidHello, SaidProfile
from workloads.fingerprint import hello, without_interpreter
from workloads.printed import readable
from workloads.speed_variables import speed_variables
from workloads.wire.frames import Hello, Level, Log, Operator, Profile


def one_line(text: str) -> str:
    """A text from elsewhere as one line that cannot disturb a terminal."""
    return readable(" ".join(text[: LONGEST_TEXT * 2].split()).encode(errors="replace"))


def log_of(at_ns: int, text: str, level: Level) -> Log:
    """A line of the listener's own, or of a hook's."""
    return Log(at_ns=at_ns, text=one_line(text), level=level, origin="exec")


def hello_of(rank: int, speaker: SaidHello, environment: dict[str, str]) -> Hello:
    """Of a process of the command, with those variables of its environment that change speed."""
    fingerprint = replace(
        without_interpreter(),
        python=speaker.python or None,
        torch=speaker.torch,
        cuda=speaker.cuda,
        torch_threads=speaker.threads,
        environment=speed_variables(environment),
    )
    return replace(hello(fingerprint, rank), pid=speaker.pid)


def profile_of(rank: int, message: SaidProfile, folder: Path) -> Profile:
    """A file that is not in the session's folder is none of the session's."""
    name = os.path.basename(message.file)  # noqa: PTH119 - a text from elsewhere
    kept = bool(name) and (folder / name).is_file()
    return Profile(
        rank=rank,
        at_ns=message.at_ns,
        steps=message.steps,
        file=name if kept else "",
        size_bytes=message.size_bytes if kept else 0,
        window_ns=message.window_ns,
        device_busy_ns=message.device_busy_ns,
        operators=tuple(
            Operator(name=one_line(name), calls=calls, host_ns=host_ns, device_ns=device_ns)
            for name, calls, host_ns, device_ns in message.operators
        ),
        gaps=tuple(message.gaps),
        reason=one_line(message.reason),
    )
