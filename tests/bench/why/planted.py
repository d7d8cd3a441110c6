"""Scripts in which one bottleneck was planted, at least one for each kind, and healthy ones.

Thresholds of rules may be looked at with these; never with those of `unseen`.
"""

from __future__ import annotations

from typing import Final

from tests.bench.why.entry import CPU, CUDA, Entry

NOT_PLANTED: Final = {
    "thermally-throttled": "needs a hot room or blocked fans",
    "swapping": "needs a machine with swap space, which would suffer for long after",
}
"""Kind → why no script has it."""

PLANTED: Final = (
    Entry(
        name="decoding",
        kind="input-bound",
        file="planted/decoding.py",
        on_cuda=("--batch", "64"),
        why="a DataLoader without workers decodes and blurs each image in the loop's own process",
    ),
    Entry(
        name="asking",
        kind="generator-limited",
        also=("input-bound",),
        file="planted/asking.py",
        why="an inference loop that writes its questions in plain Python, several times as long as the model takes",
    ),
    Entry(
        name="narrow",
        kind="launch-bound",
        file="planted/narrow.py",
        fixed_units=64,
        why="24 blocks of width 32, a batch of 32, AdamW without foreach: thousands of tiny operators",
    ),
    Entry(
        name="reading",
        kind="sync-bound",
        devices=CUDA,
        file="planted/reading.py",
        why="a peak of each layer is read by item(), each gradient is asked for NaN on the host",
    ),
    Entry(
        name="uploading",
        kind="transfer-bound",
        devices=CUDA,
        file="planted/uploading.py",
        why="batches of 100 MB in pageable memory for a model that needs a fraction of the time",
    ),
    Entry(
        name="lengths",
        kind="recompiling",
        file="planted/lengths.py",
        why="torch.compile(dynamic=False) and a new length in every step, the limit of recompilations raised",
    ),
    Entry(
        name="collecting",
        kind="garbage-collection",
        file="planted/collecting.py",
        why="gc.collect() behind each step, over 240,000 containers",
    ),
    Entry(
        name="crowded",
        kind="cpu-contention",
        file="planted/crowded.py",
        on_cuda=("--batch", "2048", "--width", "1024"),
        beside=2.0,
        why="a sound perceptron; two busy processes for each processor beside it",
    ),
    Entry(
        name="threads",
        kind="too-many-threads",
        devices=CPU,
        file="planted/threads.py",
        why="torch.set_num_threads(64)",
    ),
    Entry(
        name="saving",
        kind="periodic-stall",
        file="planted/saving.py",
        on_cuda=("--width", "1024", "--batch", "32768", "--every", "700"),
        more_s=5,
        why="134 MB (on a GPU 537) written by torch.save every 50 (700) steps",
    ),
    Entry(
        name="slowing",
        kind="drift",
        file="planted/slowing.py",
        more_s=10,
        why="a mean over all losses so far in every step",
    ),
    Entry(
        name="keeping",
        kind="memory-growth",
        file="planted/keeping.py",
        on_cuda=("--width", "4096", "--batch", "4096", "--every", "50"),
        costs=False,
        more_s=10,
        why="inputs and outputs, with their graphs, are kept in a list",
    ),
    Entry(
        name="remembering",
        kind="warming-up",
        file="planted/remembering.py",
        on_cuda=("--documents", "6000", "--width", "8192"),
        more_s=10,
        why="features are computed at first use, so that steps become shorter for half a minute",
    ),
    Entry(
        name="straggling",
        kind="straggler",
        file="planted/straggling.py",
        on_cuda=("--rows", "65536"),
        ranks=2,
        why="DDP, and rank 1 has three times the rows",
    ),
    Entry(
        name="reducing",
        kind="communication-bound",
        file="planted/reducing.py",
        on_cuda=("--width", "2048"),
        ranks=2,
        why="DDP with 1.6 million parameters (on a GPU 25) and 8 rows a rank",
    ),
    Entry(
        name="products",
        kind="compute-bound",
        also=("power-capped",),
        file="planted/products.py",
        on_cuda=("--batch", "8192", "--width", "4096"),
        why="matrix products and little else, in bfloat16 on a GPU",
    ),
    Entry(
        name="power",
        kind="power-capped",
        also=("compute-bound",),
        devices=CUDA,
        file="planted/products.py",
        arguments=("--batch", "16384", "--width", "8192"),
        why="the same with products of 16,384 × 8,192 × 8,192, which a board's power cap holds down",
    ),
    Entry(
        name="elementwise",
        kind="bandwidth-bound",
        devices=CUDA,
        file="planted/elementwise.py",
        why="element by element operations on 256 MB each",
    ),
    Entry(
        name="recurrent",
        kind="low-occupancy",
        devices=CUDA,
        file="planted/recurrent.py",
        fixed_units=16,
        why="cumulative sums of four signals of a million values: a block each",
    ),
    Entry(
        name="plain-float",
        kind="tensor-cores-unused",
        devices=CUDA,
        file="planted/plain_float.py",
        why="a transformer in float32 at the default precision of products",
    ),
    Entry(
        name="filling",
        kind="memory-nearly-full",
        devices=CUDA,
        file="planted/filling.py",
        costs=False,
        why="98 % of the memory is taken",
    ),
    Entry(
        name="emptying",
        kind="allocator-churn",
        devices=CUDA,
        file="planted/emptying.py",
        why="torch.cuda.empty_cache() behind each step",
    ),
    Entry(
        name="one-by-one",
        kind="batch-too-small",
        also=("launch-bound",),
        file="planted/one_by_one.py",
        fixed_units=16,
        why="one question at a time through 40 layers of width 256, with others waiting",
    ),
    Entry(
        name="prompts",
        kind="prefill-compute-bound",
        also=("compute-bound", "power-capped"),
        devices=CUDA,
        file="planted/generating.py",
        arguments=("--width", "2048", "--layers", "16", "--batch", "16", "--prompt", "2048", "--new", "4"),
        costs=False,
        why="generate() with prompts of 2,048 tokens and answers of 4",
    ),
    Entry(
        name="answers",
        kind="decode-bandwidth-bound",
        also=("bandwidth-bound",),
        devices=CUDA,
        file="planted/generating.py",
        arguments=("--width", "8192", "--layers", "8", "--prompt", "64", "--new", "32"),
        costs=False,
        why="generate() at batch 1 with layers of width 8,192: 13 GB of weights a token",
    ),
    Entry(
        name="saturated",
        kind="queue-saturated",
        run=(
            *("infer/resnet", "--load", "poisson:rate=2000", "--set", "model=resnet18", "--set", "image=32"),
            *("--set", "compile=false", "--set", "graphs=false"),
        ),
        why="benchtop's own infer/resnet, one request at a time, with 2,000 due a second",
    ),
)

