"""A real sshd of our own, on a high port of loopback, with its own keys, and the way to it."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
SEPARATION = Path("/run/sshd")
"""Where sshd of root confines what it does before a user is known; packages of it make it when they start it."""
LIMIT_S = 30


@contextlib.contextmanager
def sshd(folder: Path) -> Iterator[str]:
    """A server for the user of this process → the command that reaches it, `ssh -F … here`. Skips without sshd."""
    if SERVER is None or shutil.which("ssh") is None:
        pytest.skip("OpenSSH is not installed: no sshd")
    if os.geteuid() == 0:
        try:
            SEPARATION.mkdir(mode=0o755, exist_ok=True)
        except OSError as error:
            pytest.skip(f"sshd of root needs {SEPARATION}: {error.strerror}")
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = _free_port()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile {folder}/sshd.pid\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nForceCommand none\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
    )
    (folder / "ssh_config").write_text(
        f"Host here\n  HostName 127.0.0.1\n  Port {port}\n  User {getpass.getuser()}\n"
        f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n  BatchMode yes\n"
        f"  StrictHostKeyChecking accept-new\n  UserKnownHostsFile {folder}/known\n"
    )
    # Not a daemon, and its words to a file: a pipe that nobody reads would stop it.
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([SERVER, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        way = f"ssh -F {folder}/ssh_config here"
        reached = subprocess.run([*way.split(), "true"], capture_output=True, text=True, check=False, timeout=LIMIT_S)
        attempts = 0
        while reached.returncode and server.poll() is None and attempts < 100:
            attempts += 1
            reached = subprocess.run(
                [*way.split(), "true"], capture_output=True, text=True, check=False, timeout=LIMIT_S
            )
        if reached.returncode:
            pytest.skip(f"sshd cannot be used here: {reached.stderr}{(folder / 'sshd.log').read_text()}")
        yield way
    finally:
        server.terminate()
        server.wait(LIMIT_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
