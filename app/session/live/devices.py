"""The live state of the devices: the newest readings, why others are absent, and their course."""

from __future__ import annotations

from math import isfinite

from app.session.live.buckets import BUCKET_NS, MeanCourse
from app.session.live.view import DeviceView, Reading
from app.session.plain import plain, plain_frame
from workloads.wire.frames import Courses, DeviceFacts, Gauges, Hello
from workloads.wire.gauges import GAUGES

CURRENT_NS = 10_000_000_000
"""An older reading is not shown as if it were of now."""

MOST = 64
"""Accelerators that are kept; no host has more, and a stranger's journal could name any number."""


class Device:
    """One accelerator, the host, or the workload's own processes."""

    def __init__(self, name: str, facts: DeviceFacts | None = None) -> None:
        self._name = name
        self._readings: dict[str, Reading] = {}
        self._absent: dict[str, str] = {}
        self._courses: dict[str, MeanCourse] = {}
        self._cores: tuple[float, ...] = ()
        self._cores_ns = 0
        self._processes: int | None = None
        self._processes_ns = 0
        self.facts = facts

    def add(self, frame: Gauges) -> None:
        """Take readings. What no gauge is called, and what is no number, is left out."""
        for name, value in frame.readings.items():
            if name in GAUGES and isfinite(value):
                self._readings[name] = Reading(value, frame.source, frame.at_ns)
                self._absent.pop(name, None)
                self._courses.setdefault(name, MeanCourse()).add(frame.at_ns, value)
        for name, reason in frame.absent.items():
            self._lose(name, reason, frame)
        if frame.core_percent:
            self._cores, self._cores_ns = frame.core_percent, frame.at_ns
        if frame.processes is not None:
            self._processes, self._processes_ns = len(frame.processes), frame.at_ns

    def add_courses(self, frame: Courses) -> None:
        """Take what was summed up. Raises ValueError for columns that are not sound."""
        for name, stretches in frame.courses.items():
            if name in GAUGES:
                self._courses.setdefault(name, MeanCourse()).course.put_stretches(stretches, frame.seconds)

    def view(self, now_ns: int, width: int | None) -> DeviceView:
        """As it is now, with so many buckets of each course; None: with all of it, in wider ones."""
        last, oldest = now_ns // BUCKET_NS, now_ns - CURRENT_NS
        return DeviceView(
            device=self._name,
            facts=self.facts,
            readings={name: reading for name, reading in self._readings.items() if reading.at_ns >= oldest},
            absent={**(self.facts.absent if self.facts else {}), **self._absent},
            series={
                name: mean.course.whole() if width is None else mean.course.series(last, width)
                for name, mean in self._courses.items()
            },
            core_percent=self._cores if self._cores_ns >= oldest else (),
            processes=self._processes if self._processes_ns >= oldest else None,
        )

    def _lose(self, name: str, reason: str, frame: Gauges) -> None:
        """A reading failed; what another source still gives of it stays."""
        known = self._readings.get(name)
        if name not in GAUGES or (known is not None and known.source != frame.source):
            return
        self._readings.pop(name, None)
        self._absent[name] = plain(reason)


class Devices:
    """All of them, from the frames of the sampler."""

    def __init__(self) -> None:
        self._host = Device("host")
        self._worker = Device("worker")
        self._gpus: dict[str, Device] = {}
        self.read_ns: int | None = None
        """When anything was last read; None before the first sampler was there."""

    def take_hello(self, hello: Hello) -> None:
        """A sampler says what there is."""
        for facts in hello.fingerprint.devices:
            gpu = self._gpu(plain(facts.device))
            if gpu is not None:
                gpu.facts = plain_frame(facts)

    def take(self, frame: Gauges) -> None:
        """Readings of one device."""
        if frame.source != "counted":  # that is the workload's own word, and says nothing of the sampler
            self.read_ns = max(self.read_ns or 0, frame.at_ns)
        if (device := self._device(frame.device)) is not None:
            device.add(frame)

    def take_courses(self, frame: Courses) -> None:
        """What was summed up of one device. Raises ValueError for columns that are not sound."""
        if frame.read_ns is not None:
            self.read_ns = max(self.read_ns or 0, frame.read_ns)
        if (device := self._device(frame.device)) is not None:
            device.add_courses(frame)

    def views(self, now_ns: int, width: int | None) -> tuple[DeviceView, DeviceView, tuple[DeviceView, ...]]:
        """Host, the workload's own processes, accelerators."""
        gpus = tuple(self._gpus[name].view(now_ns, width) for name in sorted(self._gpus, key=_node))
        return self._host.view(now_ns, width), self._worker.view(now_ns, width), gpus

    def _device(self, name: str) -> Device | None:
        """The panels of host and worker show those of the first node, which have no prefix."""
        node, _, kind = name.rpartition(":")
        if node and kind in ("host", "worker"):
            return None
        return {"host": self._host, "worker": self._worker}.get(name) or self._gpu(plain(name))

    def _gpu(self, name: str) -> Device | None:
        if name not in self._gpus and len(self._gpus) < MOST:
            self._gpus[name] = Device(name)
        return self._gpus.get(name)


def _node(device: str) -> tuple[int, str]:
    """`node2:gpu0` → where it stands among those of other nodes; of one node, devices keep their order."""
    node = device.rpartition(":")[0]
    return len(node), node
