"""Two ranks with a gradient average by hand; the data of one rank come late."""

import argparse
import os
import time

import torch
import torch.distributed as dist
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--delay", type=float, default=0.03)
parser.add_argument("--fixed", action="store_true")
args = parser.parse_args()


class Shard(torch.utils.data.IterableDataset):
    def __init__(self, delay):
        self.delay = delay

    def __iter__(self):
        while True:
            time.sleep(self.delay)
            yield torch.randn(64, 128)


cuda, local = args.device == "cuda", int(os.environ["LOCAL_RANK"])
device = torch.device("cuda", local % torch.cuda.device_count()) if cuda else torch.device("cpu")
if not cuda:
    torch.set_num_threads(1)
dist.init_process_group("gloo")
late = 0 if args.fixed or dist.get_rank() == 0 else args.delay
model = nn.parallel.DistributedDataParallel(
    nn.Sequential(nn.Linear(128, 256), nn.ReLU(), nn.Linear(256, 128)).to(device)
)
optimizer = torch.optim.Adam(model.parameters())
for step, x in enumerate(torch.utils.data.DataLoader(Shard(late), batch_size=None)):
    if step == args.steps:
        break
    x = x.to(device)
    loss = nn.functional.mse_loss(model(x), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
dist.destroy_process_group()
