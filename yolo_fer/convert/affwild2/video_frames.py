"""The frames of one video: decoded, searched for faces, painted over and written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.convert.affwild2.detections import Detections, rounded
from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.source import LabelledVideo
from yolo_fer.convert.affwild2.video_result import VideoOrigin
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.labels import yolo_label
from yolo_fer.dataset.masking import paint
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.writer import file_of, writing
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.video import VideoFile, VideoFrame, ahead

SOURCE = "affwild2"
# Fixed: a face finder's sums may depend on what shares its batch.
_CHUNK = 8
_SAVE_EVERY = 512  # newly searched frames, between which a kill loses what was found
_FRAMES_AHEAD = 8  # decoded while others are searched; 6 MB each at 1080p

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VideoTask:
    """A video to convert; small enough to travel to a worker.

    Args:
        root: the root folder of the dataset.
        video: with its label files.
        folder: the folder of its images below `images/{split}/`.
        split: `train`, `val` or `test`.
        shares: the shares of each emotion's frames that are used; None uses all.
        options: the settings of the conversion.
        out: the set's folder.
    """

    root: Path
    video: LabelledVideo
    folder: str
    split: str
    shares: Mapping[Emotion, float] | None
    options: Affwild2Options
    out: Path

    @property
    def masking(self) -> bool:
        """Whether unlabelled faces are painted over; test images never are."""
        return self.options.unlabelled is Unlabelled.MASK and self.split != "test"


@dataclass(slots=True)
class SeenFrame:
    """A decoded frame: its size, found faces, and the hash of its image once that is written."""

    size: tuple[int, int]
    boxes: NDArray[np.float64]
    sha256: str = ""


def origin_of(task: VideoTask, sha256: str) -> VideoOrigin:
    """Return where the images of a video come from and go to."""
    video = task.video.video
    file = "" if video is None else video.relative_to(task.root).as_posix()
    return VideoOrigin(SOURCE, task.folder, file, sha256, task.video.stem, task.split)


def find_faces(
    task: VideoTask,
    people: Sequence[PersonLabels],
    warnings: list[str],
    video: VideoFile,
    origin: VideoOrigin,
) -> dict[int, SeenFrame]:
    """Decode the video once, find the faces of the labelled frames, write what can be written.

    Args:
        task: the video, and how it is converted.
        people: with the label lines that are used.
        warnings: takes what a user should know.
        video: opened.
        origin: the origin of its images.

    Returns:
        By frame number (1-based label line) the frames that could be decoded. Those in which no
        face has to be painted over are written.
    """
    wanted = {frame for person in people for frame in person.frames()}
    finder = task.options.finder
    known = Detections.load(task.options.cache, origin.sha256, finder)
    seen: dict[int, SeenFrame] = {}
    unsaved = 0
    frames = video.frames(lambda index: index + 1 in wanted, max(wanted))
    try:
        with closing(ahead(frames, _FRAMES_AHEAD, VideoFrame.size_in_bytes)) as decoded:
            for chunk in _chunks(decoded, _CHUNK):
                new = [f for f in chunk if f.index + 1 not in known.boxes]
                for frame, found in zip(
                    new, finder.load().find([f.image for f in new]), strict=True
                ):
                    known.boxes[frame.index + 1] = rounded(found.boxes)
                for frame in chunk:
                    here = known.boxes[frame.index + 1]
                    height, width = frame.image.shape[:2]
                    labels = sum(p.emotion(frame.index + 1) is not None for p in people)
                    entry = seen[frame.index + 1] = SeenFrame((width, height), here)
                    if len(here) and not (task.masking and len(here) > labels):
                        entry.sha256 = _write_image(task, origin, frame.index + 1, frame.image)
                unsaved += len(new)
                if unsaved >= _SAVE_EVERY:
                    _save(known, warnings)
                    unsaved = 0
    finally:
        if unsaved:
            _save(known, warnings)
    return seen


def _chunks(frames: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(frames, size)):
        yield chunk


def _save(known: Detections, warnings: list[str]) -> None:
    try:
        known.save()
    except OSError as error:
        warning = f"found faces cannot be kept for another time: {error.strerror or error}"
        if warning not in warnings:
            warnings.append(warning)


def write_others(
    task: VideoTask,
    video: VideoFile,
    samples: Mapping[int | None, Sample],
    seen: dict[int, SeenFrame],
) -> None:
    """Decode once more and write the frames that were not written yet, or have faces to hide.

    Raises:
        YoloFerError: if the video is another one now, or an image cannot be written.
    """
    todo = {
        frame: sample
        for frame, sample in samples.items()
        if frame is not None and (not seen[frame].sha256 or (task.masking and sample.ignored))
    }
    if not todo:
        return
    wanted = set(todo)
    frames = video.frames(lambda index: index + 1 in wanted, max(wanted))
    with closing(ahead(frames, _FRAMES_AHEAD, VideoFrame.size_in_bytes)) as decoded:
        for frame in decoded:
            sample = todo.pop(frame.index + 1)
            seen[frame.index + 1].sha256 = _write_painted(task, sample, frame)
    if todo:
        raise YoloFerError(f"{video.path} changed during the conversion; run it again")


def _write_painted(task: VideoTask, sample: Sample, frame: VideoFrame) -> str:
    image = frame.image
    if task.masking and sample.ignored:
        hidden = [face.box for face in sample.ignored]
        image = paint(image, hidden, [face.box for face in sample.labelled])
    origin = origin_of(task, sample.source_sha256)
    return _write_image(task, origin, frame.index + 1, image)


def _write_image(task: VideoTask, origin: VideoOrigin, frame: int, image: images.Image) -> str:
    target = task.out / f"images/{origin.split}/{origin.folder}/{frame:05d}.jpg"
    data = images.encode_jpeg(image)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        images.write_atomically(target, data)
    return hashlib.sha256(data).hexdigest()


def write_labels(
    task: VideoTask, origin: VideoOrigin, samples: Iterable[Sample], seen: Mapping[int, SeenFrame]
) -> None:
    """Write the label files, and remove the images of frames that turned out to have none."""
    kept = set()
    for sample in samples:
        kept.add(sample.frame)
        target = task.out / "labels" / sample.split / f"{sample.name}.txt"
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            images.write_atomically(target, yolo_label(sample).encode())
    for frame, entry in seen.items():
        if entry.sha256 and frame not in kept:
            (task.out / file_of(origin.sample(frame, entry.size, (), ()))).unlink()
