from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.helpers.benchmark import benchmark
from tools.benchmark.figures import Figure, interleave
from yolo_fer.evaluate.stopwatch import take_turns

FINDERS = ("retinaface", "haar")


def test_a_conversion_is_compared_with_a_bare_loop(tmp_path: Path) -> None:
    options = ("--images", "6", "--repeats", "2", "--workers", "1", "--only", "keep")
    result = benchmark(tmp_path, "convert", *options)
    (figure,) = result["figures"]
    assert len(figure["values"]) == 2
    assert figure["median"] > 1, "a conversion does all that the bare loop does, and more"
    assert figure["met"] == (figure["median"] <= 2)
    assert {"date", "commit", "host", "cores", "onnxruntime"} <= result["environment"].keys()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "figures"),
    [
        (("convert", "--images", "40", "--repeats", "1", "--workers", "2"), 2),
        (("memory", "--rows", "400", "--workers", "2"), 3),
        (("memory", "--rows", "40", "--workers", "1", "--unlabelled", "mask"), 3),
        (("predict", "--images", "6", "--repeats", "1"), 1),
        (("start", "--repeats", "1"), 2),
        (("frames", "--repeats", "1", "--imgsz", "128"), 3),
        (
            (
                "archive",
                "--videos",
                "2",
                "--frames",
                "5",
                "--images",
                "6",
                "--many",
                "200",
                "--repeats",
                "1",
            ),
            5,
        ),
        (("stream", "--frames", "40", "--imgsz", "128"), 1),
        (("serve", "--seconds", "2", "--clients", "3", "--images", "3"), 4),
        (("rates", "--frames", "4", "--images", "6", "--repeats", "1"), 3),
        (("duplicates", "--size", "300", "--size", "900", "--at-once", "900"), 10),
    ],
)
def test_every_measurement_runs(tmp_path: Path, arguments: tuple[str, ...], figures: int) -> None:
    result = benchmark(tmp_path, *arguments)
    assert len(result["figures"]) == figures
    assert all(value > 0 for figure in result["figures"] for value in figure["values"])


@pytest.mark.slow
def test_a_scheduler_is_measured(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    tiny, long = benchmark(tmp_path, "scheduler", "--jobs", "600", "--workers", "1")["figures"]
    assert 0 < tiny["median"] < 100
    assert long["median"] > 0


@pytest.mark.slow
def test_two_stages_are_compared_at_each_number_of_faces(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("retinaface")
    result = benchmark(tmp_path, "two-stage", "--repeats", "1", "--imgsz", "128")
    names = [figure["name"] for figure in result["figures"]]
    for number in (1, 5, 20):
        assert {f"{finder}+cnn : yolo-fer, faces: {number}" for finder in FINDERS} <= set(names)


def test_the_order_alternates_so_that_warm_caches_favour_neither() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, bare = interleave(lambda: run("ours"), lambda: run("bare"), repeats=2)
    assert order == ["ours", "bare", "ours", "bare", "bare", "ours"]
    assert (ours, bare) == ((3.0, 6.0), (4.0, 5.0)), "the first pair counts"


def test_any_number_of_things_take_turns_the_order_of_each_round_reversed() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    seconds = take_turns([partial(run, name) for name in "abc"], repeats=2)
    assert "".join(order) == "abcabccba"
    assert seconds == ((4.0, 9.0), (5.0, 8.0), (6.0, 7.0))


@pytest.mark.parametrize(
    ("values", "at_most", "met"),
    [
        ((1.0, 9.0, 2.0), True, True),  # the median counts, not the worst
        ((2.1,), True, False),
        ((2.0,), True, True),
        ((1.9,), False, False),
        ((2.5,), False, True),
    ],
)
def test_a_goal_is_met_from_its_side(values: tuple[float, ...], at_most: bool, met: bool) -> None:
    assert Figure("", values, "x", 2.0, at_most, "").met is met
