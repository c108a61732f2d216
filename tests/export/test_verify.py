from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.pictures import write_grey
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.export.formats import Precision
from yolo_fer.export.verify import (
    TOLERANCES,
    FaceComparison,
    Tolerance,
    Verdict,
    compare,
    drawn_images,
    read_images,
    verify,
)
from yolo_fer.results import FacePrediction, Prediction
from yolo_fer.weights.store import default_detector, resolve

FACE = (100.0, 100.0, 200.0, 200.0)
ELSEWHERE = (10.0, 10.0, 60.0, 60.0)
STRICT = TOLERANCES[Precision.FP32]


def seen(*faces: tuple[tuple[float, float, float, float], float]) -> Prediction:
    found = tuple(FacePrediction(box, (score, 0, 0, 0.1, 0, 0, 0)) for box, score in faces)
    return Prediction("", 320, 320, found)


def test_equal_faces_agree_in_whatever_order() -> None:
    first, second = seen((FACE, 0.9), (ELSEWHERE, 0.5)), seen((ELSEWHERE, 0.5), (FACE, 0.9))
    assert compare(first, second, 0.3) == [FaceComparison(1.0, 0.0)] * 2


def test_a_face_of_which_one_of_the_two_knows_nothing_does_not_agree() -> None:
    one, both = seen((FACE, 0.9)), seen((FACE, 0.9), (ELSEWHERE, 0.4))
    for pair in ((one, both), (both, one)):
        assert sorted(f.within(STRICT) for f in compare(*pair, 0.3)) == [False, True]


def test_a_face_that_falls_just_short_of_the_threshold_is_still_the_counterpart() -> None:
    (face,) = compare(seen((FACE, 0.3002)), seen((FACE, 0.2998)), 0.3)
    assert face.within(STRICT)


def test_the_score_of_the_face_counts_beside_its_seven() -> None:
    def both(score: float) -> Prediction:
        return Prediction("", 320, 320, (FacePrediction(FACE, (score,) * 7),))

    (compared,) = compare(both(0.1), both(0.105), 0.3)
    assert compared.score_difference == pytest.approx(0.9**7 - 0.895**7)


def test_what_neither_scores_above_the_threshold_does_not_count() -> None:
    assert compare(seen((FACE, 0.2)), seen((ELSEWHERE, 0.2)), 0.3) == []


@pytest.mark.parametrize(
    ("face", "agrees"),
    [
        (FaceComparison(0.95, 0.01), True),
        (FaceComparison(0.89, 0.01), False),  # another box
        (FaceComparison(0.95, 0.03), False),  # other scores
    ],
)
def test_a_face_agrees_within_both_tolerances(face: FaceComparison, agrees: bool) -> None:
    assert face.within(Tolerance(iou=0.9, score=0.02, share=1)) is agrees


def test_so_many_faces_have_to_agree_as_the_tolerance_says() -> None:
    good, bad = FaceComparison(1, 0), FaceComparison(0, 1)
    tolerance = Tolerance(iou=0.9, score=0.02, share=0.75)
    assert Verdict(tolerance, 1, 4, 4, (good, good, good, bad)).same
    assert not Verdict(tolerance, 1, 4, 4, (good, good, bad, bad)).same


def test_images_without_faces_show_nothing() -> None:
    assert not Verdict(STRICT, 9, 0, 0, ()).same


def test_every_score_counts_and_not_only_the_best(tmp_path: Path) -> None:
    scores = {3: 0.8, 4: 0.2}
    files = [
        write_constant(tmp_path / f"{name}.onnx", raw_output((FACE, scores | {4: low})))
        for name, low in (("original", 0.2), ("tampered", 0.25))
    ]
    image = np.zeros((320, 320, 3), np.uint8)
    verdict = verify(str(files[0]), str(files[1]), [image], STRICT)
    assert not verdict.same
    assert verdict.largest_difference == pytest.approx(0.05)


def test_a_network_agrees_with_itself_and_not_with_a_tampered_copy(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    original = default_detector()
    images = drawn_images(6)
    assert verify(str(original), str(original), images, STRICT).same
    model = onnx.load(original)
    weights = next(w for w in model.graph.initializer if "cv3" in w.name and len(w.dims) == 4)
    values = onnx.numpy_helper.to_array(weights)
    weights.CopyFrom(onnx.numpy_helper.from_array(values * np.float32(1.05), weights.name))
    tampered = tmp_path / "tampered.onnx"
    onnx.save(model, tampered)
    assert not verify(str(original), str(tampered), images, STRICT).same


def test_drawn_images_are_the_same_each_time_and_of_several_shapes() -> None:
    first, second = drawn_images(5), drawn_images(5)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert len({image.shape for image in first}) > 2


def test_a_folder_without_a_readable_image_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    with pytest.raises(YoloFerError, match="no image could be read"):
        list(read_images(tmp_path))
    network = write_constant(tmp_path / "one.onnx", raw_output((FACE, {3: 0.8})))
    with pytest.raises(YoloFerError, match="no image could be read"):
        verify(str(network), str(network), read_images(tmp_path), STRICT)


def test_images_are_read_one_at_a_time_and_the_bad_ones_counted(tmp_path: Path) -> None:
    folder, size = tmp_path / "images", (900, 1200)
    for number in range(12):
        write_grey(folder / f"{number:02}.png", size)
    for name in ("03.png", "11.png"):
        (folder / name).write_bytes(b"no image")
    network = str(write_constant(tmp_path / "one.onnx", raw_output((FACE, {3: 0.8}))))
    Detector(network)(np.zeros((*size, 3), np.uint8))  # what it needs once is no part of the images
    tracemalloc.start()
    try:
        with pytest.warns(YoloFerWarning, match=r"^2 images left out: .*03\.png"):
            verdict = verify(network, network, read_images(folder), STRICT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (verdict.images, verdict.original_faces, verdict.same) == (10, 10, True)
    assert most < 4 * 3 * size[0] * size[1]


def test_tolerances_grow_as_precision_falls() -> None:
    fp32, fp16, int8 = (TOLERANCES[precision] for precision in Precision)
    assert fp32.score < fp16.score < int8.score
    assert fp32.iou > fp16.iou > int8.iou
    assert replace(fp32, share=1.0) == fp32


def test_a_fixed_size_agrees_on_an_image_at_which_the_original_looks_twice(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    people = cv2.imread("docs/people.jpg")
    assert people is not None
    portrait = people[50:230, 36:216]
    once, twice = (Detector(second_look=look)(portrait).faces for look in (False, True))
    assert [face.scores for face in once] != [face.scores for face in twice]
    graph = onnx.load(resolve("yolo-fer-n.onnx"))
    sides = graph.graph.input[0].type.tensor_type.shape.dim
    for side, size in zip(sides, (1, 3, 384, 384), strict=True):
        side.dim_value = size
    onnx.save(graph, tmp_path / "fixed.onnx")
    assert verify("yolo-fer-n.onnx", str(tmp_path / "fixed.onnx"), [portrait], STRICT).same
