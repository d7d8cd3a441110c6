"""One view's courses in another view, for charts that reach further back than the view's own."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.live.view import DeviceView, View


def with_courses(view: View, other: View) -> View:
    """The view with the other's courses; its numbers stay."""
    gpus = {device.device: device for device in other.gpus}
    return replace(
        view,
        host_device=_with_series(view.host_device, other.host_device),
        worker_device=_with_series(view.worker_device, other.worker_device),
        gpus=tuple(_with_series(device, gpus.get(device.device, device)) for device in view.gpus),
        throughput=other.throughput,
        bytes_per_s=other.bytes_per_s,
        flops_per_s=other.flops_per_s,
        time_p50=other.time_p50,
        time_p99=other.time_p99,
        loss=other.loss,
        marks=other.marks,
    )


def _with_series(device: DeviceView, other: DeviceView) -> DeviceView:
    return replace(device, series=other.series)
