"""Rooflines of earlier sessions are found in their manifests, and no manifest keeps a session from starting."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from app.session.roofs import kept_rooflines as room
from app.session.roofs.kept_rooflines import kept_rooflines
from app.session.roofs.roofline import Roofline
from app.session.store.manifest import Manifest
from app.session.store.schema import SCHEMA
from tests.session.frames import PLAN

WHOLE = Roofline(
    device_name="NVIDIA H200", host="here", kind="cuda", flops_per_s={"bfloat16": 7e14}, bytes_per_s=4e12, session="s"
)
MANIFEST = Manifest(plan=PLAN, outcome="done", started_ns=1, ended_ns=2)


def put(home: Path, name: str, *rooflines: Roofline, plan: tuple[Roofline, ...] = ()) -> Path:
    """A finished session."""
    path = home / name / "manifest.json"
    path.parent.mkdir()
    kept = replace(MANIFEST, rooflines=rooflines, plan=replace(PLAN, rooflines=plan))
    path.write_bytes(msgspec.json.encode(kept))
    return path


def test_the_newest_of_each_device_and_host_is_taken(tmp_path: Path) -> None:
    old, other, far = replace(WHOLE, session="old"), replace(WHOLE, device_name="cpu"), replace(WHOLE, host="far")
    put(tmp_path, "20260101-a", old, other)
    put(tmp_path, "20260102-b", WHOLE, far)
    put(tmp_path, "20260103-c", plan=(replace(WHOLE, session="in a plan"),))
    assert kept_rooflines(tmp_path, "here") == (WHOLE, far, other)


def test_the_search_goes_little_further_than_the_first_that_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "NEAR", 2)
    part, cpu = replace(WHOLE, device_name="part", bytes_per_s=None), replace(WHOLE, device_name="cpu")
    for number, roofline in enumerate((cpu, cpu, WHOLE, part), start=1):
        put(tmp_path, f"2026010{number}-x", replace(roofline, device_name=f"{roofline.device_name} {number}"))
    assert [each.device_name for each in kept_rooflines(tmp_path, "here")] == ["part 4", "NVIDIA H200 3", "cpu 2"]
    assert len(kept_rooflines(tmp_path, "elsewhere")) == 4, "another host's roofline ends no search"
    monkeypatch.setattr(room, "MOST", 1)
    assert len(kept_rooflines(tmp_path, "elsewhere")) == 1


def test_what_cannot_be_read_is_passed_by(tmp_path: Path) -> None:
    put(tmp_path, "20260101-whole", WHOLE)
    put(tmp_path, "20260102-damaged", WHOLE).write_text('{"rooflines": [{"device_name": 3')
    put(tmp_path, "20260103-wrong", WHOLE).write_text('{"rooflines": [{"host": "here"}]}')
    put(tmp_path, "20260104-no-text", WHOLE).write_bytes(b'"rooflines"\xff\xfe')
    newer = put(tmp_path, "20260105-newer", replace(WHOLE, session="newer"))
    newer.write_text(newer.read_text().replace(f'"schema":{SCHEMA}', '"schema":99', 1))
    (tmp_path / "20260106-running").mkdir()
    (tmp_path / "a file").touch()
    assert kept_rooflines(tmp_path, "here") == (WHOLE,)
    assert kept_rooflines(tmp_path / "nowhere", "here") == ()
