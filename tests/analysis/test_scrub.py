"""What a scrubbed pack says, and what it does not say any more."""

from __future__ import annotations

import getpass
import io
import re
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace

from app.analysis.compare.command import comparison_of
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.scrub.classes import CLASSES, COLUMNS, TEXTS
from app.analysis.scrub.replacing import Replacing
from app.analysis.summary.making import summarise
from app.analysis.tables.schema import SCHEMAS
from app.packing import pack_session
from app.session.pack import cache
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder, create_session, find_session
from tests.analysis.journals import serving, training, write_journal
from tests.session.frames import SECOND, hello
from workloads.wire.frames import (
    SESSION,
    AnyFrame,
    ClockAligned,
    DeviceFacts,
    Done,
    Event,
    Failure,
    Finding,
    Fingerprint,
    Gauges,
    Log,
    NetworkInterface,
)
from workloads.wire.framing import frame_bytes

HOST, USER, UUID = "prometheus7.lab.example.org", "mfischer", "GPU-8f6b1c2d-1a2b-3c4d-5e6f-0123456789ab"
SECRETS = (
    HOST,
    "prometheus7",
    USER,
    UUID,
    "0123456789ab",
    "/home/",
    "thesis",
    "hunter2",
    "4af31c9e",
    "00000000:65:00.0",
    "1650923004711",
    "10.20.30.40",
    "3c:ec:ef:12:34:56",
    "github.com",
    "secret_model.py",
    "corpus.csv",
    "oldbox",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cache, "_open", {})


def told() -> tuple[AnyFrame, ...]:
    """Frames that say far too much."""
    device = DeviceFacts(device=f"{HOST}:gpu0", name="NVIDIA H200", uuid=UUID, absent={"power_w": "no /home/x/nvml.so"})
    sampler = Fingerprint(
        cpu="a processor",
        kernel="6.1",
        devices=(device,),
        interfaces=(NetworkInterface(name="enx3cecef123456"),),
        environment={"LD_LIBRARY_PATH": f"/home/{USER}/lib", "NCCL_SOCKET_IFNAME": "hunter2"},
        git_commit="4af31c9e",
        git_changes="",
    )
    texts = (
        f"loading /home/{USER}/thesis/secret_model.py on {HOST.upper()}",
        f"rsync {USER}@oldbox:/data done",
        "remote git@github.com:someone/thesis.git",
        "https://user:hunter2@github.com/x",
        "pci 00000000:65:00.0, serial number: 1650923004711",
        "peer 10.20.30.40, mac 3c:ec:ef:12:34:56",
        "API_TOKEN=hunter2 in the environment",
        "epoch 3: loss 0.25, 12.5 samples/s",
        "corpus.csv has 7 rows",
    )
    return (
        replace(hello(), host=HOST),
        replace(hello("sampler"), host="prometheus7", fingerprint=sampler),
        Gauges(at_ns=SECOND, device=f"{HOST}:gpu0", source="nvml", readings={"power_w": 10.0}),
        ClockAligned(at_ns=SECOND, role="worker", host=HOST, offset_ns=1, error_ns=1),
        *(Log(run=1, at_ns=2 * SECOND + number, text=text, origin="stderr") for number, text in enumerate(texts)),
        Event(run=1, at_ns=2 * SECOND, kind="checkpoint", text=f"~{USER}/thesis/model.pt"),
        Finding(at_ns=2 * SECOND, kind="clock", message=f"the clock of {HOST} is off", remedy=f"ask {USER}"),
        *training(),
        *serving(),
        Failure(
            run=2,
            at_ns=8 * SECOND,
            kind="crashed",
            message="it crashed",
            detail=f'Traceback\n  File "/home/{USER}/thesis/secret_model.py", line 3, in step\nValueError: no',
        ),
        Done(run=SESSION, at_ns=9 * SECOND),
    )


def session(tmp_path: Path) -> SessionFolder:
    """Finished, with names in every corner."""
    command = (
        "python",
        f"/home/{USER}/thesis/secret_model.py",
        "--data=corpus.csv",
        "--epochs",
        "3",
        "--token",
        "hunter2",
    )
    plan = Plan(
        name=f"{USER} thesis",
        created_ns=0,
        runs=(
            PlannedRun(run=1, workload="train/digits", command=command, working_folder=f"/home/{USER}/thesis"),
            PlannedRun(run=2, workload="infer/digits", parameters={"weights": f"/home/{USER}/w.pt", "batch": 4}),
        ),
        via=("ssh", f"{USER}@{HOST}"),
        nodes=(HOST, "oldbox"),
        rendezvous=f"{HOST}:29400",
    )
    folder = create_session(tmp_path / "home" / "sessions", plan)
    write_journal(folder, told())
    finish(folder)
    (folder.path / "notes.md").write_text(f"{USER} ran this on prometheus7; faster than oldbox\n")
    spoken = Event(run=1, at_ns=2 * SECOND, kind="mark", text=f"/home/{USER}/thesis")
    aligned = ClockAligned(at_ns=SECOND, role="worker", host=HOST, offset_ns=1, error_ns=1)
    (folder.path / "facts-00001.frames").write_bytes(frame_bytes(aligned) + frame_bytes(spoken))
    (folder.path / "screen.svg").write_text(f"<svg>{HOST}</svg>")
    return folder


