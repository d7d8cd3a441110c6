"""The control socket: real sockets, one command, one reply, and one line when nobody answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.session.sources.control import ConductorGone, ask, bind
from app.session.store.folder import SessionFolder, create_session
from tests.conductor.harness import conducted, plan_of, until
from tests.session.frames import PLAN
from workloads.wire.commands import Reply, Status
from workloads.wire.framing import frame_bytes

REPLY = frame_bytes(Reply(accepted=True, pid=7, message="so be it"))


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    """A session with a plan and nothing else."""
    return create_session(tmp_path, PLAN)


@pytest.fixture
def server(folder: SessionFolder) -> Iterator[socket.socket]:
    """A bound socket that listens."""
    with bind(folder) as line:
        line.listen()
        yield line


def answer(server: socket.socket, data: bytes, *, in_pieces_of: int = 1 << 16) -> threading.Thread:
    """Take one caller, read its command, send these bytes and hang up."""

    def serve() -> None:
        caller, _ = server.accept()
        with caller:
            caller.recv(4096)
            for place in range(0, len(data), in_pieces_of):
                caller.sendall(data[place : place + in_pieces_of])

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize("in_pieces_of", [1 << 16, 1])
def test_a_command_gets_its_reply_in_whatever_pieces_it_comes(
    folder: SessionFolder, server: socket.socket, in_pieces_of: int
) -> None:
    thread = answer(server, REPLY, in_pieces_of=in_pieces_of)
    assert ask(folder, Status(), timeout_s=30) == Reply(accepted=True, pid=7, message="so be it")
    thread.join()


@pytest.mark.parametrize("data", [b"", REPLY[:-1], b"garbage" * 9, frame_bytes(Status()), b"\xff" * 8])
def test_an_answer_that_is_no_whole_reply_is_a_conductor_that_is_gone(
    folder: SessionFolder, server: socket.socket, data: bytes
) -> None:
    thread = answer(server, data)
    with pytest.raises(ConductorGone):
        ask(folder, Status(), timeout_s=30)
    thread.join()


def test_a_conductor_that_listens_and_says_nothing_is_not_waited_for(
    folder: SessionFolder, server: socket.socket
) -> None:
    with pytest.raises(ConductorGone, match=f"session {folder.name} does not answer"):
        ask(folder, Status(), timeout_s=0.01)


def test_nobody_there_is_one_clear_line(folder: SessionFolder, tmp_path: Path) -> None:
    for gone in (folder, SessionFolder(tmp_path / "never")):
        with pytest.raises(ConductorGone, match="does not answer") as caught:
            ask(gone, Status())
        assert "\n" not in str(caught.value)


def test_a_socket_that_a_dead_conductor_left_is_replaced_and_is_for_its_owner_alone(folder: SessionFolder) -> None:
    bind(folder).close()
    assert folder.control.exists()
    with bind(folder) as line:
        line.listen()
        assert folder.control.stat().st_mode & 0o777 == 0o600
        thread = answer(line, REPLY)
        assert ask(folder, Status(), timeout_s=30).pid == 7
        thread.join()


def test_commands_reach_a_conductor_under_a_path_longer_than_a_socket_address(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    with conducted(home, plan_of("waits")) as (folder, process):
        assert len(str(folder.control)) > 108
        assert ask(folder, Status()).pid == process.pid
        assert folder.control.stat().st_mode & 0o777 == 0o600


def test_a_session_is_its_owners_alone_and_nothing_of_it_listens_on_a_network(tmp_path: Path) -> None:
    with conducted(tmp_path, plan_of("waits")) as (folder, process):
        assert ask(folder, Status()).pid == process.pid
        assert folder.path.stat().st_mode & 0o777 == 0o700
        conductor = psutil.Process(process.pid)
        until(lambda: len(conductor.children()) > 1)  # the sampler and the worker
        family = [conductor, *conductor.children(recursive=True)]
        assert not [each for each in family if connections(each)]


def connections(process: psutil.Process) -> object:
    """Sockets of the network; one that has ended meanwhile has none."""
    try:
        return process.net_connections("inet")
    except psutil.NoSuchProcess:
        return ()
