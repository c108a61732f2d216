"""What `merge` is given: converted sets that fit together, and the names of their datasets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.dataset.converted_set import ConvertedSet, ManifestRow, open_converted_set
from yolo_fer.errors import UsageError
from yolo_fer.paths import free_name, resolved
from yolo_fer.weights.hashes import sha256_of


@dataclass(frozen=True, slots=True)
class MergeInput:
    """A converted set, and how its datasets are called in the merged one.

    Args:
        converted: the converted set.
        names: the name that each of its datasets gets, by the dataset's own name.
        manifest_sha256: the hash of its manifest, by which a changed set is noticed.
    """

    converted: ConvertedSet
    names: dict[str, str]
    manifest_sha256: str

    def source(self, row: ManifestRow) -> str:
        """Return the name of an image's dataset."""
        return self.names[row.source]

    def group(self, row: ManifestRow) -> str:
        """Return the name of an image's group, which no other dataset has."""
        return f"{self.source(row)}/{row.group.removeprefix(f'{row.source}/')}"

    def name(self, row: ManifestRow) -> str:
        """Return the image's name below `images/{split}/`, without extension."""
        return f"{self.source(row)}/{row.name.removeprefix(f'{row.source}/')}"

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result."""
        return {"datasets": self.names, "manifest_sha256": self.manifest_sha256}


def open_inputs(folders: Sequence[Path], out: Path) -> list[MergeInput]:
    """Open the sets that are to be merged.

    Raises:
        UsageError: if there are fewer than two sets, one is named twice, or `out` is in the way.
        YoloFerError: if a folder is no complete converted set, or the box conventions differ.
    """
    if len(folders) < 2:
        raise UsageError("merge needs at least two folders; give the sets one after the other")
    places = [resolved(folder) for folder in folders]
    target = resolved(out)
    for folder, place in zip(folders, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{folder} is given twice; each set can be merged once")
        if target == place or target in place.parents or place in target.parents:
            raise UsageError(f"`out={out}` and the set {folder} lie in each other; give another")
    sets = [open_converted_set(folder) for folder in folders]
    _check_conventions(sets)
    sources = [list(dict.fromkeys(row.source for row in item.rows())) for item in sets]
    return [
        MergeInput(item, names, sha256_of(item.root / "manifest.csv"))
        for item, names in zip(sets, _names(sets, sources), strict=True)
    ]


def _check_conventions(sets: Sequence[ConvertedSet]) -> None:
    if len({item.boxes for item in sets}) > 1:
        have = ", ".join(f"{item.root}: {item.boxes or 'not noted'}" for item in sets)
        raise UsageError(
            f"the sets have boxes of different conventions ({have}), which no detector can learn "
            "together. Convert them again with the same `boxes`"
        )


def _names(sets: Sequence[ConvertedSet], sources: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Name the datasets: as before, or by its folder where another set has the same name."""
    times = Counter(source.casefold() for own in sources for source in own)
    taken: set[str] = set()
    result = []
    for item, own in zip(sets, sources, strict=True):
        names = {}
        for source in own:
            wanted = source
            if times[source.casefold()] > 1:
                folder = resolved(item.root).name
                wanted = folder if len(own) == 1 else f"{folder}-{source}"
            plain = re.sub(r"[^\w.-]+", "_", wanted).lstrip(".") or "set"
            names[source] = free_name(plain, taken)
        result.append(names)
    return result
