"""The images of a set that is checked, with all that is written about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.dataset.coco import CocoImage, CocoReader
from yolo_fer.dataset.converted_set import ConvertedSet, ManifestRow
from yolo_fer.dataset.data_yaml import DataYaml
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.layout import label_path, name_in, with_last_folder
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.inputs.file_kinds import is_image
from yolo_fer.inputs.walking import files_below
from yolo_fer.inspect.findings import Check
from yolo_fer.inspect.image_check import CheckTask
from yolo_fer.paths import resolved


@dataclass(frozen=True, slots=True)
class Item:
    """An image of a set, with its split and the groups, if known, that may not be in another."""

    task: CheckTask
    split: str
    groups: tuple[str, ...]


def check_data_yaml(data: DataYaml, check: Check, *, converted: bool) -> None:
    """Note where a data.yaml is not what it should be; converted ones are all alike."""
    if not converted:
        if data.foreign:
            check.add(f"classes that name no emotion: {', '.join(data.foreign.values())}")
        return
    names = {**{i: e.label for i, e in data.emotions.items()}, **data.foreign}
    if names != dict(enumerate(EMOTION_NAMES)):
        check.add(f"its classes are {names}, the labels' {dict(enumerate(EMOTION_NAMES))}")
    for split in SPLITS:
        if data.splits.get(split) != (f"images/{split}",):
            check.add(f"`{split}` is {data.splits.get(split)}, not images/{split}")
    if data.root != resolved(data.path).parent:
        check.add(f"its `path` leads to {data.root}; remove that line")


def plain_items(data: DataYaml, checks: dict[str, Check]) -> list[Item]:
    """Return the images of any data.yaml."""
    items = []
    for split in data.splits:
        try:
            files = data.image_files(split)
        except YoloFerError as error:
            checks["data_yaml"].add(str(error))
            continue
        for file in files:
            name = name_in(data.root, file)
            task = CheckTask(name, file, label_path(file), Fingerprint("", ""), None)
            items.append(Item(task, split, ()))
    labels = {item.task.label for item in items}
    for folder in sorted({label.parent for label in labels}):
        for label in sorted(folder.glob("*.txt")):
            if label not in labels and not _has_image(label):
                checks["label_files"].add(f"{label} has no image")
    return items


def _has_image(label: Path) -> bool:
    """Return whether a label file that no split names belongs to an image all the same."""
    image = with_last_folder(label, "labels", "images")
    if image is None:  # images and labels lie together, perhaps with lists of files
        return True
    return any(image.with_suffix(suffix).exists() for suffix in SUFFIXES)


def converted_items(
    converted_set: ConvertedSet, checks: dict[str, Check], stack: ExitStack
) -> Iterator[Item]:
    """Yield the images of the manifest; at the end, what only the COCO files have is noted."""
    coco = {
        split: stack.enter_context(CocoReader(converted_set.coco_path(split))) for split in SPLITS
    }
    for row in converted_set.rows():
        image = coco[row.split].take(row.file)
        if image is None:
            checks["coco"].add(f"{row.file} is not in the COCO file of {row.split}")
        else:
            _check_counts(row, image, checks["manifest_counts"])
        if row.split == "test" and row.masked:
            checks["test_unpainted"].add(row.file)
        label = converted_set.root / row.label_file
        task = CheckTask(row.file, converted_set.root / row.file, label, row.fingerprint, image)
        yield Item(task, row.split, (row.group, *row.members))
    for split, reader in coco.items():
        for image in reader.rest():
            checks["coco"].add(f"{split}: {image.file_name} is not in the manifest")
        for problem in reader.problems:
            checks["coco"].add(f"{split}: {problem}")


def _check_counts(row: ManifestRow, image: CocoImage, check: Check) -> None:
    faces = sum(not annotation.iscrowd for annotation in image.annotations)
    ignored = len({annotation.bbox for annotation in image.annotations if annotation.iscrowd})
    if (row.faces, row.ignored) != (faces, ignored):
        check.add(
            f"{row.file}: {row.faces} labelled and {row.ignored} ignored in the manifest, "
            f"{faces} and {ignored} in the COCO file"
        )


def check_extra_files(root: Path, known: Iterable[str], checks: dict[str, Check]) -> None:
    """Note images and label files below a converted set that its manifest does not name."""
    images = set(known)
    for file in _files(root, "images"):
        if file not in images and is_image(root / file):
            checks["extra_files"].add(f"{file} is not in the manifest, but would be trained on")
    for file in _files(root, "labels"):
        image = f"images/{file.removeprefix('labels/').removesuffix('.txt')}.jpg"
        if file.endswith(".txt") and image not in images:
            checks["label_files"].add(f"{file} has no image in the manifest")


def _files(root: Path, folder: str) -> Iterator[str]:
    """Yield the files below a folder of a set, as POSIX paths from the set."""
    return (path.relative_to(root).as_posix() for path in files_below(root / folder))
