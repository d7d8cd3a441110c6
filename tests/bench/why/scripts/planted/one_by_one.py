"""Answer questions one by one with a model of wide layers."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--width", type=int, default=256)
parser.add_argument("--layers", type=int, default=40)
parser.add_argument("--fixed", action="store_true", help="sixteen at once")
args = parser.parse_args()

dtype = torch.bfloat16 if args.device == "cuda" else torch.float32
layers = [nn.Sequential(nn.Linear(args.width, args.width, bias=False), nn.ReLU()) for _ in range(args.layers)]
model = nn.Sequential(*layers).to(args.device, dtype).eval()
questions = torch.randn(256, args.width)
answered = 0
batch = args.batch * (16 if args.fixed else 1)
with torch.inference_mode():
    for step in range(args.steps):
        first = step * batch % len(questions)
        answer = model(questions[first : first + batch].to(args.device, dtype))
        answered += int(answer[0].argmax().item() >= 0)
print(answered)
