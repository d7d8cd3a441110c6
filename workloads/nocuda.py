"""Why CUDA cannot be used, in one line.

Knows torch's words and never imports torch, so that a failure to import it can be told too.
"""

from __future__ import annotations

import re


class NoCuda(RuntimeError):
    """CUDA was asked for and is not there. The message is one line and says why."""


def explain_cuda(message: str, *, built_for: str | None = None) -> str:
    """What torch says when CUDA does not work → one line. `built_for`: the CUDA that torch was built for."""
    if found := re.search(r"driver on your system is too old \(found version (\d+)\)", message):
        version = int(found[1])
        needs = f", this torch was built for CUDA {built_for}" if built_for else ""
        return f"the NVIDIA driver is too old: it offers CUDA {version // 1000}.{version % 1000 // 10}{needs}"
    if "no NVIDIA driver" in message:
        return "there is no NVIDIA driver on this machine"
    if "no kernel image" in message:
        return "this torch has no kernels for this device: it is older or newer than the build supports"
    if "not compiled with CUDA" in message:
        return "this torch is built without CUDA"
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[0] if lines else "it does not start, and does not say why"
