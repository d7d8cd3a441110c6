"""The copy probe looks before it takes memory."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from workloads.probe.copy import check_room, free_bytes

MIB = 2**20


def test_buffers_that_do_not_fit_are_refused_with_a_size_that_does() -> None:
    check_room(200 * MIB, 1_000 * MIB)
    check_room(200 * MIB, None)
    with pytest.raises(ValueError, match="--set size_mib=450"):
        check_room(2_000 * MIB, 1_000 * MIB)


def test_free_host_memory_is_what_the_kernel_calls_available(tmp_path: Path) -> None:
    facts = tmp_path / "meminfo"
    facts.write_text("MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable:   40 kB\n")
    assert free_bytes(torch.device("cpu"), facts) == 40 * 1024
    assert free_bytes(torch.device("cpu"), tmp_path / "none") is None
