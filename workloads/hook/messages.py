"""What the hook and the listener say to each other over a Unix stream socket, and how it is packed.

The path of the socket is in the environment variable `BENCHTOP_HOOK`. Each process that trains or infers opens one
line, at the first thing it does (not when torch is imported: a launcher or a DataLoader worker never opens one).

A message is `u32 length of the header | u32 length of the body`, little-endian, the header in JSON (UTF-8), the body.
All times are `time.monotonic_ns()`. Unknown kinds and fields are to be skipped.

From the hook, by `kind`:

`hello`    first, once a line: `at_ns pid ppid argv python torch cuda rank local_rank world_size device device_name
           precision threads`. `cuda` is the version that torch was built for or null; `rank`, `local_rank` and
           `world_size` are null where the process does not know of others; `device` is that of the model (`cpu`,
           `cuda:0`) and `precision` that of its parameters (`float32`), null where no model was seen yet. A `hello`
           that is said again on the same line holds what became known later, and replaces the one before.
`steps`    `count`, `columns` = [[name, typecode], …]; the body has the columns one after the other, `count` items
           each, packed little-endian: `q` (signed 64 bit) or `d` (double). Names are those of the frame `Steps`. A
           column that was not measured is not there. `comm_ns` is of the newest step that DDP has timed: see
           `exchange`. With `inference: true` each row is one pass of an inference loop, and a request of `requests` as
           well.
`requests` the same with the names of the frame `Requests`; `itl_ns`, where it is there, has its own number of items
           as a third element of its entry in `columns`.
`event`    `at_ns event wall_ns text`: `event` is one of the frame's kinds (`garbage-collection` …). A mark that is
           used as a context manager is told twice: as it begins, with `wall_ns` 0, and as it ends.
`gauges`   `at_ns device readings`: `device` is `gpu0` as the sampler counts, which knows nothing of what the process
           may see (see `gpu_name`), or `worker`: see `waits`.
`phase`    `at_ns phase mark case`: `warmup`, `measure`, `experiment`, `profile`; it stands among the rows where it is.
`work`     `at_ns samples operators bytes flops precision`, once, of one early step (see `counting`): its samples (0:
           not known), the operators that it called, the bytes that these read and write, their floating-point
           operations (null where nobody can count some), and the type of the numbers in most of these (`tf32`:
           float32 that may be rounded; null: not known). Where nothing can be counted nothing is said.
`effect`   `at_ns experiment over reason`: an experiment could not be made, ended early or is at its end (`over`).
`profile`  `at_ns steps file size_bytes window_ns device_busy_ns operators gaps reason`, as the frame `Profile`;
           `operators` = [[name, calls, host_ns, device_ns or null], …].
`log`      `at_ns level text`. With `failed: true` the hook has failed and is gone from this process.
`done`     `at_ns dropped`: last message of a process that ended in an orderly way; `dropped` rows did not fit.

To the hook, by `kind`: `try` {experiment, blocks, steps}, `profile` {steps, largest_bytes, folder}, `stop` (the
listener wants no more; the script goes on).

The warm-up is over at the end of the first step before which at least five were done (or ten seconds were spent in
steps) and during which nothing was compiled. Where each step compiles something it is over after ten seconds and at
least ten steps, or twenty-five steps, and a line in the log says so.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

VARIABLE = "BENCHTOP_HOOK"
"""Environment variable with the path of the listener's socket."""
LARGEST_HEADER = 1 << 20
LARGEST_BODY = 16 << 20
"""Bytes; a message of the hook has 500 rows at most, a few megabytes with all gaps between tokens."""
LONGEST_TEXT = 2_000
"""Characters of a text that is sent."""

_LENGTHS = struct.Struct("<II")

Header = dict[str, Any]


def message(header: Header, body: bytes = b"") -> bytes:
    """One message, whole."""
    # Names of files and arguments may hold bytes that are no text; a question mark stands for these.
    head = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
    return _LENGTHS.pack(len(head), len(body)) + head + body


class NoMessage(ValueError):
    """What came over a line is no message."""


class Unpacker:
    """Bytes as they come → messages. For either side."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    @property
    def pending(self) -> int:
        """Bytes of an unfinished message."""
        return len(self._bytes)

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The next bytes → the header, as it was sent, and the body of each message that is whole now.

        Raises NoMessage.
        """
        self._bytes += data
        at = 0
        try:
            while len(self._bytes) - at >= _LENGTHS.size:
                head, body = _LENGTHS.unpack_from(self._bytes, at)
                if head > LARGEST_HEADER or body > LARGEST_BODY:
                    raise NoMessage(f"a message of {head + body:,} bytes is larger than any can be")
                begin = at + _LENGTHS.size
                middle, end = begin + head, begin + head + body
                if len(self._bytes) < end:
                    break
                yield bytes(self._bytes[begin:middle]), bytes(self._bytes[middle:end])
                at = end
        finally:
            del self._bytes[:at]


def header_of(head: bytes) -> Header:
    """The header as it was sent → its fields. Raises ValueError."""
    header = json.loads(head)
    if not isinstance(header, dict):
        raise NoMessage("a message has no header")
    return header


def packed_rows(
    kind: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    gaps: Iterable[int] | None = None,
    more: Header | None = None,
) -> bytes:
    """Rows → a message of kind `steps` or `requests`. TypeError: not all have the same columns (None: not measured)."""
    columns: list[list[Any]] = []
    body = []
    for name, items in zip(names, zip(*rows)):
        if items[0] is not None:
            columns.append([name, "q"])
            body.append(array("q", items).tobytes())
        elif items.count(None) != len(items):
            raise TypeError(name)
    if gaps is not None:
        items_of_gaps = array("q", gaps)
        columns.append(["itl_ns", "q", len(items_of_gaps)])
        body.append(items_of_gaps.tobytes())
    return message({"kind": kind, "count": len(rows), "columns": columns, **(more or {})}, b"".join(body))
