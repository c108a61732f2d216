"""Looking at a training set before Ultralytics does, because it mends files in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yolo_fer.dataset.data_yaml import DataYaml, images_of, missing_image
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.labels import IGNORED, read_yolo_labels
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import exists
from yolo_fer.reason_counts import ReasonCounts


def check_images(data: dict[str, Any], described: DataYaml) -> int:
    """Count the training images, and make sure that Ultralytics can use all and will rewrite none.

    Args:
        data: what Ultralytics' `check_det_dataset` made of a data.yaml.
        described: the same data.yaml, with the emotions of its classes.

    Raises:
        YoloFerError: if a split has no image or no label that can be used, or there is a JPEG file
            without an end, which Ultralytics would replace by what it can decode of it.
    """
    training, validation = (_labelled_split(data, split, described) for split in ("train", "val"))
    cut = [p for p in (*training, *validation) if _is_cut_short(p)]
    if cut:
        raise YoloFerError(
            f"{len(cut)} JPEG files are cut short, {cut[0]} among them. Training would rewrite "
            "them in place; remove or mend them first"
        )
    return len(training)


def _labelled_split(data: dict[str, Any], split: str, described: DataYaml) -> list[Path]:
    given = data[split] or []
    entries = [Path(e) for e in ([given] if isinstance(given, str) else given) if exists(Path(e))]
    listed = sorted({p for entry in entries for p in images_of(entry)})
    images = [path for path in listed if exists(path)]
    if not images:
        why = f"; {missing_image(listed[0])}" if listed else ""
        raise YoloFerError(f"{data['yaml_file']}: there is no {split} image in {given}{why}")
    _require_a_label(images, f"{data['yaml_file']}: no {split} image", described)
    return images


def _require_a_label(images: list[Path], begin: str, described: DataYaml) -> None:
    """Make sure that there is a label that Ultralytics can use; the first is enough."""
    from ultralytics.data.utils import img2label_paths

    bad, without = ReasonCounts(), ReasonCounts()
    for image, label in zip(images, img2label_paths([str(path) for path in images]), strict=True):
        known = bad.total()
        faces = read_yolo_labels(Path(label), described.emotions, described.foreign, bad)
        if faces is None:
            without.note(DropReason.NO_LABEL_FILE, f"{image} should have {label}")
        # Of an image with one bad row Ultralytics uses none.
        elif (faces.emotions != IGNORED).any() and bad.total() == known:
            return
    lines = [*without.lines("images left out"), *bad.lines("label rows left out")]
    raise YoloFerError(
        f"{begin} has a label file with nothing but faces that can be learned from"
        + "".join(f"\n  {line}" for line in lines)
    )


def _is_cut_short(path: Path) -> bool:
    if path.suffix.lower() not in {".jpg", ".jpeg"}:
        return False
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            return False
        file.seek(-2, 2)
        return file.read() != b"\xff\xd9"  # the very condition on which Ultralytics rewrites a file
