"""Naming the expression of face crops with a trained classifier, on ONNX Runtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import Image, check
from yolo_fer.runtime.onnx_runtime import open_session, read_metadata
from yolo_fer.two_stage import opencv_zoo
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.store import resolve

_TASK = "classify"
_LARGEST_SIDE = 2048
_LARGEST_MARGIN = 10.0
_BATCH = 32  # crops a run: more do not make a CPU faster, and a crowd would fill the memory


@dataclass(frozen=True, slots=True)
class Description:
    """What a classifier's file says about itself.

    Args:
        arch: the network, one of `ARCHITECTURES`.
        size: side of the square input, in pixels.
        channels: 1 for grey, 3 for RGB.
        mean: the mean of each channel, taken from pixels of 0 to 1.
        std: the standard deviation of each channel, that they are divided by.
        margin: side of the square crop that the network was trained on, in sides of the face's box.
        names: the names of the classes, in the order of the outputs.

    Raises:
        ValueError: if a value is out of its range.
    """

    arch: str
    size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    margin: float
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 0 < self.size <= _LARGEST_SIDE:
            raise ValueError(f"size {self.size} is not 1 to {_LARGEST_SIDE}")
        if not 0 < self.margin <= _LARGEST_MARGIN:
            raise ValueError(f"margin {self.margin} is not above 0 and at most {_LARGEST_MARGIN}")
        if self.channels not in (1, 3):
            raise ValueError(f"a face has 1 or 3 channels, not {self.channels}")
        numbers = np.isfinite([*self.mean, *self.std]).all()
        if (
            not numbers
            or not len(self.mean) == len(self.std) == self.channels
            or min(self.std) <= 0
        ):
            raise ValueError(f"mean {self.mean} and std {self.std} do not fit the channels")
        if len(set(self.names)) != len(self.names) or len(self.names) < 2:
            raise ValueError(f"{list(self.names)} are not two or more different classes")

    def to_json(self) -> str:
        """Return what stands under `OWN_KEY`."""
        return json.dumps({"task": _TASK, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Description:
        """Read what `to_json` wrote; further keys are left alone.

        Raises:
            ValueError: if it is not the description of a classifier.
        """
        try:
            own = json.loads(text)
            if not isinstance(own, dict) or own.get("task") != _TASK:
                raise ValueError("it is for another task")
            if not isinstance(own["names"], list):
                raise ValueError("its names are no list")
            return cls(
                arch=str(own["arch"]),
                size=int(own["size"]),
                channels=int(own["channels"]),
                mean=tuple(map(float, own["mean"])),
                std=tuple(map(float, own["std"])),
                margin=float(own["margin"]),
                names=tuple(map(str, own["names"])),
            )
        except KeyError as error:
            raise ValueError(f"{error} is missing") from error
        except (TypeError, ArithmeticError, RecursionError) as error:
            raise ValueError(str(error)) from error

    def input_of(self, crop: Image) -> NDArray[np.float32]:
        """Return the network's input of a crop.

        Args:
            crop: (height, width, 3) BGR, 0 to 255, of any size; it is stretched to a square.

        Returns:
            (channels, size, size), normalised.

        Raises:
            ImageError: if the crop is empty or of another shape.
        """
        check(crop)
        code = cv2.COLOR_BGR2GRAY if self.channels == 1 else cv2.COLOR_BGR2RGB
        seen = scale(np.asarray(cv2.cvtColor(crop, code), np.uint8), self.size)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        values = (seen.reshape(self.size, self.size, self.channels) / np.float32(255) - mean) / std
        return np.ascontiguousarray(values.transpose(2, 0, 1), dtype=np.float32)


def scale(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Stretch a grey or colour image to a square, with means of areas where it shrinks."""
    shrinks = min(pixels.shape[:2]) > side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=method), np.uint8)


