"""The environment variables that change how fast a workload is, and why each does. No other is ever kept.

A list and not a guess: what is set beside these is nobody's business, and may be secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

REASONS: Final[dict[str, str]] = {
    "OMP_*": "threads of a parallel region, and how they are bound and wait",
    "GOMP_*": "as OMP_*, of GNU's OpenMP",
    "KMP_*": "as OMP_*, of Intel's OpenMP: affinity, and how long a thread spins",
    "MKL_*": "threads and code paths of Intel's math library",
    "OPENBLAS_*": "threads and code paths of OpenBLAS",
    "BLIS_*": "threads of BLIS",
    "DNNL_*": "code paths of oneDNN",
    "ONEDNN_*": "code paths of oneDNN",
    "ATEN_CPU_CAPABILITY": "which vector instructions torch uses",
    "CUDA_VISIBLE_DEVICES": "which GPUs are used, and in what order",
    "CUDA_DEVICE_ORDER": "which GPU is the first",
    "CUDA_LAUNCH_BLOCKING": "every launch of a kernel waits for its end",
    "CUDA_DEVICE_MAX_CONNECTIONS": "how many queues feed a GPU: overlap of copies and kernels",
    "CUDA_MODULE_LOADING": "kernels are loaded at first use or all at once",
    "CUDA_MPS_*": "the GPU is shared through MPS",
    "CUDA_CACHE_DISABLE": "kernels are compiled anew in each process",
    "CUBLAS_WORKSPACE_CONFIG": "which matrix kernels may be chosen",
    "CUBLASLT_*": "which matrix kernels may be chosen",
    "CUDNN_*": "which convolutions may be chosen",
    "NVIDIA_TF32_OVERRIDE": "float32 products with or without TF32",
    "NCCL_*": "algorithm, protocol and links of communication between GPUs",
    "GLOO_*": "interface of communication between processes",
    "TORCH_NCCL_*": "waiting and checking of communication between GPUs",
    "PYTORCH_CUDA_ALLOC_CONF": "how GPU memory is taken and given back",
    "PYTORCH_ALLOC_CONF": "how GPU memory is taken and given back",
    "PYTORCH_NO_CUDA_MEMORY_CACHING": "every tensor is a call of the driver",
    "PYTORCH_JIT": "scripted functions run as Python",
    "TORCHINDUCTOR_*": "what compiled models are made of: autotuning, fusion, caches",
    "TORCH_COMPILE_*": "whether models are compiled, and debugging beside it",
    "TORCHDYNAMO_*": "whether models are compiled",
    "TORCH_LOGS": "what compiling writes down beside its work",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "float32 products with or without TF32",
    "TORCH_BLAS_PREFER_*": "which library multiplies matrices",
    "TORCH_CUDNN_*": "which convolutions may be chosen, and how many are remembered",
    "TRITON_*": "how Triton's kernels are compiled and kept",
    "LD_PRELOAD": "libraries in the place of the system's: memory allocators, profilers",
    "LD_LIBRARY_PATH": "which CUDA, cuDNN and NCCL are found first",
    "MALLOC_*": "how the C library takes memory and gives it back",
    "GLIBC_TUNABLES": "the same, and which instructions the C library uses",
    "TCMALLOC_*": "as MALLOC_*, of tcmalloc",
    "MIMALLOC_*": "as MALLOC_*, of mimalloc",
    "PYTHONMALLOC": "how Python takes memory; some values check every access",
    "PYTHONHASHSEED": "the order of sets, which may decide what is compiled or loaded first",
    "PYTHONOPTIMIZE": "assertions are left out",
    "PYTHONDEVMODE": "Python checks itself at run time",
    "PYTHON_GIL": "whether Python's threads run side by side",
    "PYTHON_JIT": "Python compiles as it runs",
}
"""Name, or its beginning with a star → what it decides."""


def speed_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those that are set, by name."""
    return {name: environment[name] for name in sorted(environment) if reason_of(name) is not None}


def reason_of(name: str) -> str | None:
    """What a variable decides; None for one that is not on the list."""
    return next((reason for pattern, reason in REASONS.items() if fnmatchcase(name, pattern)), None)
