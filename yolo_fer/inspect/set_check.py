"""`check`: everything that can be wrong with a set, from data.yaml to the last pixel."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from yolo_fer.convert.steps import CHUNK
from yolo_fer.dataset.converted_set import is_converted, open_converted_set
from yolo_fer.dataset.data_yaml import DataYaml, read_data_yaml
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inspect.across_splits import SplitContents, compare_splits
from yolo_fer.inspect.findings import Check, Findings, new_checks
from yolo_fer.inspect.image_check import ImageFindings, examine_images
from yolo_fer.inspect.items import (
    Item,
    check_data_yaml,
    check_extra_files,
    converted_items,
    plain_items,
)
from yolo_fer.inspect.ledger_check import check_ledger
from yolo_fer.runtime.executor import Compute, Workers


def check_set(place: Path, compute: Compute = Compute()) -> Findings:
    """Check a set.

    Args:
        place: a folder that `convert` or `merge` wrote; or one with any YOLO data.yaml, or that
            file, which gets the checks that make sense without manifest and report.
        compute: the workers that do it.

    Raises:
        YoloFerError: if there is no set, or what describes it cannot be read.
    """
    # absolute: a cluster's workers have other folders
    yaml = (place if place.is_file() else place / "data.yaml").absolute()
    converted = is_converted(yaml.parent)
    if not converted and not yaml.is_file():
        raise YoloFerError(
            f"{place} is not a set: it has neither a data.yaml nor what `yolo-fer convert` writes. "
            "Give the folder that a conversion wrote"
        )
    checks = new_checks(converted)
    converted_set = open_converted_set(yaml.parent) if converted else None
    data = read_data_yaml(yaml)
    check_data_yaml(data, checks["data_yaml"], converted=converted)
    splits = {split: SplitContents() for split in SPLITS}
    items: Iterable[Item]
    with ExitStack() as stack:
        if converted_set is None:
            items = plain_items(data, checks)
            total = len(items)
        else:
            items = converted_items(converted_set, checks, stack)
            total = sum(1 for _ in converted_set.rows())
        workers = compute.open_workers(jobs=-(-total // CHUNK), sees=[yaml.parent])
        stack.enter_context(workers)
        for item, found in _looked_at(items, data, workers, total):
            for name, what in found.wrong:
                checks[name].add(f"{item.task.name}: {what}")
            contents = splits[item.split]
            contents.add(item.task.name, item.groups, found.digest, found.phash, found.faces)
    if converted_set is not None:
        names = (name for contents in splits.values() for name in contents.names)
        check_extra_files(converted_set.root, names, checks)
        check_ledger(converted_set.report, splits, checks["ledger"])
    compare_splits(splits, checks)
    _check_classes(splits, SPLITS if converted else tuple(data.splits), checks["classes"])
    images = sum(len(contents.names) for contents in splits.values())
    faces = sum(contents.faces.total() for contents in splits.values())
    return Findings(str(place), converted, checks, images, faces)


def _looked_at(
    items: Iterable[Item], data: DataYaml, workers: Workers, total: int
) -> Iterator[tuple[Item, ImageFindings]]:
    """Yield each item with what was found out about its files; all workers look."""
    begun: deque[list[Item]] = deque()
    waiting = iter(items)

    def tasks() -> Iterator[list[Any]]:
        while chunk := list(islice(waiting, CHUNK)):
            begun.append(chunk)
            yield [item.task for item in chunk]

    look = partial(examine_images, emotions=data.emotions, foreign=data.foreign)
    results = workers.map_ordered(look, tasks())
    for found in workers.progress(results, "checking images", -(-total // CHUNK)):
        yield from zip(begun.popleft(), found, strict=True)


def _check_classes(splits: dict[str, SplitContents], wanted: tuple[str, ...], check: Check) -> None:
    for split in wanted:
        missing = [emotion.label for emotion in Emotion if not splits[split].faces[emotion]]
        if missing:
            check.add(f"{split} has no {', '.join(missing)}", len(missing))
