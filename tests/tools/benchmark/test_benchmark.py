from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.benchmark import benchmark

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
    result = benchmark(tmp_path, "scheduler", "--jobs", "600", "--workers", "1")
    tiny, grown, own_grown, long = (figure["median"] for figure in result["figures"])
    assert 0 < tiny < 100
    assert 0.5 < grown < 2
    assert 0.5 < own_grown < 2
    assert long > 0


@pytest.mark.slow
def test_two_stages_are_compared_at_each_number_of_faces(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("retinaface")
    result = benchmark(tmp_path, "two-stage", "--repeats", "1", "--imgsz", "128")
    names = [figure["name"] for figure in result["figures"]]
    for number in (1, 5, 20):
        assert {f"{finder}+cnn : yolo-fer, faces: {number}" for finder in FINDERS} <= set(names)
