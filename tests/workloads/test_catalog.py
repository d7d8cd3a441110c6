"""What can be set is said by the catalogue alone, and a wrong setting is told in one line."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from workloads.catalog import CATALOG, ByDevice, complete, find_workload, parse_settings

TRAIN = find_workload("train/digits")


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_every_workload_is_there_and_its_defaults_are_allowed_on_every_device(entry) -> None:  # type: ignore[no-untyped-def]
    assert find_spec(entry.module)
    for parameter in entry.parameters:
        assert parameter.meaning
        parameter.check(parameter.default_for("cpu"))
        parameter.check(parameter.default_for("cuda"))
        if isinstance(parameter.default, ByDevice):
            assert type(parameter.default.cpu) is type(parameter.default.cuda)
    assert {"device", "threads"} <= {parameter.name for parameter in entry.parameters}


def test_settings_are_typed_by_their_parameter() -> None:
    settings = {"batch": "32", "learning_rate": "1", "precision": "bfloat16", "device": "cuda:1"}
    parsed = parse_settings(TRAIN, settings)
    assert parsed == {"batch": 32, "learning_rate": 1.0, "precision": "bfloat16", "device": "cuda:1"}
    assert type(parsed["learning_rate"]) is float


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("btach", "32"), "did you mean batch?"),
        (("nothing", "32"), "there are: epochs, batch"),
        (("batch", "many"), "from 1 to 1437"),
        (("batch", "0"), "from 1 to 1437"),
        (("learning_rate", "nan"), "from 0 to 10"),
        (("precision", "fp8"), "float32, tf32, bfloat16"),
        (("device", "gpu"), "auto, cpu, cuda, cuda:N"),
        (("device", "cuda:x"), "auto, cpu, cuda, cuda:N"),
    ],
)
def test_a_wrong_setting_is_answered_with_what_would_be_right(setting: tuple[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as answer:
        parse_settings(TRAIN, dict([setting]))
    assert told in str(answer.value)


def test_a_wrong_workload_is_answered_with_its_near_misses() -> None:
    with pytest.raises(ValueError, match=r"did you mean train/digits"):
        find_workload("train/digit")


def test_defaults_are_those_of_the_device_and_what_was_given_stays() -> None:
    on_cpu, on_cuda = complete(TRAIN, {"batch": 7}, "cpu"), complete(TRAIN, {"batch": 7}, "cuda")
    assert on_cpu["batch"] == on_cuda["batch"] == 7
    assert (on_cpu["precision"], on_cuda["precision"]) == ("float32", "bfloat16")
    assert list(on_cpu) == [parameter.name for parameter in TRAIN.parameters]


def test_a_value_that_came_by_another_way_is_checked_too() -> None:
    with pytest.raises(ValueError, match="batch=0"):
        complete(TRAIN, {"batch": 0}, "cpu")
    with pytest.raises(ValueError, match="batch=True"):
        complete(TRAIN, {"batch": True}, "cpu")
