"""`convert affwild2`: the whole conversion of Aff-Wild2."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from yolo_fer.convert.affwild2.cropped_release import convert_crops, has_crops_alone
from yolo_fer.convert.affwild2.frame_choice import balanced_shares
from yolo_fer.convert.affwild2.one_video import convert_video
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.source import Affwild2Folder, LabelledVideo, read_labels
from yolo_fer.convert.affwild2.video_frames import SOURCE, VideoTask
from yolo_fer.convert.affwild2.video_result import VideoResult
from yolo_fer.convert.options import Run
from yolo_fer.convert.scan import FinderChoice, signature
from yolo_fer.convert.steps import begin, end, no_face_left
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.layout import unique_names
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.splits import SplitShares, split_of
from yolo_fer.dataset.writer import is_written, write_indexes, writing_set
from yolo_fer.emotions import Emotion
from yolo_fer.paths import encoded, resolved
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.runtime.journal import Journal


@locks_out
def convert_affwild2(
    root: Path, out: Path, options: Affwild2Options, run: Run = Run()
) -> dict[str, Any] | None:
    """Convert a release of Aff-Wild2 to a YOLO folder, a video at a time.

    The official splits are kept: training videos are train, validation videos become val
    and test. Where there are cropped faces and no videos, the crops are composed into scenes.

    Args:
        root: the folder that holds annotations and videos; it is only read.
        out: the folder that the set is written to.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    # absolute: a cluster's workers have other folders
    root, out, options = resolved(root), resolved(out), options.resolved()
    folder = Affwild2Folder.find(root)
    finder = None if has_crops_alone(folder) else options.finder
    with begin(root, out, options, run, finder) as begun:
        if begun is None:
            return None
        work, workers = begun
        with writing_set(work):
            return _convert(folder, out, options, finder, work, workers)


def _convert(
    folder: Affwild2Folder,
    out: Path,
    options: Affwild2Options,
    finder: FinderChoice | None,
    work: Path,
    workers: Workers,
) -> dict[str, Any]:
    ledger = Ledger()
    warnings = list(folder.warnings)
    tasks = _tasks(folder, out, options)
    if finder is None:  # there are crops alone
        warnings += convert_crops(tasks, work, workers, ledger)
    else:
        tasks.sort(key=lambda task: (task.split, task.folder))  # the order of the indexes
        with Journal(work / "videos.jsonl") as journal:
            _convert_all(tasks, journal, workers)
            warnings += _collect(tasks, journal, ledger)
            write_indexes(out, _written(tasks, journal, ledger))
    ledger.check()
    if not ledger.faces_out:
        raise no_face_left(folder.root, "label lines", ledger)
    return end(out, SOURCE, options, ledger, finder, warnings)


def _tasks(folder: Affwild2Folder, out: Path, options: Affwild2Options) -> list[VideoTask]:
    splits = [_split(video, options) for video in folder.videos]
    sorted_out = zip(folder.videos, splits, strict=True)
    training = [video for video, split in sorted_out if split == "train" and video.is_there]
    shares = _shares(training) if options.frames.balance else None
    stems = [video.stem for video in folder.videos]
    folders = unique_names(stems, (hashlib.sha256(encoded(stem)).hexdigest() for stem in stems))
    return [
        VideoTask(
            folder.root, video, own, split, shares if split == "train" else None, options, out
        )
        for video, own, split in zip(folder.videos, folders, splits, strict=True)
    ]


def _split(video: LabelledVideo, options: Affwild2Options) -> str:
    if any(person.split == "training" for person in video.people):
        return "train"
    if options.test == 1:
        return "test"
    share = SplitShares(val=0, test=options.test)
    return "test" if split_of(video.recording, options.seed, share) == "test" else "val"


def _shares(training: Iterable[LabelledVideo]) -> dict[Emotion, float]:
    """Return the share of each emotion's training frames that `--balance` keeps."""
    counts: Counter[Emotion] = Counter()
    for person in (person for video in training for person in video.people):
        try:
            labels, _ = read_labels(person.path)
        except OSError:
            continue  # the video's own job reports it
        counts.update(label for label in labels if isinstance(label, Emotion))
    return balanced_shares(counts)


def _convert_all(tasks: Sequence[VideoTask], journal: Journal, workers: Workers) -> None:
    """Convert all videos, those left out that the journal has already, the longest first."""
    todo = [task for task in tasks if _kept(task, journal) is None]
    todo.sort(key=lambda task: -signature(task.video.video)[0] if task.video.video else 0)
    results = workers.as_finished(convert_video, todo)
    for task, result in workers.progress(results, "converting videos", len(todo)):
        journal.put(task.folder, {"made_of": _made_of(task), **result.to_json()})


def _made_of(task: VideoTask) -> list[Any]:
    """Return all but the options that decides what is made of a video, as JSON gives it back.

    A file is recognised by its name, size and time. The name says whose labels it holds.
    """
    video, shares = task.video.video, task.shares or {}
    return [
        task.split,
        [[person.file, *signature(person.path)] for person in task.video.people],
        [] if video is None else [video.relative_to(task.root).as_posix(), *signature(video)],
        [[int(emotion), share] for emotion, share in sorted(shares.items())],
    ]


def _kept(task: VideoTask, journal: Journal) -> VideoResult | None:
    line = journal.get(task.folder)
    if line is None or line.get("made_of") != _made_of(task):
        return None
    result = VideoResult.from_json(line)
    return result if all(is_written(task.out, *image) for image in result.images) else None


def _results(tasks: Iterable[VideoTask], journal: Journal) -> Iterator[VideoResult]:
    """Read the results back one by one: all at once they might not fit into the memory."""
    for task in tasks:
        yield VideoResult.from_json(journal.get(task.folder) or {})


def _collect(tasks: Iterable[VideoTask], journal: Journal, ledger: Ledger) -> list[str]:
    """Add what all videos had, their images excepted, to the ledger; return their warnings."""
    warnings: list[str] = []
    for result in _results(tasks, journal):
        ledger.rows_in += result.rows_in
        ledger.clipped += result.clipped
        ledger.dropped += result.dropped
        warnings += result.warnings
    return warnings


def _written(
    tasks: Iterable[VideoTask], journal: Journal, ledger: Ledger
) -> Iterator[tuple[Sample, Fingerprint]]:
    for result in _results(tasks, journal):
        ledger.add_samples(sample for sample, _ in result.images)
        yield from result.images
