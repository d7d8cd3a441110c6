"""A listener for tests: starts a script with the hook, and keeps what its processes say."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from array import array
from pathlib import Path
from typing import Any

import workloads.hook
from tests.workloads.forked import run_script
from workloads.hook.messages import Header, Unpacker, header_of, message

SITE = Path(workloads.hook.__file__).parent / "site"


class Heard:
    """What was said, by process, in order."""

    def __init__(self) -> None:
        self.lines: list[list[tuple[Header, bytes]]] = []
        self.out = self.err = ""
        self.status = 0

    def of(self, kind: str, line: int = 0) -> list[Header]:
        """Headers of one kind."""
        return [header for header, _ in self.lines[line] if header["kind"] == kind]

    def events(self, kind: str, line: int = 0) -> list[Header]:
        return [header for header in self.of("event", line) if header["event"] == kind]

    def column(self, name: str, kind: str = "steps", line: int = 0) -> list[int]:
        """All items of a column, where it is there."""
        found: list[int] = []
        for header, body in self.lines[line]:
            if header["kind"] == kind:
                found += array("q", _columns(header, body).get(name, b""))
        return found


def hear(
    script: str, *more: str, python: str = sys.executable, say: Any = None, forked: bool = False, **environment: str
) -> Heard:
    """Run the script with the hook, and hear it to its end; `say` is sent to a process once it has said hello.

    `forked`: in a process that has imported torch before the hook came, which spares the seconds of that.
    """
    heard = Heard()
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        path = Path(folder) / "socket"
        door.bind(str(path))
        door.listen()
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    line, _ = door.accept()
                except OSError:
                    return
                said: list[tuple[Header, bytes]] = []
                heard.lines.append(said)
                threads.append(threading.Thread(target=_read, args=(line, said, say)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        program = Path(folder) / "train.py"
        program.write_text(textwrap.dedent(script))
        try:
            done = run(
                program,
                *more,
                python=python,
                forked=forked,
                PYTHONPATH=str(SITE),
                BENCHTOP_HOOK=str(path),
                **environment,
            )
        finally:
            door.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()
    heard.out, heard.err, heard.status = done.stdout, done.stderr.replace(folder, ""), done.returncode
    return heard


def run(
    program: Path, *more: str, python: str = sys.executable, forked: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The script, in a folder of its own."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if forked:
        return run_script(program, *more, environment={**inherited, **environment})
    return subprocess.run(
        (python, str(program), *more),
        env={**inherited, **environment},
        cwd=program.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _columns(header: Header, body: bytes) -> dict[str, bytes]:
    """Column → its packed items, which fill the message."""
    found, at = {}, 0
    for entry in header["columns"]:
        length = 8 * (entry[2] if len(entry) > 2 else header["count"])
        found[str(entry[0])] = body[at : at + length]
        at += length
    assert at == len(body)
    return found


def _read(line: socket.socket, said: list[tuple[Header, bytes]], say: Any) -> None:
    unpacker = Unpacker()
    with line:
        while data := line.recv(1 << 16):
            for head, body in unpacker.feed(data):
                header = header_of(head)
                if say is not None and header["kind"] == "hello":
                    line.sendall(message(say))
                    say = None
                said.append((header, body))
