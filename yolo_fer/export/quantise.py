"""Static quantisation of ONNX networks to int8, with ONNX Runtime's own tools."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.errors import needs_extra
from yolo_fer.images import Image

# By Ultralytics' names of the head's layers: the branch of the scores, the last layer of the branch
# of the boxes, and what makes coordinates of its answer. On ExpW that takes the 95th percentile of
# the differences of scores from 0.062 to 0.032 and the median overlap of boxes from 0.957 to 0.982;
# it costs 1 % of the time. The other layers of the box branch would cost a tenth for nothing.
_KEPT_IN_FLOAT = re.compile(
    r"/model\.\d+/(?:dfl/|(?:one2one_)?cv3\.\d+/|(?:one2one_)?cv2\.\d+/(?:one2one_)?cv2\.\d+\.2/)"
)


def quantise(
    source: Path,
    target: Path,
    images: Sequence[Image],
    size: tuple[int, int],
    metadata: Mapping[str, Any],
) -> None:
    """Write an int8 copy of an ONNX detector.

    Only convolutions are quantised, with a ReLU that follows, which is free then: weights per
    channel, inputs and outputs with the ranges that the images give (quantise-dequantise pairs,
    which ONNX Runtime and OpenVINO both fuse). What stands between and behind them stays in float:
    one scale for box coordinates of 0 to 320 and scores of 0 to 1 would round each score to 0. So
    do the last layers.

    Args:
        source: the float network.
        target: the file to write.
        images: the images to calibrate on, each (height, width, 3) BGR.
        size: height and width of the input that they are brought to.
        metadata: what the copy says about itself.

    Raises:
        MissingExtraError: if the package onnx is not installed.
    """
    with needs_extra("export", "int8"):
        import onnx
        from onnxruntime import quantization
        from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]  # untyped package
        def __init__(self, feeds: Iterator[dict[str, NDArray[np.float32]]]) -> None:
            self._feeds = feeds

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(self._feeds, None)

    prepared = target.with_suffix(".prepared.onnx")
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    graph = onnx.load(prepared).graph
    name = graph.input[0].name
    feeds = ({name: Letterbox.fit(i.shape[:2], size, 0).apply(i)} for i in images)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it advises to do what has been done
    try:
        quantization.quantize_static(
            prepared,
            target,
            Reader(feeds),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=[node.name for node in graph.node if not _may_be_quantised(node)],
        )
    finally:
        root.setLevel(level)
        prepared.unlink()
    model = onnx.load(target)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {key: str(value) for key, value in metadata.items()})
    onnx.save(model, target)


def _may_be_quantised(node: Any) -> bool:
    return node.op_type in ("Conv", "Relu") and not _KEPT_IN_FLOAT.match(node.name)
