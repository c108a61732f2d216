"""`yolo-fer predict`: faces and expressions in images, videos, cameras and streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from yolo_fer.cli.predict_options import IN_ARCHIVE, ArchiveFlags, PredictOptions
from yolo_fer.cli.predict_outputs import Outputs
from yolo_fer.cli.system_options import (
    Conf,
    Device,
    InputSize,
    MaxFaces,
    Pipeline,
    Threads,
    TrustWeights,
    Weights,
)


class PredictCommand(TyperCommand):
    """Lets `--smooth` stand alone, and with `--out` what writes to a place of its own there."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give options that stand alone their values."""
        return super().parse_args(ctx, [*_with_values(args)])


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Images, videos, folders, patterns in quotes, the index of a camera, "
            "rtsp:// or http:// addresses of streams or images, - for an image on standard input.",
        ),
    ],
    weights: Weights = None,
    pipeline: Pipeline = None,
    imgsz: InputSize = None,
    conf: Conf = None,
    iou: Annotated[
        float | None,
        typer.Option(show_default="0.5", help="Boxes that overlap more are one face."),
    ] = None,
    max_faces: MaxFaces = 300,
    device: Device = "auto",
    threads: Threads = None,
    track: Annotated[
        bool, typer.Option("--track", help="Follow each face through a video.")
    ] = False,
    smooth: Annotated[
        float | None,
        typer.Option(
            metavar="[SECONDS]",
            help="Average the scores of each followed face over its last 0.5 or so many seconds.",
        ),
    ] = None,
    json_lines: Annotated[
        str | None, typer.Option("--json", help="Write JSON lines to a file, or - for stdout.")
    ] = None,
    csv: Annotated[
        str | None, typer.Option(help="Write a row per face to a file, or - for stdout.")
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(help="Write annotated copies, .jpg and .mp4, to this new or empty folder."),
    ] = None,
    save_faces: Annotated[
        Path | None, typer.Option(help="Write crops of the faces to this new or empty folder.")
    ] = None,
    timeline: Annotated[
        Path | None, typer.Option(help="Write a picture, .png, of each followed face over time.")
    ] = None,
    summary: Annotated[
        str | None, typer.Option(help="Write a row per followed face to a file, or - for stdout.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show what is found in a window; q ends.")
    ] = False,
    blur: Annotated[
        bool, typer.Option("--blur", help="Hide the faces in all pictures that are written.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write all results of an archive to this new or empty folder."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(show_default="parquet", help="Of the faces in --out: parquet, jsonl or csv."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=0, show_default="one per core", help="Processes, with --out."),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, with --out.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped, with --out.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there.")
    ] = False,
    trust_weights: TrustWeights = False,
    trust_certificate: Annotated[
        bool,
        typer.Option(
            "--trust-certificate",
            help="Take any certificate of an https:// or rtsps:// server, as of your own camera.",
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if any image or video was bad.")
    ] = False,
) -> None:
    """Find every face in images, videos and streams and name its expression.

    Without an option that says where results go, a line is printed for each image and frame.
    Of a file no frame is lost; of a camera or stream, old frames are dropped when new ones are
    there. --smooth, --timeline and --summary imply --track. Ctrl-C ends with complete files.

    With --out, thousands of images and videos are predicted on all cores or a cluster into one
    table of faces; --summary and --timeline then take no name.
    """
    from yolo_fer.cli.predict_archive import predict_archive
    from yolo_fer.cli.predict_sources import predict_sources
    from yolo_fer.two_stage.load import Choice, SystemOptions

    outputs = Outputs(
        json_lines, csv, save, save_faces, timeline, summary, show, blur, overwrite
    )  # fmt: skip
    options = PredictOptions(
        tuple(sources),
        SystemOptions(
            Choice(weights, pipeline), imgsz, conf, iou, max_faces, device, threads, trust_weights
        ),
        track,
        smooth,
        outputs,
        ArchiveFlags(out, format, workers, dask, resume),
        strict,
        trust_certificate,
    )
    if out is None:
        predict_sources(options)
    else:
        predict_archive(options, out)


def _with_values(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command line with the values of options that stand alone."""
    options = takewhile(lambda word: word != "--", words)
    places = IN_ARCHIVE if any(word.split("=")[0] == "--out" for word in options) else {}
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word in places:
            # A file that is not there is no source, but the name that is given without --out.
            is_name = remaining and not (
                remaining[0].startswith("-") or Path(remaining[0]).exists()
            )
            yield f"{word}={remaining.pop(0) if is_name else places[word]}"
        elif word != "--smooth":
            yield word
        elif remaining and _is_positive(remaining[0]):
            yield f"--smooth={remaining.pop(0)}"
        else:
            from yolo_fer.predict.smoothing import SECONDS

            yield f"--smooth={SECONDS}"
        if word == "--":
            yield from remaining
            return


def _is_positive(word: str) -> bool:
    try:
        return float(word) > 0
    except ValueError:
        return False
