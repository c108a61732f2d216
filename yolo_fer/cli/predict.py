"""`yolo-fer predict`: faces and expressions in images, videos, cameras and streams."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from yolo_fer.cli.console import may_show_progress
from yolo_fer.cli.interrupts import held_back, terminated_like_interrupted
from yolo_fer.cli.predict_outputs import Outputs
from yolo_fer.cli.predict_progress import PredictProgress, shown_progress
from yolo_fer.cli.predict_words import check, describe, print_account
from yolo_fer.errors import UsageError

if TYPE_CHECKING:
    from yolo_fer.inputs.listing import Input, VideoInput
    from yolo_fer.outputs import Sink
    from yolo_fer.predict.image_files import Predicted, RunCounts
    from yolo_fer.predict.stream import Following
    from yolo_fer.results import Predictor


class PredictCommand(TyperCommand):
    """Lets `--smooth` stand alone or before a number of seconds."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give a `--smooth` that stands alone its default."""
        return super().parse_args(ctx, [*_with_seconds(args)])


def predict(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Images, videos, folders, patterns in quotes, the index of a camera, "
            "rtsp:// or http:// addresses.",
        ),
    ],
    weights: Annotated[
        str | None,
        typer.Option(help="An .onnx or .pt file, an OpenVINO folder, or a name; see weights list."),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option(metavar="FINDER+CLASSIFIER", help="A two-stage system in place of --weights."),
    ] = None,
    imgsz: Annotated[
        int | None, typer.Option(help="Longer side of the network's input, in pixels.")
    ] = None,
    conf: Annotated[
        float | None, typer.Option(help="Least score of a face; else what the weights advise.")
    ] = None,
    iou: Annotated[
        float | None,
        typer.Option(show_default="0.5", help="Boxes that overlap more are one face."),
    ] = None,
    max_faces: Annotated[
        int,
        typer.Option(min=1, help="The most faces of an image; where there are more, it is said."),
    ] = 300,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="Threads of the network.")] = None,
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
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there.")
    ] = False,
    trust_weights: Annotated[
        bool, typer.Option("--trust-weights", help="Load weights that can run code. Only your own!")
    ] = False,
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
    """
    from yolo_fer.inputs.listing import collect_inputs
    from yolo_fer.predict.image_files import RunCounts
    from yolo_fer.two_stage.load import Choice, load_system

    outputs = Outputs(
        json_lines, csv, save, save_faces, timeline, summary, show, blur, overwrite
    )  # fmt: skip
    inputs = collect_inputs(sources)
    following = _prepare_videos(inputs, track, smooth, outputs)
    system = load_system(
        Choice(weights, pipeline),
        imgsz=imgsz,
        conf=conf,
        iou=iou,
        device=device,
        threads=threads,
        trust_weights=trust_weights,
        max_faces=max_faces,
    )
    run_counts = RunCounts()
    try:
        with terminated_like_interrupted():
            _Run(system, following, outputs, inputs, run_counts, trust_certificate).run()
    finally:
        if run_counts.usable or run_counts.bad:
            print_account(run_counts)
    check(run_counts, strict)


class _Run:
    """One run over all inputs."""

    def __init__(
        self,
        predictor: Predictor,
        following: Following | None,
        outputs: Outputs,
        inputs: Sequence[Input],
        run_counts: RunCounts,
        trust_certificate: bool,
    ) -> None:
        self._predictor = predictor
        self._following = following
        self._outputs = outputs
        self._inputs = inputs
        self._run_counts = run_counts
        self._trust_certificate = trust_certificate

    def run(self) -> None:
        """Predict everything and write the results."""
        from yolo_fer.outputs.sink import writing

        with ExitStack() as stack:
            window = self._outputs.open_window(stack)
            sinks = self._outputs.open_files(stack, self._inputs)
            shown = may_show_progress(self._outputs.use_stdout)
            progress = stack.enter_context(shown_progress(shown, len(self._inputs)))
            for predicted, copies in stack.enter_context(closing(self._predict(progress))):
                with held_back():
                    self._run_counts.add(predicted)
                    for sink in (*sinks, *copies):
                        sink.write(predicted)
                    if self._outputs.is_none:
                        with writing("-"):
                            typer.echo(describe(predicted.prediction))
                if window is not None:
                    window.write(predicted)
                    if window.closed:
                        return

    def _predict(
        self, progress: PredictProgress
    ) -> Generator[tuple[Predicted, list[Sink]], None, None]:
        """Yield what was predicted, each with the sinks of its own source."""
        from yolo_fer.inputs.listing import ImageInput, VideoInput
        from yolo_fer.predict.image_files import predict_images

        for _, group in groupby(self._inputs, type):
            # Neighbouring images go together, since they are read ahead.
            items = list(group)
            images = [item for item in items if isinstance(item, ImageInput)]
            for predicted in predict_images(self._predictor, images):
                yield predicted, []
                progress.end_input()
            for item in items:
                if isinstance(item, VideoInput):
                    yield from self._predict_stream(item, progress)
                    progress.end_input()

    def _predict_stream(
        self, item: VideoInput, progress: PredictProgress
    ) -> Iterator[tuple[Predicted, list[Sink]]]:
        from yolo_fer.inputs.frame_source import open_source
        from yolo_fer.predict.stream import predict_stream

        source = open_source(item.spec, item.source, trust_certificate=self._trust_certificate)
        progress.begin_stream(source)
        copies: list[Sink] = []
        try:
            with ExitStack() as stack:
                follow = self._following.start() if self._following else (None, None)
                stream = predict_stream(self._predictor, source, *follow)
                for predicted in stack.enter_context(closing(stream)):
                    if predicted.image is not None and not copies:
                        # Not before the first frame: only then the frame rate is known.
                        copies = self._outputs.open_copy(stack, item, self._inputs, source)
                    yield predicted, copies
                    progress.count_frame(source)
        finally:
            self._run_counts.dropped += source.dropped
            self._run_counts.reconnects += source.reconnects


def _with_seconds(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command line, each `--smooth` as `--smooth=SECONDS`."""
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        if word != "--smooth":
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


def _prepare_videos(
    inputs: Sequence[Input], track: bool, smooth: float | None, outputs: Outputs
) -> Following | None:
    """Say how faces are followed, None if there are only images.

    Raises:
        UsageError: if `smooth` is no possible time, or something is wanted that only videos give.
        MissingExtraError: if a package is missing; before anything is written.
    """
    from yolo_fer.inputs.addresses import camera_index
    from yolo_fer.inputs.listing import VideoInput

    videos = [item for item in inputs if isinstance(item, VideoInput)]
    if not videos:
        # and nothing is imported that only videos need
        wanted = {"--track": track, "--smooth": smooth is not None, **outputs.of_tracks}
        flag = next((flag for flag, is_wanted in wanted.items() if is_wanted), None)
        if flag is not None:
            raise UsageError(f"{flag} follows faces through a video; without one, leave it out")
        return None
    from yolo_fer.inputs.ffmpeg import import_av
    from yolo_fer.predict.stream import Following

    if any(camera_index(item.spec) is None for item in videos):
        import_av()
    return Following(track or any(outputs.of_tracks.values()), smooth)
