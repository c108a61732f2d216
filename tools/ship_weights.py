"""Put a trained checkpoint into weights/: stripped of its history, exported, hashed.

The checkpoint of a training names the folders of whoever ran it; what is shipped holds the network,
its class names, the input size and the threshold of the best F1 on the validation split.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.detector import Detector
from yolo_fer.detector.network import OWN_KEY
from yolo_fer.detector.torch_network import input_size, load_checkpoint
from yolo_fer.downloads import sha256_of
from yolo_fer.evaluation.evaluate import evaluate
from yolo_fer.exporting.export import export
from yolo_fer.ultralytics_quiet import import_ultralytics

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"


def ship(
    checkpoint: Annotated[Path, typer.Argument(help="best.pt of a training.")],
    data: Annotated[Path, typer.Option(help="data.yaml whose val split gives the threshold.")],
    name: Annotated[str, typer.Option(help="Of the shipped files.")] = "yolo-fer-n",
) -> None:
    """Write NAME.pt, NAME.onnx and SHA256SUMS."""
    metrics = evaluate(Detector(checkpoint, conf=0.001), data, "val", resamples=0)
    threshold = round(metrics.confidence, 3)
    target = WEIGHTS / f"{name}.pt"
    strip(checkpoint, target, {"conf": threshold, **_box_convention(data)})
    export(str(target), WEIGHTS / f"{name}.onnx", overwrite=True)
    files = sorted(p for p in WEIGHTS.iterdir() if p.suffix in (".onnx", ".pt"))
    sums = "".join(f"{sha256_of(p)}  {p.name}\n" for p in files)
    (WEIGHTS / "SHA256SUMS").write_text(sums, encoding="ascii")
    typer.echo(f"{sums}threshold {threshold}")


def _box_convention(data: Path) -> dict[str, str]:
    """Return whose boxes the weights have learned, as the conversion of their data reports it."""
    report = data.with_name("conversion_report.json")
    if not report.is_file():
        return {}
    boxes = json.loads(report.read_text(encoding="utf-8")).get("options", {}).get("boxes")
    return {"box_convention": str(boxes)} if boxes else {}


def strip(checkpoint: Path, target: Path, own: Mapping[str, object]) -> None:
    """Save the network of a checkpoint in half precision, with nothing else about its making.

    Args:
        checkpoint: of a training.
        target: the file to write.
        own: what the weights and all their exports say about themselves beside Ultralytics' words.
    """
    import_ultralytics("stripping a checkpoint")
    import torch

    loaded = load_checkpoint(checkpoint)
    model = (loaded.get("ema") or loaded["model"]).half()
    arguments = {"imgsz": input_size(loaded), "task": "detect"}
    model.args = arguments
    model.pt_path = target.name  # of the weights that the training started from
    content = {
        "model": model,
        "train_args": arguments,
        "version": loaded["version"],
        "license": "AGPL-3.0-or-later; trained on data for research only",
        OWN_KEY: json.dumps(dict(own)),
    }
    torch.save(content, target)


if __name__ == "__main__":
    typer.run(ship)
