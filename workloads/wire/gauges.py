"""The gauges: every reading's name, unit and meaning, in one table that both sides know.

A name ends with its unit, is the Parquet column, and is what the help screen explains.
"""

from __future__ import annotations

import msgspec


class Gauge(msgspec.Struct, frozen=True):
    """One kind of reading."""

    name: str
    label: str
    """As a person reads it."""
    meaning: str
    """One sentence: what it is and how it is measured."""


_TABLE = (
    # NVML
    (
        "utilization_percent",
        "GPU utilization",
        "Share of time with at least one kernel or copy in flight (NVML). It says nothing about how much of the device works: plain host-to-device copies read 99 %.",
    ),
    ("memory_busy_percent", "memory busy", "Share of time in which device memory was read or written at all (NVML)."),
    ("memory_used_bytes", "memory used", "Device memory, or host memory, that is taken, whoever took it."),
    ("memory_total_bytes", "memory", "Device memory or host memory in all."),
    ("power_w", "power", "Power drawn by the whole board."),
    (
        "energy_j",
        "energy",
        "The board's energy counter since the driver was loaded; differences of it are the energy of a run.",
    ),
    ("temperature_c", "temperature", "Temperature of the GPU die."),
    ("memory_temperature_c", "memory temperature", "Temperature of the device memory."),
    ("sm_clock_mhz", "SM clock", "Clock of the streaming multiprocessors now."),
    ("memory_clock_mhz", "memory clock", "Clock of the device memory now."),
    ("clock_event_reasons", "clock events", "Bit mask of NVML's reasons why the clocks are not at their maximum."),
    # GPM
    (
        "graphics_active_percent",
        "graphics active",
        "Share of time in which the compute or graphics engine was busy (GPM).",
    ),
    (
        "sm_active_percent",
        "SM active",
        "Share of time in which a streaming multiprocessor had at least one warp, averaged over all of them (GPM).",
    ),
    (
        "sm_occupancy_percent",
        "occupancy",
        "Resident warps against the largest possible number, averaged over all multiprocessors (GPM).",
    ),
    (
        "tensor_active_percent",
        "tensor active",
        "Share of time in which the tensor cores were busy, of any precision (GPM).",
    ),
    ("fp64_active_percent", "FP64 active", "Share of time in which the double-precision units were busy (GPM)."),
    ("fp32_active_percent", "FP32 active", "Share of time in which the single-precision units were busy (GPM)."),
    (
        "fp16_active_percent",
        "FP16 active",
        "Share of time in which the half-precision units outside the tensor cores were busy (GPM).",
    ),
    ("integer_active_percent", "integer active", "Share of time in which the integer units were busy (GPM)."),
    (
        "dram_percent",
        "DRAM bandwidth",
        "Device memory bandwidth used, of what the memory clock and bus width allow (GPM).",
    ),
    (
        "dram_bytes_per_s",
        "DRAM bandwidth",
        "Device memory bandwidth, read plus written: GPM's share × memory clock × bus width × 2 / 8. Source `counted`: what the workload counted itself.",
    ),
    ("pcie_receive_bytes_per_s", "PCIe in", "Bytes a second from the host to the device (GPM)."),
    ("pcie_send_bytes_per_s", "PCIe out", "Bytes a second from the device to the host (GPM)."),
    ("nvlink_receive_bytes_per_s", "NVLink in", "Bytes a second over all NVLinks to the device (GPM)."),
    ("nvlink_send_bytes_per_s", "NVLink out", "Bytes a second over all NVLinks from the device (GPM)."),
    # Host
    (
        "cpu_percent",
        "CPU",
        "Load of all logical processors together, 0 to 100; for the workload's own processes 100 is one processor.",
    ),
    ("frequency_mhz", "CPU clock", "Mean clock of the processors now."),
    ("memory_available_bytes", "memory available", "Host memory that a program can still get without swapping."),
    ("swap_used_bytes", "swap used", "Host memory moved out to disk."),
    ("disk_read_bytes_per_s", "disk read", "Bytes a second read from all disks."),
    ("disk_write_bytes_per_s", "disk write", "Bytes a second written to all disks."),
    ("network_receive_bytes_per_s", "network in", "Bytes a second received on all interfaces but loopback."),
    ("network_send_bytes_per_s", "network out", "Bytes a second sent on all interfaces but loopback."),
    (
        "cpu_pressure_percent",
        "CPU pressure",
        "Share of the last 10 s in which some task waited for a processor (/proc/pressure).",
    ),
    (
        "memory_pressure_percent",
        "memory pressure",
        "Share of the last 10 s in which some task waited for memory (/proc/pressure).",
    ),
    (
        "io_pressure_percent",
        "I/O pressure",
        "Share of the last 10 s in which some task waited for a disk (/proc/pressure).",
    ),
    # The workload's own processes
    ("rss_bytes", "resident memory", "Memory of the workload's own processes that is in RAM."),
    ("threads", "threads", "Threads of the workload's own processes."),
    # The machine's state: what makes one repeat differ from another
    ("power_limit_w", "power limit", "The board's power limit as it is set now (NVML)."),
    ("own_processes", "own processes", "The workload's own processes that hold memory on the device."),
    (
        "foreign_processes",
        "other processes",
        "Processes that hold memory on the device and are not the workload's (NVML).",
    ),
    ("foreign_memory_bytes", "memory of others", "Device memory that processes other than the workload's hold (NVML)."),
    (
        "cpu_steal_percent",
        "CPU steal",
        "Share of all processors' time in which this machine wanted to run and its hypervisor ran another (/proc/stat).",
    ),
    (
        "package_energy_j",
        "package energy",
        "Energy of the processor packages since the sampler began (RAPL); differences of it are the energy of a run.",
    ),
    ("swap_in_bytes_per_s", "swap in", "Bytes a second read back from swap (/proc/vmstat)."),
    ("swap_out_bytes_per_s", "swap out", "Bytes a second moved out to swap (/proc/vmstat)."),
    ("torch_allocated_bytes", "allocated", "Device memory in tensors of the workload (torch's caching allocator)."),
    (
        "torch_reserved_bytes",
        "reserved",
        "Device memory that torch's caching allocator holds, in tensors or free for new ones.",
    ),
    (
        "torch_retries",
        "allocator retries",
        "Allocations so far that found no room until cached memory was given back to the device (torch).",
    ),
    (
        "torch_device_mallocs",
        "device mallocs",
        "Pieces of memory that torch's caching allocator asked the device for so far, each of which waits for the device.",
    ),
    ("queue_requests", "requests waiting", "Requests that are due and wait for the server (counted by the workload)."),
    ("loader_workers", "loader workers", "Processes that make data for the DataLoader that a script waits for."),
    (
        "data_wait_cpu_percent",
        "data wait at work",
        "Share of the data wait of a script in which the waiting thread itself computed, as it does without loader workers.",
    ),
    (
        "between_steps_percent",
        "between steps",
        "Share of a script's time from the end of a step to the next forward, less data wait, copies, reads and evaluation.",
    ),
    (
        "cpu_wait_percent",
        "waiting for a CPU",
        "Share of time in which the main thread of the workload had work and another ran on its processor (/proc/PID/schedstat).",
    ),
    (
        "torch_kept_bytes",
        "kept",
        "Device memory in tensors of a script at the end of a step (torch's caching allocator).",
    ),
    (
        "empty_cache_percent",
        "empty_cache",
        "Share of a script's time in torch.cuda.empty_cache(), which waits for the device and gives its free memory back.",
    ),
)

GAUGES: dict[str, Gauge] = {name: Gauge(name, label, meaning) for name, label, meaning in _TABLE}
"""By name, in the order in which tables and help show them."""
