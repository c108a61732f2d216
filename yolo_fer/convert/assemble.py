"""From rows and scans to samples: copies merged, splits assigned, every row accounted for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

import numpy as np

from yolo_fer import boxes
from yolo_fer.convert.grouping import SplitAssignment
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import Scan
from yolo_fer.convert.votes import disagreement, pool, settle, votes_flag
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.layout import unique_names
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, Face, Sample, box_array
from yolo_fer.emotions import Emotion

# Two boxes of one image that overlap this much are the same face.
SAME_FACE = 0.5
# A found face that overlaps a listed one this much is that one; at 0.3 RetinaFace finds all of
# ExpW's faces.
FOUND_AGAIN = 0.3
_LEAST_SIDE, _LEAST_SHARE = 0.01, 1e-6
"""What COCO files and labels are rounded to: pixels, and shares of the image."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A row of a label file, as it takes part in a conversion.

    Args:
        line: the number of the line in the label file.
        image: the image's name in the row.
        box: the box of the face, in pixels, in ExpW's convention.
        emotion: None if the label means nothing.
        trusted: whether its score is high enough for its label to be used.
        votes: the votes on its label, a ballot as in `votes.py`; empty if there are none.
        found: RetinaFace's own box of the face, if it is known.
    """

    line: int
    image: str
    box: Box
    emotion: Emotion | None
    trusted: bool
    votes: str = ""
    found: Box | None = None


def assemble(
    source: str,
    rows: Mapping[str, Sequence[LabelledBox]],
    scans: Iterable[Scan],
    assigned: Mapping[str, SplitAssignment],
    rules: Rules,
    ledger: Ledger,
) -> list[Sample]:
    """Turn scanned images and their rows into samples, in the order in which they are written.

    Args:
        source: the name of the dataset.
        rows: the usable rows of each image file.
        scans: one for each file in `rows`.
        assigned: group and split of each usable file.
        rules: the settings of the conversion.
        ledger: the ledger; rows that give no face and the samples are added to it.

    Returns:
        The samples, sorted by split and name.
    """
    pictures = _pictures(scans, rows, ledger)
    samples = []
    stems = [PurePosixPath(same[0].file).with_suffix("").as_posix() for same in pictures]
    names = unique_names(stems, (same[0].sha256 for same in pictures))
    for same, name in zip(pictures, names, strict=True):
        scan = same[0]
        listed = [row for copy in same for row in rows[copy.file]]
        group, split = assigned[scan.file].group, assigned[scan.file].split
        faces, votes, clipped = _faces(listed, scan, split, rules, ledger)
        if not any(face.emotion is not None for face in faces):
            continue
        ledger.clipped += clipped
        masking = rules.unlabelled is Unlabelled.MASK and split != "test"
        flags = [f"copies:{len(same)}"] if len(same) > 1 else []
        flags += ["clipped"] if clipped else []
        flags += ["masked"] if masking and any(face.emotion is None for face in faces) else []
        samples.append(
            Sample(
                name=name,
                source=source,
                source_file=scan.file,
                source_sha256=scan.sha256,
                frame=None,
                width=scan.width,
                height=scan.height,
                faces=tuple(faces),
                group=group,
                split=split,
                flags=(*flags, *votes_flag(votes)),
            )
        )
    samples.sort(key=lambda sample: (sample.split, sample.name))
    ledger.add_samples(samples)
    return samples


def _pictures(
    scans: Iterable[Scan], rows: Mapping[str, Sequence[LabelledBox]], ledger: Ledger
) -> list[list[Scan]]:
    """Return the scans of usable files, those of identical files together, sorted by file."""
    copies: dict[str, list[Scan]] = defaultdict(list)
    for scan in sorted(scans, key=lambda scan: scan.file):
        if scan.reason:
            for row in rows[scan.file]:
                ledger.drop(row.line, row.image, scan.reason, scan.detail)
        else:
            copies[scan.sha256].append(scan)
    return list(copies.values())


def _faces(
    listed: Sequence[LabelledBox], scan: Scan, split: str, rules: Rules, ledger: Ledger
) -> tuple[list[Face], list[tuple[Emotion, str]], int]:
    """Return the faces of one picture.

    Returns:
        The faces; class and ballot of each labelled one; and how many labelled ones were cut at
        the picture's edge.
    """
    inside: list[tuple[LabelledBox, Box]] = []
    for row in listed:
        box = _clip(rules.box(row.box, row.found), scan)
        if box is None:
            ledger.drop(row.line, row.image, *_why_not(row.box, scan))
        else:
            inside.append((row, box))
    faces: list[Face] = []
    labelled: list[LabelledBox] = []
    votes: list[tuple[Emotion, str]] = []
    clipped = 0
    for cluster in _clusters(inside):
        face, kept, ballot = _merge(cluster, split, ledger)
        faces.append(face)
        if face.emotion is not None and kept is not None:
            labelled.append(kept)
            votes.append((face.emotion, ballot))
            clipped += face.box != rules.box(kept.box, kept.found)
    faces += [Face(box, None) for box in _unlisted(scan, inside, rules.convention)]
    unlabelled = len(faces) - len(labelled)
    if unlabelled and rules.unlabelled is Unlabelled.DROP:
        for row in labelled:
            detail = f"the image has {unlabelled} unlabelled faces"
            ledger.drop(row.line, row.image, DropReason.IMAGE_WITH_UNLABELLED_FACES, detail)
        return [], [], 0
    return faces, votes, clipped


def _why_not(box: Box, scan: Scan) -> tuple[str, str]:
    """Return reason and detail of a box from which no face is made."""
    if min(box.x2 - box.x1, box.y2 - box.y1) < 1:
        return DropReason.INVALID_BOX, "the box is smaller than a pixel"
    return DropReason.OUTSIDE_IMAGE, f"the box lies outside the {scan.width}x{scan.height} image"


def _clip(box: Box, scan: Scan) -> Box | None:
    """Return what lies inside of an image, None if that is too small for a label."""
    x1, y1, x2, y2 = boxes.clip(box_array([box]), scan.width, scan.height)[0].tolist()
    least = max(_LEAST_SIDE, _LEAST_SHARE * max(scan.width, scan.height))
    return Box(x1, y1, x2, y2) if min(x2 - x1, y2 - y1) >= least else None


def _unlisted(
    scan: Scan, listed: Sequence[tuple[LabelledBox, Box]], convention: BoxConvention
) -> list[Box]:
    """Return the found faces without a row, in the set's convention, clipped."""
    if not scan.found:
        return []
    found = convention.from_retinaface(np.array(scan.found, dtype=np.float64).reshape(-1, 4))
    known = box_array(box for _, box in listed)
    if len(known):
        found = found[boxes.iou(found, known).max(axis=1) < FOUND_AGAIN]
    clipped = (_clip(Box(*box), scan) for box in found.tolist())
    return [box for box in clipped if box is not None]


