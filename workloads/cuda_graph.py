"""Work recorded as one CUDA graph: the host launches all its kernels at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import torch

BEFORE: Final = 3
"""Times that work is done before it is recorded: compilers compile, libraries choose, the allocator fills its pools."""

_Result = TypeVar("_Result")


def recorded(work: Callable[[], _Result], reset: Callable[[], object] = lambda: None) -> Callable[[], _Result]:
    """The same work as a graph. What it gives stays in the same memory, and is overwritten by the next call.

    `reset` puts back what the work counts on, before each of the times that it is done for nothing.
    """
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(BEFORE):
            reset()
            work()
        reset()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    # Other threads may go on, such as one that puts batches into pinned memory: what they do is not recorded.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        result = work()

    def replay() -> _Result:
        graph.replay()
        return result

    return replay
