"""`yolo-fer train-mtcnn`: MTCNN with an expression head, from photographs and FER2013."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.console import say
from yolo_fer.cli.evaluation_options import Ferplus
from yolo_fer.errors import needs_extra


def train_mtcnn(
    data: Annotated[
        Path, typer.Argument(help="data.yaml, or folder, of a set that `convert` wrote.")
    ],
    fer2013: Annotated[
        Path, typer.Option(help="FER2013's fer2013.csv, also as .xz, .gz, .bz2 or .zip.")
    ],
    ferplus: Ferplus = None,
    epochs: Annotated[int, typer.Option(min=1, help="Of each network, with expressions.")] = 40,
    pretrain_epochs: Annotated[
        int, typer.Option(min=0, help="Of each network before that, on the photographs alone.")
    ] = 5,
    batch: Annotated[
        int,
        typer.Option(
            min=4, help="Windows a step; three of background for each face of a photograph."
        ),
    ] = 100,
    rate: Annotated[float, typer.Option(min=0, help="Learning rate; losses are summed.")] = 1e-4,
    decay: Annotated[
        float, typer.Option(min=0, max=1, help="Factor of the rate from epoch to epoch.")
    ] = 0.85,
    patience: Annotated[
        int, typer.Option(min=1, help="Epochs without a lower validation loss before it stops.")
    ] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Of all that is random.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N.")] = "auto",
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the newest unfinished run of these options."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/mtcnn/train, train2, …", help="Folder, new or empty."),
    ] = None,
) -> None:
    """Train P-Net, R-Net and O-Net to find faces and name their expressions, one after the other.

    They start from facenet-pytorch's weights (`yolo-fer weights get mtcnn-pnet mtcnn-rnet
    mtcnn-onet`). The defaults are those of Xiang and Zhu (2017). Writes a run folder with curves, a
    confusion matrix and weights/best.onnx, the whole system in one file.
    """
    with needs_extra("train", "training MTCNN"):
        from yolo_fer.train.mtcnn.mtcnn_training import MtcnnChoice
        from yolo_fer.train.mtcnn.mtcnn_training import train_mtcnn as run
        from yolo_fer.train.mtcnn.stage import StageSchedule

    choice = MtcnnChoice(
        photographs=data.parent if data.suffix in (".yaml", ".yml") else data,
        fer2013=fer2013,
        ferplus=ferplus,
        pretrain_epochs=pretrain_epochs,
        schedule=StageSchedule(
            epochs=epochs, batch=batch, rate=rate, decay=decay, patience=patience, seed=seed
        ),
    )
    folder = run(choice, out=out, resume=resume, device=device, on_message=say)
    typer.echo(folder / "weights" / "best.onnx")
