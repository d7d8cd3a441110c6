"""How the command's last line stands, for who writes to the same place."""

from __future__ import annotations

import os
import tempfile

import pytest

from workloads.exec.open_line import ERASED, OpenLine, is_same_place


@pytest.mark.parametrize(
    ("written", "on_a_terminal", "elsewhere"),
    [
        ((), "", ""),
        ((b"whole\n",), "", ""),
        ((b"loading ",), "\n", "\n"),
        ((b"loading ", b"done\n"), "", ""),
        ((b"\r 45%",), ERASED, "\n"),
        ((b"one\n\r 45%", b"|##"), ERASED, "\n"),
        ((b"\r 45%", b"\rdone\nmore"), "\n", "\n"),
        ((b"of DOS\r\n",), "", ""),
    ],
)
def test_a_line_of_ones_own_has_its_line_to_itself(
    written: tuple[bytes, ...], on_a_terminal: str, elsewhere: str
) -> None:
    with tempfile.TemporaryFile(buffering=0) as file:
        for terminal, expected in ((True, on_a_terminal), (False, elsewhere)):
            writer, other = OpenLine(file.fileno()), OpenLine(file.fileno())
            for data in written:
                writer.wrote(data)
            assert other.leave(terminal=terminal) == expected
            assert other.leave(terminal=terminal) == "", "it was left"


def test_places_are_the_same_by_where_they_lead() -> None:
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as two:
        again = os.dup(one.fileno())
        assert is_same_place(one.fileno(), again)
        os.close(again)
        assert not is_same_place(one.fileno(), two.fileno())
        assert not is_same_place(one.fileno(), again)
