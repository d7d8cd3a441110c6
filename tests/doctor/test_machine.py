"""What the doctor reads of the machine itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.doctor.machine import on_battery, processors, sessions_folder
from app.telemetry.control_groups import cpu_quota, memory_limit_bytes


def group(sys: Path, path: str, **files: str) -> None:
    folder = sys / "fs/cgroup" / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)


def in_groups(proc: Path, lines: str) -> Path:
    (proc / "self").mkdir(parents=True)
    (proc / "self/cgroup").write_text(lines)
    return proc


def supply(sys: Path, name: str, **files: str) -> None:
    folder = sys / "class/power_supply" / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_text(content + "\n")


def test_the_smallest_quota_of_all_groups_above_counts(tmp_path: Path) -> None:
    proc = in_groups(tmp_path / "proc", "0::/pod/container\n")
    group(tmp_path / "sys", "pod", cpu__max="150000 100000\n")
    group(tmp_path / "sys", "pod/container", cpu__max="400000 100000\n")
    assert cpu_quota(proc, tmp_path / "sys") == 1.5


def test_no_limit_is_none(tmp_path: Path) -> None:
    proc = in_groups(tmp_path / "proc", "0::/\n")
    group(tmp_path / "sys", "", cpu__max="max 100000\n")
    assert cpu_quota(proc, tmp_path / "sys") is None


def test_a_quota_of_the_first_kind_of_groups_counts_too(tmp_path: Path) -> None:
    proc = in_groups(tmp_path / "proc", "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n")
    group(tmp_path / "sys", "cpu,cpuacct", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    group(tmp_path / "sys", "cpu,cpuacct/job", cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    assert cpu_quota(proc, tmp_path / "sys") == 2.5


def test_a_machine_without_groups_or_load_is_no_error(tmp_path: Path) -> None:
    found = processors(tmp_path, tmp_path)
    assert (found.quota, found.load_1m) == (None, None)
    assert found.allowed


def test_the_load_is_that_of_the_last_minute(tmp_path: Path) -> None:
    (tmp_path / "loadavg").write_text("0.52 0.58 0.59 1/600 12345\n")
    assert processors(tmp_path, tmp_path).load_1m == 0.52


@pytest.mark.parametrize(("status", "draining"), [("Discharging", True), ("Charging", False), ("Full", False)])
def test_a_battery_that_drains_is_seen(tmp_path: Path, status: str, *, draining: bool) -> None:
    supply(tmp_path, "AC", type="Mains", online="1")
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert on_battery(tmp_path) is draining


def test_a_mouse_has_a_battery_too_and_it_does_not_count(tmp_path: Path) -> None:
    supply(tmp_path, "mouse", type="Battery", scope="Device", status="Discharging")
    assert on_battery(tmp_path) is None


def test_a_folder_that_is_not_there_yet_has_the_room_of_the_one_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("app.doctor.machine.shutil.disk_usage", {tmp_path: room}.__getitem__)
    found = sessions_folder(tmp_path / "not" / "yet")
    assert found.free_bytes == room.free
    assert not (tmp_path / "not").exists()


def test_the_smallest_limit_of_memory_counts_and_a_huge_one_is_none(tmp_path: Path) -> None:
    proc = in_groups(tmp_path / "proc", "5:memory:/job\n0::/pod\n")
    group(tmp_path / "sys", "memory", memory__limit_in_bytes="9223372036854771712")
    group(tmp_path / "sys", "memory/job", memory__limit_in_bytes="4096")
    group(tmp_path / "sys", "pod", memory__max="max")
    assert memory_limit_bytes(proc, tmp_path / "sys") == 4096
    assert memory_limit_bytes(tmp_path, tmp_path / "sys") is None
