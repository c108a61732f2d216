from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from yolo_fer.boxes import match
from yolo_fer.detector import Detector
from yolo_fer.detector.network import OWN_KEY
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.export.formats import Precision, find_format
from yolo_fer.export.network_export import ExportOptions, export
from yolo_fer.export.verify import TOLERANCES, drawn_images, verify
from yolo_fer.weights.store import resolve

pytest.importorskip("ultralytics")

from tests.helpers.networks import photograph, write_checkpoint, write_description
from tests.helpers.same_faces import assert_same_faces


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("weights") / "secret folder.pt", "yolo11n")


@pytest.fixture(scope="module")
def exported(checkpoint: Path) -> Path:
    return export(str(checkpoint), options=ExportOptions(conf=0.123))


def test_the_file_finds_the_same_faces_as_the_checkpoint(checkpoint: Path, exported: Path) -> None:
    image = photograph("zidane.jpg")
    first, second = (Detector(w, conf=0.3)(image).faces for w in (checkpoint, exported))
    assert first
    boxes, others = (np.array([face.box for face in faces]) for faces in (first, second))
    scores, other_scores = (np.array([face.scores for face in faces]) for faces in (first, second))
    assert np.abs(boxes - others).max() < 1
    assert np.abs(scores - other_scores).max() < 1e-3
    assert (scores > 0).mean() > 0.5, "a graph that gives only the best class has zeros"


def test_the_file_advises_the_threshold_and_takes_images_of_any_shape(exported: Path) -> None:
    detector = Detector(exported)
    assert detector.conf == 0.123
    assert detector.imgsz == 160
    assert Detector(exported, imgsz=256).imgsz == 256


def test_the_file_takes_any_number_of_images_at_once(checkpoint: Path, exported: Path) -> None:
    detector = Detector(exported, conf=0.3)
    assert detector._network.batch_size is None
    images = [photograph("zidane.jpg"), photograph("zidane.jpg")[:, ::-1].copy()] * 2
    assert_same_faces(detector.predict(images, batch=4), [detector(i) for i in images], 0.3)
    assert "(any number, 3, height, width)" in str(rules(exported)["input"])


def test_the_file_holds_little_but_the_weights(checkpoint: Path, exported: Path) -> None:
    weights = sum(p.numel() for p in load_checkpoint(checkpoint)["model"].parameters())
    assert exported.stat().st_size < 1.05 * 4 * weights


def test_the_file_does_not_say_on_which_machine_it_was_made(
    checkpoint: Path, exported: Path
) -> None:
    data = exported.read_bytes()
    assert str(checkpoint.parent).encode() not in data
    assert str(Path.home()).encode() not in data


def test_the_same_weights_give_the_same_bytes(checkpoint: Path, exported: Path) -> None:
    again = export(str(checkpoint), exported.with_name("again.onnx"), ExportOptions(conf=0.123))
    assert again.read_bytes() == exported.read_bytes()


def test_nothing_is_replaced_unless_asked(checkpoint: Path, exported: Path) -> None:
    before = exported.read_bytes()
    with pytest.raises(UsageError, match="`overwrite`"):
        export(str(checkpoint))
    assert exported.read_bytes() == before
    export(str(checkpoint), options=ExportOptions(conf=0.5), overwrite=True)
    assert Detector(exported).conf == 0.5
    export(str(checkpoint), options=ExportOptions(conf=0.123), overwrite=True)


@pytest.mark.parametrize("name", ["anna's best.pt", "yolov5n.pt"])
def test_it_is_the_users_network_that_is_exported_whatever_its_name(
    checkpoint: Path, exported: Path, name: str, tmp_path: Path
) -> None:
    # Ultralytics would look for "annas best.pt" and for yolov5nu.pt, and download them.
    shutil.copy(checkpoint, tmp_path / name)
    target = export(str(tmp_path / name), options=ExportOptions(conf=0.123))
    assert target == (tmp_path / name).with_suffix(".onnx")
    assert target.read_bytes() == exported.read_bytes()


def test_the_folder_of_the_target_is_made_and_the_checkpoint_never_replaced(
    checkpoint: Path, exported: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "folder" / "a.onnx"
    assert export(str(checkpoint), out, ExportOptions(conf=0.123)) == out
    assert out.read_bytes() == exported.read_bytes()
    before = checkpoint.read_bytes()
    with pytest.raises(UsageError, match=r"made from, and would be lost; give another `out`"):
        export(str(checkpoint), checkpoint, overwrite=True)
    assert checkpoint.read_bytes() == before


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "models" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UsageError, match="holds no export"):
        export("yolo-fer-n.pt", mine.parent, ExportOptions(format="openvino"), overwrite=True)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "said", [{"yolo_fer": "[]"}, {"yolo_fer": "{"}, {"yolo_fer": 5}, {"train_args": 3}]
)
def test_a_checkpoint_that_says_odd_things_of_itself(tmp_path: Path, said: dict[str, Any]) -> None:
    import torch

    torch.save({**load_checkpoint(resolve("yolo-fer-n.pt")), **said}, tmp_path / "odd.pt")
    with pytest.raises(YoloFerError, match=r"odd\.pt.*damaged|export to ONNX failed"):
        export(str(tmp_path / "odd.pt"), options=ExportOptions(conf=0.3, imgsz=64))
    assert [file.name for file in tmp_path.iterdir()] == ["odd.pt"]


