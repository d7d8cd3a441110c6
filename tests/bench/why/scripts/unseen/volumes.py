"""Video clips in pageable memory by a DataLoader without pinning, moved with .cuda()."""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Clips(Dataset):
    def __init__(self):
        self.clips = [torch.rand(48, 3, 16, 160, 160) for _ in range(3)]

    def __len__(self):
        return 1_000_000

    def __getitem__(self, index):
        return self.clips[index % 3], torch.arange(48) % 5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--fixed", action="store_true")
    args = parser.parse_args()
    clips = Clips()
    if args.fixed:
        clips.clips = [clip.pin_memory() for clip in clips.clips]
    loader = DataLoader(clips, batch_size=None)
    model = nn.Sequential(nn.AvgPool3d((4, 8, 8)), nn.Flatten(), nn.Linear(3 * 4 * 20 * 20, 5)).to(args.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    for step, (clip, label) in enumerate(loader):
        if step == args.steps:
            break
        clip, label = clip.to(args.device, non_blocking=args.fixed), label.to(args.device)
        loss = nn.functional.cross_entropy(model(clip), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
