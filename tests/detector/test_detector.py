"""The whole detector on networks whose answer is known."""

from __future__ import annotations

import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.graphs import (
    end_to_end_output,
    raw_output,
    write_colour_meter,
    write_constant,
)
from tests.helpers.pictures import photograph
from yolo_fer import Detector
from yolo_fer.detector.detector import DEFAULT_CONF
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError, UsageError, YoloFerError, YoloFerWarning
from yolo_fer.weights.store import default_detector

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


@pytest.fixture
def one_face(tmp_path: Path) -> Path:
    return write_constant(tmp_path / "one_face.onnx", raw_output(FACE))


@pytest.mark.parametrize("image", [None, 3, 0.5, object(), [None], [[1, 2]], [b"", 3]])
def test_what_is_no_image_is_an_image_error(one_face: Path, image: object) -> None:
    detector = Detector(one_face)
    for call in (detector, detector.predict):
        with pytest.raises(ImageError, match=r"an image is a path, an address, an array .*, not "):
            call(image)  # type: ignore[operator]
    assert detector([]) == detector.predict([]) == []


@pytest.mark.parametrize("weights", [[], b"a.onnx", 0])
def test_what_names_no_weights_is_wrong_usage(weights: object) -> None:
    with pytest.raises(UsageError, match="a path or a name"):
        Detector(weights)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="conf must lie between 0 and 1"):
        Detector("a.onnx", conf="high")  # type: ignore[arg-type]


def test_numbers_of_numpy_are_numbers_and_words_are_none(one_face: Path) -> None:
    whole, some = np.int64(2), np.float32(0.3)
    detector = Detector(one_face, conf=some, iou=some, max_faces=whole, threads=whole, batch=whole)
    (face,) = detector(grey(320, 320), conf=some, max_faces=whole)
    assert face.score > some
    assert Detector(default_detector(), imgsz=np.int64(64)).imgsz == 64
    for wrong in ({"threads": "2"}, {"imgsz": 64.5}, {"batch": "all"}, {"iou": None}):
        with pytest.raises(UsageError):
            Detector(one_face, **wrong)  # type: ignore[arg-type]


def test_a_device_may_be_a_number(one_face: Path) -> None:
    for device in (7, "7", "cuda:7"):
        with pytest.raises(YoloFerError, match="cuda:7"):
            Detector(one_face, device=device)


def test_without_weights_it_is_the_shipped_detector_in_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    detector = Detector(imgsz=320)
    assert detector.name == default_detector().name
    assert detector(photograph("zidane.jpg")).faces


def test_limits_can_be_given_with_each_call(tmp_path: Path) -> None:
    near = ((100, 96, 180, 192), {3: 0.5})  # overlaps FACE by 0.6
    far = ((200, 200, 300, 300), {0: 0.8})
    detector = Detector(write_constant(tmp_path / "three.onnx", raw_output(FACE, near, far)))
    image = grey(320, 320)

    def count(**limits: float) -> int:
        (first,) = detector.predict([image], **limits)  # type: ignore[arg-type]
        assert first == detector(image, **limits)  # type: ignore[call-overload]
        return len(first)

    assert count() == 2
    assert count(conf=0.85) == 1
    assert count(iou=0.9) == 3
    with pytest.warns(YoloFerWarning, match="more than 1 faces"):
        assert count(max_faces=1) == 1
    assert (detector.conf, detector.iou, detector.max_faces) == (0.25, 0.5, 300)
    for limits in ({"conf": 2}, {"iou": -1}, {"max_faces": 0}, {"max_faces": "all"}, {"batch": 0}):
        with pytest.raises(UsageError):
            detector(image, **limits)  # type: ignore[call-overload]


def test_an_address_is_no_image_and_keeps_its_password(one_face: Path) -> None:
    with pytest.raises(UsageError, match="use `stream`") as error:
        Detector(one_face)("rtsp://me:SECRET@camera/1")
    assert "SECRET" not in str(error.value)


def test_a_box_comes_back_in_pixels_of_the_image(one_face: Path) -> None:
    # 640x480 scales by one half and fills a 320x256 input, 8 rows of padding above.
    (face,) = Detector(one_face)(grey(480, 640)).faces
    assert face.box == pytest.approx((160, 176, 320, 368))
    assert face.emotion is Emotion.HAPPINESS
    assert face.scores == pytest.approx((0, 0, 0, 0.9, 0, 0, 0.2))


def test_a_network_of_one_size_sees_a_square(tmp_path: Path) -> None:
    weights = write_constant(tmp_path / "fixed.onnx", raw_output(FACE), size=(320, 320))
    (face,) = Detector(weights)(grey(480, 640)).faces
    assert face.box == pytest.approx((160, 112, 320, 304))  # 40 rows of padding above


def test_the_network_sees_red_green_blue_from_0_to_1(tmp_path: Path) -> None:
    image = np.zeros((320, 320, 3), np.uint8)
    image[:] = (51, 102, 204)  # blue, green, red
    (face,) = Detector(write_colour_meter(tmp_path / "meter.onnx"))(image).faces
    assert face.scores[:3] == pytest.approx((0.8, 0.4, 0.2), abs=1e-3)
    assert face.box == pytest.approx((80, 80, 240, 240))


def test_boxes_are_cut_off_at_the_image_and_those_in_the_padding_dropped(tmp_path: Path) -> None:
    output = raw_output(((-20, 20, 100, 400), {0: 0.9}), ((200, 0, 300, 7), {1: 0.8}))
    (face,) = Detector(write_constant(tmp_path / "edge.onnx", output))(grey(480, 640)).faces
    assert face.box == pytest.approx((0, 24, 200, 480))


