"""What training has come to, kept on the host, so that what is done to it meanwhile can be undone."""

from __future__ import annotations

import torch
from torch import nn

from workloads.train.parallel import local


class Kept:
    """Weights, statistics, the optimizer's state and the random states, as they were when this was made.

    Copies lie on the host: the device's memory is the workload's. Making them waits for the device.
    """

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer | None, device: torch.device) -> None:
        self._model, self._optimizer, self._device = model, optimizer, device
        self._tensors = [_copied(tensor) for tensor in _tensors(model)]
        self._states = {
            (id(parameter), name): _copied(value)
            for parameter, state in _states(optimizer)
            for name, value in state.items()
            if isinstance(value, torch.Tensor)
        }
        self._random = torch.get_rng_state()
        self._random_there = torch.cuda.get_rng_state(device) if device.type == "cuda" else None

    @torch.no_grad()
    def put_back(self) -> None:
        """All of it, in place: memory stays where it is. State that the optimizer did not have yet becomes 0."""
        for tensor, value in zip(_tensors(self._model), self._tensors, strict=True):
            local(tensor).copy_(value)
        for parameter, state in _states(self._optimizer):
            for name, now in state.items():
                if not isinstance(now, torch.Tensor):
                    continue
                before = self._states.get((id(parameter), name))
                if before is None:
                    local(now).zero_()
                else:
                    local(now).copy_(before)
        if self._optimizer is not None:
            self._optimizer.zero_grad()
        torch.set_rng_state(self._random)
        if self._random_there is not None:
            torch.cuda.set_rng_state(self._random_there, self._device)


def _states(optimizer: torch.optim.Optimizer | None) -> list[tuple[torch.Tensor, dict[str, object]]]:
    return [] if optimizer is None else list(optimizer.state.items())


def _tensors(model: nn.Module) -> tuple[torch.Tensor, ...]:
    return (*model.parameters(), *model.buffers())


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    return local(tensor).detach().to("cpu", copy=True)
