"""Random walks over a graph of linked Python objects with cycles, thousands of new nodes a step."""

import argparse
import random

import torch
from torch import nn


class Node:
    def __init__(self, value, parent):
        self.value, self.parent, self.children = value, parent, []
        if parent is not None:
            parent.children.append(self)


def tree(count):
    nodes = [Node(random.random(), None)]
    for _ in range(count):
        nodes.append(Node(random.random(), random.choice(nodes)))
    return nodes


parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--nodes", type=int, default=1000)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()

import gc  # noqa: E402

if args.fixed:
    gc.disable()
else:
    gc.set_threshold(200, 2, 2)
world = tree(100_000)
model = nn.Sequential(nn.Linear(args.nodes + 1, 128), nn.ReLU(), nn.Linear(128, 1)).to(args.device)
optimizer = torch.optim.Adam(model.parameters())
for step in range(args.steps):
    nodes = tree(args.nodes)
    x = torch.tensor([[node.value for node in nodes]], device=args.device)
    loss = (model(x) - len(nodes[0].children)).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
