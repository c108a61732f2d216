"""One video of Aff-Wild2 to images and labels: the job of a worker."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes, images
from yolo_fer.convert.affwild2.detections import Detections, rounded
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.people import Named, Nobody, name_people
from yolo_fer.convert.affwild2.source import LabelledVideo, read_labels
from yolo_fer.convert.affwild2.tracks import REACH
from yolo_fer.convert.affwild2.video_result import VideoOrigin, VideoResult
from yolo_fer.convert.assemble import FOUND_AGAIN
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.dataset.labels import yolo_label
from yolo_fer.dataset.masking import paint
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.dataset.writer import file_of, remove_unfinished, writing
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.video import VideoFile, VideoFrame, ahead
from yolo_fer.weights.hashes import sha256_of

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
        root: of the dataset.
        video: with its label files.
        folder: of its images below `images/{split}/`.
        split: `train`, `val` or `test`.
        shares: of each emotion's frames that are used; None uses all.
        options: how.
        out: the set's folder.
        cache: the folder of found faces.
    """

    root: Path
    video: LabelledVideo
    folder: str
    split: str
    shares: Mapping[Emotion, float] | None
    options: Affwild2Options
    out: Path
    cache: Path

    @property
    def masking(self) -> bool:
        """Whether faces that nobody labelled are painted over; test images never are."""
        return self.options.unlabelled is Unlabelled.MASK and self.split != "test"


@dataclass(slots=True)
class _Seen:
    """A decoded frame: its size, found faces, and the hash of its image once that is written."""

    size: tuple[int, int]
    boxes: NDArray[np.float64]
    sha256: str = ""


@dataclass(slots=True)
class Books:
    """What becomes of the labels, and what a user should know.

    Args:
        people: with their label lines.
        warnings: about the video and its label files.
        clipped: labelled faces that were cut at the edge.
        images: that were written.
    """

    people: list[PersonLabels]
    warnings: list[str]
    clipped: int = 0
    images: list[tuple[Sample, str]] = field(default_factory=list)


def convert_video(task: VideoTask) -> VideoResult:
    """Convert one video: decode it, box its labelled frames, tell the people, write.

    The frames whose people are known at first sight are written in the first pass. Those in which
    other faces have to be painted over are decoded a second time: until the end of the video nobody
    knows which face is whose.

    Raises:
        YoloFerError: if something cannot be written.
    """
    books = read_people(task.video)
    rows_in = sum(len(person.lines) for person in books.people)
    sha256 = ""
    if task.video.video is None:
        for person in books.people:
            person.skip_all("missing_video", f"no {task.video.stem}.mp4 or .avi")
    elif any(person.frames() for person in books.people):
        choose_frames(books.people, task.options.frames, task.shares)
        try:
            sha256 = sha256_of(task.video.video)
        except OSError as error:
            for person in books.people:
                person.skip_all("unreadable_video", str(error.strerror or error))
        else:
            _convert(task, books, _origin(task, sha256))
    dropped = tuple(row for person in books.people for row in person.dropped())
    return VideoResult(
        _origin(task, sha256), tuple(books.images), rows_in, books.clipped, dropped,
        tuple(books.warnings),
    )  # fmt: skip


def _origin(task: VideoTask, sha256: str) -> VideoOrigin:
    video = task.video.video
    file = "" if video is None else video.relative_to(task.root).as_posix()
    return VideoOrigin(SOURCE, task.folder, file, sha256, task.video.stem, task.split)


def read_people(video: LabelledVideo) -> Books:
    """Read all label files of a video; one that repeats a person is dropped as a whole."""
    books = Books([], [])
    for file in video.people:
        try:
            lines, oddities = read_labels(file.path)
        except OSError as error:
            books.warnings.append(f"{file.file} cannot be read: {error.strerror or error}")
            continue
        books.warnings += [f"{file.file}: {oddity}" for oddity in oddities]
        person = PersonLabels(file.file, file.side, lines)
        twin = next((p for p in books.people if p.side is file.side), None)
        if twin is not None:
            person.skip_all("duplicate_label_file", f"{twin.file} is of the same person")
        books.people.append(person)
    return books