def scrubbed(tmp_path: Path) -> tuple[SessionFolder, Path, str]:
    folder = session(tmp_path)
    said = pack_session(folder, str(tmp_path / "s.zip"), scrub=True, weights=False)
    return folder, tmp_path / "s.zip", said


def test_every_text_of_the_types_says_what_becomes_of_it() -> None:
    assert set(CLASSES) == set(TEXTS), "say in `app.analysis.scrub.classes` what becomes of it in a scrubbed pack"
    columns = {f"{table}.{name}" for table, schema in SCHEMAS.items() for name in schema if schema[name] == pl.String}
    assert set(COLUMNS) == columns


def test_no_name_is_left_in_any_byte(tmp_path: Path) -> None:
    _, target, _ = scrubbed(tmp_path)
    own = {socket.gethostname(), getpass.getuser()} - {"root", "localhost"}
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            texts = [data.decode("latin-1")]
            if name.endswith(".parquet"):
                table = pl.read_parquet(io.BytesIO(data))
                texts.append(table.write_json())
            for text in (*texts, archive.getinfo(name).comment.decode(), target.name):
                found = [secret for secret in SECRETS if secret.casefold() in text.casefold()]
                found += [each for each in own if re.search(rf"\b{re.escape(each)}\b", text)]
                assert not found, (name, found)


def test_it_says_what_it_took_out_and_what_it_left(tmp_path: Path) -> None:
    _, target, said = scrubbed(tmp_path)
    (line,) = [line for line in said.splitlines() if line.startswith("taken out: ")]
    for kind in (
        "host",
        "user",
        "path",
        "serial number",
        "environment variable",
        "git revision",
        "log line",
        "argument",
    ):
        assert re.search(rf"\d+ {kind}", line), kind
    assert "left out: screen.svg" in said
    assert load(find_session(tmp_path, str(target))).manifest.scrubbed


def test_what_is_measured_and_how_it_hangs_together_stays(tmp_path: Path) -> None:
    folder, target, _ = scrubbed(tmp_path)
    opened = find_session(tmp_path, str(target))
    before, after = summarise(load(folder)), summarise(load(opened))
    assert [run.times for run in after.runs] == [run.times for run in before.runs]
    manifest = opened.read_manifest()
    assert {each.host for each in manifest.hellos if each.role != "worker"} == {manifest.plan.nodes[0]}
    assert manifest.hellos[1].fingerprint.devices[0].device == f"{manifest.plan.nodes[0]}:gpu0"
    assert manifest.devices[0].name == "NVIDIA H200"
    assert manifest.plan.runs[0].command[3:5] == ("--epochs", "3")
    logs = load(opened).tables["logs"].collect()["text"].to_list()
    assert "epoch 3: loss 0.25, 12.5 samples/s" in logs
    failure = manifest.runs[1].failure
    assert failure is not None
    assert failure.detail == "Traceback\n[taken out]\nValueError: no"


def test_two_scrubbed_sessions_do_not_pass_for_one_machine(tmp_path: Path) -> None:
    folder, target, _ = scrubbed(tmp_path)
    opened = find_session(tmp_path, str(target))
    found = comparison_of([(folder, 0), (opened, 0)], accepted=[], within=0.01, conditions="")
    assert any(
        each.name == "host" and each.standing == "not known" for pair in found.pairs for each in pair.differences
    )


def test_weights_are_not_scrubbed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nobody can look into them"):
        pack_session(session(tmp_path), None, scrub=True, weights=True)


def kept(text: str) -> bool:
    return Replacing({}).text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "12.5 samples/s, 3 tokens/s",
        "train/digits on a processor in float32",
        "infer/digits.batch=4",
        "aten::add_ and std::vector",
        "LR=1e-3 at 12:30.5",
        "±3 % of 1/2, N/A, and/or",
        "torch 2.11.0+cu128",
        "reads /proc/stat",
        "DataLoader(num_workers=8)",
    ],
)
def test_what_is_no_name_is_kept(text: str) -> None:
    assert kept(text)


Make = Callable[[str], str]


@pytest.mark.parametrize(
    "text",
    [
        "-I/opt/mine/include",
        "./run.sh now",
        "C:\\Users\\me\\x",
        "data/private.jsonl missing",
        "see /mnt/x/y.py:12: error",
        "FOO_BAR='a b'",
        "fe80::1ff:fe23:4567:890a",
    ],
)
def test_what_looks_like_a_name_is_not(text: str) -> None:
    assert not kept(text)
