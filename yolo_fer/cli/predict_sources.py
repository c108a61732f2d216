"""`yolo-fer predict` without `--out`: one source after the other, results as they happen."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import typer

from yolo_fer.cli.console import load_system, may_show_progress
from yolo_fer.cli.interrupts import held_back, terminated_like_interrupted
from yolo_fer.cli.predict_options import PredictOptions
from yolo_fer.cli.predict_progress import PredictProgress, shown_progress
from yolo_fer.cli.predict_words import check, describe, print_account
from yolo_fer.errors import UnusedArgumentError

if TYPE_CHECKING:
    from yolo_fer.inputs.listing import Input, VideoInput
    from yolo_fer.outputs import Sink
    from yolo_fer.predict.predicted import Predicted
    from yolo_fer.predict.run_counts import RunCounts
    from yolo_fer.predict.stream import Following
    from yolo_fer.results import Predictor


def predict_sources(options: PredictOptions) -> None:
    """Predict the sources, write what is asked for and print the account."""
    from yolo_fer.inputs.listing import collect_inputs
    from yolo_fer.predict.run_counts import RunCounts

    inputs = collect_inputs(options.sources)
    following = _prepare_videos(inputs, options)
    system = load_system(options.system)
    run_counts = RunCounts()
    start = time.perf_counter()
    try:
        with terminated_like_interrupted():
            _Run(system, following, options, inputs, run_counts).run()
    finally:
        if run_counts.usable or run_counts.bad.total() > 1:
            print_account(run_counts, time.perf_counter() - start, options.outputs.places)
    check(run_counts, options.strict)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over all inputs."""

    predictor: Predictor
    following: Following | None
    options: PredictOptions
    inputs: Sequence[Input]
    run_counts: RunCounts

    def run(self) -> None:
        """Predict everything and write the results."""
        from yolo_fer.outputs.sink import writing

        outputs = self.options.outputs
        with ExitStack() as stack:
            window = outputs.open_window(stack)
            sinks = outputs.open_files(stack, self.inputs)
            shown = may_show_progress(outputs.use_stdout)
            progress = stack.enter_context(shown_progress(shown, len(self.inputs)))
            for predicted, copies in stack.enter_context(closing(self._predict(progress))):
                with held_back():
                    self.run_counts.add(predicted)
                    for sink in (*sinks, *copies):
                        sink.write(predicted)
                    # Of an only source `check` says what is wrong.
                    is_only = len(self.inputs) == 1 and not self.run_counts.usable
                    if outputs.is_none and not (predicted.reason and is_only):
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

        for _, group in groupby(self.inputs, type):
            # Neighbouring images go together, since they are read ahead.
            items = list(group)
            images = [item for item in items if isinstance(item, ImageInput)]
            for predicted in predict_images(self.predictor, images):
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

        source = open_source(
            item.spec, item.source, trust_certificate=self.options.trust_certificate
        )
        progress.begin_stream(source)
        copies: list[Sink] = []
        try:
            with ExitStack() as stack:
                follow = self.following.start() if self.following else (None, None)
                stream = predict_stream(self.predictor, source, *follow)
                for predicted in stack.enter_context(closing(stream)):
                    if predicted.image is not None and not copies:
                        # Not before the first frame: only then the frame rate is known.
                        copies = self.options.outputs.open_copy(stack, item, self.inputs, source)
                    yield predicted, copies
                    progress.count_frame(source)
        finally:
            self.run_counts.dropped += source.dropped
            self.run_counts.reconnects += source.reconnects


def _prepare_videos(inputs: Sequence[Input], options: PredictOptions) -> Following | None:
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
        wanted = ["track"] * options.follow.track + ["smooth"] * (options.follow.smooth is not None)
        wanted += [name for name, target in options.outputs.of_tracks.items() if target is not None]
        if wanted:
            raise UnusedArgumentError(
                f"--{wanted[0]} follows faces through a video; without one, leave it out", *wanted
            )
        return None
    from yolo_fer.inputs.ffmpeg import import_av

    if any(camera_index(item.spec) is None for item in videos):
        import_av()
    return options.following()
