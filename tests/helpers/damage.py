"""Ways to damage a converted set, one thing at a time, and what a check says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.helpers.converted import change_json, change_rows, recompressed, rows, write_rows
from tests.helpers.raw_expw import picture
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.inspect.findings import Findings

INSTANCES = "annotations/instances_train.json"


def move(folder: Path, file: str, split: str) -> None:
    """Move an image to another split, in the manifest, the COCO files and on disk."""
    old = file.split("/")[1]
    new = file.replace(f"/{old}/", f"/{split}/", 1)
    table = rows(folder)
    for row in table:
        if row["file"] == file:
            row.update(file=new, split=split)
    write_rows(folder, table)
    for kind, suffix in (("images", ".jpg"), ("labels", ".txt")):
        source = folder / kind / Path(file).relative_to("images").with_suffix(suffix)
        target = folder / kind / Path(new).relative_to("images").with_suffix(suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    files = {s: folder / "annotations" / f"instances_{s}.json" for s in (old, split)}
    coco = {s: json.loads(path.read_text()) for s, path in files.items()}
    image = next(image for image in coco[old]["images"] if image["file_name"] == file)
    annotations = [a for a in coco[old]["annotations"] if a["image_id"] == image["id"]]
    coco[old]["images"].remove(image)
    coco[old]["annotations"] = [a for a in coco[old]["annotations"] if a not in annotations]
    moved = max((i["id"] for i in coco[split]["images"]), default=0) + 1
    coco[split]["images"].append({**image, "id": moved, "file_name": new})
    coco[split]["annotations"] += [{**a, "image_id": moved} for a in annotations]
    for s, content in coco.items():
        numbers = {image["id"]: n for n, image in enumerate(content["images"], start=1)}
        for image in content["images"]:
            image["id"] = numbers[image["id"]]
        for n, annotation in enumerate(content["annotations"], start=1):
            annotation.update(id=n, image_id=numbers[annotation["image_id"]])
        files[s].write_text(json.dumps(content))


def first(folder: Path, split: str = "train") -> str:
    return next(row["file"] for row in rows(folder) if row["split"] == split)


def label_of(folder: Path, file: str) -> Path:
    return folder / file.replace("images", "labels").replace(".jpg", ".txt")


def flip_a_byte(folder: Path) -> None:
    path = folder / first(folder)
    data = bytearray(path.read_bytes())
    data[15] ^= 1  # the density in the header: the picture stays as it is
    path.write_bytes(bytes(data))


def truncate(folder: Path) -> None:
    path = folder / first(folder)
    path.write_bytes(path.read_bytes()[:700])


def move_a_label(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("0 0.5 0.5 0.4 0.5\n")


def rename_an_emotion(folder: Path) -> None:
    path = label_of(folder, first(folder))
    path.write_text("6" + path.read_text()[1:])


def break_a_label(folder: Path) -> None:
    path = label_of(folder, first(folder))
    path.write_text(path.read_text() + "0 0.5 0.5 nan 0.1\n")


def empty_a_label(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("")


def box_outside(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("0 0.1 0.5 0.205 0.5\n")


def copy_to_test(folder: Path, *, near: bool = False) -> None:
    """Put a training image into a test image's place, and note its hashes as if it belonged."""
    data = (folder / first(folder)).read_bytes()
    data = recompressed(cv2.imdecode(np.frombuffer(data, np.uint8), 1)) if near else data
    target = first(folder, "test")
    (folder / target).write_bytes(data)
    known = asdict(Fingerprint.of(data))
    change_rows(folder, lambda t: [r.update(known) for r in t if r["file"] == target] and None)


def share_a_group(folder: Path) -> None:
    def change(table: list[dict[str, str]]) -> None:
        groups = {row["split"]: row for row in table}
        groups["test"]["group"] = groups["train"]["group"]

    change_rows(folder, change)


def share_a_member(folder: Path) -> None:
    def change(table: list[dict[str, str]]) -> None:
        of_split = {row["split"]: row for row in table}
        of_split["val"]["flags"] = "scene;members:aa+bb"
        of_split["train"]["flags"] = "scene;members:bb"

    change_rows(folder, change)


def coco(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: change_json(folder / INSTANCES, change)


def count_from_0(content: Any) -> None:
    for annotation in content["annotations"]:
        annotation["id"] -= 1


def unlist_an_image(content: Any) -> None:
    image = content["images"].pop(3)
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] != image["id"]]


def unknown_image(content: Any) -> None:
    content["annotations"][-1]["image_id"] = 999


def ignore_in_one_emotion(content: Any) -> None:
    crowd = [a for a in content["annotations"] if a["iscrowd"]]
    crowd[-1]["category_id"] = 1


def shift_a_box(content: Any) -> None:
    content["annotations"][-1]["bbox"][0] += 0.5


def wrong_size(content: Any) -> None:
    content["images"][0]["width"] += 1


def ledger(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: change_json(folder / "conversion_report.json", change)


def extra_image(folder: Path) -> None:
    (folder / "images/train/extra.jpg").write_bytes(recompressed(picture(999)))


def replace_in_yaml(old: str, new: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "data.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return damage


def failed(findings: Findings) -> set[str]:
    return {check.name for check in findings.failed}


def warned(findings: Findings) -> set[str]:
    return {c.name for c in findings.checks.values() if c.status == "warn"}
