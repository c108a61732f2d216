"""Put a trained checkpoint into weights/: calibrated, stripped of its history, exported, hashed.

The checkpoint of a training names the folders of whoever ran it; what is shipped holds the network,
its class names, the input size and the threshold of the best F1 of finding faces on the validation
split, on which its scores are calibrated, too.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.detector import Detector
from yolo_fer.detector.torch_network import input_size, load_checkpoint
from yolo_fer.downloads import sha256_of
from yolo_fer.evaluation.average_precision import best_working_point, rank
from yolo_fer.evaluation.dataset import read_evaluation_set
from yolo_fer.evaluation.matching import Problem, match
from yolo_fer.evaluation.observations import Observations, observe
from yolo_fer.exporting.export import export
from yolo_fer.shipping.calibrating import fit_curves, fold
from yolo_fer.ultralytics_quiet import import_ultralytics

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"


def ship(
    checkpoint: Annotated[Path, typer.Argument(help="best.pt of a training.")],
    data: Annotated[Path, typer.Option(help="data.yaml whose val split calibrates the scores.")],
    name: Annotated[str, typer.Option(help="Of the shipped files.")] = "yolo-fer-n",
    imgsz: Annotated[
        int | None, typer.Option(help="Input size that is advised; else that of the training.")
    ] = None,
) -> None:
    """Write NAME.pt, NAME.onnx and SHA256SUMS."""
    import_ultralytics("shipping weights")
    from yolo_fer.shipping.checkpoint import save_checkpoint

    loaded = load_checkpoint(checkpoint)
    size = imgsz or input_size(loaded)
    network = (loaded.get("ema") or loaded["model"]).float()
    own: dict[str, object] = dict(_box_convention(data))
    target = WEIGHTS / f"{name}.pt"
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.pt"
        save_checkpoint(network, raw, size, own)
        seen = _observe(raw, data)
        network = fold(network, fit_curves(seen, match(Problem.of_emotions(seen))))
        save_checkpoint(network, raw, size, own)
        own["conf"] = _threshold(_observe(raw, data))
    save_checkpoint(network, target, size, own)
    export(str(target), WEIGHTS / f"{name}.onnx", overwrite=True)
    files = sorted(p for p in WEIGHTS.iterdir() if p.suffix in (".onnx", ".pt"))
    sums = "".join(f"{sha256_of(p)}  {p.name}\n" for p in files)
    (WEIGHTS / "SHA256SUMS").write_text(sums, encoding="ascii")
    typer.echo(f"{sums}threshold {own['conf']}")


def _observe(checkpoint: Path, data: Path) -> Observations:
    dataset = read_evaluation_set(data, "val")
    skipped: Counter[str] = Counter()
    detector = Detector(checkpoint, conf=0.001)
    return observe(detector, dataset, batch=16, skipped=skipped, progress=lambda items, *_: items)


def _threshold(seen: Observations) -> float:
    """Return the confidence of the best F1 of finding faces, whatever their expression.

    A face whose expression is in doubt has seven small scores; a threshold for naming expressions
    would hide it.
    """
    problem = Problem.of_faces(seen)
    return round(best_working_point(rank(problem, match(problem))).threshold, 3)


def _box_convention(data: Path) -> dict[str, str]:
    """Return whose boxes the weights have learned, as the conversion of their data reports it."""
    report = data.with_name("conversion_report.json")
    if not report.is_file():
        return {}
    boxes = json.loads(report.read_text(encoding="utf-8")).get("options", {}).get("boxes")
    return {"box_convention": str(boxes)} if boxes else {}


if __name__ == "__main__":
    typer.run(ship)
