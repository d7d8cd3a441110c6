"""A command that reads sessions, in a process of its own with a limit of memory.

Files from a stranger can bring down what reads them: a library panics, aborts, or asks for all memory. The person is
told so in one line. The process is forked before anything is imported, which costs a few milliseconds.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import BinaryIO, Final

from app.session.plain import plain
from app.session.store.memory import limit_memory
from workloads.end_signals import signal_name

FAILED: Final = 1
FIRST_WORDS_BYTES: Final = 4096


def guarded(command: Callable[[], int]) -> int:
    """Run it in a child → its exit status; of one that was brought down, one line on stderr and status 1."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as words:
        child = os.fork()
        if not child:
            _be_child(command, words)
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # it came to the child too, which ends the command
                _, status = os.waitpid(child, 0)
                break
        ended = os.waitstatus_to_exitcode(status)
        if ended >= 0:
            return ended
        print(f"benchtop: {_brought_down(-ended, words)}", file=sys.stderr)
    return 130 if -ended == signal.SIGINT else FAILED


def _be_child(command: Callable[[], int], words: BinaryIO) -> None:
    """Never returns. What libraries print of their end goes to `words`, what we say to stderr as ever."""
    status = FAILED
    try:
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
        os.dup2(words.fileno(), 2)
        limit_memory()
        status = command()
        sys.stdout.flush()
    except BrokenPipeError:
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else FAILED
    except BaseException as error:  # noqa: BLE001 - a panic of Polars is no Exception; the process ends here
        if type(error).__name__ == "PanicException":
            print(f"benchtop: the session cannot be read: {plain(str(error))}", file=sys.stderr)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


def _brought_down(number: int, words: BinaryIO) -> str:
    words.seek(0)  # the first line says what happened, the others where
    lines = words.read(FIRST_WORDS_BYTES).decode(errors="replace").strip().splitlines()
    said = f" ({plain(lines[0].strip())})" if lines else ""
    ended = f"{signal_name(number)} ended the reading{said}"
    return f"the session cannot be read, {ended}: a file of it is damaged, or far too large"
