"""One video of Aff-Wild2 to images and labels: the job of a worker."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.labelled_frame import FoundFrame, FrameFaces, label_frame
from yolo_fer.convert.affwild2.people import name_people
from yolo_fer.convert.affwild2.source import LabelledVideo, Skipped, read_labels
from yolo_fer.convert.affwild2.tracks import REACH
from yolo_fer.convert.affwild2.video_frames import (
    VideoTask,
    find_faces,
    origin_of,
    remove_images,
    write_labels,
    write_others,
)
from yolo_fer.convert.affwild2.video_result import VideoOrigin, VideoResult
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.set_folder import remove_unfinished
from yolo_fer.emotions import Emotion
from yolo_fer.errors import FileFault
from yolo_fer.inputs.video import VideoFile
from yolo_fer.weights.hashes import sha256_of


def convert_video(task: VideoTask) -> VideoResult:
    """Convert one video: decode it, box its labelled frames, tell the people apart, write.

    The frames whose people are known at first sight are written in the first pass. Those in which
    other faces have to be painted over are decoded a second time: until the end of the video it is
    not known which face is whose.

    Raises:
        YoloFerError: if something cannot be written.
    """
    people, warnings = read_people(task.video)
    rows_in = sum(len(person.lines) for person in people)
    sha256 = _hash_video(task, people)
    origin = origin_of(task, sha256)
    images: list[tuple[Sample, Fingerprint]] = []
    clipped = 0
    if sha256:
        images, clipped, more = _convert(task, people, origin)
        warnings += more
    dropped = tuple(row for person in people for row in person.dropped())
    return VideoResult(origin, tuple(images), rows_in, clipped, dropped, tuple(warnings))


def _hash_video(task: VideoTask, people: Sequence[PersonLabels]) -> str:
    """Return the hash of the video, empty if it has no use; then its labels are accounted for."""
    if task.video.video is None:
        reason, detail = FileFault.MISSING_VIDEO, f"no {task.video.stem}.mp4 or .avi"
    else:
        choose_frames(people, task.options.frames, task.shares)
        if not any(person.frames() for person in people):
            return ""
        try:
            return sha256_of(task.video.video)
        except OSError as error:
            reason, detail = FileFault.UNREADABLE_VIDEO, str(error.strerror or error)
    for person in people:
        person.skip_all(reason, detail)
    return ""


def _convert(
    task: VideoTask, people: Sequence[PersonLabels], origin: VideoOrigin
) -> tuple[list[tuple[Sample, Fingerprint]], int, list[str]]:
    """Write a video's images; return them, how many faces were cut at the edge, and warnings."""
    video = VideoFile(task.root / origin.file)
    for kind in ("images", "labels"):  # of a worker that died at this video
        remove_unfinished(task.out / kind / task.split / task.folder)
    first = find_faces(task, people, video, origin)
    warnings = [*first.warnings, *_account_for_unseen(video, people, first.frames)]
    labelled = _label_frames(task, people, first.frames)
    samples = [
        _sample(task, origin, frame, first.frames[frame], faces)
        for frame, faces in labelled.items()
        if faces.faces
    ]
    written = first.written | write_others(task, video, samples, first.written)
    write_labels(task, samples)
    images = [(sample, written.pop(sample.frame or 0)) for sample in samples]
    remove_images(task, origin, written)
    return images, sum(faces.clipped for faces in labelled.values()), warnings


def read_people(video: LabelledVideo) -> tuple[list[PersonLabels], list[str]]:
    """Read all label files of a video; one that repeats a person is dropped as a whole.

    Returns:
        The people, and what a user should know about their files.
    """
    people: list[PersonLabels] = []
    warnings: list[str] = []
    for file in video.people:
        try:
            lines, oddities = read_labels(file.path)
        except OSError as error:
            why = str(error.strerror or error)
            warnings.append(f"{file.file} cannot be read: {why}")
            # It counts as one line, and as a person: whose faces the others are depends on that.
            unread = Skipped(DropReason.UNREADABLE_LABEL_FILE, why)
            people.append(PersonLabels(file.file, file.side, [unread]))
            continue
        warnings += [f"{file.file}: {oddity}" for oddity in oddities]
        person = PersonLabels(file.file, file.side, lines)
        twin = next((p for p in people if p.side is file.side), None)
        if twin is not None:
            person.skip_all(DropReason.DUPLICATE_LABEL_FILE, f"{twin.file} is of the same person")
        people.append(person)
    return people, warnings


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


def _account_for_unseen(
    video: VideoFile, people: Iterable[PersonLabels], seen: Collection[int]
) -> list[str]:
    """Drop the labels of frames that did not decode; return what a user should know."""
    problem = video.problem
    reason = DropReason.MISSING_FRAME if problem is None else problem.reason
    detail = f"the video has {video.decoded} frames" if problem is None else problem.detail
    warnings = [] if problem is None else [f"{video.path.name}: {problem.detail}"]
    for person in people:
        for frame in person.frames():
            if frame not in seen:
                person.skip(frame, reason, detail)
        if problem is None and person.is_read and abs(len(person.lines) - video.packets) > 1:
            warnings.append(
                f"{person.file}: {len(person.lines)} labels, but the video has "
                f"{video.packets} frames"
            )
    return warnings


def _label_frames(
    task: VideoTask, people: Sequence[PersonLabels], frames: Mapping[int, FoundFrame]
) -> dict[int, FrameFaces]:
    """Return the faces of each frame, and account for the labels that lead to none."""
    numbers = sorted(frames)
    # the sides of all label files, even if one has no label here: the rule is about all people
    sides = {person.side for person in people}
    found = [(number, frames[number].boxes) for number in numbers]
    outcomes = {}
    for number, named in zip(numbers, name_people(found, sides, _reach(numbers)), strict=True):
        labels = {
            person.side: emotion
            for person in people
            if (emotion := person.emotion(number)) is not None
        }
        outcomes[number] = label_frame(task.options, frames[number], labels, named)
        for person in people:
            why = outcomes[number].skipped.get(person.side)
            if why is not None:
                person.skip(number, why.reason, why.detail)
    return outcomes


def _reach(frames: Sequence[int]) -> int:
    """Return how many frames a face may be missing: more where the frames are far apart."""
    if len(frames) < 2:
        return REACH
    return max(REACH, round(2 * statistics.median(b - a for a, b in pairwise(frames))))


def _sample(
    task: VideoTask, origin: VideoOrigin, number: int, frame: FoundFrame, faces: FrameFaces
) -> Sample:
    flags = ["clipped"] if faces.clipped else []
    flags += ["masked"] if faces.has_unlabelled and task.masking else []
    return origin.sample(number, frame.size, faces.faces, flags)
