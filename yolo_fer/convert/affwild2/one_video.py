"""One video of Aff-Wild2 to images and labels: the job of a worker."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.people import name_people
from yolo_fer.convert.affwild2.people_doubt import Named, UnknownFace
from yolo_fer.convert.affwild2.source import LabelledVideo, read_labels
from yolo_fer.convert.affwild2.tracks import REACH
from yolo_fer.convert.affwild2.video_frames import (
    SeenFrame,
    VideoTask,
    find_faces,
    origin_of,
    write_labels,
    write_others,
)
from yolo_fer.convert.affwild2.video_result import VideoOrigin, VideoResult
from yolo_fer.convert.assemble import FOUND_AGAIN
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.dataset.writer import remove_unfinished
from yolo_fer.emotions import Emotion
from yolo_fer.errors import FileFault
from yolo_fer.inputs.video import VideoFile
from yolo_fer.weights.hashes import sha256_of


@dataclass(slots=True)
class VideoAccount:
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
    images: list[tuple[Sample, Fingerprint]] = field(default_factory=list)


def convert_video(task: VideoTask) -> VideoResult:
    """Convert one video: decode it, box its labelled frames, tell the people, write.

    The frames whose people are known at first sight are written in the first pass. Those in which
    other faces have to be painted over are decoded a second time: until the end of the video nobody
    knows which face is whose.

    Raises:
        YoloFerError: if something cannot be written.
    """
    account = read_people(task.video)
    rows_in = sum(len(person.lines) for person in account.people)
    sha256 = ""
    if task.video.video is None:
        for person in account.people:
            person.skip_all(FileFault.MISSING_VIDEO, f"no {task.video.stem}.mp4 or .avi")
    elif any(person.frames() for person in account.people):
        choose_frames(account.people, task.options.frames, task.shares)
        try:
            sha256 = sha256_of(task.video.video)
        except OSError as error:
            for person in account.people:
                person.skip_all(FileFault.UNREADABLE_VIDEO, str(error.strerror or error))
        else:
            _convert(task, account, origin_of(task, sha256))
    dropped = tuple(row for person in account.people for row in person.dropped())
    return VideoResult(
        origin_of(task, sha256), tuple(account.images), rows_in, account.clipped, dropped,
        tuple(account.warnings),
    )  # fmt: skip


def read_people(video: LabelledVideo) -> VideoAccount:
    """Read all label files of a video; one that repeats a person is dropped as a whole."""
    account = VideoAccount([], [])
    for file in video.people:
        try:
            lines, oddities = read_labels(file.path)
        except OSError as error:
            account.warnings.append(f"{file.file} cannot be read: {error.strerror or error}")
            continue
        account.warnings += [f"{file.file}: {oddity}" for oddity in oddities]
        person = PersonLabels(file.file, file.side, lines)
        twin = next((p for p in account.people if p.side is file.side), None)
        if twin is not None:
            person.skip_all(DropReason.DUPLICATE_LABEL_FILE, f"{twin.file} is of the same person")
        account.people.append(person)
    return account


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


def _convert(task: VideoTask, account: VideoAccount, origin: VideoOrigin) -> None:
    assert task.video.video is not None  # noqa: S101  # convert_video has seen to it
    video = VideoFile(task.video.video)
    for kind in ("images", "labels"):  # of a worker that died at this video
        remove_unfinished(task.out / kind / task.split / task.folder)
    seen = find_faces(task, account.people, account.warnings, video, origin)
    _account_for_unseen(video, account, seen)
    # the sides of all label files, even if one has no label here: the rule speaks of all people
    sides = {person.side for person in account.people}
    faces = [(frame, seen[frame].boxes) for frame in sorted(seen)]
    named = name_people(faces, sides, _reach([frame for frame, _ in faces]))
    samples = [
        sample
        for (frame, _), names in zip(faces, named, strict=True)
        if (sample := _sample(task, account, origin, frame, seen[frame], names)) is not None
    ]
    write_others(task, video, {sample.frame: sample for sample in samples}, seen)
    write_labels(task, origin, samples, seen)
    account.images = [
        (sample, file)
        for sample in samples
        if (file := seen[sample.frame or 0].written) is not None  # all are by now
    ]


def _reach(frames: list[int]) -> int:
    """Return how many frames a face may be missing: more where the frames are far apart."""
    if len(frames) < 2:
        return REACH
    return max(REACH, round(2 * statistics.median(b - a for a, b in pairwise(frames))))


def _account_for_unseen(
    video: VideoFile, account: VideoAccount, seen: Mapping[int, SeenFrame]
) -> None:
    """Drop the labels of frames that did not decode, and tell where the counts differ."""
    problem = video.problem
    reason = DropReason.MISSING_FRAME if problem is None else problem.reason
    detail = f"the video has {video.decoded} frames" if problem is None else problem.detail
    if problem is not None:
        account.warnings.append(f"{video.path.name}: {problem.detail}")
    for person in account.people:
        for frame in person.frames():
            if frame not in seen:
                person.skip(frame, reason, detail)
        if problem is None and abs(len(person.lines) - video.packets) > 1:
            account.warnings.append(
                f"{person.file}: {len(person.lines)} labels, but the video has "
                f"{video.packets} frames"
            )


def _sample(
    task: VideoTask,
    account: VideoAccount,
    origin: VideoOrigin,
    number: int,
    seen: SeenFrame,
    named: Named,
) -> Sample | None:
    """Return a frame with its faces, or None if no label is left for it."""
    placed, inside = _place(task.options.boxes, seen)
    labelled: dict[int, Emotion] = {}
    for person in account.people:
        emotion, face = person.emotion(number), named[person.side]
        if emotion is None:
            continue
        if isinstance(face, UnknownFace):
            person.skip(number, face.reason, face.detail)
        elif not inside[face]:
            person.skip(number, DropReason.OUTSIDE_IMAGE, "the face lies outside the image")
        else:
            labelled[face] = emotion
    if not labelled:
        return None
    unknown = _unlabelled(placed, inside, list(labelled))
    if unknown and task.options.unlabelled is Unlabelled.DROP:
        for person in account.people:
            detail = f"the frame has {len(unknown)} unlabelled faces"
            person.skip(number, DropReason.IMAGE_WITH_UNLABELLED_FACES, detail)
        return None
    if task.options.unlabelled is Unlabelled.KEEP:
        unknown = []
    faces = [Face(Box(*placed[i].tolist()), emotion) for i, emotion in labelled.items()]
    faces += [Face(Box(*placed[i].tolist()), None) for i in unknown]
    clipped = sum(_is_cut(task.options.boxes, seen, i) for i in labelled)
    account.clipped += clipped
    flags = ["clipped"] if clipped else []
    flags += ["masked"] if unknown and task.masking else []
    return origin.sample(number, seen.size, faces, flags)


def _in_convention(convention: BoxConvention, found: NDArray[np.float64]) -> boxes.Boxes:
    return boxes.retinaface_to_expw(found) if convention is BoxConvention.EXPW else found


def _place(convention: BoxConvention, seen: SeenFrame) -> tuple[boxes.Boxes, NDArray[np.bool_]]:
    """Return the boxes in the set's convention, cut at the edges; and which are not empty."""
    placed = boxes.clip(_in_convention(convention, seen.boxes), *seen.size)
    return placed, boxes.area(placed) > 0


def _is_cut(convention: BoxConvention, seen: SeenFrame, index: int) -> bool:
    whole = _in_convention(convention, seen.boxes[index : index + 1])
    return not np.array_equal(boxes.clip(whole, *seen.size), whole)


def _unlabelled(placed: boxes.Boxes, inside: NDArray[np.bool_], labelled: list[int]) -> list[int]:
    """Return the unlabelled faces; another box of a labelled face is none."""
    again = boxes.iou(placed, placed[labelled]).max(axis=1) >= FOUND_AGAIN
    return np.flatnonzero(inside & ~again).tolist()
