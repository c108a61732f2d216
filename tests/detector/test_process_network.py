"""One detector for worker processes: pickled, or inherited by a fork."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.graphs import raw_output, write_colour_meter, write_constant
from tests.helpers.openvino_copy import openvino_copy
from tests.helpers.pictures import photograph
from tests.helpers.same_faces import assert_same_faces
from yolo_fer import Detector, Prediction
from yolo_fer.detector import process_network
from yolo_fer.errors import YoloFerError
from yolo_fer.weights.store import default_detector, resolve

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})
IMGSZ = 256


def look(detector: Detector) -> Prediction:
    return detector(photograph("zidane.jpg"))


def sent(detector: Detector) -> Detector:
    """What another process gets."""
    again: Detector = pickle.loads(pickle.dumps(detector))  # noqa: S301
    return again


def assert_can_be_sent(weights: str | Path, **options: bool) -> None:
    detector = Detector(weights, imgsz=IMGSZ, conf=0.05, iou=0.4, max_faces=7, **options)
    again = sent(detector)
    assert again._network._here is None, "a network was pickled"
    assert look(again) == look(detector)
    assert (again.conf, again.iou, again.max_faces, again.imgsz) == (0.05, 0.4, 7, IMGSZ)
    assert again.name == detector.name


@pytest.mark.parametrize("name", ["yolo-fer-n.onnx", "yolo-fer-n.pt"])
def test_an_onnx_network_and_a_checkpoint(name: str) -> None:
    if name.endswith(".pt"):
        pytest.importorskip("ultralytics")
    assert_can_be_sent(name)


def test_an_openvino_network(tmp_path: Path) -> None:
    assert_can_be_sent(openvino_copy(tmp_path))


@pytest.mark.slow
def test_a_program_that_was_trusted_is_trusted_there_too(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    from yolo_fer.export.network_export import ExportOptions, export

    shutil.copy(resolve("yolo-fer-n.pt"), tmp_path / "faces.pt")
    options = ExportOptions(format="torchscript", imgsz=IMGSZ)
    assert_can_be_sent(export(str(tmp_path / "faces.pt"), options=options), trust_weights=True)


def test_what_was_changed_after_it_was_made_is_sent_along() -> None:
    detector = Detector(imgsz=IMGSZ)
    detector.conf = 0.9
    assert sent(detector).conf == copy.deepcopy(detector).conf == 0.9
    assert look(sent(detector)).faces == look(detector).faces


def test_a_pool_that_sends_it_with_each_task_loads_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = Detector(write_constant(tmp_path / "one.onnx", raw_output(FACE)))
    loaded: list[Path] = []
    load = process_network.load_network

    def count(path: Path, *how: object) -> object:
        loaded.append(path)
        return load(path, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(process_network, "load_network", count)
    for _ in range(3):
        assert len(look(sent(detector))) == 1
    assert len(loaded) == 1


def test_workers_may_have_another_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_constant(tmp_path / "one.onnx", raw_output(FACE))
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps(Detector("one.onnx"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(look(pickle.loads(data))) == 1  # noqa: S301


def test_shipped_weights_are_found_again_by_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    where = str(default_detector().parent).encode()
    for weights in (None, "yolo-fer-n.onnx"):
        assert where not in pickle.dumps(Detector(weights)._network._weights)


def test_other_weights_under_the_same_name_are_refused(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "one.onnx", raw_output(FACE))
    data = pickle.dumps(Detector(path))
    write_colour_meter(path)
    with pytest.raises(YoloFerError, match=r"one\.onnx: these are other weights"):
        look(pickle.loads(data))  # noqa: S301
    path.unlink()
    with pytest.raises(YoloFerError, match=r"one\.onnx does not exist"):
        look(pickle.loads(data))  # noqa: S301


@pytest.mark.parametrize(
    ("method", "name"),
    [("spawn", "yolo-fer-n.onnx"), ("fork", "yolo-fer-n.onnx"), ("fork", "yolo-fer-n.pt")],
)
def test_worker_processes_find_the_same_faces(method: str, name: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system does not {method}")
    if name.endswith(".pt"):
        pytest.importorskip("ultralytics")
    detector = Detector(name, imgsz=IMGSZ, conf=0.1, threads=2)  # both people are found
    expected = look(detector)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(look, [detector] * 3, timeout=60))
    assert_same_faces(found, [expected] * 3, detector.conf)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("name", ["yolo-fer-n.onnx", "yolo-fer-n.pt"])
def test_a_forked_process_uses_what_it_inherits(name: str) -> None:
    if name.endswith(".pt"):
        pytest.importorskip("ultralytics")
    detector = Detector(name, imgsz=IMGSZ, conf=0.1, threads=2)  # both people are found
    expected = look(detector)
    reader, writer = multiprocessing.get_context("fork").Pipe(duplex=False)

    def work() -> None:
        writer.send(look(detector))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    try:
        assert reader.poll(30), "the network of a forked process waits for threads of its parent"
        assert_same_faces([reader.recv()], [expected], detector.conf)
    finally:
        process.kill()
        process.join()
    assert look(detector) == expected
