"""Where what belongs to a set lies in its folder."""

from __future__ import annotations

from pathlib import Path

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


def name_in(root: Path, path: Path) -> str:
    """Return the POSIX path of a file from the set's folder, or its own if it lies elsewhere."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
