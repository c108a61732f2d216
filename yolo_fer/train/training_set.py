"""Looking at a training set before Ultralytics does, because it mends files in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yolo_fer.dataset.data_yaml import images_of
from yolo_fer.errors import YoloFerError


def check_images(data: dict[str, Any]) -> int:
    """Count the training images, and make sure that Ultralytics can use all and will rewrite none.

    Args:
        data: what Ultralytics' `check_det_dataset` made of a data.yaml.

    Raises:
        YoloFerError: if a split has no image or no label, or there is a JPEG file without an end,
            which Ultralytics would replace by what it can decode of it.
    """
    training, validation = (_labelled_split(data, split) for split in ("train", "val"))
    cut = [p for p in (*training, *validation) if _is_cut_short(p)]
    if cut:
        raise YoloFerError(
            f"{len(cut)} JPEG files are cut short, {cut[0]} among them. Training would rewrite "
            "them in place; remove or mend them first"
        )
    return len(training)


def _labelled_split(data: dict[str, Any], split: str) -> list[Path]:
    from ultralytics.data.utils import img2label_paths

    given = data[split] or []
    entries = [Path(e) for e in ([given] if isinstance(given, str) else given) if Path(e).exists()]
    images = sorted({p for entry in entries for p in images_of(entry) if p.is_file()})
    if not images:
        raise YoloFerError(f"{data['yaml_file']}: there is no {split} image in {given}")
    labels = (Path(path) for path in img2label_paths([str(path) for path in images]))
    if not any(path.is_file() and path.stat().st_size for path in labels):
        raise YoloFerError(
            f"{data['yaml_file']}: no {split} image has a label file; that of images/a.jpg is "
            "labels/a.txt"
        )
    return images


def _is_cut_short(path: Path) -> bool:
    if path.suffix.lower() not in {".jpg", ".jpeg"}:
        return False
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            return False
        file.seek(-2, 2)
        return file.read() != b"\xff\xd9"  # the very condition on which Ultralytics rewrites a file
