"""What a core does in a second, and what it writes: from it follows how long any archive takes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from statistics import median

from tools.benchmark.figures import Figure
from tools.benchmark.options import draw
from tools.benchmark.video_conversion import write_release
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.options import Run
from yolo_fer.detector import Detector
from yolo_fer.inputs.frame_source import FileSource
from yolo_fer.inputs.listing import collect_images
from yolo_fer.outputs import JsonLinesSink
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.stream import predict_stream
from yolo_fer.runtime.processes import use_one_thread

_MOST_MILLISECONDS = 50  # twenty frames a second
_RELEASE, _BILLION = 2.8e6, 1e9


def rates(folder: Path, frames: int, images: int, repeats: int) -> list[Figure]:
    """Measure the CPU time of a frame and of an image, and the bytes that are written of it.

    CPU time, since it depends less on what else is running.

    Args:
        folder: where everything is written.
        frames: of each of four videos of 480x360 pixels, which show a person each.
        images: scenes of 416 pixels.
        repeats: how often each is measured.
    """
    use_one_thread()
    write_release(folder / "release", 4, frames, 480, 360)
    draw(folder, images)
    detector = Detector(device="cpu", threads=1)
    inputs = collect_images([str(folder / "drawn" / "image")])
    lines, out = folder / "lines.jsonl", folder / "out"

    def written(predictions: Iterable[Predicted]) -> tuple[int, int, int]:
        items = faces = 0
        with JsonLinesSink(str(lines), True) as sink:
            for predicted in predictions:
                sink.write(predicted)
                items, faces = items + 1, faces + len(predicted.prediction.faces)
        return items, faces, lines.stat().st_size

    def of_videos() -> Iterable[Predicted]:
        for path in sorted((folder / "release" / "videos").iterdir()):
            with closing(predict_stream(detector, FileSource(path))) as stream:
                yield from stream

    def convert() -> tuple[int, int, int]:
        options = Affwild2Options(cache=folder / "cache")
        report = convert_affwild2(folder / "release", out, options, Run(workers=1))
        assert report is not None  # the folder was new
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        for written_to in (out, folder / "cache"):  # so that nothing is found before
            shutil.rmtree(written_to)
        return report["images_out"], report["faces_out"], size

    return [
        _rate("a frame of predict VIDEO --json", lambda: written(of_videos()), repeats),
        _rate(
            "an image of predict FOLDER --json",
            lambda: written(predict_images(detector, inputs)),
            repeats,
        ),
        _rate("a frame of convert affwild2", convert, repeats),
    ]


def _rate(what: str, run: Callable[[], tuple[int, int, int]], repeats: int) -> Figure:
    milliseconds = []
    for _ in range(repeats + 1):
        begun = time.process_time()
        items, faces, size = run()
        milliseconds.append(1000 * (time.process_time() - begun) / items)
    each = size / items
    usual = median(milliseconds[1:])
    plan = (
        f"{number:,.0f} take {usual * number / 3.6e6:.2g} core-hours and "
        f"{each * number / 1e9:.2g} GB"
        for number in (_RELEASE, _BILLION)
    )
    setting = (
        f"{items} of them, {faces / items:.2f} faces in each, {1000 / usual:.0f} a second "
        f"and core, {each:,.0f} bytes each; {', '.join(plan)}"
    )
    return Figure(
        f"CPU time of {what}", tuple(milliseconds[1:]), " ms", _MOST_MILLISECONDS, True, setting
    )
