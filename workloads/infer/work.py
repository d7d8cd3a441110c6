"""What a call of an unknown model costs, or None: a count that leaves something out would be wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from workloads.counting import UNLISTED, count_work
from workloads.failures import one_line
from workloads.infer.loaded import Loaded
from workloads.run import Work

_COSTLY: Final = re.compile(
    r"(.*_)?(mm|addmm|bmm|baddbmm|addbmm|matmul|mv|addmv|v?dot|addr|conv([123]d)?|convolution|(dilated|depthwise)[23]d"
    r"|attention|(bi|tri)?linear|lstm|gru|rnn|cdist|fft|solve|svd|eigh?|cholesky|qr|inv)(_.*)?"
)
"""Words in the names of operators that do many operations an item; torch counts those whose formula it has."""


def work_of(loaded: Loaded, say: Callable[[str], None]) -> Work:
    """Operations and bytes of one item of the batch, counted by calling the model once."""
    try:
        with _Uncounted() as left_out:
            work = count_work(loaded.call, units=loaded.items, precision=loaded.precision)
    except (RuntimeError, TypeError, AttributeError) as error:
        holder = re.search(r"HigherOrderOperator (\w+)", str(error))
        why = f"{holder[1]} holds a graph of its own" if holder else one_line(str(error))
        say(f"the model's operations and bytes are not counted: {why}")
        return Work(loaded.precision, None, None)
    if left_out.names:
        say(f"the model's operations are not counted: no formula for {', '.join(sorted(left_out.names))}")
        return Work(loaded.precision, None, work.bytes_per_unit)
    return work


class _Uncounted(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A context: `names` are the costly operators that ran in it and whose operations torch does not count."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operator and look at its name."""
        packet = getattr(func, "overloadpacket", func)
        name = func._schema.name.rpartition("::")[2]  # noqa: SLF001 - the schema is how torch names an operator
        if packet not in flop_registry and packet not in UNLISTED and _COSTLY.fullmatch(name):
            self.names.add(name)
        return func(*args, **kwargs or {})
