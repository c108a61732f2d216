"""Writing a converted set: images, labels, indexes, report and, last of all, data.yaml."""

from __future__ import annotations

import csv
import hashlib
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from yolo_fer import images
from yolo_fer.dataset.coco import CocoFile
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.labels import yolo_label
from yolo_fer.dataset.layout import REPORT, coco_path, image_file, label_file
from yolo_fer.dataset.ledger import SPLITS, DroppedRow
from yolo_fer.dataset.masking import paint
from yolo_fer.dataset.samples import Sample
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.files import write_atomically, write_json
from yolo_fer.inputs.walking import files_below
from yolo_fer.paths import encoded, escaped, resolved

MANIFEST_COLUMNS = (
    "file", "sha256", "source", "source_file", "source_sha256", "frame", "group", "split",
    "faces", "ignored", "flags", "phash",
)  # fmt: skip
WORK = ".work"
"""The folder of an unfinished conversion's notes, in that of the set."""


class WriteTask(Protocol):
    """One image to write; small enough to travel to a worker."""

    @property
    def sample(self) -> Sample:
        """What is written."""

    @property
    def recipe(self) -> str:
        """All that decides where the JPEG file goes and what is in it."""

    def jpeg(self) -> bytes:
        """Return the JPEG file, the same bytes each time."""


@dataclass(frozen=True, slots=True)
class ImageTask:
    """The copy of an image file.

    Args:
        sample: the image that is written, with its faces.
        source: the file that is copied.
        masked: whether ignored faces are painted over.
    """

    sample: Sample
    source: Path
    masked: bool

    @property
    def recipe(self) -> str:
        """The hash of the source, the faces, and whether some of them are painted over."""
        return repr((self.sample, self.masked))

    def jpeg(self) -> bytes:
        """Return the bytes of the copy: those of the source wherever they can serve as they are.

        Raises:
            YoloFerError: if the source file has changed since it was scanned.
        """
        data = self.source.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.sample.source_sha256:
            raise YoloFerError(f"{self.source} changed during the conversion; run it again")
        hidden = [face.box for face in self.sample.ignored] if self.masked else []
        if not hidden and images.is_plain_jpeg(data):
            return data
        image = images.decode(data)
        if hidden:
            image = paint(image, hidden, [face.box for face in self.sample.labelled])
        return images.encode_jpeg(image)


def file_of(sample: Sample) -> str:
    """Return the POSIX path of a sample's image from the set's folder."""
    return image_file(sample.split, sample.name)


@dataclass(frozen=True, slots=True)
class WritePiece:
    """Some images to write: what one task of a worker takes.

    Args:
        tasks: the images.
        written: the hashes of their files if a conversion that was stopped wrote them from the same
            recipes, else None.
    """

    tasks: Sequence[WriteTask]
    written: Sequence[Fingerprint] | None = None


def recipe_of(tasks: Iterable[WriteTask]) -> str:
    """Return the hash of all that decides the files of some images."""
    return hashlib.sha256(encoded("\n".join(task.recipe for task in tasks))).hexdigest()


def write_images(piece: WritePiece, out: Path) -> list[Fingerprint]:
    """Write the copies and label files of some images.

    A file that is there is kept only if it still is what was written from the same recipe: else it
    may be damaged, or show what an earlier state of the source gave under its name.

    Returns:
        The hashes of each copy.

    Raises:
        YoloFerError: if the folder cannot be written, for example because the disk is full, or a
            source file has changed since it was scanned.
    """
    hashes = []
    known: Sequence[Fingerprint | None] = piece.written or [None] * len(piece.tasks)
    for task, file in zip(piece.tasks, known, strict=True):
        target = out / file_of(task.sample)
        label = out / label_file(task.sample.split, task.sample.name)
        with writing_set(target):
            if file is None or not holds(target, file.sha256):
                data = task.jpeg()
                target.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(target, data)
                file = Fingerprint.of(data)
            label.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(label, yolo_label(task.sample).encode())
            hashes.append(file)
    return hashes


