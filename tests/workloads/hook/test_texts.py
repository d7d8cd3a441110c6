"""Texts that are long or odd: what the hook sends can be read by who listens."""

from __future__ import annotations

import sys
from typing import Any, cast

import pytest
import torch

from workloads.exec.said import SaidEvent, SaidHello, said
from workloads.hook.hello import MOST_WORDS, hello
from workloads.hook.line import Line
from workloads.hook.loop import Loop
from workloads.hook.messages import LARGEST_HEADER, LONGEST_TEXT, Unpacker, header_of, message


def _sent(header: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    data = message(header)
    ((head, _),) = Unpacker().feed(data)
    return header_of(head), said(data[8:])


@pytest.mark.parametrize("text", ["", "a\0b\n", "r\udce9sum\udce9", "\ud800", "é😀", "x" * 3_000_000])
def test_an_event_is_read_whatever_its_text(text: str) -> None:
    put: list[dict[str, Any]] = []
    line = Line()
    line.put = put.append  # type: ignore[assignment,method-assign]
    Loop(line).event("mark", 1, 0, text)
    read, event = _sent(put[0])
    assert isinstance(event, SaidEvent)
    assert event.text == read["text"] == text[:LONGEST_TEXT].encode(errors="replace").decode()


def test_who_speaks_is_read_whatever_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "r\udce9.py", "x" * 200_000] * 1_000)
    header = hello(torch)
    assert len(message(header)) < LARGEST_HEADER
    who = cast("SaidHello", _sent(header)[1])
    assert who.argv[:2] == ["python", "r?.py"]
    assert len(who.argv) == MOST_WORDS