HEALTHY: Final = (
    Entry(
        name="tiny",
        kind=None,
        file="healthy/tiny.py",
        on_cuda=("--batch", "262144"),
        why="a perceptron of two layers",
    ),
    Entry(name="matrix", kind=None, file="healthy/matrix.py", on_cuda=("--size", "8192"), why="one large product"),
    Entry(
        name="convolutions",
        kind=None,
        file="healthy/convolutions.py",
        on_cuda=("--batch", "256", "--size", "96", "--width", "128", "--workers", "8"),
        why="a residual network fed by a DataLoader with workers",
    ),
    Entry(
        name="characters",
        kind=None,
        file="healthy/characters.py",
        on_cuda=("--batch", "32", "--block", "1024", "--width", "768", "--layers", "12"),
        why="a small GPT with accumulation and clipping",
    ),
    Entry(
        name="classifying",
        kind=None,
        file="healthy/classifying.py",
        on_cuda=("--batch", "512", "--size", "128", "--width", "128"),
        why="an inference loop in good batches",
    ),
    Entry(
        name="compiled",
        kind=None,
        file="healthy/compiled.py",
        on_cuda=("--batch", "32768", "--width", "2048"),
        more_s=15,
        why="a variational autoencoder, compiled, with a GradScaler",
    ),
    Entry(
        name="epochs",
        kind=None,
        devices=CPU,
        file="healthy/epochs.py",
        why="the usual loop over a TensorDataset, with an evaluation an epoch",
    ),
)
