"""Data-parallel embeddings, dense gradients of the whole table exchanged each step."""

import argparse
import os

import torch
import torch.distributed as dist
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--words", type=int, default=4_000)
parser.add_argument("--width", type=int, default=256)
args = parser.parse_args()


def main():
    cuda, local = args.device == "cuda", int(os.environ["LOCAL_RANK"])
    device = torch.device("cuda", local % torch.cuda.device_count()) if cuda else torch.device("cpu")
    if not cuda:
        torch.set_num_threads(1)
    dist.init_process_group("gloo")
    table = nn.Embedding(args.words, args.width)
    model = nn.parallel.DistributedDataParallel(nn.Sequential(table, nn.Linear(args.width, 8)).to(device))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(args.steps):
        ids = torch.randint(0, args.words, (32, 16), device=device)
        loss = model(ids).logsumexp(-1).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    dist.destroy_process_group()


main()
