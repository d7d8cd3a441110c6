"""A few of the damaged journals, manifests, tables and packs of which `python -m tests.bench.fuzz` tries 100,000."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.session.pack import cache
from tests.bench.fuzz.targets import Ground, targets

EXAMPLES = {"journal": 25, "manifest": 30, "pack": 20, "table": 8}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("ground"))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_whatever_is_damaged_ends_in_a_session_or_in_a_line(
    kind: str, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(ground.home.parent))
    monkeypatch.setattr(cache, "_open", {})
    target = targets(ground)[kind]

    @settings(max_examples=EXAMPLES[kind], database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def tried(seed: int) -> None:
        with contextlib.suppress(ValueError, OSError):
            target(random.Random(seed))

    tried()


def test_a_manifest_that_is_too_large_or_too_deep_is_one_line(ground: Ground) -> None:
    folder = ground.fresh()
    for data, words in ((b"[" * 200_000, "cannot be read"), (b" " * ((32 << 20) + 1), "larger than any can be")):
        folder.manifest.write_bytes(data)
        with pytest.raises(ValueError, match=words) as refusal:
            folder.read_manifest()
        assert "\n" not in str(refusal.value)


def test_a_path_of_a_stranger_is_not_followed(tmp_path: Path, ground: Ground) -> None:
    folder = ground.fresh()
    folder.manifest.symlink_to(tmp_path)
    with pytest.raises(ValueError, match="cannot be read"):
        folder.read_manifest()
