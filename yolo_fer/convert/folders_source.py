"""A folder per emotion, as exports of RAF-DB, CK+, AffectNet and many others have.

Folders are named in any common way (`Happy`, `anger`, `neutral`), at any depth, with or without a
folder per split above or below them (`train/angry`, `angry/train`). Numbers are no names: they mean
another emotion in each dataset.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.inputs.file_kinds import is_image, kind_of
from yolo_fer.inputs.listing import warn_of_unused_files
from yolo_fer.inputs.walking import walk
from yolo_fer.paths import resolved
from yolo_fer.reason_counts import ReasonCounts

_SPLITS = {
    "train": "train", "training": "train", "trainset": "train", "train_set": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "validation_set": "val", "val_set": "val",
    "test": "test", "testing": "test", "test_set": "test",
    "publictest": "test", "privatetest": "test",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FolderImage:
    """An image file below the root.

    Args:
        number: the number of the file, from 1 in alphabetical order.
        file: POSIX path below the root.
        emotion: the emotion that its folder names, None if it names none.
        split: the split that a folder names, None if none does.
        person: the person that it shows, if the file name says so; else None.
    """

    number: int
    file: str
    emotion: Emotion | None
    split: str | None
    person: str | None

    @property
    def folder(self) -> str:
        """The path of the folder that it lies in."""
        return PurePosixPath(self.file).parent.as_posix()


def find_images(
    root: Path, group_by: re.Pattern[str] | None, out: Path, tables: frozenset[str] = frozenset()
) -> list[FolderImage]:
    """List the images below a root with what their paths say.

    Args:
        root: the folder that holds a folder for each emotion.
        group_by: found in a file's path below the root, it names the person: its first bracket, or
            all of it if it has none.
        out: a folder to leave out, since it may lie below the root.
        tables: POSIX paths below the root of files that are read elsewhere, and are not left out.

    Returns:
        All image files, in alphabetical order.

    Raises:
        YoloFerError: if there is no image, or no folder names an emotion.
    """
    if not root.is_dir():
        raise YoloFerError(f"{root} is not a folder; give the folder that holds one per emotion")
    files = _list_files(root, out, tables)
    if not files:
        raise YoloFerError(f"{root} holds no image file ({', '.join(sorted(SUFFIXES))})")
    found = [_look_at(number, file, group_by) for number, file in enumerate(files, start=1)]
    if all(image.emotion is None for image in found):
        names = Counter(PurePosixPath(image.folder).name for image in found)
        there = ", ".join(sorted(name or "." for name, _ in names.most_common(10)))
        raise YoloFerError(
            f"no folder below {root} names an emotion; there are {there}. Name the folders "
            f"{', '.join(EMOTION_NAMES)}, or by a common synonym such as 'happy'; numbers mean "
            "another emotion in each dataset"
        )
    return found


def _list_files(root: Path, out: Path, tables: frozenset[str]) -> list[str]:
    own = resolved(out)
    files = []
    unused = ReasonCounts()
    for here, below, names in walk(root):
        below[:] = [name for name in below if resolved(here / name) != own]
        for name in names:
            file = (here / name).relative_to(root).as_posix()
            if is_image(here / name):
                files.append(file)
            elif file not in tables:
                unused.note(kind_of(here / name).value, file)
    warn_of_unused_files(unused, str(root))
    return sorted(files)


def _look_at(number: int, file: str, group_by: re.Pattern[str] | None) -> FolderImage:
    folders = PurePosixPath(file).parent.parts
    emotions = [emotion for name in folders if (emotion := Emotion.from_name(name)) is not None]
    splits = [_SPLITS[name.casefold()] for name in folders if name.casefold() in _SPLITS]
    found = group_by.search(file) if group_by else None
    person = None if found is None else found.group(1 if found.re.groups else 0)
    # the deepest folder that says something counts
    emotion = emotions[-1] if emotions else None
    split = splits[-1] if splits else None
    return FolderImage(number, file, emotion, split, person)


def compile_group_by(pattern: str) -> re.Pattern[str]:
    r"""Compile what `--group-by` was given, for example ``S(\d+)_``.

    Raises:
        UsageError: if it is no regular expression.
    """
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"`group_by={pattern!r}` is no regular expression: {error}") from error
