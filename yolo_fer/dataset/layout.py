"""Where what belongs to a set lies in its folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from yolo_fer.paths import portable

REPORT = "conversion_report.json"


def image_file(split: str, name: str) -> str:
    """Return the POSIX path of an image from the set's folder."""
    return f"images/{split}/{name}.jpg"


def label_file(split: str, name: str) -> str:
    """Return the POSIX path of a label file from the set's folder."""
    return f"labels/{split}/{name}.txt"


def coco_path(root: Path, split: str) -> Path:
    """Return where the COCO file of a split lies."""
    return root / "annotations" / f"instances_{split}.json"


def label_path(image: Path) -> Path:
    """Return where the label file of an image lies: its last folder `images` becomes `labels`.

    >>> label_path(Path("images/train/a.jpg")).as_posix()
    'labels/train/a.txt'
    """
    return (with_last_folder(image, "images", "labels") or image).with_suffix(".txt")


def with_last_folder(path: Path, old: str, new: str) -> Path | None:
    """Return a path with the last of its folders that has a name renamed; None if none has it."""
    *folders, name = path.parts
    for i in reversed(range(len(folders))):
        if folders[i] == old:
            folders[i] = new
            return Path(*folders, name)
    return None


def unique_names(names: Sequence[str], hashes: Iterable[str]) -> list[str]:
    """Return names for copies that any file system can hold.

    Args:
        names: POSIX paths, which may hold bytes that are no UTF-8.
        hashes: a hexadecimal hash for each; names that are equal, letter case aside, get its first
            eight digits.

    >>> unique_names(["a", "A", "b"], ["0123456789", "abcdef0123", "0000000000"])
    ['a-01234567', 'A-abcdef01', 'b']
    """
    copies = [portable(name) for name in names]
    count = Counter(name.casefold() for name in copies)
    return [
        name if count[name.casefold()] == 1 else f"{name}-{digest[:8]}"
        for name, digest in zip(copies, hashes, strict=True)
    ]


def name_in(root: Path, path: Path) -> str:
    """Return the POSIX path of a file from the set's folder, or its own if it lies elsewhere."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
