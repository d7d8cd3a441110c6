"""The same bottlenecks, written differently: held out, so that they say what the verdicts are worth elsewhere.

No threshold may be chosen by looking at these.
"""

from __future__ import annotations

from typing import Final

from tests.bench.why.entry import CUDA, Entry

UNSEEN: Final = (
    Entry(
        name="storage",
        kind="input-bound",
        file="unseen/storage.py",
        on_cuda=("--workers", "4"),
        why="each sample sleeps 4 ms in one of a few workers",
    ),
    Entry(
        name="tokenizing",
        kind="input-bound",
        file="unseen/tokenizing.py",
        why="a generator that tokenizes in plain Python",
    ),
    Entry(
        name="files",
        kind="input-bound",
        file="unseen/files.py",
        why="get_batch() reads and parses a text file for each sample; there is no DataLoader",
    ),
    Entry(
        name="locked",
        kind="input-bound",
        file="unseen/locked.py",
        why="the iterator waits for a lock that another thread holds",
    ),
    Entry(
        name="handmade",
        kind="launch-bound",
        file="unseen/handmade.py",
        fixed_units=32,
        why="an LSTM cell of plain functions, instant by instant",
    ),
    Entry(
        name="printing",
        kind="sync-bound",
        devices=CUDA,
        file="unseen/printing.py",
        why="print(loss), `if value > x`, norms by .cpu().numpy() and float()",
    ),
    Entry(
        name="masked",
        kind="sync-bound",
        also=("launch-bound",),
        devices=CUDA,
        file="unseen/masked.py",
        why="nonzero() for each of eight experts in each layer",
    ),
    Entry(
        name="volumes",
        kind="transfer-bound",
        devices=CUDA,
        file="unseen/volumes.py",
        why="video clips of 236 MB out of a DataLoader that does not pin",
    ),
    Entry(
        name="functions",
        kind="recompiling",
        file="unseen/functions.py",
        why="a function is compiled anew for every step's constant",
    ),
    Entry(
        name="graphs",
        kind="garbage-collection",
        file="unseen/graphs.py",
        why="trees with cycles in each step, a large live heap and low thresholds of the collector",
    ),
    Entry(
        name="evaluating",
        kind="periodic-stall",
        file="unseen/evaluating.py",
        more_s=5,
        on_cuda=("--held", "500000"),
        why="a large held-out set every forty steps",
    ),
    Entry(
        name="growing",
        kind="drift",
        file="unseen/growing.py",
        on_cuda=("--chunk", "64"),
        more_s=10,
        why="attention over a context that grows",
    ),
    Entry(
        name="hoarding",
        kind="memory-growth",
        file="unseen/hoarding.py",
        more_s=10,
        costs=False,
        why="a dictionary of all features, with their graphs",
    ),
    Entry(
        name="sleepy-rank",
        kind="straggler",
        file="unseen/sleepy_rank.py",
        ranks=2,
        why="the data of rank 1 come 30 ms late",
    ),
    Entry(
        name="embedding-ranks",
        kind="communication-bound",
        file="unseen/embedding_ranks.py",
        on_cuda=("--words", "200000"),
        ranks=2,
        costs=False,
        why="dense gradients of a whole embedding are exchanged",
    ),
    Entry(
        name="speech",
        kind="low-occupancy",
        devices=CUDA,
        file="unseen/speech.py",
        fixed_units=16,
        why="CTC over 6,000 frames with four utterances",
    ),
    Entry(
        name="segments",
        kind="tensor-cores-unused",
        devices=CUDA,
        file="unseen/segments.py",
        why="convolutions in exact float32",
    ),
    Entry(
        name="normalising",
        kind="bandwidth-bound",
        devices=CUDA,
        file="unseen/normalising.py",
        costs=False,
        why="norms, GELU and dropout on 256 MB",
    ),
    Entry(
        name="ragged",
        kind="allocator-churn",
        also=("memory-nearly-full",),
        devices=CUDA,
        file="unseen/ragged.py",
        why="batches of any length with 6 GB free",
    ),
    Entry(
        name="searching",
        kind="batch-too-small",
        also=("launch-bound",),
        devices=CUDA,
        file="unseen/searching.py",
        fixed_units=32,
        why="one query at a time through an encoder",
    ),
)
