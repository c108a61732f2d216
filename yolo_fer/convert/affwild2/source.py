"""Aff-Wild2: a label file per person and video, a line per frame, in the layouts of all releases.

Line 1 is a header; line i after it is frame i, counted from 1. Source: D. Kollias and
S. Zafeiriou, "Expression, Affect, Action Unit Recognition: Aff-Wild2, Multi-Task Learning and
ArcFace", BMVC 2019, and the descriptions of the ABAW competitions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile
from pathlib import Path

from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.emotions import AFFWILD2, Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.file_kinds import VIDEO_SUFFIXES
from yolo_fer.inputs.walking import walk

# The newest first: of several releases below one root it has the best labels.
LABEL_SETS = (
    "EXPR_Recognition_Challenge",
    "EXPR_Classification_Challenge",
    "EXPR_Set",
    "Expression_Set",
)
_SPLITS = {"train_set": "training", "training_set": "training", "validation_set": "validation"}
CROPPED_ALIGNED = "cropped_aligned"
_CROPPED = (CROPPED_ALIGNED, "cropped")  # the better one first
# in the order in which they are tried; the release has the first two
_VIDEO_SUFFIXES = (".mp4", ".avi", *sorted(VIDEO_SUFFIXES - {".mp4", ".avi", ".gif"}))
_TEST_LISTS = "*_test_set_release.txt"
_SIDE = re.compile(r"(.+)_(left|right)")
_PART = re.compile(r"(.+-\d+x\d+)-\d+|(video\d+)_\d+")
_OTHER = 7
_NOT_ANNOTATED = -1


class Side(StrEnum):
    """The person in a video that a label file is about."""

    BARE = "bare"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A label line without an emotion: a ledger key, and the details."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The labels of one person in one video, as a path.

    Args:
        file: POSIX path from the dataset's root.
        path: the path of the file.
        side: the person that the labels are of.
        split: `training` or `validation`, the official one.
    """

    file: str
    path: Path
    side: Side
    split: str


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """A video with its label files, one per person.

    Args:
        stem: name of the video without extension.
        video: the file, None if there is none.
        crops: the folder of each label file in the cropped release, None where there is none.
        people: the people with a label file, at least one.
    """

    stem: str
    video: Path | None
    crops: tuple[Path | None, ...]
    people: tuple[LabelFile, ...]

    @property
    def recording(self) -> str:
        """The recording of which it is a part, as `122-60-1920x1080-1` and `video10_1` are."""
        part = _PART.fullmatch(self.stem)
        return self.stem if part is None else part[1] or part[2]

    @property
    def is_there(self) -> bool:
        """Whether the release has its frames, as a video or as crops."""
        return self.video is not None or any(self.crops)


@dataclass(frozen=True, slots=True)
class Affwild2Folder:
    """What lies below a root.

    Args:
        root: the folder that was searched.
        videos: the videos that have labels, sorted by stem.
        warnings: what a user should know about the files, a sentence each.
    """

    root: Path
    videos: tuple[LabelledVideo, ...]
    warnings: tuple[str, ...]

    @classmethod
    def find(cls, root: Path) -> Affwild2Folder:
        """Find label files, videos and cropped faces by the names of all releases, at any depth.

        Raises:
            YoloFerError: if there is no folder or no label file; the message says what was sought.
        """
        if not root.is_dir():
            raise YoloFerError(f"{root} is not a folder; give the folder that holds Aff-Wild2")
        found = _search(root)
        sets = [name for name in LABEL_SETS if found.label_folders[name]]
        if not sets:
            raise YoloFerError(
                f"{root} has no folder {', '.join(LABEL_SETS[:-1])} or {LABEL_SETS[-1]} with "
                "Train_Set or Validation_Set in it; give the folder that holds Aff-Wild2's "
                "annotations and videos"
            )
        warnings = [f"the labels of {sets[0]} are used, not those of {n}" for n in sets[1:]]
        files = _label_files(root, found.label_folders[sets[0]])
        if not files:
            raise YoloFerError(f"{root}: the folder {sets[0]} holds no label file (.txt)")
        videos = _join(files, found, warnings)
        warnings += _unlabelled_videos(found, videos)
        return cls(root, tuple(videos), tuple(warnings))


@dataclass(slots=True)
class _Found:
    """What a walk through a root met."""

    label_folders: dict[str, list[tuple[str, Path]]]  # set -> (split, folder)
    videos: dict[str, list[Path]]  # stem -> files
    crops: dict[str, Path]  # stem with side -> folder
    test_stems: set[str]


def _search(root: Path) -> _Found:
    found = _Found(defaultdict(list), defaultdict(list), {}, set())
    names = {name.casefold(): name for name in LABEL_SETS}
    crops: dict[str, dict[str, Path]] = {kind: {} for kind in _CROPPED}
    for folder, folders, files in walk(root, once=True):
        kind = folder.name.casefold()
        if kind in _CROPPED:
            crops[kind] |= {name: folder / name for name in folders}
            folders.clear()  # a million pictures of which only the labelled ones are asked for
            continue
        split = _SPLITS.get(kind)
        label_set = names.get(folder.parent.name.casefold())
        if split is not None and label_set is not None:
            found.label_folders[label_set].append((split, folder))
        for name in files:
            path = folder / name
            if path.suffix.lower() in _VIDEO_SUFFIXES and not name.startswith("."):
                found.videos[path.stem].append(path)
            elif path.match(_TEST_LISTS):
                text = path.read_text(encoding="utf-8-sig", errors="replace")
                found.test_stems |= {line.strip() for line in text.splitlines()}
    for kind in reversed(_CROPPED):
        found.crops |= crops[kind]
    return found


