"""Train the next weights to ship, from the raw datasets to the files in weights/.

Kill it whenever you like: called again with the same --work, it goes on where it last saved, also
on another device. On a machine without the raw datasets it trains from packs (--only-packs).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from tools.shipping.materials import Materials
from tools.shipping.packs import read_packs, write_packs
from yolo_fer.cli.console import errors_as_status, print_our_warnings, progress
from yolo_fer.detector import Detector
from yolo_fer.errors import UsageError
from yolo_fer.runtime.executor import default_workers
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.store import resolve

_LEAST_SCORE = 0.02  # of a face whose expression the detector names


def main(
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder with expw/, fer2013/, ck48/, rafdb/, affectnet/ and sfew/; only read."
        ),
    ] = Path("../shared/data"),
    work: Annotated[
        Path, typer.Option(help="For conversions, packs and checkpoints: 3 GB.")
    ] = Path("runs/shipping"),
    out: Annotated[
        Path | None, typer.Option(help="Where the weights go.", show_default="WORK/weights")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="YOLO11n checkpoint to start from.", show_default="yolo11n-affect8"),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            help="ONNX network of face recognition that the classifier of crops starts from.",
            show_default="DATA/weights/vggface2-mobilenet.onnx",
        ),
    ] = None,
    kept: Annotated[
        str,
        typer.Option(
            help="Detector that has a say in ExpW's labels, and of whose scores and boxes the new "
            "one keeps what it can."
        ),
    ] = "yolo-fer-n.pt",
    device: Annotated[str, typer.Option(help="cpu, cuda or cuda:N.")] = "cpu",
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that compose images; 0 composes between steps.")
    ] = 0,
    threads: Annotated[
        int | None, typer.Option(min=1, show_default="all cores", help="For the training.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Of all steps, for a trial.")
    ] = 1.0,
    continued: Annotated[
        bool,
        typer.Option(
            "--continued",
            help="Train the network of --start on (as yolo-fer-n.pt), not a new one. No "
            "classifier is trained: --kept knows what it would teach.",
        ),
    ] = False,
    only_packs: Annotated[
        bool, typer.Option("--only-packs", help="Stop when WORK/packs is written.")
    ] = False,
) -> None:
    """Read the datasets, train a classifier of crops and with its labels the detector, and export.

    If WORK/packs is there, the pictures come from it, and the raw datasets need not be.
    """
    print_our_warnings()
    import_ultralytics("training")
    from tools.shipping.plan import Job, Machine, Plan
    from tools.shipping.shipped_files import write_shipped_files
    from tools.shipping.source_bias import SourceBias
    from tools.shipping.stages import label, train_classifier, train_detector

    cores = default_workers()
    torch.set_num_threads(threads or cores)
    packs = work / "packs"
    if not any(packs.glob("pack-*.zip")):
        materials = Materials(data, work / "data")
        materials.convert(cores, progress)
        write_packs(packs, *materials.read(typer.echo))
    if only_packs:
        typer.echo(f"{packs} is complete; copy it into --work on another machine")
        return
    weights = data / "weights"
    beside = weights / "yolo11n-affect8.pt"
    checkpoint = resolve(start or (beside if beside.exists() else "yolo11n-affect8"))
    recognition = features or weights / "vggface2-mobilenet.onnx"
    if not continued and not recognition.is_file():
        raise UsageError(f"{recognition} is missing; say where it lies by --features")
    plan = (Plan().continued() if continued else Plan()).shortened(share)
    on = Machine(torch.device(device), workers, typer.echo, progress)
    job = Job(checkpoint, resolve(kept), *read_packs(packs), plan, work, on)
    classifier = None if continued else train_classifier(job, recognition)
    job = label(classifier, job, Detector(job.kept, conf=_LEAST_SCORE))
    trained = train_detector(classifier.bias if classifier else SourceBias(), job)
    expw = work / "data" / "expw" / "data.yaml"
    if not expw.exists():
        typer.echo(f"{trained} is complete; calibrate and export it where {expw} is")
        return
    target = out or work / "weights"
    target.mkdir(parents=True, exist_ok=True)
    own = write_shipped_files(trained, expw, target, "yolo-fer-n")
    typer.echo(f"{target} is complete, threshold {own['face_conf']}; measure it with")
    typer.echo(f"yolo-fer val {expw} --split test --weights {target / 'yolo-fer-n.onnx'}")


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
