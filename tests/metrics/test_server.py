"""The port that a session's numbers are read from while it goes on."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.cli import main
from app.metrics.exposition import CONTENT_TYPE
from app.metrics.listening import listen
from app.metrics.server import respond
from app.session.store.lock import hold_lock
from tests.analysis.journals import journalled, training, write_journal
from tests.session.frames import SECOND, hello, steps

DEADLINE_S = 60.0


def get(address: str, **fields: str) -> str:
    request = urllib.request.Request(address, headers=fields)
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        body: str = answer.read().decode()
    return body


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def measured(text: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "benchtop_step_seconds_count" and sample.labels["phase"] == "measure"
    )


def test_numbers_are_told_as_they_come_and_the_port_is_closed_with_the_session(tmp_path: Path) -> None:
    folder = journalled(tmp_path, (hello(), *training()[:6]))
    listening = listen(None, 0)
    address = listening.address
    assert address.startswith("http://127.0.0.1:")
    assert not listening.open_to_all
    with hold_lock(folder):
        listening.serve(folder)
        until(lambda: measured(get(address)) == 15)
        write_journal(folder, [steps(4 * SECOND, 5, run=1)])
        until(lambda: measured(get(address)) == 20)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(address.replace("/metrics", "/"))
        with pytest.raises(urllib.error.HTTPError, match="421"):
            get(address, Host="evil.example")
        # Who says nothing, or too much, holds nobody up.
        with socket.create_connection(listening_at(address)), socket.create_connection(listening_at(address)) as rude:
            rude.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 20_000)
            assert measured(get(address)) == 20
        (process,) = listening.processes
        sockets = psutil.Process(process.pid).net_connections()
        assert {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN} == {"127.0.0.1"}
    assert process.wait(DEADLINE_S) == 0
    assert folder.conductor_log.read_bytes() == b""
    with pytest.raises(urllib.error.URLError):
        get(address)


def listening_at(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("http://").removesuffix("/metrics").partition(":")
    return host, int(port)


def test_a_port_that_is_taken_is_said_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in (["run", "train/digits"], ["exec", "--headless"]):
            program = ["--", "true"] if command[0] == "exec" else []
            assert main([*command, "--metrics-port", port, *program]) == 2
            assert capsys.readouterr().err == (
                f"benchtop: port {port} is taken: choose another with --metrics-port, or 0 for any\n"
            )
    assert main(["run", "train/digits", "--metrics-host", "0.0.0.0"]) == 2
    assert "needs --metrics-port" in capsys.readouterr().err
    assert main(["run", "train/digits", "--metrics-host", "no such host", "--metrics-port", "0"]) == 2
    assert "nothing can listen on no such host" in capsys.readouterr().err
    assert main(["run", "train/digits", "--metrics-port", "70000"]) == 2
    assert "out of range" in capsys.readouterr().err
    assert not list(tmp_path.rglob("plan.json"))


def test_only_who_asks_for_this_machine_by_its_own_name_is_answered() -> None:
    def asked(first: str, host: str, *, only_local: bool = True) -> bytes:
        return respond(f"{first}\r\nHost: {host}\r\n\r\n", lambda: "x 1\n", only_local=only_local)

    for host in ("localhost:9100", "127.0.0.1", "[::1]:9100", "LOCALHOST"):
        assert asked("GET /metrics HTTP/1.1", host).endswith(b"\r\n\r\nx 1\n")
    assert asked("GET /metrics?x=1 HTTP/1.1", "10.0.0.1", only_local=False).startswith(b"HTTP/1.1 200")
    assert asked("GET /metrics HTTP/1.1", "localhost.evil.example").startswith(b"HTTP/1.1 421")
    assert asked("HEAD /metrics HTTP/1.1", "localhost").endswith(b"Content-Length: 4\r\n" + END)
    assert asked("POST /metrics HTTP/1.1", "localhost").startswith(b"HTTP/1.1 405")
    assert asked("nonsense", "localhost").startswith(b"HTTP/1.1 405")


END = b"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"


def test_who_listens_on_more_than_this_machine_says_so() -> None:
    listening = listen("0.0.0.0", 0)
    with listening.listener:
        assert listening.open_to_all
