"""The frames of one video: decoded, searched for faces, painted over and written."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from yolo_fer import images
from yolo_fer.convert.affwild2.detections import StoredDetections
from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.labelled_frame import FoundFrame
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.source import LabelledVideo
from yolo_fer.convert.affwild2.video_result import VideoOrigin
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.labels import yolo_label
from yolo_fer.dataset.masking import paint
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.writer import file_of, writing_set
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.files import write_atomically
from yolo_fer.inputs.video import VideoFile, VideoFrame, ahead

SOURCE = "affwild2"
# Fixed: a face finder's sums may depend on what shares its batch.
_CHUNK = 8
_SAVE_EVERY = 512  # newly searched frames, between which a kill loses what was found
_FRAMES_AHEAD = 8  # decoded while others are searched; 6 MB each at 1080p


@dataclass(frozen=True, slots=True)
class VideoTask:
    """A video to convert; small enough to travel to a worker.

    Args:
        root: the root folder of the dataset.
        video: the video with its label files.
        folder: the folder of its images below `images/{split}/`.
        split: the split: `train`, `val` or `test`.
        shares: the shares of each emotion's frames that are used; None uses all.
        options: the settings of the conversion.
        out: the folder of the set.
    """

    root: Path
    video: LabelledVideo
    folder: str
    split: str
    shares: Mapping[Emotion, float] | None
    options: Affwild2Options
    out: Path

    @property
    def group(self) -> str:
        """What is never in two splits: a recording. In the official training part, a video."""
        return self.video.stem if self.split == "train" else self.video.recording

    @property
    def masking(self) -> bool:
        """Whether unlabelled faces are painted over; test images never are."""
        return self.options.unlabelled is Unlabelled.MASK and self.split != "test"


@dataclass(frozen=True, slots=True)
class FirstPass:
    """What a video showed when it was decoded for the first time.

    Args:
        frames: the labelled frames that could be decoded, by number (1-based label line).
        written: the hashes of the images of those that are written already.
        warnings: what a user should know, a sentence each.
    """

    frames: dict[int, FoundFrame]
    written: dict[int, Fingerprint]
    warnings: list[str]


def origin_of(task: VideoTask, sha256: str) -> VideoOrigin:
    """Return where the images of a video come from and go to."""
    video = task.video.video
    file = "" if video is None else video.relative_to(task.root).as_posix()
    return VideoOrigin(SOURCE, task.folder, file, sha256, task.group, task.split)


def find_faces(
    task: VideoTask, people: Sequence[PersonLabels], video: VideoFile, origin: VideoOrigin
) -> FirstPass:
    """Decode the video once, find the faces of the labelled frames, write what can be written.

    Those frames are written in which no face has to be painted over.

    Args:
        task: the video, and how it is converted.
        people: the people with the label lines that are used.
        video: the video file.
        origin: the origin of its images.
    """
    wanted = {frame for person in people for frame in person.frames()}
    known = StoredDetections.load(task.options.cache, origin.sha256, task.options.finder)
    frames: dict[int, FoundFrame] = {}
    written: dict[int, Fingerprint] = {}
    with closing(_searched(video, wanted, known, task.options.finder)) as searched:
        for number, image in searched:
            height, width = image.shape[:2]
            found = known.boxes[number]
            frames[number] = FoundFrame((width, height), found)
            labels = sum(person.emotion(number) is not None for person in people)
            if len(found) and not (task.masking and len(found) > labels):
                written[number] = _write_image(task, origin, number, image)
    return FirstPass(frames, written, known.problems)


def _searched(
    video: VideoFile, wanted: set[int], known: StoredDetections, finder: FinderChoice
) -> Generator[tuple[int, images.Image]]:
    """Yield the wanted frames with their numbers when it is known where their faces are."""
    frames = _decoded(video, wanted)
    try:
        while chunk := list(islice(frames, _CHUNK)):
            new = [frame for frame in chunk if frame.index + 1 not in known.boxes]
            found = finder.load().find([frame.image for frame in new])
            for frame, faces in zip(new, found, strict=True):
                known.add(frame.index + 1, faces.boxes)
            yield from ((frame.index + 1, frame.image) for frame in chunk)
            known.keep(_SAVE_EVERY)
    finally:
        known.keep()
        frames.close()


def _decoded(video: VideoFile, wanted: Collection[int]) -> Generator[VideoFrame]:
    """Yield the frames of these numbers, counted from 1, some of them decoded ahead."""
    frames = video.frames(lambda index: index + 1 in wanted, max(wanted))
    with closing(ahead(frames, _FRAMES_AHEAD, VideoFrame.size_in_bytes)) as decoded:
        yield from decoded


def write_others(
    task: VideoTask, video: VideoFile, samples: Iterable[Sample], written: Mapping[int, Fingerprint]
) -> dict[int, Fingerprint]:
    """Decode once more and write the frames that were not written yet, or have faces to hide.

    Args:
        task: the video, and how it is converted.
        video: the video file.
        samples: all samples of the video.
        written: the hashes of the images that are written already, by the frame's number.

    Returns:
        The hashes of those written now.

    Raises:
        YoloFerError: if the video is another one now, or an image cannot be written.
    """
    todo = {
        sample.frame: sample
        for sample in samples
        if sample.frame is not None
        and (sample.frame not in written or (task.masking and sample.ignored))
    }
    if not todo:
        return {}
    with closing(_decoded(video, todo)) as decoded:
        hashes = {
            frame.index + 1: _write_painted(task, todo[frame.index + 1], frame) for frame in decoded
        }
    if len(hashes) < len(todo):
        raise YoloFerError(f"{video.path} changed during the conversion; run it again")
    return hashes


def _write_painted(task: VideoTask, sample: Sample, frame: VideoFrame) -> Fingerprint:
    image = frame.image
    if task.masking and sample.ignored:
        hidden = [face.box for face in sample.ignored]
        image = paint(image, hidden, [face.box for face in sample.labelled])
    origin = origin_of(task, sample.source_sha256)
    return _write_image(task, origin, frame.index + 1, image)


def _write_image(
    task: VideoTask, origin: VideoOrigin, frame: int, image: images.Image
) -> Fingerprint:
    target = task.out / f"images/{origin.split}/{origin.folder}/{frame:05d}.jpg"
    data = images.encode_jpeg(image)
    with writing_set(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)
    return Fingerprint.of(data)


def write_labels(task: VideoTask, samples: Iterable[Sample]) -> None:
    """Write the label files."""
    for sample in samples:
        target = task.out / "labels" / sample.split / f"{sample.name}.txt"
        with writing_set(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, yolo_label(sample).encode())


def remove_images(task: VideoTask, origin: VideoOrigin, frames: Iterable[int]) -> None:
    """Remove the images of frames that turned out to have no label to use."""
    for frame in frames:
        (task.out / file_of(origin.sample(frame, (0, 0), (), ()))).unlink()
