"""Putting a trained checkpoint into a folder of weights: calibrated, exported, hashed.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from tools.shipping.calibrating import fit_curves, fold
from tools.shipping.checkpoint import save_checkpoint
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.dataset.layout import REPORT
from yolo_fer.detector import Detector
from yolo_fer.detector.network import CONF_KEY, SECOND_LOOK_KEY
from yolo_fer.detector.torch_network import input_size, load_checkpoint
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.average_precision import best_working_point, rank
from yolo_fer.evaluate.matching import Problem, match
from yolo_fer.evaluate.observations import Observations, observe
from yolo_fer.export.formats import Precision
from yolo_fer.export.network_export import ExportOptions, export
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.shipped import NETWORK_SUFFIXES, SUMS_FILE

_SECOND_LOOK = {"above": 200, "best": 96, "largest": 400}
"""Sides of a face in pixels; weights/EXPERIMENTS.md, "A second look at large faces", chose them."""


def write_shipped_files(
    checkpoint: Path, data: Path, folder: Path, name: str, imgsz: int | None = None
) -> dict[str, object]:
    """Write NAME.pt, NAME.onnx, NAME_int8.onnx and SHA256SUMS.

    The checkpoint of a training names the folders of whoever ran it; what is shipped holds the
    network, its class names, the input size and the threshold of the best F1 of finding faces.

    Args:
        checkpoint: of a trained YOLO network.
        data: a data.yaml, on whose validation split the scores and the ranges of int8 are
            calibrated.
        folder: to write to; the hashes of the other networks in it are kept up to date.
        name: of the files.
        imgsz: input size that is advised, in pixels; else that of the training.

    Returns:
        What the weights say about themselves.

    Raises:
        YoloFerError: if the network has other classes than the seven emotions in their order.
    """
    loaded = load_checkpoint(checkpoint)
    size = imgsz or input_size(loaded)
    network = (loaded.get("ema") or loaded["model"]).float()
    if tuple(network.names.values()) != EMOTION_NAMES:
        raise YoloFerError(
            f"{checkpoint} has the classes {', '.join(network.names.values())}; a shipped detector "
            f"has {', '.join(EMOTION_NAMES)}, in this order"
        )
    own: dict[str, object] = {**_box_convention(data), SECOND_LOOK_KEY: _SECOND_LOOK}
    with tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "raw.pt"
        save_checkpoint(network, raw, size, own)
        seen = _observe(raw, data)
        network = fold(network, fit_curves(seen, match(Problem.of_emotions(seen))))
        save_checkpoint(network, raw, size, own)
        own[CONF_KEY] = _threshold(_observe(raw, data))
    target = folder / f"{name}.pt"
    save_checkpoint(network, target, size, own)
    for options in (ExportOptions(), ExportOptions(precision=Precision.INT8, data=data)):
        export(str(target), options=options, overwrite=True)
    write_sums(folder)
    return own


def write_sums(folder: Path) -> None:
    """Write the SHA-256 of every network in a folder into its SHA256SUMS."""
    files = sorted(path for path in folder.iterdir() if path.suffix in NETWORK_SUFFIXES)
    sums = "".join(f"{sha256_of(path)}  {path.name}\n" for path in files)
    (folder / SUMS_FILE).write_text(sums, encoding="ascii")


def _observe(checkpoint: Path, data: Path) -> Observations:
    dataset = read_evaluation_set(data, "val")
    skipped: Counter[str] = Counter()
    detector = Detector(checkpoint, conf=0.001)
    return observe(detector, dataset, batch=16, skipped=skipped, progress=lambda items, *_: items)


def _threshold(seen: Observations) -> float:
    """Return the face's score of the best F1 of finding faces, labelled or not.

    The labelled faces of a photograph are its clearest: the best threshold for them alone hides
    small and turned ones.
    """
    problem = Problem.of_all_faces(seen)
    return round(best_working_point(rank(problem, match(problem))).threshold, 3)


def _box_convention(data: Path) -> dict[str, str]:
    """Return whose boxes the weights have learned, as the conversion of their data reports it."""
    report = data.with_name(REPORT)
    if not report.is_file():
        return {}
    boxes = json.loads(report.read_text(encoding="utf-8")).get("options", {}).get("boxes")
    return {"box_convention": str(boxes)} if boxes else {}
