"""How fast is a large matrix product here? The plain question, as many ask it."""

import argparse
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--size", type=int, default=1024)
args = parser.parse_args()

weight = torch.nn.Linear(args.size, args.size, bias=False, device=args.device)
if args.device == "cuda":
    weight = weight.bfloat16()
a = torch.randn(args.size, args.size, device=args.device, dtype=weight.weight.dtype)
with torch.inference_mode():
    began = time.perf_counter()
    for step in range(1, args.steps + 1):
        b = weight(a)
        if step % 50 == 0:
            if args.device == "cuda":
                torch.cuda.synchronize()
            seconds = time.perf_counter() - began
            print(f"{2 * args.size**3 * 50 / seconds / 1e12:.2f} TFLOP/s", flush=True)
            began = time.perf_counter()
