"""What a check looks at, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

EXAMPLES = 10


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105  # not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(slots=True)
class Check:
    """One thing that is looked at.

    Args:
        name: its name in the JSON report.
        promise: what is true of a good set, as a person reads it.
        worst: the status of the check if the promise is broken.
        found: the number of times that it is broken.
        examples: the first places where it is broken, at most 10.
    """

    name: str
    promise: str
    worst: Status = Status.FAIL
    found: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str, count: int = 1) -> None:
        """Note that the promise is broken there, so many times."""
        self.found += count
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)

    @property
    def status(self) -> Status:
        """How the check ended so far."""
        return self.worst if self.found else Status.PASS

    def to_json(self) -> dict[str, Any]:
        """Return the check as a part of a JSON report."""
        return {
            "name": self.name,
            "promise": self.promise,
            "status": str(self.status),
            "found": self.found,
            "examples": self.examples,
        }


# In the order in which they are shown; the second list is for sets that we converted only.
_ANY = (
    ("data_yaml", "data.yaml names emotions, and folders that are there", Status.FAIL),
    ("images", "every image can be decoded", Status.FAIL),
    ("labels", "every label row can be used", Status.FAIL),
    ("label_files", "every image has a label file, every label file an image", Status.WARN),
    ("boxes_inside", "every box lies inside its image", Status.FAIL),
    ("boxes_usual", "no box is tiny, huge or far from square", Status.WARN),
    ("identical", "no two splits share an image, byte for byte", Status.FAIL),
    ("near_duplicates", "no two splits have images that show the same", Status.FAIL),
    ("classes", "every split has every emotion", Status.WARN),
)
_CONVERTED = (
    ("missing_files", "every image of the manifest is there, with its labels", Status.FAIL),
    ("extra_files", "every image is in the manifest", Status.FAIL),
    ("sha256", "every image has the manifest's sha256", Status.FAIL),
    ("coco", "the COCO files list the images of the manifest, numbered from 1", Status.FAIL),
    ("coco_sizes", "the COCO files know the images' sizes", Status.FAIL),
    ("coco_boxes", "label files and COCO files have the same faces", Status.FAIL),
    ("ignored", "unlabelled faces are iscrowd, once and in a category of their own", Status.FAIL),
    ("manifest_counts", "the manifest counts the faces of each image", Status.FAIL),
    ("groups", "no group is in two splits", Status.FAIL),
    ("test_unpainted", "no test image was painted", Status.FAIL),
    ("ledger", "the ledger balances and counts what is there", Status.FAIL),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """All checks of a set, in order.

    Args:
        place: the set, as the user named it.
        converted: whether yolo-fer converted it; else it is any other set with a data.yaml.
        checks: the checks by name, in the order in which they are shown.
        images: the number of images that were examined.
        faces: the number of labelled faces in them.
    """

    place: str
    converted: bool
    checks: dict[str, Check]
    images: int = 0
    faces: int = 0

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks.values() if check.status is Status.FAIL]

    def to_json(self) -> dict[str, Any]:
        """Return what `check --json` writes."""
        return {
            "set": self.place,
            "converted": self.converted,
            "images": self.images,
            "faces": self.faces,
            "failed": len(self.failed),
            "checks": [check.to_json() for check in self.checks.values()],
        }


def new_checks(converted: bool) -> dict[str, Check]:
    """Return the checks that make sense, with nothing found yet."""
    wanted = _ANY + (_CONVERTED if converted else ())
    return {name: Check(name, promise, worst) for name, promise, worst in wanted}
