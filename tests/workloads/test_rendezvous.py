"""The ranks of one host meet where no other host can reach them."""

from __future__ import annotations

import psutil
from torch.distributed import TCPStore  # type: ignore[attr-defined]  # torch exports it, unsaid

from workloads.ranks import store_on_loopback


def test_the_store_listens_on_the_loopback_alone_and_the_launcher_takes_it() -> None:
    before = _listening()
    store = store_on_loopback()
    launcher = TCPStore("127.0.0.1", store.port, 1, is_master=True, multi_tenant=True)
    launcher.set("met", "yes")
    assert store.get("met") == b"yes"
    assert _listening() - before == {("127.0.0.1", store.port)}


def _listening() -> set[tuple[str, int]]:
    connections = psutil.Process().net_connections()
    return {(each.laddr.ip, each.laddr.port) for each in connections if each.status == psutil.CONN_LISTEN}