def test_images_of_any_size_are_predicted_in_order(one_face: Path) -> None:
    sizes = [(480, 640), (1, 1), (1, 3000), (640, 480)]
    predictions = Detector(one_face).predict([grey(*size) for size in sizes])
    assert [(p.height, p.width) for p in predictions] == sizes
    assert all(p.source == "" for p in predictions)


def test_a_file_is_read_as_a_viewer_shows_it(one_face: Path, tmp_path: Path) -> None:
    from PIL import Image as PillowImage

    exif = PillowImage.Exif()
    exif[0x0112] = 6  # the camera was turned
    path = tmp_path / "turned.jpg"
    PillowImage.new("RGB", (640, 480)).save(path, exif=exif)
    prediction = Detector(one_face)(path)
    assert (prediction.width, prediction.height) == (480, 640)
    assert prediction.source == str(path)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
        np.zeros((0, 10, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_image_is_refused(one_face: Path, image: np.ndarray) -> None:
    with pytest.raises(ImageError, match="uint8"):
        Detector(one_face)(image)


def test_the_threshold_comes_from_the_weights_unless_it_is_given(tmp_path: Path) -> None:
    weights = write_constant(
        tmp_path / "advised.onnx", raw_output(FACE), metadata={"yolo_fer": '{"face_conf": 0.95}'}
    )
    assert Detector(weights)(grey(320, 320)).faces == ()
    assert len(Detector(weights, conf=0.5)(grey(320, 320)).faces) == 1


def test_a_threshold_that_was_chosen_for_another_score_is_not_used(tmp_path: Path) -> None:
    weights = write_constant(
        tmp_path / "old.onnx", raw_output(FACE), metadata={"yolo_fer": '{"conf": 0.95}'}
    )
    with pytest.warns(YoloFerWarning, match=r"old\.onnx: the threshold .* 0\.25 is used"):
        detector = Detector(weights)
    assert detector.conf == 0.25
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Detector(weights, conf=0.5).conf == 0.5


def test_the_shipped_weights_advise_a_threshold_of_the_score_of_a_face() -> None:
    detectors = [Detector(name) for name in ("yolo-fer-n.onnx", "yolo-fer-n_int8.onnx")]
    advised = {detector.conf for detector in detectors}
    assert len(advised) == 1
    assert DEFAULT_CONF not in advised


def test_foreign_names_are_understood_and_other_classes_left_out_with_one_warning(
    tmp_path: Path,
) -> None:
    weights = write_constant(
        tmp_path / "foreign.onnx",
        raw_output(FACE, ((200, 200, 300, 300), {1: 0.9}), classes=8),
        names=("Angry", "Contempt", "disgusted", "Happy", "sad", "Surprised", "calm", "Fearful"),
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        detector = Detector(weights)
        (face,) = detector(grey(320, 320)).faces
        detector(grey(320, 320))
    (message,) = [str(w.message) for w in seen if w.category is YoloFerWarning]
    assert "Contempt" in message
    assert face.emotion is Emotion.HAPPINESS
    assert face.scores[Emotion.NEUTRAL] == pytest.approx(0.2)


def test_a_network_of_other_things_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    weights = write_constant(
        tmp_path / "coco.onnx", raw_output((FACE[0], {1: 0.9}), classes=2), names=("person", "bus")
    )
    with pytest.raises(YoloFerError, match=r"coco\.onnx.*person"):
        Detector(weights)


def test_an_end_to_end_graph_says_once_that_it_gives_only_the_best_class(tmp_path: Path) -> None:
    weights = write_constant(
        tmp_path / "end.onnx",
        end_to_end_output((80, 96, 160, 192, 0.9, 3), (82, 96, 161, 192, 0.5, 0)),
    )
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        detector = Detector(weights)
        (face,) = detector(grey(320, 320)).faces
        detector(grey(320, 320))
    assert len([w for w in seen if "best class" in str(w.message)]) == 1
    assert face.scores == pytest.approx((0.5, 0, 0, 0.9, 0, 0, 0))


def test_a_size_beyond_a_fixed_graph_is_a_usage_error(tmp_path: Path) -> None:
    weights = write_constant(tmp_path / "fixed.onnx", raw_output(FACE), size=(320, 320))
    with pytest.raises(UsageError, match="320x320"):
        Detector(weights, imgsz=640)


def test_a_free_graph_takes_the_size_rounded_up_to_the_stride(one_face: Path) -> None:
    # At 100, rounded to 128, a square image of 256 pixels scales by one half.
    (face,) = Detector(one_face, imgsz=100)(grey(256, 256)).faces
    assert face.box[:2] == pytest.approx((160, 192))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("conf", 1.5),
        ("conf", -0.1),
        ("iou", 2),
        ("imgsz", 0),
        ("threads", 0),
        ("device", "gpu"),
        ("device", "cuda:x"),
    ],
)
def test_a_value_out_of_range_is_a_usage_error(one_face: Path, option: str, value: object) -> None:
    with pytest.raises(UsageError):
        Detector(one_face, **{option: value})  # type: ignore[arg-type]


def test_cuda_that_is_not_there_is_an_error(one_face: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine's ONNX Runtime has CUDA")
    with pytest.raises(YoloFerError, match="cuda"):
        Detector(one_face, device="cuda")


def test_the_name_is_that_of_the_file(one_face: Path) -> None:
    assert Detector(one_face).name == "one_face.onnx"


def test_a_photograph_on_disk_and_in_memory_give_the_same(tmp_path: Path) -> None:
    weights = write_colour_meter(tmp_path / "meter.onnx")
    path = tmp_path / "gesicht mit ümläut.png"
    image = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    cv2.imencode(".png", image)[1].tofile(path)
    detector = Detector(weights)
    assert detector(path).faces == detector(image).faces
