"""One pass beside two stages: a face finder and a classifier of each face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.benchmarks.frames import crowd_frames, mean_faces
from yolo_fer.benchmarks.measure import Figure, in_words, interleave, per_pair, stopwatch
from yolo_fer.boxes import clip, xywh_to_xyxy
from yolo_fer.detector import Detector
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.images import Image
from yolo_fer.onnx_runtime import open_session

FACES = (1, 5, 20)
_CROP = 48  # the side of FER2013's images, which such classifiers are trained on

FindFaces = Callable[[Image], NDArray[np.float64]]
"""From (height, width, 3) BGR to (N, 4) corner boxes."""


def beside_two_stages(
    weights: Path,
    imgsz: int,
    threads: int,
    size: tuple[int, int],
    scratch: Path,
    repeats: int,
) -> list[Figure]:
    """Compare the detector with systems of two stages, at 1, 5 and 20 faces.

    All see the frame scaled to `imgsz`. The classifier is the plain convolutional network that
    many such systems use, with random weights: its speed does not depend on them.

    Args:
        weights: of the detector.
        imgsz: longer side of what all systems look at.
        threads: of every network; OpenCV's cascade included.
        size: width and height of the frames.
        scratch: a folder for the classifier.
        repeats: pairs that count.
    """
    detector = Detector(weights, imgsz=imgsz, device="cpu", threads=threads)
    classifier = write_classifier(scratch / "classifier.onnx")
    session = open_session(classifier, threads=threads)
    systems = _finders(imgsz, threads)
    cv2_threads = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    figures = []
    try:
        for number in FACES:
            frames = crowd_frames(number, *size, count=8)
            found = mean_faces(detector, frames)
            for name, find in systems.items():
                figures.append(
                    _compare(name, find, session, detector, frames, found, number, threads, repeats)
                )
    finally:
        cv2.setNumThreads(cv2_threads)
    return figures


def _compare(
    name: str,
    find: FindFaces,
    session: Any,
    detector: Detector,
    frames: Sequence[Image],
    found: float,
    number: int,
    threads: int,
    repeats: int,
) -> Figure:
    faces: list[int] = []

    def two_stages() -> float:
        seconds: list[float] = []
        with stopwatch(seconds):
            for frame in frames:
                boxes = find(frame)
                classify(session, frame, boxes)
                faces.append(len(boxes))
        return seconds[0]

    def one_pass() -> float:
        seconds: list[float] = []
        with stopwatch(seconds):
            for frame in frames:
                detector.predict([frame])
        return seconds[0]

    theirs, ours = interleave(two_stages, one_pass, repeats)
    return Figure(
        f"{name} + CNN : yolo-fer, faces: {number}",
        per_pair(theirs, ours),
        "x",
        goal=1.0,
        at_most=False,
        setting=f"{threads} threads, {sum(faces) / len(faces):.1f} faces found beside {found:.1f}, "
        f"{len(frames)} frames, {in_words(theirs, ours)}",
    )


def _finders(long_side: int, threads: int) -> dict[str, FindFaces]:
    finders = {
        "RetinaFace MobileNet-0.25": _retinaface(long_side, threads),
        "Haar": _haar(long_side),
    }
    if find_spec("facenet_pytorch") is not None:
        finders["MTCNN"] = _mtcnn(long_side, threads)
    return finders


def _retinaface(long_side: int, threads: int) -> FindFaces:
    finder = RetinaFace(device="cpu", threads=threads, long_side=long_side)
    return lambda image: finder.find([image])[0].boxes


def _haar(long_side: int) -> FindFaces:
    name = "haarcascade_frontalface_default.xml"
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).with_name("data") / name))

    def find(image: Image) -> NDArray[np.float64]:
        scaled, gain = _scaled(image, long_side)
        grey = cv2.cvtColor(scaled, cv2.COLOR_BGR2GRAY)
        boxes = np.array(cascade.detectMultiScale(grey), dtype=np.float64).reshape(-1, 4)
        return np.asarray(xywh_to_xyxy(boxes) / gain)

    return find


def _mtcnn(long_side: int, threads: int) -> FindFaces:
    """Return the MTCNN of the package facenet-pytorch, which is installed with --no-deps."""
    import torch

    torch.set_num_threads(threads)
    network = import_module("facenet_pytorch.models.mtcnn").MTCNN(keep_all=True, device="cpu")

    def find(image: Image) -> NDArray[np.float64]:
        scaled, gain = _scaled(image, long_side)
        boxes, _ = network.detect(scaled[:, :, ::-1].copy())
        return np.empty((0, 4)) if boxes is None else np.asarray(boxes, np.float64) / gain

    return find


def _scaled(image: Image, long_side: int) -> tuple[Image, float]:
    height, width = image.shape[:2]
    gain = long_side / max(height, width)
    scaled = cv2.resize(image, (round(width * gain), round(height * gain)))
    return np.asarray(scaled), gain


def classify(session: Any, image: Image, boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Classify the faces of an image one by one, as such systems do.

    Args:
        session: of the classifier.
        image: (height, width, 3) BGR.
        boxes: (N, 4) corners in pixels of the image.

    Returns:
        (N, 7) scores.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    scores = np.zeros((len(boxes), 7), np.float32)
    for number, (x1, y1, x2, y2) in enumerate(clip(boxes, width, height).astype(int)):
        if x2 > x1 and y2 > y1:
            crop = cv2.resize(grey[y1:y2, x1:x2], (_CROP, _CROP)).astype(np.float32) / 255
            scores[number] = session.run(None, {"face": crop[None, None]})[0][0]
    return scores


def write_classifier(path: Path) -> Path:
    """Write a small convolutional classifier with random weights.

    Four 3x3 convolutions (32, 64, 128, 128) with pooling, then 1024 and 7 units: the classifier
    that goes by "emotion detection" with FER2013 and a Haar cascade in countless repositories; 2.3
    million parameters.

    Args:
        path: the ONNX file to write.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    nodes: list[Any] = []
    weights: list[Any] = []

    def add(kind: str, inputs: Sequence[str], shape: tuple[int, ...] = (), **how: Any) -> str:
        name = f"{kind.lower()}{len(nodes)}"
        given = list(inputs)
        for suffix, part in (("weight", shape), ("bias", shape[:1])) if shape else ():
            values = rng.normal(0, 0.05, part).astype(np.float32)
            weights.append(numpy_helper.from_array(values, f"{name}.{suffix}"))
            given.append(f"{name}.{suffix}")
        nodes.append(helper.make_node(kind, given, [name], **how))
        return name

    def convolution(source: str, inputs: int, outputs: int) -> str:
        made = add("Conv", [source], (outputs, inputs, 3, 3), kernel_shape=[3, 3])
        return add("Relu", [made])

    def pool(source: str) -> str:
        return add("MaxPool", [source], kernel_shape=[2, 2], strides=[2, 2])

    x = pool(convolution(convolution("face", 1, 32), 32, 64))
    x = pool(convolution(x, 64, 128))
    x = pool(convolution(x, 128, 128))
    x = add("Flatten", [x])
    x = add("Relu", [add("Gemm", [x], (1024, 2048), transB=1)])
    x = add("Softmax", [add("Gemm", [x], (7, 1024), transB=1)])
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, 1, _CROP, _CROP])
    result = helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, 7])
    graph = helper.make_graph(nodes, "classifier", [face], [result], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, path)
    return path
