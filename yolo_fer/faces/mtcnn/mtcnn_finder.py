"""MTCNN as a face finder, with the weights of facenet-pytorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yolo_fer.errors import MissingWeightsError, needs_extra
from yolo_fer.faces.finder import FoundFaces
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLD, Cascade
from yolo_fer.images import Image
from yolo_fer.weights import store as weights
from yolo_fer.weights.shipped import shipped_entries

FILE = "mtcnn.onnx"
PARTS = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")
"""The names of facenet-pytorch's three networks in `yolo-fer weights list`."""


class Mtcnn:
    """Finds faces of 20 pixels and more with MTCNN on ONNX Runtime.

    Args:
        device: `cpu`, `cuda`, `cuda:N` or `auto`.
        threads: the number of threads of ONNX Runtime; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.

    Raises:
        UsageError: if an argument is out of its range.
        MissingExtraError: if the weights still have to be converted and PyTorch is not installed.
        YoloFerError: if the weights are not here; the message says how to get them.
    """

    name = "mtcnn"

    def __init__(
        self,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> None:
        path = cascade_file()
        self._cascade = Cascade(path, device=device, threads=threads, threshold=threshold)
        self.weights_sha256 = self._cascade.weights_sha256
        self.weights_bytes = self._cascade.weights_bytes

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        found = (self._cascade.find(image) for image in images)
        return [FoundFaces(faces.boxes, faces.scores) for faces in found]


def cascade_file() -> Path:
    """Return the cascade's ONNX file: the shipped one, else one made once out of fetched weights.

    Raises:
        MissingExtraError: if it still has to be made and PyTorch is not installed.
        MissingWeightsError: if the weights have not been fetched.
    """
    if any(entry.file == FILE for entry in shipped_entries()):
        return weights.resolve(FILE)
    converted = weights.cache_folder() / FILE
    if not converted.is_file():
        convert(_fetched_parts(), converted)
    return converted


def _fetched_parts() -> list[Path]:
    """Return the files of all three networks, or name all that have not been fetched at once."""
    found: list[Path] = []
    missing: list[str] = []
    for part in PARTS:
        try:
            found.append(weights.resolve(part))
        except MissingWeightsError as error:
            missing += error.names
    if missing:
        raise MissingWeightsError(
            f"{', '.join(missing)} have not been fetched. Fetch them with: "
            f"yolo-fer weights get {' '.join(missing)}",
            tuple(missing),
        )
    return found


def convert(parts: Sequence[Path], path: Path) -> None:
    """Write facenet-pytorch's P-Net, R-Net and O-Net as the ONNX file of a cascade.

    Raises:
        MissingExtraError: if PyTorch is not installed.
        YoloFerError: if a file does not hold its network.
    """
    with needs_extra("train", "converting MTCNN's weights, once,"):
        from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet, export_cascade, load_facenet
    networks = PNet(), RNet(), ONet()
    for network, part in zip(networks, parts, strict=True):
        load_facenet(network, part)
    export_cascade(networks, path)
