"""Embed queries one at a time with an encoder, for a search."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--device", default="cpu")
parser.add_argument("--steps", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--layers", type=int, default=4)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--fixed", action="store_true", help="thirty-two at once")
args = parser.parse_args()


@torch.inference_mode()
def embed(encoder, tokens):
    return nn.functional.normalize(encoder(tokens).mean(1), dim=-1)


layer = nn.TransformerEncoderLayer(args.width, 8, 4 * args.width, batch_first=True)
encoder = nn.TransformerEncoder(layer, args.layers, enable_nested_tensor=False).to(args.device).eval()
if args.device == "cuda":
    encoder = encoder.half()
dtype = next(encoder.parameters()).dtype
batch = args.batch * (32 if args.fixed else 1)
index = torch.randn(1000, args.width, device=args.device, dtype=dtype)
for _ in range(args.steps):
    query = torch.randn(batch, 4, args.width, device=args.device, dtype=dtype)
    best = (embed(encoder, query) @ index.T).topk(5).indices.tolist()
