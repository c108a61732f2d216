"""`yolo-fer export`: a checkpoint to a file that runs without PyTorch, and the proof of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.completion import checkpoints
from yolo_fer.cli.console import may_show_progress, progress, say

if TYPE_CHECKING:
    from yolo_fer.export.formats import Precision
    from yolo_fer.export.verify import ImageFiles, Verdict
    from yolo_fer.images import Image


def export(
    weights: Annotated[
        str, typer.Option(autocompletion=checkpoints, help="A .pt file, or the name of one.")
    ],
    format: Annotated[
        str,
        typer.Option(
            help="onnx, openvino, torchscript, ncnn, mnn, litert, coreml, engine, saved_model or "
            "any other format of Ultralytics; an unknown word lists them all."
        ),
    ] = "onnx",
    out: Annotated[
        Path | None, typer.Option(show_default="next to the weights", help="What to write.")
    ] = None,
    imgsz: Annotated[
        int | None,
        typer.Option(min=32, show_default="as trained", help="Longer side of the input."),
    ] = None,
    fixed: Annotated[
        bool, typer.Option("--fixed", help="Take only squares of this size, not every shape.")
    ] = False,
    half: Annotated[bool, typer.Option("--half", help="16-bit floats: half the size.")] = False,
    int8: Annotated[
        bool, typer.Option("--int8", help="8-bit integers: a quarter of the size, faster.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="data.yaml or folder of images from which --int8 takes its ranges."),
    ] = None,
    conf: Annotated[
        float | None, typer.Option(min=0, max=1, help="Threshold that the file advises.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Compare the faces of export and original; 1 if they differ."
        ),
    ] = False,
    images: Annotated[
        Path | None,
        typer.Option(
            show_default="drawn scenes", help="Image or folder that --verify compares them on."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Export weights for another runtime, with class names, box rules and all seven scores."""
    from yolo_fer.errors import ExclusiveArgumentsError, UnusedArgumentError
    from yolo_fer.export.formats import Precision
    from yolo_fer.export.network_export import ExportOptions
    from yolo_fer.export.network_export import export as run
    from yolo_fer.export.verify import drawn_images, read_images

    if half and int8:
        raise ExclusiveArgumentsError("--half and --int8 exclude each other", "half", "int8")
    if images is not None and not verify:
        raise UnusedArgumentError("--images is only of use with --verify", "images")
    precision = Precision.INT8 if int8 else Precision.FP16 if half else Precision.FP32
    options = ExportOptions(
        format=format, precision=precision, imgsz=imgsz, fixed=fixed, conf=conf, data=data
    )
    # Listed before the export, so that a misspelt folder is reported at once.
    compared = None if images is None else read_images(images)
    target = run(weights, out, options, overwrite=overwrite)
    say(f"written to {target}")
    if verify:
        where = "drawn scenes" if images is None else str(images)
        _verify(weights, target, precision, compared or drawn_images(), where)


def _verify(
    weights: str,
    target: Path,
    precision: Precision,
    images: Sequence[Image] | ImageFiles,
    where: str,
) -> None:
    from yolo_fer.errors import YoloFerError
    from yolo_fer.export.verify import TOLERANCES
    from yolo_fer.export.verify import verify as run

    shown = {"progress": progress} if may_show_progress(uses_stdout=False) else {}
    verdict = run(weights, str(target), images, TOLERANCES[precision], **shown)
    _print_verdict(verdict, precision, where)
    if not verdict.faces:
        raise YoloFerError(
            "neither network finds a face in these images, so that nothing is shown; "
            "give others with --images"
        )
    if not verdict.same:
        raise YoloFerError(f"{target} does not find the same faces as {weights}")


def _print_verdict(verdict: Verdict, precision: Precision, where: str) -> None:
    from rich.console import Console
    from rich.table import Table

    tolerance = verdict.tolerance
    table = Table(
        "", "measured", f"tolerance of {precision}", title=f"Export compared with original: {where}"
    )
    faces = f"{verdict.original_faces} and {verdict.exported_faces}"
    table.add_row("images", str(verdict.images), "")
    table.add_row("faces found by original and export", faces, "")
    table.add_row(
        "faces that agree",
        f"{verdict.agreeing} of {len(verdict.faces)}",
        f"at least {tolerance.share:.0%}",
    )
    table.add_row("least IoU", f"{verdict.least_iou:.3f}", f"at least {tolerance.iou:g} to agree")
    table.add_row(
        "largest difference of a score",
        f"{verdict.largest_difference:.2g}",
        f"at most {tolerance.score:g} to agree",
    )
    table.add_row("verdict", "the same faces" if verdict.same else "DIFFERENT", "")
    Console().print(table)
