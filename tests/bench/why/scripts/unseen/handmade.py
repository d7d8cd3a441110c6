"""An LSTM cell in plain functions, instant by instant, with its own optimizer: thousands of small operators a step."""

import argparse
import math

import torch


class PlainSGD(torch.optim.Optimizer):
    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter -= group["lr"] * parameter.grad


def cell(x, h, c, weights, bias):
    i, f, g, o = (torch.cat((x, h), 1) @ weights + bias).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--fixed", action="store_true", help="a batch that is 32 times as large")
    args = parser.parse_args()
    batch, width = args.batch * (32 if args.fixed else 1), args.width
    weights = torch.randn(2 * width, 4 * width, device=args.device).div_(math.sqrt(width)).requires_grad_()
    bias = torch.zeros(4 * width, device=args.device, requires_grad=True)
    optimizer = PlainSGD([weights, bias], lr=1e-3)
    sequence = torch.randn(60, batch, width, device=args.device)
    for _ in range(args.steps):
        h = c = torch.zeros(batch, width, device=args.device)
        for x in sequence:
            h, c = cell(x, h, c, weights, bias)
        loss = (h - sequence[0]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
