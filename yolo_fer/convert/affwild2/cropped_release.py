"""The cropped releases of Aff-Wild2: faces that fill their images, composed into scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from yolo_fer.convert.affwild2.label_account import PersonLabels
from yolo_fer.convert.affwild2.one_video import choose_frames, read_people
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.source import CROPPED_ALIGNED, Affwild2Folder
from yolo_fer.convert.affwild2.video_frames import VideoTask
from yolo_fer.convert.crops import ALIGNED, TIGHT, Crop, load_crop, select_crops
from yolo_fer.convert.grouping import Candidate, SplitAssignment
from yolo_fer.convert.scan import Scan
from yolo_fer.convert.scenes.composing import compose
from yolo_fer.convert.steps import scan_all, write_all
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.writer import WriteTask
from yolo_fer.emotions import Emotion
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal

NOTICE = (
    "there are no videos: the cropped faces are composed into scenes, since a crop that fills its "
    "image teaches no detector"
)


@dataclass(frozen=True, slots=True)
class _LabelledCrop:
    """A crop that has a label: its file, its person, its frame, and its split and group."""

    file: str
    person: PersonLabels
    frame: int
    assigned: SplitAssignment
    aligned: bool


def has_crops_alone(folder: Affwild2Folder) -> bool:
    """Return whether a release has cropped faces and no video."""
    return not any(video.video for video in folder.videos) and any(
        crop is not None for video in folder.videos for crop in video.crops
    )


def convert_crops(
    videos: Sequence[VideoTask], work: Path, workers: Workers, ledger: Ledger
) -> list[str]:
    """Compose the labelled crops of a release into scenes and write them.

    Args:
        videos: all videos of the release, at least one.
        work: the folder of the conversion's journal.
        workers: the workers that read and write.
        ledger: the ledger; label lines that give no face and the scenes are added to it.

    Returns:
        What a user should know about the files.
    """
    root, out, options = videos[0].root, videos[0].out, videos[0].options
    warnings = [NOTICE]
    people: list[PersonLabels] = []
    crops: list[_LabelledCrop] = []
    for video in videos:
        theirs, oddities = read_people(video.video)
        choose_frames(theirs, options.frames, video.shares)
        crops += _labelled_crops(video, theirs)
        warnings += oddities
        people += theirs
    ledger.rows_in = sum(len(person.lines) for person in people)
    with Journal(work / "scans.jsonl") as journal:
        files = [crop.file for crop in crops]
        scans = scan_all(files, root, None, journal, workers)
    tasks = _plan(crops, scans, root, options, ledger)
    for person in people:
        ledger.dropped += person.dropped()
    if tasks:
        ledger.add_samples(task.sample for task in tasks)
        write_all(tasks, out, workers)
    return warnings


def _labelled_crops(task: VideoTask, people: Sequence[PersonLabels]) -> list[_LabelledCrop]:
    """Return the crops of a video's people that have a label; account for the labels without."""
    video = task.video
    folders = {p.file: crops for p, crops in zip(video.people, video.crops, strict=True)}
    assigned = SplitAssignment(task.group, task.split, conflict=False)
    labelled = []
    for person in people:
        folder = folders[person.file]
        there = {} if folder is None else _numbered(folder)
        for frame in person.frames():
            path = there.get(frame)
            if path is None:
                person.skip(
                    frame, DropReason.MISSING_CROP, "the release has no usable face of this frame"
                )
            else:
                file = path.relative_to(task.root).as_posix()
                aligned = path.parent.parent.name.casefold() == CROPPED_ALIGNED
                labelled.append(_LabelledCrop(file, person, frame, assigned, aligned))
    return labelled


def _numbered(folder: Path) -> dict[int, Path]:
    """Return the images `00001.jpg`, `00002.jpg` ... of a folder by their numbers."""
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.stem.isdecimal() and path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            found.setdefault(int(path.stem), path)
    return found


def _plan(
    crops: Sequence[_LabelledCrop],
    scans: Sequence[Scan],
    root: Path,
    options: Affwild2Options,
    ledger: Ledger,
) -> Sequence[WriteTask]:
    usable: list[Crop] = []
    assigned: list[SplitAssignment] = []
    for crop, scan in zip(crops, scans, strict=True):
        emotion = crop.person.emotion(crop.frame)
        if scan.reason:
            crop.person.skip(crop.frame, scan.reason, scan.detail)
        elif emotion is not None:
            usable.append(_crop(crop, scan, emotion, root))
            assigned.append(crop.assigned)
    selected = select_crops(usable, assigned, ledger)
    return compose("affwild2", selected, seed=options.seed, convention=options.boxes)


def _crop(crop: _LabelledCrop, scan: Scan, emotion: Emotion, root: Path) -> Crop:
    kind = ALIGNED if crop.aligned else TIGHT
    return Crop(
        line=crop.frame,
        source_file=crop.file,
        candidate=Candidate(scan.sha256, scan.phash, NEAR, person=crop.assigned.group),
        box=kind.box(scan.width, scan.height),
        width=scan.width,
        height=scan.height,
        emotion=emotion,
        load=partial(load_crop, root / crop.file, scan.sha256),
    )
