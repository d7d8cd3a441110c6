"""What brings down a process that reads a session is one line to the person who asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from tests.analysis.journals import journalled, whole

CASES = {
    "os.abort()": "SIGABRT ended the reading",
    "os.write(2, b'memory allocation of 99 bytes failed\\n'); os.abort()": "(memory allocation of 99 bytes failed)",
    "os.kill(os.getpid(), 11)": "SIGSEGV ended the reading",
    "raise type('PanicException', (BaseException,), {})('it is \\x1b[2J')": "the session cannot be read: it is",
}


def run(code: str) -> subprocess.CompletedProcess[str]:
    program = f"import os, sys\nfrom app.guard import guarded\ndef do():\n    {code}\nsys.exit(guarded(do))"
    return subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", CASES)
def test_an_abort_or_a_panic_is_one_plain_line(code: str) -> None:
    done = run(code)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert CASES[code] in done.stderr
    assert "\x1b" not in done.stderr


def test_what_it_prints_and_how_it_ends_comes_through() -> None:
    done = run("print('out'); print('err', file=sys.stderr); os.write(2, b'a library\\n'); return 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_it_gets_no_more_memory_than_it_may_need() -> None:
    done = run("from app.session.store import memory; memory.allow_for(1); print(len(bytes(1 << 33)))")
    assert "MemoryError" in done.stderr


def test_a_table_that_cannot_be_is_named_by_the_command_and_hides_nothing_else(tmp_path: Path) -> None:
    folder = journalled(tmp_path, whole())
    finish(folder)
    file = folder.table("steps")
    data = bytearray(file.read_bytes())
    data[-100:-20] = b"\xff" * 80
    file.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "app", "show", str(folder.path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "steps.parquet is damaged" in done.stdout
    assert "train/digits  done" in done.stdout
