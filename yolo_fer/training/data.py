"""Looking at a training set before Ultralytics does, because it mends files in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yolo_fer.errors import YoloFerError
from yolo_fer.images import SUFFIXES


def image_files(split: str | list[str]) -> Iterator[Path]:
    """Yield the images of a split as Ultralytics resolves it: folders, lists or images."""
    for entry in [split] if isinstance(split, str) else split:
        path = Path(entry)
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES)
        elif path.suffix == ".txt":
            lines = path.read_text(encoding="utf-8").splitlines()
            yield from (path.parent / line.strip() for line in lines if line.strip())
        else:
            yield path


def check_images(data: dict[str, Any]) -> int:
    """Count the training images, and make sure that Ultralytics will rewrite none.

    Args:
        data: what Ultralytics' `check_det_dataset` made of a data.yaml.

    Raises:
        YoloFerError: if there is no training image, or a JPEG file without an end, which
            Ultralytics would replace by what it can decode of it.
    """
    training = list(image_files(data["train"]))
    if not training:
        raise YoloFerError(f"{data['yaml_file']}: no training image in {data['train']}")
    cut = [p for p in (*training, *image_files(data["val"])) if _is_cut_short(p)]
    if cut:
        raise YoloFerError(
            f"{len(cut)} JPEG files are cut short, {cut[0]} among them. Training would rewrite "
            "them in place; remove or mend them first"
        )
    return len(training)


def _is_cut_short(path: Path) -> bool:
    if path.suffix.lower() not in {".jpg", ".jpeg"} or not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            return False
        file.seek(-2, 2)
        return file.read() != b"\xff\xd9"  # the very condition on which Ultralytics rewrites a file