def choose_frames(
    people: Iterable[PersonLabels], choice: FrameChoice, shares: Mapping[Emotion, float] | None
) -> None:
    """Account for the frames that the options leave out; see `FrameChoice.choose`."""
    labelled: dict[int, list[Emotion]] = {}
    for person in people:
        for frame in person.frames():
            emotion = person.emotion(frame)
            labelled.setdefault(frame, []).extend([] if emotion is None else [emotion])
    for frame, reason in choice.choose(labelled, shares).items():
        if reason:
            for person in people:
                person.skip(frame, reason)


def _convert(task: VideoTask, books: Books, origin: VideoOrigin) -> None:
    assert task.video.video is not None  # noqa: S101  # convert_video has seen to it
    video = VideoFile(task.video.video)
    for kind in ("images", "labels"):  # of a worker that died at this video
        remove_unfinished(task.out / kind / task.split / task.folder)
    seen = _look(task, books, video, origin)
    _account_for_unseen(video, books, seen)
    # the sides of all label files, even if one has no label here: the rule speaks of all people
    sides = {person.side for person in books.people}
    faces = [(frame, seen[frame].boxes) for frame in sorted(seen)]
    named = name_people(faces, sides, _reach([frame for frame, _ in faces]))
    samples = [
        sample
        for (frame, _), names in zip(faces, named, strict=True)
        if (sample := _sample(task, books, origin, frame, seen[frame], names)) is not None
    ]
    _paint_over(task, video, {sample.frame: sample for sample in samples}, seen)
    _write_labels(task, origin, samples, seen)
    books.images = [(sample, seen[sample.frame or 0].sha256) for sample in samples]


def _reach(frames: list[int]) -> int:
    """Return how many frames a face may be missing: more where the frames are far apart."""
    if len(frames) < 2:
        return REACH
    return max(REACH, round(2 * statistics.median(b - a for a, b in pairwise(frames))))


def _look(task: VideoTask, books: Books, video: VideoFile, origin: VideoOrigin) -> dict[int, _Seen]:
    """Decode the video once, find the faces of the labelled frames, write what can be written."""
    people = books.people
    wanted = {frame for person in people for frame in person.frames()}
    finder = task.options.finder
    known = Detections.load(task.cache, origin.sha256, finder)
    seen: dict[int, _Seen] = {}
    unsaved = 0
    frames = video.frames(lambda index: index + 1 in wanted, max(wanted))
    try:
        with closing(ahead(frames, _FRAMES_AHEAD)) as decoded:
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
                    entry = seen[frame.index + 1] = _Seen((width, height), here)
                    if len(here) and not (task.masking and len(here) > labels):
                        entry.sha256 = _write_image(task, origin, frame.index + 1, frame.image)
                unsaved += len(new)
                if unsaved >= _SAVE_EVERY:
                    _save(known, books)
                    unsaved = 0
    finally:
        if unsaved:
            _save(known, books)
    return seen


def _chunks(frames: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(frames, size)):
        yield chunk


def _save(known: Detections, books: Books) -> None:
    try:
        known.save()
    except OSError as error:
        warning = f"found faces cannot be kept for another time: {error.strerror or error}"
        if warning not in books.warnings:
            books.warnings.append(warning)


def _account_for_unseen(video: VideoFile, books: Books, seen: Mapping[int, _Seen]) -> None:
    """Drop the labels of frames that did not decode, and tell where the counts differ."""
    problem = video.problem
    reason = "missing_frame" if problem is None else problem.reason
    detail = f"the video has {video.decoded} frames" if problem is None else problem.detail
    if problem is not None:
        books.warnings.append(f"{video.path.name}: {problem.detail}")
    for person in books.people:
        for frame in person.frames():
            if frame not in seen:
                person.skip(frame, reason, detail)
        if problem is None and abs(len(person.lines) - video.packets) > 1:
            books.warnings.append(
                f"{person.file}: {len(person.lines)} labels, but the video has "
                f"{video.packets} frames"
            )


