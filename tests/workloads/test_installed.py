"""Packages of the interpreter, and the variables that change speed."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from workloads.installed import installed
from workloads.speed_variables import speed_variables


def test_all_packages_are_those_that_the_standard_library_finds() -> None:
    found = installed(sys.path)
    assert found["torch"] == metadata.version("torch").partition("-")[0]
    names = {dist.metadata["Name"].lower().replace("_", "-").replace(".", "-") for dist in metadata.distributions()}
    assert names <= found.keys()


def test_the_first_on_the_path_wins_and_folders_that_are_not_there_are_none(tmp_path: Path) -> None:
    for folder in ("one/Some_Thing-1.0.dist-info", "two/some.thing-2.0.dist-info", "two/old-3.1-py3.11.egg-info"):
        (tmp_path / folder).mkdir(parents=True)
    found = installed([str(tmp_path / "none"), str(tmp_path / "one"), str(tmp_path / "two")])
    assert found == {"old": "3.1", "some-thing": "1.0"}


def test_only_variables_that_change_speed_are_kept() -> None:
    environment = {"OMP_NUM_THREADS": "2", "NCCL_DEBUG": "INFO", "AWS_SECRET_ACCESS_KEY": "x", "PATH": "/bin"}
    assert speed_variables(environment) == {"NCCL_DEBUG": "INFO", "OMP_NUM_THREADS": "2"}
