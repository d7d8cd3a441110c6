"""RAPL: a counter that begins anew at its end, of packages alone, and that only root may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.telemetry.host_rapl import ENERGY, PackageEnergy


def zone(sys: Path, name: str, label: str, uj: int, largest: int = 1_000_000) -> Path:
    place = sys / "class/powercap" / name
    place.mkdir(parents=True)
    (place / "name").write_text(f"{label}\n")
    (place / "energy_uj").write_text(f"{uj}\n")
    (place / "max_energy_range_uj").write_text(f"{largest}\n")
    return place


def read(energy: PackageEnergy) -> tuple[dict[str, float], dict[str, str]]:
    readings: dict[str, float] = {}
    absent: dict[str, str] = {}
    energy.read(readings, absent)
    return readings, absent


def test_packages_are_summed_and_their_parts_and_doubles_are_not(tmp_path: Path) -> None:
    packages = [zone(tmp_path, f"intel-rapl:{n}", f"package-{n}", 500_000) for n in (0, 1)]
    others = [
        zone(tmp_path, "intel-rapl:0:0", "core", 0),
        zone(tmp_path, "intel-rapl-mmio:0", "package-0", 0),
        zone(tmp_path, "intel-rapl:2", "psys", 0),
    ]
    energy = PackageEnergy(tmp_path)
    assert read(energy) == ({ENERGY: 0.0}, {}), "it counts from the first reading on"
    for place in (*packages, *others):
        (place / "energy_uj").write_text("700000\n")
    assert read(energy) == ({ENERGY: 0.4}, {})


def test_a_counter_that_began_anew_goes_on_where_it_ended(tmp_path: Path) -> None:
    place = zone(tmp_path, "intel-rapl:0", "package-0", 900_000)
    energy = PackageEnergy(tmp_path)
    read(energy)
    (place / "energy_uj").write_text("100000\n")
    assert read(energy)[0][ENERGY] == pytest.approx(0.2)


def test_without_any_it_is_absent_with_the_reason(tmp_path: Path) -> None:
    readings, absent = read(PackageEnergy(tmp_path))
    assert readings == {}
    assert "RAPL" in absent[ENERGY]


def test_what_only_root_may_read_is_absent_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = zone(tmp_path, "intel-rapl:0", "package-0", 5)

    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("app.telemetry.host_rapl.read_small", refuse)
    readings, absent = read(PackageEnergy(tmp_path))
    assert readings == {}
    assert absent[ENERGY] == f"only root may read RAPL: {place}/energy_uj"


def test_a_zone_that_says_nonsense_is_absent(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", "package-0", 5).joinpath("energy_uj").write_text("\n")
    assert "cannot be read" in read(PackageEnergy(tmp_path))[1][ENERGY]
