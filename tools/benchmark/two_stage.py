"""One pass compared with two stages: a face finder and a classifier of each face."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tools.benchmark.figures import Figure, in_words, interleave
from tools.benchmark.options import Frames
from yolo_fer.detector import Detector
from yolo_fer.detector.network import OWN_KEY
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.evaluate.compare.crowds import crowd_frames
from yolo_fer.evaluate.compare.timing import mean_faces, seconds_for
from yolo_fer.evaluate.stopwatch import per_pair
from yolo_fer.images import Image
from yolo_fer.two_stage.classifier import Description
from yolo_fer.two_stage.pipeline import load_pipeline
from yolo_fer.two_stage.system import FaceSystem

FACES = (1, 5, 20)
FINDERS = ("retinaface", "mtcnn", "haar", "yunet")
_CROP = 48  # the side of FER2013's images, which such classifiers are trained on


def compare_with_two_stage(weights: Path, how: Frames, scratch: Path, repeats: int) -> list[Figure]:
    """Compare the detector with two-stage systems, at 1, 5 and 20 faces.

    All look at the frame scaled to one size. The classifier is the plain convolutional network that
    many such systems use, with random weights: its speed does not depend on them.

    Args:
        weights: of the detector.
        how: the frames, and what all systems make of them; OpenCV's cascade included.
        scratch: a folder for the classifier.
        repeats: pairs that count.
    """
    detector = Detector(weights, imgsz=how.imgsz, device="cpu", threads=how.threads)
    classifier = write_classifier(scratch / "cnn.onnx")
    systems = _load_systems(classifier, how)
    figures = []
    for number in FACES:
        frames = crowd_frames(number, *how.size, count=8)
        found = mean_faces(detector, frames)
        figures += [
            _compare(system, detector, frames, found, number, how.threads, repeats)
            for system in systems
        ]
    return figures


def _load_systems(classifier: Path, how: Frames) -> list[FaceSystem]:
    """Load the systems whose face finders are here; the others are named in a warning."""
    systems = []
    for finder in FINDERS:
        spec = f"{finder}+{classifier}"
        try:
            systems.append(load_pipeline(spec, imgsz=how.imgsz, device="cpu", threads=how.threads))
        except YoloFerError as error:
            warnings.warn(f"left out: {error}", YoloFerWarning, stacklevel=2)
    return systems


def _compare(
    system: FaceSystem,
    detector: Detector,
    frames: Sequence[Image],
    found: float,
    number: int,
    threads: int,
    repeats: int,
) -> Figure:
    theirs, ours = interleave(
        partial(seconds_for, system, frames), partial(seconds_for, detector, frames), repeats
    )
    named = mean_faces(system, frames)
    return Figure(
        f"{system.name} : yolo-fer, faces: {number}",
        per_pair(theirs, ours),
        "x",
        goal=1.0,
        at_most=False,
        setting=f"{threads} threads, {named:.1f} faces found compared with {found:.1f}, "
        f"{len(frames)} frames, {in_words(theirs, ours)}",
    )


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
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, ["n", 1, _CROP, _CROP])
    result = helper.make_tensor_value_info(x, TensorProto.FLOAT, ["n", 7])
    graph = helper.make_graph(nodes, "classifier", [face], [result], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    about = Description("plain", _CROP, 1, (0.0,), (1.0,), 1.0, EMOTION_NAMES)
    helper.set_model_props(model, {OWN_KEY: about.to_json()})
    onnx.save(model, path)
    return path
