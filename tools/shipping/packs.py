"""Training pictures in a few files, so that another machine can train without the raw datasets.

A pack is a ZIP file of grey WebP images and one `faces.json`, at most 28 MiB. Packs hold research
data: they are never published, and no path in them leads anywhere.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.materials import DATASETS, Pictures
from tools.shipping.pictures import Picture
from yolo_fer.errors import YoloFerError

_LARGEST = 28 * 1024 * 1024  # bytes
_QUALITY = 90
_INDEX = "faces.json"
_PARTS = ("train", "val")
_UNFINISHED = ".unfinished"


def write_packs(folder: Path, train: Pictures, val: Pictures) -> list[Path]:
    """Write pictures into packs, replacing those that are there.

    They have their names when all are written: packs of which some are missing are never read.

    Returns:
        The files, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("pack-*.zip*")):
        old.unlink()
    written: list[Path] = []
    entries: list[dict[str, Any]] = []
    contents: list[bytes] = []
    size = 0

    def close() -> None:
        nonlocal entries, contents, size
        path = folder / f"pack-{len(written):02d}.zip{_UNFINISHED}"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as pack:
            for number, content in enumerate(contents):
                pack.writestr(zipfile.ZipInfo(f"{number}.webp"), content)
            index = zipfile.ZipInfo(_INDEX)
            index.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(index, json.dumps(entries))
        written.append(path)
        entries, contents, size = [], [], 0

    for part, source, picture in _all(train, val):
        content = _encode(picture.pixels)
        entry = _entry(part, source, picture)
        length = len(content) + len(json.dumps(entry)) + 200  # the names and offsets of a ZIP file
        if size and size + length > _LARGEST:
            close()
        entries.append(entry)
        contents.append(content)
        size += length
    close()
    for path in written:
        with zipfile.ZipFile(path, "a") as pack:
            pack.comment = _one_of(len(written))
    return [path.rename(path.with_suffix("")) for path in written]


def read_packs(folder: Path) -> tuple[dict[str, list[Picture]], dict[str, list[Picture]]]:
    """Return the pictures to train on and those to validate on, of each source.

    Raises:
        YoloFerError: if there is no pack, or one is damaged or missing.
    """
    paths = sorted(folder.glob("pack-*.zip"))
    if not paths:
        raise YoloFerError(f"{folder} holds no pack-00.zip; write packs with --only-packs")
    parts: dict[str, dict[str, list[Picture]]] = {
        part: {source: [] for source in DATASETS} for part in _PARTS
    }
    for path in paths:
        try:
            with zipfile.ZipFile(path) as pack:
                if pack.comment != _one_of(len(paths)):
                    raise YoloFerError(
                        f"{path} is {pack.comment.decode('ascii', 'replace') or 'of an older kind'}"
                        f", but {folder} holds {len(paths)}; copy all of them, or write them again"
                    )
                for number, entry in enumerate(json.loads(pack.read(_INDEX))):
                    pixels = _decode(pack.read(f"{number}.webp"))
                    parts[entry["part"]][entry["source"]].append(_picture(entry, pixels))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise YoloFerError(f"{path} is damaged ({error}); write the packs again") from error
    return parts["train"], parts["val"]


def _one_of(count: int) -> bytes:
    """Return the comment in each pack, which says how many packs there are in all."""
    return f"one of {count} packs".encode("ascii")


def _all(train: Pictures, val: Pictures) -> Iterator[tuple[str, str, Picture]]:
    for part, pictures in zip(_PARTS, (train, val), strict=True):
        for source, ones in pictures.items():
            for picture in ones:
                yield part, source, picture


def _entry(part: str, source: str, picture: Picture) -> dict[str, Any]:
    targets = picture.targets.astype(float)
    return {
        "part": part,
        "source": source,
        "name": picture.name,
        "boxes": picture.boxes.astype(float).round(2).tolist(),
        "targets": [None if np.isnan(row[0]) else row.round(5).tolist() for row in targets],
        "exact": picture.exact,
        "unsure": picture.unsure.astype(float).round(2).tolist(),
    }


def _picture(entry: dict[str, Any], pixels: NDArray[np.uint8]) -> Picture:
    targets = [[np.nan] * 7 if row is None else row for row in entry["targets"]]
    return Picture(
        name=entry["name"],
        pixels=pixels,
        boxes=np.array(entry["boxes"], np.float32).reshape(-1, 4),
        targets=np.array(targets, np.float32).reshape(-1, 7),
        exact=entry["exact"],
        unsure=np.array(entry["unsure"], np.float32).reshape(-1, 4),
    )


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    done, content = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    if not done:
        raise ValueError("OpenCV does not write WebP here")
    return bytes(content)


def _decode(content: bytes) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise ValueError("an image cannot be decoded")
    return np.asarray(pixels, np.uint8)