def test_what_cannot_be_exported_is_named(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exported already"):
        export(str(exported))
    (tmp_path / "text.pt").write_text("no checkpoint")
    with pytest.raises(YoloFerError, match=r"text\.pt"):
        export(str(tmp_path / "text.pt"))


@pytest.mark.slow
def test_openvino_finds_the_same_faces(checkpoint: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    shutil.copy(checkpoint, tmp_path / "anna's best.pt")
    options = ExportOptions(format="openvino", conf=0.3)
    folder = export(str(tmp_path / "anna's best.pt"), options=options)
    assert folder == tmp_path / "anna's best_openvino_model"
    files = ["anna's best.bin", "anna's best.xml", "metadata.yaml"]
    assert sorted(file.name for file in folder.iterdir()) == files
    assert Detector(folder).conf == 0.3, "metadata.yaml carries what ONNX files carry"
    image = photograph("zidane.jpg")
    first, second = (Detector(w, conf=0.3)(image).faces for w in (checkpoint, folder))
    boxes, others = (np.array([face.box for face in faces]) for faces in (first, second))
    # Random networks give some boxes the same score, and those may come in another order.
    assert len(match(boxes, others, 0.95)) >= 0.97 * max(len(boxes), len(others)) > 0

    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"thesis\.txt in it is not known to be part"):
        export(str(checkpoint), folder, options, overwrite=True)
    (folder / "thesis.txt").unlink()
    export(str(checkpoint), folder, options, overwrite=True)
    assert (folder / "secret folder.xml").is_file()


def rules(exported: Path) -> dict[str, object]:
    onnx = pytest.importorskip("onnx")
    properties = {p.key: p.value for p in onnx.load(exported).metadata_props}
    own: dict[str, object] = json.loads(properties[OWN_KEY])
    return own


def test_the_file_says_how_it_wants_its_input_and_what_its_boxes_are(exported: Path) -> None:
    own = rules(exported)
    assert own["face_conf"] == 0.123
    assert own["precision"] == "fp32"
    assert "padded with 114/255" in str(own["input"])
    assert "no suppression in the graph" in str(own["output"])


def test_int8_asks_for_the_images_to_calibrate_on() -> None:
    with pytest.raises(UsageError, match="`data`"):
        ExportOptions(precision=Precision.INT8)
    with pytest.raises(UsageError, match="only of use with `int8`"):
        ExportOptions(data=Path("data.yaml"))


def test_a_fixed_size_is_the_only_one_and_verifies(trained: Path) -> None:
    options = ExportOptions(fixed=True, imgsz=320)
    target = export(str(trained), trained.with_name("fixed.onnx"), options)
    assert Detector(target).input_size == (320, 320)
    assert Detector(target)._network.batch_size == 1
    with pytest.raises(UsageError, match="takes only 320x320"):
        Detector(target, imgsz=256)
    images = drawn_images(4)
    assert verify(str(trained), str(target), images, TOLERANCES[Precision.FP32]).same


def has_vnni() -> bool:
    processor = Path("/proc/cpuinfo")
    return not processor.is_file() or "vnni" in processor.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("format", ["onnx", "openvino"])
@pytest.mark.parametrize("precision", [Precision.FP16, Precision.INT8])
def test_fewer_bits_find_the_same_faces_in_less_space(
    trained: Path, pictures: Path, format: str, precision: Precision
) -> None:
    pytest.importorskip(format)
    if precision is Precision.INT8 and not has_vnni():
        pytest.skip("sums of 8-bit products saturate on a processor without VNNI")
    data = pictures if precision is Precision.INT8 else None
    options = ExportOptions(format=format, precision=precision, data=data)
    target = export(str(trained), options=options)
    assert target.name == find_format(format).file_name(trained.stem, precision)
    if target.is_dir():
        assert {file.stem for file in target.iterdir()} == {trained.stem, "metadata"}
    assert Detector(target).conf == Detector(trained).conf
    verdict = verify(str(trained), str(target), drawn_images(), TOLERANCES[precision])
    assert verdict.same
    assert len(verdict.faces) > 50
    assert verdict.largest_difference > 1e-6, "fp32 in disguise"
    size = sum(f.stat().st_size for f in (target.rglob("*") if target.is_dir() else [target]))
    assert size < {Precision.FP16: 6.5e6, Precision.INT8: 4.5e6}[precision]


def test_in_8_bits_a_relu_is_part_of_the_convolution_before_it(
    pictures: Path, tmp_path: Path
) -> None:
    onnx = pytest.importorskip("onnx")
    family = write_description(tmp_path / "relu.yaml", activation="torch.nn.ReLU()")
    checkpoint = write_checkpoint(tmp_path / "relu.pt", family)
    options = ExportOptions(precision=Precision.INT8, data=pictures, imgsz=64)
    nodes = onnx.load(export(str(checkpoint), options=options)).graph.node
    left = [node.name for node in nodes if node.op_type == "Relu"]
    assert left
    assert all("/cv3." in name for name in left), "those of the scores stay in float"


@pytest.mark.slow
def test_the_command_compares_and_exits_with_1_on_another_network(
    trained: Path, pictures: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "yolo_fer", "export", "--weights", str(trained)]
    good = [*command, "--out", str(tmp_path / "good.onnx"), "--verify", "--images", str(pictures)]
    done = subprocess.run(good, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the same faces" in done.stdout
    # Ranges from black pictures cannot serve for real ones.
    (tmp_path / "black").mkdir()
    cv2.imwrite(str(tmp_path / "black" / "black.png"), np.zeros((320, 320, 3), np.uint8))
    bad = [*command, "--out", str(tmp_path / "bad.onnx"), "--int8"]
    bad += ["--data", str(tmp_path / "black"), "--verify"]
    done = subprocess.run(bad, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "DIFFERENT" in done.stdout
    assert "does not find the same faces" in done.stderr
