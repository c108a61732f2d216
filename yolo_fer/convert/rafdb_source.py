"""RAF-DB: `basic/EmoLabel/list_patition_label.txt`, one row per face, next to `basic/Image`.

A row is `train_00001.jpg 5` or `test_0001.jpg 7`: a name, whose beginning is the official split,
and one of 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral. The face is at
`Image/aligned/train_00001_aligned.jpg`, 100x100 pixels, and its whole photograph at
`Image/original/train_00001.jpg`, with the face's corners (left, top, right, bottom) in
`Annotation/boundingbox/train_00001_boundingbox.txt`. Source: Li, Deng, Du, "Reliable Crowdsourcing
and Deep Locality-Preserving Learning for Expression Recognition in the Wild", CVPR 2017, and the
dataset's own readme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.convert.rows import BadRow
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import RAFDB, Emotion
from yolo_fer.errors import FileFault, YoloFerError

# The misspelt name is the official one.
_LABEL_FILES = ("list_patition_label.txt", "list_partition_label.txt")
_BASES = ("basic", ".")
_NAME = re.compile(r"((train|test)_[^/\\]+)\.(?:jpg|jpeg|png)", re.I)


@dataclass(frozen=True, slots=True)
class RafdbFace:
    """One usable row.

    Args:
        line: 1-based line of the label file.
        file: the file, as a POSIX path below `Image`.
        emotion: the emotion of the face.
        split: `train` or `test`, the official one.
        box: the box of the face in the whole photograph; None if the file is the aligned face.
    """

    line: int
    file: str
    emotion: Emotion
    split: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class RafdbFolder:
    """Where the parts of RAF-DB lie.

    Args:
        label_file: the file with a row for each face.
        image_folder: the folder that holds `aligned` and `original`, or one of them.
        box_folder: the folder with a file for each face; it may be missing.
    """

    label_file: Path
    image_folder: Path
    box_folder: Path

    @classmethod
    def find(cls, root: Path) -> RafdbFolder:
        """Find the label file and the images of the basic expressions below a root.

        Raises:
            YoloFerError: if one of them is missing; the message says what was looked for.
        """
        if not root.is_dir():
            raise YoloFerError(f"{root} is not a folder; give the folder that holds RAF-DB's basic")
        for base in (root / base for base in _BASES):
            for label_file in (base / "EmoLabel" / name for name in _LABEL_FILES):
                if label_file.is_file():
                    folder = cls(label_file, base / "Image", base / "Annotation" / "boundingbox")
                    folder._check_images()
                    return folder
        raise YoloFerError(
            f"{root} has no basic/EmoLabel/{_LABEL_FILES[0]}; give the folder that holds RAF-DB's "
            "basic, unpacked. A copy with a folder per emotion is for `yolo-fer convert folders`"
        )

    def _check_images(self) -> None:
        if not any((self.image_folder / name).is_dir() for name in ("aligned", "original")):
            raise YoloFerError(
                f"{self.image_folder} holds neither aligned nor original; unpack aligned.zip or "
                "original.zip there"
            )

    def rows(self) -> Iterator[RafdbFace | BadRow]:
        """Yield every non-blank row of the label file, usable or not.

        The whole photograph is used where it and its box are there, else the aligned face.

        Raises:
            YoloFerError: if the label file cannot be read at all.
        """
        try:
            data = self.label_file.read_bytes()
        except OSError as error:
            raise YoloFerError(f"{self.label_file} cannot be read: {error}") from error
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
        aligned, original = self._names("aligned"), self._names("original")
        for line, row in enumerate(text.splitlines(), start=1):
            if row.strip():
                yield self._parse(line, row.split(), aligned, original)

    def _names(self, kind: str) -> dict[str, str]:
        """Return the names of the image files of a kind, by their names without extension."""
        folder = self.image_folder / kind
        if not folder.is_dir():
            return {}
        return {path.stem: path.name for path in sorted(folder.iterdir())}

    def _parse(
        self, line: int, fields: list[str], aligned: dict[str, str], original: dict[str, str]
    ) -> RafdbFace | BadRow:
        name = fields[0]
        found = _NAME.fullmatch(name)
        if len(fields) != 2 or found is None:
            detail = "a row is the name of an image, train_… or test_…, and a number"
            return BadRow(line, name, DropReason.MALFORMED_ROW, detail)
        emotion = RAFDB.get(int(fields[1])) if fields[1].isdecimal() else None
        if emotion is None:
            detail = f"the label is {fields[1]!r}; RAF-DB has 1 to 7"
            return BadRow(line, name, DropReason.UNKNOWN_LABEL, detail)
        stem, split = found[1], found[2].lower()
        if stem in original:
            box = self._box(stem)
            if isinstance(box, Box):
                file = f"original/{original[stem]}"
                return RafdbFace(line, file, emotion, split, box)
            missing = BadRow(line, name, *box)
        else:
            missing = BadRow(
                line, name, FileFault.MISSING_IMAGE, "neither in aligned nor in original"
            )
        crop = aligned.get(f"{stem}_aligned") or aligned.get(stem)
        if crop is None:
            return missing
        return RafdbFace(line, f"aligned/{crop}", emotion, split, None)

    def _box(self, stem: str) -> Box | tuple[str, str]:
        """Return the box of a face in its photograph, or why there is none."""
        path = self.box_folder / f"{stem}_boundingbox.txt"
        try:
            numbers = [float(number) for number in path.read_text("utf-8-sig").split()]
        except FileNotFoundError:
            return DropReason.MISSING_BOX, f"the photograph is there, {path.name} is not"
        except (OSError, ValueError) as error:
            return DropReason.INVALID_BOX, f"{path.name}: {error}"
        try:
            x1, y1, x2, y2 = numbers
            return Box(x1, y1, x2, y2)
        except ValueError:
            detail = f"{path.name} does not hold left, top, right and bottom of a box"
            return DropReason.INVALID_BOX, detail
