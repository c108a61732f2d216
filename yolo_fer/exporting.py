"""Trained weights as files that run without PyTorch."""

from __future__ import annotations

import json
import shutil
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Any

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.detector.torch_network import input_size, load_checkpoint
from yolo_fer.errors import UsageError
from yolo_fer.images import write_atomically
from yolo_fer.ultralytics_quiet import import_ultralytics
from yolo_fer.weights import resolve


class Format(StrEnum):
    """What a network can be exported to."""

    ONNX = "onnx"
    OPENVINO = "openvino"


def export(
    weights: str,
    out: Path | None = None,
    *,
    format: Format = Format.ONNX,
    imgsz: int | None = None,
    conf: float | None = None,
    overwrite: bool = False,
) -> Path:
    """Export a `.pt` checkpoint with the raw head, so that all seven scores of a face are kept.

    Args:
        weights: a `.pt` file, loaded in safe mode, or the name of one.
        out: the file (ONNX) or folder (OpenVINO) to write; by default beside the weights.
        format: of the result.
        imgsz: longer side of the input that a detector uses unless told otherwise, in pixels; None
            takes what the weights were trained for. The graph takes any size.
        conf: the threshold that the file advises, 0 to 1; ONNX only.
        overwrite: replace what is there.

    Returns:
        The path of the result.

    Raises:
        UsageError: if the target is there already or the weights are no `.pt`.
        YoloFerError: if the weights cannot be loaded.
    """
    source = resolve(weights)
    if source.suffix != ".pt":
        raise UsageError(f"--weights {source} is exported already; give the .pt that it came from")
    if conf is not None and format is not Format.ONNX:
        raise UsageError("--conf can only be stored in ONNX files")
    name = f"{source.stem}.onnx" if format is Format.ONNX else f"{source.stem}_openvino_model"
    target = out or source.with_name(name)
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; add --overwrite or give another --out")
    ultralytics = import_ultralytics("exporting")
    checkpoint = load_checkpoint(source)
    own = json.loads(checkpoint.get(OWN_KEY, "{}"))
    if conf is not None:
        own["conf"] = conf
    with tempfile.TemporaryDirectory() as folder:  # Ultralytics writes beside the weights
        copy = Path(shutil.copy(source, folder))
        model = ultralytics.YOLO(copy, task="detect")
        size = imgsz or input_size(checkpoint)
        made = Path(model.export(format=str(format), imgsz=size, dynamic=True, device="cpu"))
        if format is Format.ONNX:
            write_atomically(target, _with_advice(made, own))
        else:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(made, target)
    return target


def _with_advice(path: Path, own: dict[str, Any]) -> bytes:
    import onnx

    model = onnx.load(path)
    for prop in list(model.metadata_props):
        # A date would make two exports of the same weights differ; the description and the
        # arguments name the folders of whoever trained them.
        if prop.key in ("date", "docs", "description", "args"):
            model.metadata_props.remove(prop)
    if own:
        model.metadata_props.add(key=OWN_KEY, value=json.dumps(own))
    return bytes(model.SerializeToString())