def _write_image(task: VideoTask, origin: VideoOrigin, frame: int, image: images.Image) -> str:
    target = task.out / f"images/{origin.split}/{origin.folder}/{frame:05d}.jpg"
    data = images.encode_jpeg(image)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        images.write_atomically(target, data)
    return hashlib.sha256(data).hexdigest()


def _sample(
    task: VideoTask, books: Books, origin: VideoOrigin, number: int, seen: _Seen, named: Named
) -> Sample | None:
    """Return a frame with its faces, or None if no label is left for it."""
    placed, inside = _place(task.options.boxes, seen)
    labelled: dict[int, Emotion] = {}
    for person in books.people:
        emotion, face = person.emotion(number), named[person.side]
        if emotion is None:
            continue
        if isinstance(face, Nobody):
            person.skip(number, face.reason, face.detail)
        elif not inside[face]:
            person.skip(number, "outside_image", "the face lies outside the image")
        else:
            labelled[face] = emotion
    if not labelled:
        return None
    unknown = _unlabelled(placed, inside, list(labelled))
    if unknown and task.options.unlabelled is Unlabelled.DROP:
        for person in books.people:
            detail = f"the frame has {len(unknown)} faces that nobody labelled"
            person.skip(number, "image_with_unlabelled_faces", detail)
        return None
    if task.options.unlabelled is Unlabelled.KEEP:
        unknown = []
    faces = [Face(Box(*placed[i].tolist()), emotion) for i, emotion in labelled.items()]
    faces += [Face(Box(*placed[i].tolist()), None) for i in unknown]
    clipped = sum(_is_cut(task.options.boxes, seen, i) for i in labelled)
    books.clipped += clipped
    flags = ["clipped"] if clipped else []
    flags += ["masked"] if unknown and task.masking else []
    return origin.sample(number, seen.size, faces, flags)


def _in_convention(convention: BoxConvention, found: NDArray[np.float64]) -> boxes.Boxes:
    return boxes.retinaface_to_expw(found) if convention is BoxConvention.EXPW else found


def _place(convention: BoxConvention, seen: _Seen) -> tuple[boxes.Boxes, NDArray[np.bool_]]:
    """Return the boxes in the set's convention, cut at the edges; and which are not empty."""
    placed = boxes.clip(_in_convention(convention, seen.boxes), *seen.size)
    return placed, boxes.area(placed) > 0


def _is_cut(convention: BoxConvention, seen: _Seen, index: int) -> bool:
    whole = _in_convention(convention, seen.boxes[index : index + 1])
    return not np.array_equal(boxes.clip(whole, *seen.size), whole)


def _unlabelled(placed: boxes.Boxes, inside: NDArray[np.bool_], labelled: list[int]) -> list[int]:
    """Return the faces that nobody labelled; another box of a labelled face is none."""
    again = boxes.iou(placed, placed[labelled]).max(axis=1) >= FOUND_AGAIN
    return np.flatnonzero(inside & ~again).tolist()


def _paint_over(
    task: VideoTask, video: VideoFile, samples: Mapping[int | None, Sample], seen: dict[int, _Seen]
) -> None:
    """Write the frames that were not written at first sight, or have faces to hide."""
    todo = {
        frame: sample
        for frame, sample in samples.items()
        if frame is not None and (not seen[frame].sha256 or (task.masking and sample.ignored))
    }
    if not todo:
        return
    wanted = set(todo)
    frames = video.frames(lambda index: index + 1 in wanted, max(wanted))
    with closing(ahead(frames, _FRAMES_AHEAD)) as decoded:
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
    origin = _origin(task, sample.source_sha256)
    return _write_image(task, origin, frame.index + 1, image)


def _write_labels(
    task: VideoTask, origin: VideoOrigin, samples: Iterable[Sample], seen: Mapping[int, _Seen]
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