Cluster: TypeAlias = list[tuple[LabelledBox, Box]]


def _clusters(rows: Sequence[tuple[LabelledBox, Box]]) -> list[Cluster]:
    """Put the rows of one picture together that are about the same face, trusted rows first."""
    clusters: list[Cluster] = []
    for row, box in sorted(rows, key=lambda item: (not item[0].trusted, item[0].line)):
        for cluster in clusters:
            if boxes.iou(box_array([cluster[0][1]]), box_array([box]))[0, 0] >= SAME_FACE:
                cluster.append((row, box))
                break
        else:
            clusters.append([(row, box)])
    return clusters


def _merge(cluster: Cluster, split: str, ledger: Ledger) -> tuple[Face, LabelledBox | None, str]:
    """Make one face of the rows that are about it; without a clear trusted label it is ignored.

    Returns:
        The face, the row that stands for it, and all votes on it.
    """
    said = [
        (row.emotion, row.votes) for row, _ in cluster if row.trusted and row.emotion is not None
    ]
    ballot = pool(said)
    emotion = settle(ballot, said[0][0], split) if said else None
    kept: LabelledBox | None = None
    for row, _ in cluster:
        if row.emotion is None:
            ledger.drop(row.line, row.image, DropReason.UNKNOWN_LABEL, "no emotion of the dataset")
        elif not row.trusted:
            ledger.drop(row.line, row.image, DropReason.LOW_SCORE, "listed as ignored")
        elif emotion is None:
            ledger.drop(
                row.line, row.image, *disagreement(len({emotion for emotion, _ in said}) > 1, split)
            )
        elif kept is None:
            kept = row
        else:
            ledger.drop(
                row.line, row.image, DropReason.DUPLICATE_ROW, f"same face as line {kept.line}"
            )
    box = cluster[0][1] if kept is None else next(box for row, box in cluster if row is kept)
    return Face(box, emotion), kept, ballot
