"""Builders of small converted sets whose splits are known, and tools to damage them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2

from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import MANIFEST_COLUMNS
from yolo_fer.images import Image

KEEP = ExpwOptions(unlabelled=Unlabelled.KEEP)
TRAIN = replace(KEEP, shares=SplitShares(val=0, test=0))
TEST = replace(KEEP, shares=SplitShares(val=0, test=0.999999))


def convert_faces(
    folder: Path, seeds: range | list[int], options: ExpwOptions = KEEP, prefix: str = ""
) -> Path:
    """Convert a picture with one face for each seed to `folder`, and return it."""
    raw = RawExpw(folder.with_name(f"{folder.name}-raw"))
    for i, seed in enumerate(seeds):
        raw.face(f"{prefix}{seed}.jpg", seed=seed, label=i % 7)
    return convert_raw(raw, folder, options)


def convert_raw(raw: RawExpw, folder: Path, options: ExpwOptions = KEEP) -> Path:
    report = convert_expw(raw.write(), folder, options)
    assert report is not None
    return folder


def recompressed(image: Image, quality: int = 40) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(folder: Path, new: list[dict[str, str]]) -> None:
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, MANIFEST_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(new)


def change_rows(folder: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    table = rows(folder)
    change(table)
    write_rows(folder, table)


def change_json(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def report(folder: Path) -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads((folder / "conversion_report.json").read_text())
    return content


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def labels(out: Path, split: str = "train") -> dict[str, str]:
    folder = out / "labels" / split
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*.txt"))}


def dropped(out: Path) -> dict[str, str]:
    with (out / "dropped.csv").open(encoding="utf-8", newline="") as file:
        return {row["image"]: row["reason"] for row in csv.DictReader(file)}


def classes(out: Path, split: str = "train") -> list[int]:
    lines = [line for text in labels(out, split).values() for line in text.splitlines()]
    return sorted(int(line.split()[0]) for line in lines)


def split_of_file(out: Path) -> dict[str, str]:
    return {f: row["split"] for row in rows(out) for f in row["source_file"].split("|")}
