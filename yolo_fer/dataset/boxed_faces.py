"""In which images every face is boxed, so that finding of all faces can be measured.

Where faces without a label were not looked for, a box on one of them would count as false.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.dataset.layout import REPORT
from yolo_fer.runtime.json_yaml import read_json

_LEFT_ALONE = "keep"  # the value of `convert --unlabelled`


@dataclass(frozen=True, slots=True)
class Search:
    """What a set says of the search for unlabelled faces.

    Args:
        known: whether the set has a report of its conversion that can be read.
        left_alone: the sources in which such faces were not looked for.
        warning: what is wrong with the report; None if nothing is.
    """

    known: bool
    left_alone: frozenset[str] = frozenset()
    warning: str | None = None


def read_search(root: Path, sources: Collection[str]) -> Search:
    """Read the report of the conversion, or merge, that wrote a set; there may be none.

    Args:
        root: the folder of the set.
        sources: the sources of its images, as the manifest names them.
    """
    path = root / REPORT
    if not path.is_file():
        return Search(known=False)
    try:
        names = {source: source for source in sources}
        return Search(True, frozenset(_left_alone(read_json(path), names)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Search(
            known=False,
            warning=f"{path} cannot be read ({type(error).__name__}: {error}), so that an image "
            "counts as one with all faces boxed if its source has any unlabelled face",
        )


def _left_alone(report: Mapping[str, Any], names: Mapping[str, str]) -> set[str]:
    """Return the sources that were left alone.

    Args:
        report: the report of a conversion or a merge.
        names: the names of its sources, to what they are called in the whole set.
    """
    if "conversions" not in report:
        kept = report["options"].get("unlabelled") == _LEFT_ALONE
        return set(names.values()) if kept else set()
    found: set[str] = set()
    for item, own in zip(report["options"]["sets"], report["conversions"], strict=True):
        merged = {old: names.get(new, new) for old, new in item["datasets"].items()}
        found |= _left_alone(own, merged)
    return found
