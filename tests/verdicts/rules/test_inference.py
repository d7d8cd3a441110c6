"""Rules about serving."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from app.session.roofs.roofline import Roofline
from app.verdicts.rules.device.bandwidth import bandwidth_bound
from app.verdicts.rules.inference.batch import batch_too_small
from app.verdicts.rules.inference.decode import decode_bandwidth_bound
from app.verdicts.rules.inference.generator import generator_limited
from app.verdicts.rules.inference.loading import input_bound_serving
from app.verdicts.rules.inference.prefill import prefill_compute_bound
from app.verdicts.rules.inference.queue import queue_saturated
from app.verdicts.window import RequestSums, Window
from tests.verdicts.h200 import COPY, MATMUL, device
from tests.verdicts.windows import MS, gauges, started, steps, window
from workloads.wire.frames import Missing, RunStarted, Verdict

TOLD: dict[str, Any] = {"batch": 4, "prompt": 512, "new": 128, "precision": "bfloat16"}
"""Parameters of a workload that tells text."""
ROOF = Roofline(device_name="a processor", host="h", kind="cpu", flops_per_s={"float32": 1e11}, bytes_per_s=1e10)


def requests(count: int = 1_000, **changes: Any) -> RequestSums:
    """Ten seconds of requests that come one by one, each served at once for 9 ms."""
    given: dict[str, Any] = {
        "count": count,
        "samples": count,
        "seconds": 10.0,
        "latency_median_ns": 9.0 * MS,
        "lag_ns": round(count * 0.05 * MS),
        "lag_p99_ns": 0.2 * MS,
        "queue_ns": 0,
        "service_ns": count * 9 * MS,
        "batches": count,
    }
    return RequestSums(**given | changes)


def own(**changes: Any) -> RunStarted:
    """A workload of benchtop that serves."""
    parameters = {"batch": 4, "max_batch": 0, "load": "poisson", "rate": 100.0, "threads": 0}
    return started(**{"workload": "infer/digits", "parameters": parameters, "unit": "request"} | changes)


def serving(of: RequestSums | None = None, **fields: Any) -> Window:
    """A run of benchtop's own that serves an open load on four processors."""
    given = {
        "started": own(),
        "steps": None,
        "requests": of or requests(),
        "hooked": False,
        "load": "open",
        "worker": gauges("worker", cpu_percent=380.0),
    }
    return window(**given | fields)


