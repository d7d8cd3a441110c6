"""torch, asked in a process of its own: the program itself never imports it, and importing it can fail or hang."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from app.doctor.ask import Answer, ask
from app.doctor.diagnosis import Torch
from workloads.nocuda import explain_cuda

_QUESTIONS = """
import json, warnings
warnings.simplefilter("ignore")
found = {}
try:
    import torch
    found["version"] = str(torch.__version__)
    found["built_for_cuda"] = torch.version.cuda
    torch.ones(1, device="cuda").sum().item()
    found["cuda_usable"] = True
    found["devices"] = torch.cuda.device_count()
except Exception as error:
    found["reason"] = str(error) or type(error).__name__
print()
print(json.dumps(found))
"""

TORCH_COMMAND = (sys.executable, "-P", "-c", _QUESTIONS)
"""Makes one sum on the device, since a CUDA that is there need not work."""


def probe_torch(command: Sequence[str], patience_s: float) -> Torch:
    """Ask → what torch is and whether its CUDA works."""
    try:
        answer = ask(command, patience_s)
    except OSError as error:
        return Torch(reason=f"it cannot be asked: {error.strerror or error}")
    if answer.status is None:
        return Torch(reason=f"no answer within {patience_s:g} s")
    return _understand(answer)


def _understand(answer: Answer) -> Torch:
    lines = answer.output.strip().splitlines()
    try:
        found = msgspec.json.decode(lines[-1] if lines else b"", type=Torch)
    except msgspec.DecodeError:
        last = answer.errors.strip().splitlines()
        return Torch(reason=last[-1] if last else f"importing it ended the process with status {answer.status}")
    if found.cuda_usable or found.version is None:
        return msgspec.structs.replace(found, reason=" ".join(found.reason.split()))
    return msgspec.structs.replace(found, reason=explain_cuda(found.reason, built_for=found.built_for_cuda))
