"""AffectNet in the three layouts that it is passed on in.

The numbering is that of all releases: 0 neutral, 1 happiness, 2 sadness, 3 surprise, 4 fear,
5 disgust, 6 anger, 7 contempt, 8 none, 9 uncertain, 10 no face.

- The release of 2021: `train_set` and `val_set`, with `images/N.jpg` (224x224 pixels, cut around
  the face) and `annotations/N_exp.npy`, which holds the number as text.
- The release of 2017: `training.csv` and `validation.csv` next to whole images; `affectnet_csv.py`.
- Copies with a folder per emotion, as `folders.py` reads them. Some have a `labels.csv` with a
  second opinion on each face: `pth,label`, where the label is a name.

The official test set was never given out, so everybody reports on the validation set: here it is
the test split. Source: Mollahosseini, Hasani, Mahoor, "AffectNet: A Database for Facial Expression,
Valence, and Arousal Computing in the Wild", IEEE Transactions on Affective Computing 2017.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from yolo_fer.convert.compressed_csv import read_lines
from yolo_fer.convert.folders_source import find_images
from yolo_fer.convert.rows import BadRow
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import AFFECTNET, Emotion
from yolo_fer.errors import FileFault, YoloFerError
from yolo_fer.images.formats import SUFFIXES

SETS = {"train_set": "train", "val_set": "test"}
_OTHER = {7: "contempt", 8: "none", 9: "uncertain", 10: "no face"}
_ANNOTATION = "_exp.npy"
LABELS = "labels.csv"


@dataclass(frozen=True, slots=True)
class AffectnetFace:
    """One usable face.

    Args:
        line: the number of the line in the CSV file, or the number of the image.
        file: POSIX path below the root.
        emotion: the emotion of the face.
        split: the split that AffectNet has it in, None if it has no splits.
        box: the box of the face in a whole image; None if the image is a crop of the face.
        opinions: the names of all labels that the face has, if there are several.
    """

    line: int
    file: str
    emotion: Emotion
    split: str | None
    box: Box | None = None
    opinions: tuple[str, ...] = ()


def parse_number(text: str) -> Emotion | tuple[str, str]:
    """Return the emotion that a number of AffectNet means, or reason and detail why it is none."""
    number = int(text) if text.isdecimal() else -1
    if number in _OTHER:
        return DropReason.OTHER_CLASS, f"the label is {number}, {_OTHER[number]}"
    if number not in AFFECTNET:
        return DropReason.UNKNOWN_LABEL, f"the label is {text!r}; AffectNet has 0 to 10"
    return AFFECTNET[number]


def is_release_2021(root: Path) -> bool:
    """Return whether a folder holds the release of 2021."""
    return any((root / name / "images").is_dir() for name in SETS)


def list_release_2021(root: Path) -> list[tuple[str, str, str | None]]:
    """List the faces of the release of 2021.

    Returns:
        Set, number and name of the image file of everything that has an image or an annotation, in
        the order of the numbers; None where the image is missing.
    """
    faces: list[tuple[str, str, str | None]] = []
    for name in SETS:
        images = {path.stem: path.name for path in _files(root / name / "images", SUFFIXES)}
        annotations = _files(root / name / "annotations", {".npy"})
        annotated = {
            path.name.removesuffix(_ANNOTATION)
            for path in annotations
            if path.name.endswith(_ANNOTATION)
        }
        stems = sorted(images.keys() | annotated, key=lambda stem: (len(stem), stem))
        faces += [(name, stem, images.get(stem)) for stem in stems]
    return faces


def _files(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)


def read_release_2021(
    root: Path, faces: Iterable[tuple[str, str, str | None]]
) -> Iterator[AffectnetFace | BadRow]:
    """Read the annotation of each face that `list_release_2021` found."""
    for line, (name, stem, image) in enumerate(faces, start=1):
        row = f"{name}/images/{image or stem}"
        if image is None:
            detail = f"there is {stem}{_ANNOTATION} and no image of that number"
            yield BadRow(line, row, FileFault.MISSING_IMAGE, detail)
            continue
        emotion = _read_annotation(root / name / "annotations" / f"{stem}{_ANNOTATION}")
        if isinstance(emotion, Emotion):
            yield AffectnetFace(line, row, emotion, SETS[name])
        else:
            yield BadRow(line, row, *emotion)


def _read_annotation(path: Path) -> Emotion | tuple[str, str]:
    try:
        content = np.load(path, allow_pickle=False)  # a pickle could run code
        text = str(content.item())
    except FileNotFoundError:
        return DropReason.MISSING_ANNOTATION, f"there is no {path.name}"
    except (OSError, ValueError, EOFError, AttributeError) as error:
        return (
            DropReason.BAD_ANNOTATION,
            f"{path.name} does not hold one number ({type(error).__name__})",
        )
    return parse_number(text.strip())


def read_folders(root: Path, out: Path) -> tuple[list[AffectnetFace | BadRow], list[str]]:
    """Read a copy with a folder per emotion, with the second opinions of its labels.csv.

    Args:
        root: the folder that holds the folders of images.
        out: a folder to leave out, since it may lie below the root.

    Returns:
        A row for each image, and for each row of labels.csv that belongs to none; and what a user
        should know of the others.

    Raises:
        YoloFerError: if no folder names an emotion or labels.csv cannot be read.
    """
    try:
        images = find_images(root, None, out, frozenset({LABELS}))
    except YoloFerError as error:
        raise YoloFerError(
            f"{root} holds neither train_set/images (2021) nor training.csv or validation.csv "
            f"(2017) nor a folder per emotion: {error}"
        ) from error
    if not any(image.split == "test" for image in images):  # AffectNet's own has no labels
        images = [replace(i, split="test") if i.split == "val" else i for i in images]
    opinions, bad, warnings = _read_opinions(root / LABELS, {image.file for image in images})
    rows: list[AffectnetFace | BadRow] = []
    for image in images:
        if image.emotion is None:
            detail = f"the folder '{image.folder}' names none of the seven emotions"
            rows.append(BadRow(image.number, image.file, DropReason.OTHER_CLASS, detail))
            continue
        second = opinions.get(image.file)
        both = (image.emotion.label, second) if second else ()
        face = AffectnetFace(image.number, image.file, image.emotion, image.split, opinions=both)
        rows.append(face)
    return rows + bad, warnings


def _read_opinions(
    table: Path, files: set[str]
) -> tuple[dict[str, str], list[AffectnetFace | BadRow], list[str]]:
    """Return the second opinion on each file, the rows without a file, and warnings."""
    if not table.is_file():
        return {}, [], []
    opinions: dict[str, str] = {}
    named: set[str] = set()
    bad: list[AffectnetFace | BadRow] = []
    useless: Counter[str] = Counter()
    for line in read_lines(table, ("pth", "label")):
        file = line.fields["pth"].replace("\\", "/").removeprefix("./")
        row = f"{table.name}:{line.number} {file}"
        if file not in files:
            bad.append(BadRow(line.number, row, FileFault.MISSING_IMAGE, "there is no such image"))
        elif file in named:
            detail = "an earlier row names the same image"
            bad.append(BadRow(line.number, row, DropReason.DUPLICATE_ROW, detail))
        else:
            named.add(file)
            label = line.fields["label"]
            opinion = _opinion(label)
            if opinion is None:
                useless[label] += 1
            else:
                opinions[file] = opinion
    warnings = [
        f"{count} rows of {table.name} have the label {label!r}, which is no expression: those "
        "faces have the label of their folder alone"
        for label, count in sorted(useless.items())
    ]
    if len(files) > len(named):
        warnings.append(
            f"{len(files) - len(named)} images have no row in {table.name}: they have the label "
            "of their folder alone"
        )
    return opinions, bad, warnings


def _opinion(label: str) -> str | None:
    emotion = Emotion.from_name(label)
    if emotion is not None:
        return emotion.label
    return "contempt" if label.casefold() == "contempt" else None