def _label_files(root: Path, folders: list[tuple[str, Path]]) -> list[tuple[str, LabelFile]]:
    """Return the label files with their full stems, training first."""
    files = []
    for split, folder in sorted(folders):
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() == ".txt" and not path.name.startswith("."):
                file = path.relative_to(root).as_posix()
                files.append((path.stem, LabelFile(file, path, Side.BARE, split)))
    return files


def _join(
    files: list[tuple[str, LabelFile]], found: _Found, warnings: list[str]
) -> list[LabelledVideo]:
    """Put the label files of one video together."""
    people: dict[str, list[tuple[str, LabelFile]]] = defaultdict(list)
    for full, file in files:
        sided = _SIDE.fullmatch(full)
        if sided is None or full in found.videos:  # a video's own name may end like that, too
            people[full].append((full, file))
        else:
            side = Side(sided[2])
            people[sided[1]].append((full, LabelFile(file.file, file.path, side, file.split)))
    videos = []
    for stem, entries in sorted(people.items()):
        labels = tuple(file for _, file in entries)
        if len({file.split for file in labels}) > 1:
            warnings.append(
                f"{stem} has label files for training and for validation: all of it is training"
            )
        crops = tuple(found.crops.get(full) for full, _ in entries)
        videos.append(LabelledVideo(stem, _video_file(stem, found, warnings), crops, labels))
    return videos


def _video_file(stem: str, found: _Found, warnings: list[str]) -> Path | None:
    paths = sorted(
        found.videos.get(stem, []),
        key=lambda path: (_VIDEO_SUFFIXES.index(path.suffix.lower()), path.as_posix()),
    )
    if len(paths) > 1:
        warnings.append(f"{stem} is there {len(paths)} times; {paths[0].name} is used")
    return paths[0] if paths else None


def _unlabelled_videos(found: _Found, videos: list[LabelledVideo]) -> list[str]:
    labelled = {video.stem for video in videos}
    test = {sided[1] if (sided := _SIDE.fullmatch(s)) else s for s in found.test_stems}
    without = sorted(found.videos.keys() - labelled - test - found.test_stems)
    if not without:
        return []
    named = ", ".join(without[:5]) + (", ..." if len(without) > 5 else "")
    return [f"videos without a label file: {len(without)} ({named})"]


def read_labels(path: Path) -> tuple[list[Emotion | Skipped], list[str]]:
    """Read a label file: an emotion, or why there is none, for each line after the header.

    Spaces, Windows line ends, floats such as `4.0` and a missing last newline are taken as they
    are meant. A blank line counts as a frame unless nothing comes before or after it. Where the
    first line is neither a number nor a header that names emotions, the meaning of the others is
    not known, and none is used.

    Returns:
        The labels; index i is frame i + 1. And what is odd about the file.

    Raises:
        OSError: if the file cannot be read.
    """
    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    lines = [line.strip(" \t,;\ufeff\"'") for line in text.rstrip().splitlines()]
    lines = list(dropwhile(lambda line: not line, lines))
    if not lines:
        return [], ["the file is empty"]
    warnings: list[str] = []
    if _number(lines[0]) is not None:
        numbering = dict(AFFWILD2)
        warnings.append("it has no header; its first line is taken for frame 1")
    else:
        header = lines.pop(0)
        numbering = _numbering(header, warnings)
        if not numbering:
            return [Skipped(DropReason.BAD_LABEL, "the header names no emotion")] * len(lines), [
                f"none of its labels is used, because its header names no emotion "
                f"({header[:60]!r}); it should be Neutral,Anger,Disgust,..."
            ]
    known = {line: _label(line, numbering) for line in set(lines)}
    return [known[line] for line in lines], warnings


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _numbering(header: str, warnings: list[str]) -> dict[int, Emotion]:
    """Return the emotion of each number, from the names in a header; none if it names none."""
    names = [name.strip().casefold() for name in re.split(r"[,;\t]", header)]
    named = {
        number: emotion
        for number, name in enumerate(names)
        if (emotion := Emotion.from_name(name)) is not None
    }
    if not named:
        return {}
    if all(AFFWILD2.get(number) == emotion for number, emotion in named.items()):
        return dict(AFFWILD2)
    warnings.append(f"its header has an order of its own, which is followed: {header[:120]}")
    return named


def _label(line: str, numbering: dict[int, Emotion]) -> Emotion | Skipped:
    number = _number(line)
    if number is None or number != number or number not in (*numbering, _OTHER, _NOT_ANNOTATED):
        return Skipped(
            DropReason.BAD_LABEL, f"{line[:40]!r} is no label" if line else "the line is blank"
        )
    if number in numbering:
        return numbering[int(number)]
    return Skipped(DropReason.NOT_ANNOTATED if number == _NOT_ANNOTATED else DropReason.OTHER_CLASS)