class Classifier:
    """A trained classifier of face crops.

    Args:
        weights: an ONNX file of `yolo-fer train-classifier`, OpenCV Zoo's network for expressions,
            or the name of a shipped or fetched one.
        flip: classify each crop mirrored, too, and take the mean; twice the time.
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of one run of the network; None lets ONNX Runtime choose.

    Raises:
        YoloFerError: if the file is missing, damaged or not a classifier that yolo-fer trained, or
            the device cannot be used.

    Example:
        ```python
        classifier = Classifier("fer-cnn")
        probabilities = classifier.classify([crop])[0]
        print(classifier.names[probabilities.argmax()])
        ```
    """

    def __init__(
        self,
        weights: str | Path,
        *,
        flip: bool = False,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        path = resolve(weights)
        if path.suffix == ".pt":
            raise UsageError(f"{path} is for going on with a training; give the .onnx next to it")
        self._session = open_session(path, device=device, threads=threads)
        self.weights_sha256 = sha256_of(path)
        self._is_foreign = opencv_zoo.is_opencv_zoo(self.weights_sha256)
        self.description = (
            _OPENCV_ZOO if self._is_foreign else _read_description(path, self._session)
        )
        self._input = self._session.get_inputs()[0].name
        self.flip = flip
        self.name = path.stem
        self.weights_bytes = path.stat().st_size

    @property
    def names(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""
        return self.description.names

    @property
    def landmarks(self) -> NDArray[np.float64] | None:
        """(5, 2) where the landmarks of a face have to lie in a crop; None if it needs none."""
        return np.array(opencv_zoo.LANDMARKS) if self._is_foreign else None

    def classify(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        """Tell how probable each class is for each crop.

        Args:
            crops: each (height, width, 3) BGR, 0 to 255, of any size.

        Returns:
            (N, C) probabilities, each row with a sum of 1.

        Raises:
            ImageError: if a crop is empty or not BGR.
            YoloFerError: if the network gives no numbers.
        """
        batch = 1 if self._is_foreign else _BATCH  # its graph takes one face
        found = [
            self._run(np.stack([self.description.input_of(crop) for crop in crops[i : i + batch]]))
            for i in range(0, len(crops), batch)
        ]
        return np.concatenate([np.empty((0, len(self.names)), np.float32), *found])

    def _run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        probabilities = self._probabilities(batch)
        if self.flip:
            mirrored = self._probabilities(np.ascontiguousarray(batch[..., ::-1]))
            probabilities = np.asarray((probabilities + mirrored) / 2, np.float32)
        if not np.isfinite(probabilities).all():
            raise YoloFerError(
                f"{self.name} gives no numbers as probabilities: its training had diverged. Train "
                "it again with a lower `rate`."
            )
        return probabilities

    def _probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        (answers,) = self._session.run(None, {self._input: batch})
        if not self._is_foreign:
            return np.asarray(answers, np.float32)
        powers = np.exp(answers - answers.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


_OPENCV_ZOO = Description(
    arch="mobilefacenet",
    size=opencv_zoo.SIZE,
    channels=3,
    mean=opencv_zoo.MEAN,
    std=opencv_zoo.STD,
    margin=1.0,  # of no meaning: its faces are aligned
    names=opencv_zoo.NAMES,
)


def _read_description(path: Path, session: Any) -> Description:
    """Return what the file says, if its network is what it says."""
    text = read_metadata(path, session).get(OWN_KEY)
    try:
        if text is None:
            raise ValueError("it says nothing of its classes")
        description = Description.from_json(text)
    except ValueError as error:  # also JSON's
        raise YoloFerError(
            f"{path} is not a classifier of faces ({error}). Give an .onnx that "
            "`yolo-fer train-classifier` wrote, or the name of a shipped one."
        ) from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    side = description.size
    wanted = [description.channels, side, side], [len(description.names)]
    if (
        len(inputs) != 1
        or len(outputs) != 1
        or inputs[0].type != "tensor(float)"
        or (list(inputs[0].shape[1:]), list(outputs[0].shape[1:])) != wanted
    ):
        raise YoloFerError(
            f"{path} says that it is a {description.arch} of {description.channels}x{side}x{side} "
            f"with {len(description.names)} classes, but holds another network "
            f"({inputs[0].shape} to {outputs[0].shape}). Export it again."
        )
    return description