class TestGenerator:
    """generator-limited."""

    def test_a_schedule_that_is_not_kept_is_a_warning_by_the_rule_of_the_light(self) -> None:
        verdict = generator_limited(serving(requests(lag_p99_ns=1.5 * MS)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "warning"
        assert "1.50 ms late at p99" in verdict.summary

    def test_a_lag_below_it_is_none(self) -> None:
        assert generator_limited(serving(requests(lag_p99_ns=0.9 * MS))) is None

    def test_few_requests_have_no_p99(self) -> None:
        assert isinstance(generator_limited(serving(requests(40, lag_p99_ns=5.0 * MS))), Missing)

    def test_a_closed_load_is_never_late(self) -> None:
        assert generator_limited(serving(requests(lag_p99_ns=5.0 * MS), load="closed")) is None

    def test_a_script_that_asks_a_third_of_the_time_is_told_so(self) -> None:
        seldom = requests(service_ns=None, queue_ns=None, batches=None, latency_median_ns=3.0 * MS)
        verdict = generator_limited(serving(seldom, hooked=True, load="closed"))
        assert isinstance(verdict, Verdict)
        assert verdict.bound == pytest.approx(1 / 0.3)
        loads = steps(1_000, 10.0, data_wait=0.6, forward=0.3, backward=0.0, optimizer=0.0)
        assert generator_limited(serving(seldom, hooked=True, load="closed", steps=loads)) is None
        busy = replace(seldom, latency_median_ns=9.0 * MS)
        assert generator_limited(serving(busy, hooked=True, load="closed")) is None

    def test_a_few_calls_that_take_long_are_answers_too(self) -> None:
        uneven = requests(latency_median_ns=0.4 * MS, service_ns=9_800 * MS)
        assert generator_limited(serving(uneven, hooked=True, load="closed")) is None

    def test_a_loop_that_waits_for_its_loader_is_input_bound(self) -> None:
        script = serving(
            requests(service_ns=3_000 * MS),
            hooked=True,
            load="closed",
            worker=gauges("worker", cpu_percent=200.0, loader_workers=2.0, between_steps_percent=4.0),
        )
        assert generator_limited(script) is None
        verdict = input_bound_serving(script)
        assert isinstance(verdict, Verdict)
        assert verdict.kind == "input-bound"
        assert "66 % of the time waits for data" in verdict.summary
        sleeps = replace(script, worker=gauges("worker", cpu_percent=200.0, between_steps_percent=70.0))
        assert input_bound_serving(sleeps) is None
        assert isinstance(generator_limited(sleeps), Verdict)

    def test_copies_and_reads_around_a_call_belong_to_its_answer(self) -> None:
        short = requests(service_ns=6_000 * MS)
        script = {
            "hooked": True,
            "load": "closed",
            "worker": gauges("worker", cpu_percent=99.0, between_steps_percent=6.0),
        }
        assert generator_limited(serving(short, **script)) is None

    def test_on_a_gpu_calls_return_early_and_its_own_activity_counts(self) -> None:
        early = requests(service_ns=None, queue_ns=None, batches=None, latency_median_ns=1.0 * MS)
        script = {"hooked": True, "load": "closed", "started": started("cuda:0")}
        assert generator_limited(serving(early, gpus=(device(MATMUL),), **script)) is None


class TestQueue:
    """queue-saturated."""

    GROWS = requests(waiting_first=60.0, waiting_last=460.0, due_per_s=153.0, queue_ns=3_000_000 * MS, batches=250)
    """A thousand answers in ten seconds."""

    def test_a_queue_that_grows_is_told_with_what_is_due_and_served(self) -> None:
        verdict = queue_saturated(serving(self.GROWS))
        assert isinstance(verdict, Verdict)
        assert verdict.summary == "queue-saturated: 153 requests/s are due, 100 served; 460 wait"
        assert verdict.bound == pytest.approx(1.53)
        assert "--load poisson:rate=80 " in verdict.next
        assert "--set infer/digits.batch=8" in verdict.next

    def test_twice_as_many_as_are_served_are_critical(self) -> None:
        verdict = queue_saturated(serving(replace(self.GROWS, waiting_last=1_060.0, due_per_s=200.0)))
        assert isinstance(verdict, Verdict)
        assert verdict.severity == "critical"

    @pytest.mark.parametrize(
        "of",
        [
            requests(waiting_first=0.4, waiting_last=0.5, due_per_s=100.0),
            requests(waiting_first=5.0, waiting_last=30.0, due_per_s=104.0),
            requests(waiting_first=400.0, waiting_last=405.0, due_per_s=106.0),
        ],
    )
    def test_a_queue_that_is_short_or_only_long_or_long_by_chance_is_not(self, of: RequestSums) -> None:
        assert queue_saturated(serving(of)) is None

    def test_few_requests_and_unknown_queues_are_named(self) -> None:
        assert isinstance(queue_saturated(serving(replace(self.GROWS, due_per_s=5.0))), Missing)
        assert isinstance(queue_saturated(serving(requests())), Missing)

    def test_of_a_whole_run_the_rates_alone_say_it(self) -> None:
        whole = requests(1_000, seconds=10.0, due_per_s=150.0)
        assert isinstance(queue_saturated(serving(whole, whole=True)), Verdict)
        assert queue_saturated(serving(replace(whole, due_per_s=101.0), whole=True)) is None

    def test_bursts_may_be_longer_by_chance(self) -> None:
        bursts = own(parameters={"load": "burst", "burstiness": 0.05, "batch": 4})
        assert queue_saturated(serving(replace(self.GROWS, due_per_s=115.0))) is not None
        assert queue_saturated(serving(replace(self.GROWS, due_per_s=115.0), started=bursts)) is None

    def test_a_closed_load_never_saturates(self) -> None:
        assert queue_saturated(serving(self.GROWS, load="closed")) is None


class TestBatch:
    """batch-too-small."""

    SINGLE = requests(queue_ns=31 * 10_000 * MS, service_ns=9_500 * MS)
    """One at a time while thirty others wait."""
    IDLE_SMS = device(MATMUL, sm_active_percent=20.0, tensor_active_percent=4.0, dram_percent=10.0)

    def gpu(self, of: RequestSums, **fields: Any) -> Window:
        """The same on an H200 with few multiprocessors at work."""
        parameters = {"batch": 1, "max_batch": 0, "load": "closed", "concurrency": 32}
        return serving(
            of,
            **{
                "gpus": (self.IDLE_SMS,),
                "load": "closed",
                "started": own(device="cuda:0", parameters=parameters),
            }
            | fields,
        )

    def test_requests_that_wait_while_the_device_is_a_fifth_used_could_come_along(self) -> None:
        verdict = batch_too_small(self.gpu(self.SINGLE))
        assert isinstance(verdict, Verdict)
        assert "one request is served at once, and multiprocessors are active 20 % of the time" in verdict.summary
        assert "31 requests wait" in verdict.summary
        assert verdict.next == "--set infer/digits.batch=2"
        assert verdict.bound == pytest.approx(5.0)
        assert verdict.experiment == "double-batch"

    def test_where_nobody_waits_there_is_nobody_to_take_along(self) -> None:
        assert batch_too_small(self.gpu(requests())) is None

    def test_a_device_that_is_filled_needs_no_more(self) -> None:
        assert batch_too_small(self.gpu(self.SINGLE, gpus=(device(MATMUL, sm_active_percent=95.0),))) is None

    def test_without_counters_it_cannot_be_told(self) -> None:
        assert isinstance(batch_too_small(self.gpu(self.SINGLE, gpus=(gauges("gpu0", power_w=90.0),))), Missing)

    def test_one_busy_processor_of_four_could_take_more(self) -> None:
        verdict = batch_too_small(serving(self.SINGLE, worker=gauges("worker", cpu_percent=110.0)))
        assert isinstance(verdict, Verdict)
        assert "1.1 of 4 processors work" in verdict.summary
        assert batch_too_small(serving(self.SINGLE)) is None

    def test_processors_that_others_take_could_not(self) -> None:
        taken = gauges("host", cpu_percent=95.0)
        assert batch_too_small(serving(self.SINGLE, worker=gauges("worker", cpu_percent=110.0), host=taken)) is None

    def test_arithmetic_far_below_the_peak_says_the_same_where_all_are_busy(self) -> None:
        of = serving(self.SINGLE, started=own(flops_per_unit=1e7), roofline=ROOF)
        verdict = batch_too_small(of)
        assert isinstance(verdict, Verdict)
        assert "1.0 % of the measured peak" in verdict.summary
        assert verdict.bound is None

    def test_a_server_that_is_idle_lacks_requests(self) -> None:
        idle = requests(service_ns=4_000 * MS, queue_ns=31 * 10_000 * MS)
        assert batch_too_small(serving(idle, worker=gauges("worker", cpu_percent=60.0))) is None

    def test_a_script_that_calls_its_model_again_and_again_has_the_next_inputs(self) -> None:
        called = requests(service_ns=None, queue_ns=None, batches=None, latency_median_ns=9.5 * MS)
        verdict = batch_too_small(self.gpu(called, hooked=True, started=started("cuda:0")))
        assert isinstance(verdict, Verdict)
        assert "torch.stack" in verdict.next
        tells = replace(called, tokens=64_000, gaps=63_000, gap_ns=9_000 * MS)
        assert batch_too_small(self.gpu(tells, hooked=True, started=started("cuda:0"))) is None
        many = replace(called, samples=64_000)
        assert batch_too_small(self.gpu(many, hooked=True, started=started("cuda:0"))) is None

    def test_its_passes_are_steps_too_and_have_no_queue(self) -> None:
        passes = steps(1_000, 9.5, forward=0.98, backward=0.0, optimizer=0.0)
        called = requests(queue_ns=0, service_ns=9_400 * MS, latency_median_ns=9.4 * MS)
        verdict = batch_too_small(self.gpu(called, hooked=True, started=started("cuda:0"), steps=passes))
        assert isinstance(verdict, Verdict)
        assert verdict.confidence == "medium"


class TestTelling:
    """prefill-compute-bound and decode-bandwidth-bound."""

    def telling(self, ttft_ms: float, gap_ms: float, **fields: Any) -> Window:
        """Forty requests a window, four at a time, of 128 tokens each."""
        of = requests(
            40,
            batches=10,
            tokens=40 * 128,
            ttft_ns=round(40 * ttft_ms * MS),
            gaps=40 * 127,
            gap_ns=round(40 * 127 * gap_ms * MS),
            service_ns=40 * 1_000 * MS,
        )
        given: dict[str, Any] = {"started": own(parameters=TOLD, precision="float32"), "roofline": ROOF}
        return serving(of, load="closed", **given | fields)

    def test_a_step_that_reads_its_weights_at_the_speed_of_a_copy_is_bound_by_memory(self) -> None:
        reads = own(parameters=TOLD, bytes_per_decode_step=4e7)
        verdict = decode_bandwidth_bound(self.telling(100.0, 5.0, started=reads))
        assert isinstance(verdict, Verdict)
        assert verdict.summary == "decode-bandwidth-bound: a decode step reads 8.00 GB/s, 80 % of what a copy reached"
        decoding = 635 / 735
        assert verdict.bound == pytest.approx(1 / (1 - decoding + decoding * 0.8))
        assert verdict.next == "--set infer/digits.batch=8"
        assert prefill_compute_bound(self.telling(100.0, 5.0, started=reads)) is None

    def test_an_answer_of_many_tokens_is_many_steps(self) -> None:
        reads = own(parameters=TOLD, bytes_per_decode_step=4e7)
        of = self.telling(100.0, 5.0, started=reads)
        assert of.requests is not None
        one = replace(of.requests, count=1, samples=1, batches=1, tokens=128, ttft_ns=100 * MS, gaps=127)
        long = replace(of, requests=replace(one, gap_ns=127 * 5 * MS))
        assert isinstance(decode_bandwidth_bound(long), Verdict)
        short = replace(of, requests=replace(one, gaps=7, gap_ns=200 * MS))
        assert isinstance(decode_bandwidth_bound(short), Missing)

    @pytest.mark.parametrize("each", [2e7, 1e8], ids=["half", "caches"])
    def test_a_step_far_from_it_or_faster_than_memory_is_not(self, each: float) -> None:
        reads = own(parameters=TOLD, bytes_per_decode_step=each)
        assert decode_bandwidth_bound(self.telling(100.0, 5.0, started=reads)) is None

    def test_of_a_script_the_devices_counters_say_it_and_once_is_enough(self) -> None:
        of = self.telling(
            10.0,
            5.0,
            hooked=True,
            started=started("cuda:0"),
            roofline=None,
            gpus=(device(COPY, dram_percent=72.0),),
        )
        verdict = decode_bandwidth_bound(of)
        assert isinstance(verdict, Verdict)
        assert "72 % of DRAM bandwidth" in verdict.summary
        assert bandwidth_bound(of) is None

    def test_what_is_not_known_of_a_script_on_a_processor_is_named(self) -> None:
        assert isinstance(decode_bandwidth_bound(self.telling(10.0, 5.0, started=started(), hooked=True)), Missing)

    def test_prompts_near_the_peak_are_bound_by_arithmetic(self) -> None:
        """4 prompts of 512 of 639 tokens: 6.4e10 operations in a second."""
        reads = own(parameters=TOLD, flops_per_unit=2e10)
        verdict = prefill_compute_bound(self.telling(1_000.0, 1.0, started=reads))
        assert isinstance(verdict, Verdict)
        share = 1_000 / 1_127
        part = 4 * 2e10 * 512 / 639 / 1e11
        assert f"{100 * share:.0f} % of the time is the first token's, at 64 % of the measured peak" in verdict.summary
        assert verdict.bound == pytest.approx(1 / (1 - share + share * part))
        assert decode_bandwidth_bound(self.telling(1_000.0, 1.0, started=reads)) is None

    def test_prompts_far_below_it_are_not(self) -> None:
        assert (
            prefill_compute_bound(self.telling(1_000.0, 1.0, started=own(flops_per_unit=2e9, parameters=TOLD))) is None
        )

    def test_busy_tensor_cores_say_the_same_of_a_script(self) -> None:
        script: dict[str, Any] = {"hooked": True, "started": started("cuda:0", precision="bfloat16"), "roofline": None}
        busy = self.telling(1_000.0, 1.0, gpus=(device(MATMUL, tensor_active_percent=70.0),), **script)
        assert isinstance(prefill_compute_bound(busy), Verdict)
        idle = self.telling(1_000.0, 1.0, gpus=(device(MATMUL, tensor_active_percent=20.0),), **script)
        assert prefill_compute_bound(idle) is None
        assert isinstance(prefill_compute_bound(self.telling(1_000.0, 1.0, started=started(), roofline=None)), Missing)


RULES = (
    generator_limited,
    input_bound_serving,
    queue_saturated,
    batch_too_small,
    prefill_compute_bound,
    decode_bandwidth_bound,
)


@pytest.mark.parametrize("rule", RULES)
def test_training_is_no_serving(rule: Any) -> None:
    assert rule(window()) is None
