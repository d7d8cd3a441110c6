"""The doctor as a whole: real processes answer it, hang, fail or talk nonsense, and it always comes to an end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import pytest

from app.doctor import collect, text
from app.doctor.diagnosis import Diagnosis, Torch
from app.doctor.torch_probe import TORCH_COMMAND, probe_torch
from tests.cli.test_commands import benchtop
from workloads.wire.frames import DeviceFacts, Fingerprint, Gauges, GpuProcess, Hello
from workloads.wire.framing import frame_bytes

NO_TORCH = (sys.executable, "-c", 'print(\'{"reason": "not asked"}\')')
ENVIRONMENT = {"TERM": "xterm-256color"}
H200 = DeviceFacts(
    device="gpu0",
    name="NVIDIA H200",
    driver="580.159.04",
    compute_capability="9.0",
    memory_bytes=150754820096,
    dram_limit_bytes_per_s=4814304000000.0,
    sm_clock_limit_mhz=1980,
    power_limit_w=700.0,
    pcie_generation=5,
    pcie_width=16,
    gpm=True,
)
HELLO = frame_bytes(
    Hello(
        role="sampler",
        pid=1,
        host="bench",
        monotonic_ns=1,
        wall_ns=1,
        fingerprint=Fingerprint(cpu="AMD EPYC 9654", cores=96, governor="performance", devices=(H200,)),
    )
)
READINGS = b"".join(
    map(
        frame_bytes,
        (
            Gauges(
                at_ns=1,
                device="gpu0",
                source="nvml",
                readings={"utilization_percent": 0.0, "power_w": 79.1, "temperature_c": 39.0},
                processes=(GpuProcess(41, 2**30),),
            ),
            Gauges(at_ns=1, device="gpu0", source="gpm", absent={"sm_active_percent": "Not Supported"}),
            Gauges(at_ns=1, device="host", source="psutil", readings={"cpu_percent": 1.0}),
        ),
    )
)


def says(folder: Path, stream: bytes, then: str = "true") -> tuple[str, ...]:
    """A sampler that says this, and then does something."""
    (folder / "stream").write_bytes(stream)
    return ("sh", "-c", f"cat {folder / 'stream'}; {then}")


def diagnosis(home: Path, sampler: tuple[str, ...], *, sampler_s: float = 30.0) -> Diagnosis:
    return collect(home, environment=ENVIRONMENT, sampler=sampler, torch=NO_TORCH, sampler_s=sampler_s)


def test_what_the_sampler_says_becomes_facts_and_advice(tmp_path: Path) -> None:
    found = diagnosis(tmp_path, says(tmp_path, HELLO + READINGS))
    assert (found.facts.host, found.facts.sampler_trouble) == ("bench", "")
    (gpu,) = found.facts.gpus
    assert gpu.facts == H200
    assert gpu.processes == (GpuProcess(41, 2**30),)
    said = [advice.what for advice in found.advice]
    assert "1 other process holds 1.00 GiB on gpu0 (pid 41)" in said
    assert "gpu0 does not give SM active: Not Supported" in said


def test_a_driver_that_hangs_is_told_instead_of_hanging_the_doctor(tmp_path: Path) -> None:
    found = diagnosis(tmp_path, ("sleep", "3600"), sampler_s=0.2)
    assert found.facts.sampler_trouble == "no answer within 0.2 s: a driver hangs"
    assert found.advice[0].severity == "problem"


def test_what_was_said_before_it_hung_is_kept(tmp_path: Path) -> None:
    found = diagnosis(tmp_path, says(tmp_path, HELLO, "exec sleep 3600"), sampler_s=1.0)
    assert found.facts.sampler_trouble == "no answer within 1 s after it had named the devices: a driver hangs"
    assert [gpu.facts.name for gpu in found.facts.gpus] == ["NVIDIA H200"]


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        (("sh", "-c", "echo first >&2; echo the reason >&2; exit 3"), "the reason"),
        (("sh", "-c", "exit 3"), "it ended with status 3 and said nothing"),
        (("sh", "-c", "echo this is no frame at all"), "what it says cannot be read: damaged at byte 0"),
        (("/not/there",), "it cannot be started: No such file or directory"),
    ],
)
def test_a_sampler_that_fails_is_told(tmp_path: Path, command: tuple[str, ...], trouble: str) -> None:
    assert diagnosis(tmp_path, command).facts.sampler_trouble.startswith(trouble)


def test_the_text_has_the_facts_in_rows_and_the_remedies_below(tmp_path: Path) -> None:
    lines = text(diagnosis(tmp_path, says(tmp_path, HELLO + READINGS))).splitlines()
    assert "gpu0        NVIDIA H200 · 140 GiB · 4,814 GB/s · up to 1,980 MHz · 700 W · PCIe 5.0 ×16" in lines
    assert (
        "            driver 580.159.04 · compute capability 9.0 · GPU utilization 0.0 % · 39 °C · 79 W now · GPM"
        in lines
    )
    warning = lines.index("warning     1 other process holds 1.00 GiB on gpu0 (pid 41)")
    assert lines[warning + 1].startswith("            → end them")
    assert lines[lines.index("") + 1].startswith("PROBLEM     torch cannot be used: not asked")


def test_json_gives_the_whole_diagnosis_back(tmp_path: Path) -> None:
    found = diagnosis(tmp_path, says(tmp_path, HELLO + READINGS))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Diagnosis) == found


def test_this_machine_is_diagnosed_with_real_processes(tmp_path: Path) -> None:
    done = benchtop("doctor", "--json", home=tmp_path)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document["facts"]["sampler_trouble"] == ""
    assert document["facts"]["torch"]["version"]
    assert document["facts"]["sessions"]["path"] == str(tmp_path / "sessions")
    assert {advice["severity"] for advice in document["advice"]} <= {"ok", "warning", "problem"}
    assert not (tmp_path / "sessions").exists()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(1)", "importing it ended the process with status 1"),
        ("import sys; sys.exit('cannot open libcudart')", "cannot open libcudart"),
        ("import os; os.kill(os.getpid(), 9)", "importing it ended the process with status -9"),
        ("print('no JSON')", "importing it ended the process with status 0"),
        ('print(\'{"reason": "No module named torch"}\')', "No module named torch"),
    ],
)
def test_a_torch_that_cannot_answer_is_told_with_a_reason(code: str, reason: str) -> None:
    assert probe_torch((sys.executable, "-c", code), 30.0) == Torch(reason=reason)


def test_a_torch_that_hangs_is_told() -> None:
    assert probe_torch(("sleep", "3600"), 0.2) == Torch(reason="no answer within 0.2 s")


def test_a_driver_that_is_too_old_is_told_in_one_line() -> None:
    said = {
        "version": "2.13.0",
        "built_for_cuda": "13.0",
        "reason": "The NVIDIA driver on your system is too old (found version 12020). Please update your GPU driver",
    }
    found = probe_torch((sys.executable, "-c", f"print({json.dumps(json.dumps(said))})"), 30.0)
    assert found.reason == "the NVIDIA driver is too old: it offers CUDA 12.2, this torch was built for CUDA 13.0"


def test_the_questions_to_torch_are_asked_by_the_same_interpreter_from_no_folder_of_the_users() -> None:
    assert TORCH_COMMAND[:2] == (sys.executable, "-P")
