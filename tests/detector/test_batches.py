"""Several images in one run of the network: the same faces as one by one, whatever runs it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.graphs import EMOTIONS, write_colour_meter
from tests.helpers.openvino_copy import openvino_copy
from tests.helpers.pictures import photograph
from tests.helpers.same_faces import assert_same_faces
from yolo_fer import Detector
from yolo_fer.detector.batches import BatchRunner
from yolo_fer.detector.network import Metadata
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.weights.store import resolve

IMGSZ = 256
CONF = 0.1  # so low that both people of the photograph are found in small inputs


def pictures() -> list[Image]:
    """Views of a photograph whose inputs have three shapes, in mixed order."""
    whole = photograph("zidane.jpg")
    sizes = [(640, 360), (420, 420), (360, 540), (600, 340), (640, 360), (500, 500), (320, 180)]
    views = [np.asarray(cv2.resize(whole, size), np.uint8) for size in sizes]
    views[4] = np.ascontiguousarray(views[4][:, ::-1])
    return views


def assert_batches_change_nothing(detector: Detector) -> None:
    images = pictures()
    alone = [detector(image, conf=CONF) for image in images]
    for batch in (1, 2, 3, 16):
        assert_same_faces(detector.predict(images, batch=batch, conf=CONF), alone, CONF)


def fixed_copy(path: Path, batch: int) -> Path:
    """The shipped network for so many images at once, and no other number."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(resolve("yolo-fer-n.onnx"))
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_value = batch
    onnx.save(model, path)
    return path


def test_our_onnx_network_takes_any_number() -> None:
    detector = Detector("yolo-fer-n.onnx", imgsz=IMGSZ, threads=1)
    assert detector._network.batch_size is None
    assert_batches_change_nothing(detector)


def test_an_int8_network_sees_each_image_as_alone() -> None:
    assert_batches_change_nothing(Detector("yolo-fer-n_int8.onnx", imgsz=IMGSZ, threads=1))


def test_a_network_for_a_fixed_number_is_filled_up(tmp_path: Path) -> None:
    detector = Detector(fixed_copy(tmp_path / "three.onnx", 3), imgsz=IMGSZ, threads=1)
    assert detector._network.batch_size == 3
    free = Detector("yolo-fer-n.onnx", imgsz=IMGSZ, threads=1)
    found, expected = (one.predict(pictures(), conf=CONF) for one in (detector, free))
    assert_same_faces(found, expected, CONF)
    assert_batches_change_nothing(detector)


@pytest.mark.parametrize("batch", [None, 2])
def test_an_openvino_network(tmp_path: Path, batch: int | None) -> None:
    detector = Detector(openvino_copy(tmp_path, batch), imgsz=IMGSZ, threads=1)
    assert detector._network.batch_size == batch
    assert_batches_change_nothing(detector)


def test_a_checkpoint() -> None:
    pytest.importorskip("ultralytics")
    assert_batches_change_nothing(Detector("yolo-fer-n.pt", imgsz=IMGSZ, threads=1))


@pytest.mark.slow
@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("format", ["torchscript", "ncnn", "mnn"])
def test_what_ultralytics_runs(trained_copy: Path, format: str, dynamic: bool) -> None:
    from yolo_fer.export.network_export import ExportOptions, export
    from yolo_fer.runtime.ultralytics_packages import MissingPackagesError

    options = ExportOptions(format=format, imgsz=IMGSZ, fixed=not dynamic)
    try:
        weights = export(str(trained_copy), options=options)
    except MissingPackagesError as error:
        pytest.skip(str(error))
    assert_batches_change_nothing(Detector(weights, trust_weights=True))


@pytest.fixture
def trained_copy(tmp_path: Path) -> Path:
    pytest.importorskip("ultralytics")
    target = tmp_path / "faces.pt"
    target.write_bytes(resolve("yolo-fer-n.pt").read_bytes())
    return target


class Spy:
    """A network that adds up its input, and notes how many images it is given at once."""

    metadata = Metadata(dict(enumerate(EMOTIONS)), (32, 32))
    fixed_size = None
    on_gpu = False

    def __init__(self, batch_size: int | None, most: int = 100) -> None:
        self.batch_size = batch_size
        self.most = most
        self.seen: list[int] = []

    def run(self, batch: np.ndarray) -> np.ndarray:
        self.seen.append(len(batch))
        if len(batch) > self.most:
            raise RuntimeError("out of memory")
        return np.asarray(batch.sum(axis=(1, 2, 3), keepdims=True))


