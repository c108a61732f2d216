"""The same faces as Ultralytics itself finds, for each family and each format."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yolo_fer import Detector, boxes
from yolo_fer.errors import YoloFerWarning
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

pytest.importorskip("ultralytics")
from tests.helpers.networks import IMGSZ, export, photograph, write_checkpoint
from tests.helpers.research_data import research_data

CONF = 0.5


def ultralytics_faces(weights: Path, image: np.ndarray, **options: Any) -> tuple[Any, Any]:
    yolo = import_ultralytics("testing").YOLO(weights, task="detect")
    (result,) = yolo.predict(
        image,
        imgsz=IMGSZ,
        conf=CONF,
        iou=0.5,
        agnostic_nms=True,
        device="cpu",
        verbose=False,
        max_det=3000,
        **options,
    )
    found = result.boxes.numpy()
    visible = boxes.area(found.xyxy) > 0
    return found.xyxy[visible], found.conf[visible]


@pytest.fixture(autouse=True)
def ultralytics_scores_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make its suppression see a face's score in place of the seven: 1 - prod(1 - s)."""
    import_ultralytics("testing")
    import torch
    from ultralytics.utils import nms

    suppress = nms.non_max_suppression

    def suppress_faces(prediction: Any, *args: Any, **kwargs: Any) -> Any:
        raw = prediction[0] if isinstance(prediction, list | tuple) else prediction
        if raw.shape[-1] == 6:  # suppressed already
            return suppress(prediction, *args, **kwargs)
        raw = raw.double()  # scores near 1 are all the same in 32 bits
        score = 1 - (1 - raw[:, 4:]).prod(dim=1, keepdim=True)
        return suppress(torch.cat([raw[:, :4], score], dim=1), *args, **kwargs)

    monkeypatch.setattr(nms, "non_max_suppression", suppress_faces)


def assert_same_faces(weights: Path, *, theirs: Path | None = None, **options: Any) -> None:
    detector = Detector(weights, conf=CONF, max_faces=3000)
    for name in ("zidane.jpg", "bus.jpg"):
        image = photograph(name)
        faces = detector(image).faces
        their_boxes, their_scores = ultralytics_faces(theirs or weights, image, **options)
        our_boxes = np.array([face.box for face in faces])
        assert len(faces) > 20
        pairs = boxes.match(our_boxes, their_boxes, 0.9)
        same = [
            np.allclose(our_boxes[ours], their_boxes[other], rtol=0, atol=1)
            and abs(faces[ours].score - their_scores[other]) < 1e-3
            for ours, other in pairs
        ]
        # Boxes with the same score may be suppressed in another order: random networks have some,
        # and how many depends on the processor, too.
        assert sum(same) >= 0.95 * max(len(faces), len(their_scores))
        # All seven scores are there, though a sigmoid may round to 0; the best class alone is 14 %.
        assert np.mean([score > 0 for face in faces for score in face.scores]) > 0.7


def test_a_plain_checkpoint(yolo11: Path) -> None:
    assert_same_faces(yolo11)


@pytest.mark.parametrize("family", ["yolo26n", "yolov10n"])
def test_end_to_end_families_give_all_seven_scores_from_a_checkpoint(
    family: str, tmp_path: Path
) -> None:
    weights = write_checkpoint(tmp_path / f"{family}.pt", family)
    assert_same_faces(weights, end2end=False)


@pytest.mark.parametrize("family", ["yolov8n", "yolov3-tiny"])
def test_older_families(family: str, tmp_path: Path) -> None:
    assert_same_faces(write_checkpoint(tmp_path / "weights.pt", family))


@pytest.mark.parametrize("name", ["yolov3-tiny.pt", "it's mine.pt", "gewählt.pt"])
def test_a_checkpoint_keeps_the_name_that_its_user_gave_it(
    name: str, yolo11: Path, tmp_path: Path
) -> None:
    # Ultralytics would look for yolov3-tinyu.pt and for "its mine.pt", and download them.
    shutil.copy(yolo11, tmp_path / name)
    image = photograph("bus.jpg")
    assert Detector(tmp_path / name)(image).faces == Detector(yolo11)(image).faces


@pytest.mark.parametrize("dynamic", [True, False])
def test_a_plain_onnx_export(yolo11: Path, tmp_path: Path, dynamic: bool) -> None:
    weights = export(yolo11, tmp_path / "yolo11n.onnx", format="onnx", dynamic=dynamic)
    assert_same_faces(weights)


def test_an_openvino_export(yolo11: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    weights = export(yolo11, tmp_path / "yolo11n_openvino_model", format="openvino")
    # Ultralytics lets OpenVINO compute in bfloat16 where it can, we do not.
    assert_same_faces(weights, theirs=yolo11, rect=False)
    (graph,) = weights.glob("*.xml")
    image = photograph("bus.jpg")
    assert Detector(graph)(image).faces == Detector(weights)(image).faces


@pytest.mark.parametrize(
    ("family", "options"),
    [("yolo11n", {"nms": True, "conf": CONF}), ("yolo26n", {"nms": False})],
)
def test_an_export_with_suppression_inside_still_gives_one_box_a_face(
    family: str, options: dict[str, Any], tmp_path: Path
) -> None:
    checkpoint = write_checkpoint(tmp_path / f"{family}.pt", family)
    weights = export(checkpoint, tmp_path / "end.onnx", format="onnx", **options)
    with pytest.warns(YoloFerWarning, match="best class"):
        detector = Detector(weights, conf=CONF)
    faces = detector(photograph("bus.jpg")).faces
    assert len(faces) > 1
    found = np.array([face.box for face in faces])
    # Suppression comes before boxes are cut off at the image's edge, which shifts an overlap.
    height, width = photograph("bus.jpg").shape[:2]
    whole = found[(found[:, :2] > 0).all(axis=1) & (found[:, 2:] < (width, height)).all(axis=1)]
    assert (boxes.iou(whole, whole) - np.eye(len(whole))).max() <= 0.5 + 1e-6
    assert any(sum(score > 0 for score in face.scores) > 1 for face in faces)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["yolov3-tiny", "yolov8n", "yolo26n", "yolov10n"])
def test_the_raw_onnx_export_of_each_family(family: str, tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "weights.pt", family)
    weights = export(checkpoint, tmp_path / "raw.onnx", format="onnx", dynamic=True)
    assert_same_faces(weights)


def test_a_real_network_of_eight_emotions() -> None:
    weights = research_data("weights/yolo11n-affect8.pt")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        detector = Detector(weights)
    assert ["Contempt" in str(w.message) for w in seen if w.category is YoloFerWarning] == [True]
    (face, *_) = detector(photograph("zidane.jpg")).faces
    assert face.score > 0.25
