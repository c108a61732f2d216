"""What converting videos costs compared with a bare loop, and how much memory a long one takes."""

from __future__ import annotations

import itertools
import multiprocessing
import statistics
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tools.benchmark.conversion import bare_retinaface, ready_input
from tools.benchmark.figures import Figure, in_words, interleave, seconds_into
from tools.benchmark.memory import resident
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.source import Affwild2Folder
from yolo_fer.convert.options import Run
from yolo_fer.emotions import AFFWILD2, Emotion
from yolo_fer.evaluate.stopwatch import per_pair
from yolo_fer.images import JPEG_QUALITY, Image
from yolo_fer.runtime.executor import Workers
from yolo_fer.synthetic.drawn_expw import WantedFace, draw_scene

_MOST_MEGABYTES, _MOST_GROWTH = 1500, 1.1
_RELEASE_FRAMES = 2_800_000
_SWING = 16  # pixels that the drawn camera moves to and fro


def write_release(root: Path, videos: int, frames: int, width: int, height: int) -> None:
    """Film drawn people and write them as Aff-Wild2 is distributed; every frame is labelled.

    Args:
        root: where to write.
        videos: how many; each shows one person.
        frames: of each.
        width: in pixels, even.
        height: likewise.
    """
    labels = root / "EXPR_Set" / "Train_Set"
    labels.mkdir(parents=True)
    (root / "videos").mkdir()
    header = ",".join(emotion.label.capitalize() for emotion in AFFWILD2.values())
    for number in range(videos):
        emotion = Emotion(number % len(Emotion))
        rng = np.random.default_rng(number)
        scene = draw_scene(rng, width + _SWING, height + _SWING, [WantedFace(emotion)])
        _film(root / "videos" / f"{number}.mp4", scene.image, frames, width, height)
        label = next(n for n, e in AFFWILD2.items() if e is emotion)
        lines = [header, *[str(label)] * frames]
        (labels / f"{number}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _film(path: Path, image: Image, frames: int, width: int, height: int) -> None:
    import av

    with av.open(str(path), "w") as file:
        stream: Any = file.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        steps = itertools.cycle([*range(_SWING), *range(_SWING, 0, -1)])
        for step in itertools.islice(steps, frames):
            part = np.ascontiguousarray(image[step : step + height, step : step + width])
            file.mux(stream.encode(av.VideoFrame.from_ndarray(part, format="bgr24")))
        file.mux(stream.encode())


def compare_videos(root: Path, scratch: Path, workers: int, repeats: int) -> Figure:
    """Compare a conversion of Aff-Wild2 with decoding, the bare network and JPEG writing.

    Args:
        root: of the release.
        scratch: where both write, and leave nothing.
        workers: processes on both sides.
        repeats: pairs that count.
    """
    videos = [v.video for v in Affwild2Folder.find(root).videos if v.video is not None]
    written: list[int] = []
    decoded: list[int] = []

    def ours(out: Path) -> None:
        # a cache of its own each time: nothing is found before
        options = Affwild2Options(cache=out / ".work" / "cache")
        report = convert_affwild2(root, out, options, Run(workers))
        assert report is not None  # the folder was new
        written.append(report["images_out"])

    def bare(out: Path) -> None:
        out.mkdir()
        with Workers(workers) as pool:
            decoded.append(sum(pool.map_ordered(partial(decode_run_encode, out=out), videos)))

    ours_seconds, bare_seconds = interleave(
        partial(seconds_into, ours, scratch / "ours"),
        partial(seconds_into, bare, scratch / "bare"),
        repeats,
    )
    # the bare loop takes all frames, the conversion only those with a label
    share = written[0] / decoded[0]
    per_second = written[0] / statistics.median(ours_seconds)
    setting = (
        f"{written[0]} of {decoded[0]} frames, {len(videos)} videos, {workers} processes, "
        f"{in_words(ours_seconds, bare_seconds)}; {per_second:.0f} frames/s, so the whole release "
        f"of 2.8 million frames takes {_RELEASE_FRAMES / per_second / 3600:.0f} h"
    )
    return Figure(
        "frames per second of convert affwild2 : decode + RetinaFace's session.run + JPEG",
        tuple(100 * share / ratio for ratio in per_pair(ours_seconds, bare_seconds)),
        " %",
        85,
        at_most=False,
        setting=setting,
    )


def decode_run_encode(video: Path, out: Path) -> int:
    """Decode a video, run RetinaFace's network on as many pixels, and write JPEG files."""
    import av

    session = bare_retinaface()
    folder = out / video.stem
    folder.mkdir()
    count = 0
    with av.open(str(video)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            image = frame.to_ndarray(format="bgr24")
            session.run(["loc", "conf"], {"input": ready_input(*image.shape[:2])})
            _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            count += 1
            (folder / f"{count:05d}.jpg").write_bytes(data.tobytes())
    return count


def measure_long_video(root: Path, out: Path) -> list[Figure]:
    """Convert in a process of its own, and watch its memory from the first frames to the last."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        readings, seconds, images = pool.submit(_watched, root, out).result()
    quarters = np.array_split(np.array(readings), 4)
    course = ", ".join(f"{quarter.max():.0f}" for quarter in quarters)
    setting = f"{images} frames, {seconds:.0f} s; MB in each quarter of the time: {course}"
    growth = max(q.max() for q in quarters[1:]) / quarters[0].max()
    return [
        Figure("peak memory of a worker", (max(readings),), " MB", _MOST_MEGABYTES, True, setting),
        Figure(
            "growth of a worker after a quarter of a video",
            (float(growth),),
            "x",
            _MOST_GROWTH,
            at_most=True,
            setting=setting,
        ),
    ]


def _watched(root: Path, out: Path) -> tuple[list[float], float, int]:
    readings: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            readings.append(resident("self")[0])

    def begun(items: Iterable[Any], description: str, total: int) -> Iterable[Any]:
        watcher.start()  # what was loaded before belongs to every worker
        return items

    watcher = threading.Thread(target=watch, daemon=True)
    start = time.perf_counter()
    options = Affwild2Options(cache=out.with_name("cache"))
    report = convert_affwild2(root, out, options, Run(progress=begun))
    over.set()
    assert report is not None  # the folder was new
    return readings, time.perf_counter() - start, report["images_out"]