def run(spy: Spy, count: int) -> None:
    inputs = [np.full((1, 3, 2, 2), number, np.float32) for number in range(count)]
    outputs = BatchRunner("net.onnx", spy).run(inputs)
    assert [output.shape for output in outputs] == [(1, 1, 1, 1)] * count
    assert [float(output.sum()) for output in outputs] == [12.0 * n for n in range(count)]


@pytest.mark.parametrize(
    ("batch_size", "count", "seen"),
    [(None, 5, [5]), (None, 1, [1]), (1, 3, [1, 1, 1]), (2, 5, [2, 2, 2]), (8, 3, [8])],
)
@pytest.mark.filterwarnings("error")
def test_a_network_gets_as_many_as_it_takes(
    batch_size: int | None, count: int, seen: list[int]
) -> None:
    spy = Spy(batch_size)
    run(spy, count)
    assert spy.seen == seen


def test_a_network_that_fails_on_several_gets_one_by_one_and_that_is_said_once() -> None:
    spy = Spy(None, most=1)
    runner = BatchRunner("net.onnx", spy)
    inputs = [np.zeros((1, 3, 2, 2), np.float32)] * 3
    with pytest.warns(YoloFerWarning, match=r"net\.onnx: 3 images .*out of memory"):
        assert len(runner.run(inputs)) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner.run(inputs)
    assert spy.seen == [3, *[1] * 3, *[1] * 3]


def test_a_graph_that_only_says_that_it_takes_any_number(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    path = write_colour_meter(tmp_path / "meter.onnx", batch="batch")
    model = onnx.load(path)
    (shape,) = (c for c in model.graph.initializer if c.name == "shape")
    shape.CopyFrom(onnx.numpy_helper.from_array(np.array([1, 3, 1], np.int64), "shape"))
    onnx.save(model, path)
    detector = Detector(path)
    images = [np.full((32, 32, 3), level, np.uint8) for level in (40, 80, 120)]
    with pytest.warns(YoloFerWarning, match="one by one"):
        found = detector.predict(images, batch=3)
    assert [one.faces for one in found] == [detector(image).faces for image in images]


def test_images_of_one_shape_go_together_up_to_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = Detector(write_colour_meter(tmp_path / "meter.onnx", batch="batch"))
    network = detector._network
    seen: list[int] = []
    inner: Callable[[np.ndarray], np.ndarray] = network.run

    def note(batch: np.ndarray) -> np.ndarray:
        seen.append(len(batch))
        return inner(batch)

    monkeypatch.setattr(network, "run", note)
    levels = [(7 * number) % 256 for number in range(30)]
    images = [np.full((64, 64, 3), level, np.uint8) for level in levels]
    for number, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f"{number:02}.png"), image)
    sizes: dict[int | None, list[int]] = {4: [4] * 7 + [2], None: [1] * 30, 100: [30]}
    for batch, expected in sizes.items():
        for given in (images, f"{tmp_path}/*.png"):
            seen.clear()
            found = detector.predict(given, batch=batch, conf=0)
            assert seen == expected
            scores = [sum(face.scores[0] for face in one) for one in found]
            assert scores == pytest.approx([level / 255 for level in levels], abs=1e-3)


def test_a_detector_can_be_made_for_batches(tmp_path: Path) -> None:
    weights = write_colour_meter(tmp_path / "meter.onnx", batch="batch")
    assert Detector(weights).batch == 1  # on a CPU several at once are no faster
    assert Detector(weights, batch=8).batch == 8


@pytest.mark.parametrize("batch", [0, -1, 1.5, "8", 5000])
def test_an_impossible_batch_is_wrong_usage(tmp_path: Path, batch: object) -> None:
    weights = write_colour_meter(tmp_path / "meter.onnx")
    with pytest.raises(UsageError, match="batch must be a whole number"):
        Detector(weights, batch=batch)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="batch must be a whole number"):
        Detector(weights).predict([], batch=batch)  # type: ignore[arg-type]


def test_a_file_that_wants_a_million_images_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="takes 1000000 images at once"):
        Detector(write_colour_meter(tmp_path / "meter.onnx", batch=1_000_000))