def holds(path: Path, sha256: str) -> bool:
    """Return whether a file is there and has the bytes of this hash."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def is_written(out: Path, sample: Sample, file: Fingerprint) -> bool:
    """Return whether an image and its label are there as they were written."""
    label = hashlib.sha256(yolo_label(sample).encode()).hexdigest()
    return holds(out / label_file(sample.split, sample.name), label) and holds(
        out / file_of(sample), file.sha256
    )


@contextmanager
def writing_set(path: Path) -> Iterator[None]:
    """Turn a failure to write into an error that says what to do."""
    try:
        yield
    except OSError as error:
        raise YoloFerError(
            f"cannot write {path}: {error.strerror or error}. Mend that and run the same command "
            "again with `resume`"
        ) from error


def write_indexes(out: Path, written: Iterable[tuple[Sample, Fingerprint]]) -> None:
    """Write manifest.csv and the COCO files from samples and the hashes of their images.

    Images and labels that are not among them are removed: they are of a conversion that was stopped
    and went on when its source had changed.

    Raises:
        YoloFerError: if such a file lies behind a link, where it may be somebody else's.
    """
    planned: set[int] = set()
    (out / "annotations").mkdir(exist_ok=True)
    temporary = out / ".manifest.csv.tmp"
    with ExitStack() as stack:
        coco = {split: stack.enter_context(CocoFile(coco_path(out, split))) for split in SPLITS}
        manifest = stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))
        rows = csv.writer(manifest, lineterminator="\n")
        rows.writerow(MANIFEST_COLUMNS)
        for sample, file in written:
            planned.add(_key(f"{sample.split}/{sample.name}"))
            coco[sample.split].add(file_of(sample), sample)
            rows.writerow(
                (
                    escaped(file_of(sample)),
                    file.sha256,
                    sample.source,
                    escaped(sample.source_file),
                    sample.source_sha256,
                    "" if sample.frame is None else sample.frame,
                    escaped(sample.group),
                    sample.split,
                    len(sample.labelled),
                    len(sample.ignored),
                    escaped(";".join(sample.flags)),
                    file.phash,
                )
            )
    temporary.replace(out / "manifest.csv")
    _remove_others(out, planned)


def _key(name: str) -> int:
    """Return a key of a file's name that it keeps on any file system.

    Some fold letter case or take accents apart. A hash is a small number to remember, and a chance
    hit only leaves a file where it is.
    """
    return hash(unicodedata.normalize("NFC", name).casefold())


def _remove_others(out: Path, planned: set[int]) -> None:
    """Remove the images and labels that are not planned."""
    for kind, suffix in (("images", ".jpg"), ("labels", ".txt")):
        for path in files_below(out / kind):
            name = path.relative_to(out / kind).with_suffix("").as_posix()
            if path.suffix != suffix or _key(name) in planned:
                continue
            if not resolved(path.parent).is_relative_to(resolved(out)):
                raise YoloFerError(
                    f"{path} is no part of the set and lies behind a link, so it is left alone. "
                    "Move it away and run the same command again with `resume`"
                )
            with writing_set(path):
                path.unlink()


def finish(out: Path, report: dict[str, Any], dropped: Iterable[DroppedRow]) -> None:
    """Write the report, the dropped rows and, last, data.yaml; then remove the work folder."""
    with writing_set(out):
        temporary = out / ".dropped.csv.tmp"
        with temporary.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("line", "image", "reason", "detail"))
            rows.writerows(
                (row.lines, escaped(row.image), row.reason, escaped(row.detail)) for row in dropped
            )
        temporary.replace(out / "dropped.csv")
        write_json(out / REPORT, report)
        for split in SPLITS:  # Ultralytics wants every folder that data.yaml names
            (out / "images" / split).mkdir(parents=True, exist_ok=True)
            (out / "labels" / split).mkdir(parents=True, exist_ok=True)
        write_atomically(out / "data.yaml", _data_yaml().encode())
        shutil.rmtree(out / WORK)


def _data_yaml() -> str:
    # No `path`: then Ultralytics takes the folder of this file, and the set can be moved.
    lines = [f"{split}: images/{split}" for split in SPLITS]
    lines += ["names:"] + [f"  {i}: {name}" for i, name in enumerate(EMOTION_NAMES)]
    return "\n".join(lines) + "\n"
