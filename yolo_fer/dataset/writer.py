"""Writing a converted set: images, labels, indexes, report and, last of all, data.yaml."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
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
from yolo_fer.errors import ExclusiveArgumentsError, UsageError, YoloFerError
from yolo_fer.paths import ESCAPE, escaped, resolved
from yolo_fer.runtime.folder_lock import holds_something
from yolo_fer.runtime.json_yaml import read_json

MANIFEST_COLUMNS = (
    "file", "sha256", "source", "source_file", "source_sha256", "frame", "group", "split",
    "faces", "ignored", "flags", "phash",
)  # fmt: skip
_OURS = ("images", "labels", "annotations", ".work")
_OUR_FILES = ("data.yaml", "manifest.csv", "dropped.csv", REPORT)


class WriteTask(Protocol):
    """One image to write; small enough to travel to a worker."""

    @property
    def sample(self) -> Sample:
        """What is written."""

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


def write_images(tasks: Sequence[WriteTask], out: Path) -> list[Fingerprint]:
    """Write the copies and label files of some images.

    A copy that is there already is whole, because it was renamed when it was; it is kept.

    Returns:
        The hashes of each copy.

    Raises:
        YoloFerError: if the folder cannot be written, for example because the disk is full, or a
            source file has changed since it was scanned.
    """
    hashes = []
    for task in tasks:
        target = out / file_of(task.sample)
        label = out / label_file(task.sample.split, task.sample.name)
        with writing_set(target):
            if target.exists():
                data = target.read_bytes()
            else:
                data = task.jpeg()
                target.parent.mkdir(parents=True, exist_ok=True)
                images.write_atomically(target, data)
            label.parent.mkdir(parents=True, exist_ok=True)
            images.write_atomically(label, yolo_label(task.sample).encode())
            hashes.append(Fingerprint.of(data))
    return hashes


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


def open_folder(
    out: Path, root: Path, options: dict[str, Any], *, resume: bool, overwrite: bool
) -> Path | None:
    """Make the folder of a conversion ready and return its work folder.

    Args:
        out: the folder that the set is written to.
        root: the raw dataset; never written to.
        options: all that decides what is written; a conversion goes on only with the same.
        resume: go on with a conversion that was stopped.
        overwrite: replace what an earlier conversion wrote, and nothing else.

    Returns:
        The work folder, or None if the conversion is complete and `resume` has nothing to do.

    Raises:
        UsageError: if the folder holds something that the flags do not allow for.
    """
    if resume and overwrite:
        raise ExclusiveArgumentsError(
            "`resume` goes on with what `overwrite` would remove; give one of them",
            "resume",
            "overwrite",
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"`out={out}` is a file; give a folder")
    if resolved(out) in (resolved(root), *resolved(root).parents):
        raise UsageError(f"`out={out}` holds the raw dataset {root}; give another folder")
    work = out / ".work"
    begun = work / "options.json"
    text = json.dumps({**options, "root": str(resolved(root))}, indent=1, sort_keys=True)
    with writing_set(out):
        if out.exists() and holds_something(out):
            if overwrite:
                _clear(out)
            elif not resume:
                raise UsageError(f"`out={out}` is not empty; add `resume` or `overwrite`")
            elif is_complete(out):
                _check_same(out, _read_options(out / REPORT), options)
                shutil.rmtree(work, ignore_errors=True)
                return None
            elif begun.exists():
                _check_same(out, _read_options(begun), json.loads(text))
                remove_unfinished(out)
            else:
                raise UsageError(
                    f"`out={out}` holds no unfinished conversion to `resume`; give another folder"
                )
        work.mkdir(parents=True, exist_ok=True)
        images.write_atomically(begun, text.encode())
    return work


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary files that a killed process left in a folder and those below it."""
    for path in folder.rglob(".*.tmp"):
        path.unlink(missing_ok=True)


def is_complete(out: Path) -> bool:
    """Return whether a conversion ended there: data.yaml comes last."""
    return (out / "data.yaml").is_file()


def _read_options(path: Path) -> dict[str, Any]:
    """Return the options of a conversion that was begun, or those in the report of one that ended.

    Raises:
        YoloFerError: if the file is damaged.
    """
    try:
        content = read_json(path)
        if path.name == REPORT and isinstance(content, dict):
            content = content.get("options")
        if not isinstance(content, dict):
            raise ValueError("it holds no options")
    except ValueError as error:
        raise YoloFerError(
            f"{path} cannot be read ({error}), so the options cannot be compared. "
            "Use `overwrite` to convert again"
        ) from error
    return content


def _check_same(out: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    if old != new:
        raise UsageError(
            f"the conversion in {out} has other options: {_difference(old, new)}. Use the same "
            "ones, or `overwrite` to do it again"
        )


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    return ", ".join(
        f"{key} was {old.get(key)!r}, is {new.get(key)!r}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def _clear(out: Path) -> None:
    if not (out / "manifest.csv").is_file() and not (out / ".work").is_dir():
        raise UsageError(
            f"`out={out}` is not a converted set: `overwrite` leaves it alone; give another folder"
        )
    (out / "data.yaml").unlink(missing_ok=True)  # first: without it the folder is not complete
    for name in _OURS:
        shutil.rmtree(out / name, ignore_errors=True)
    for name in _OUR_FILES:
        (out / name).unlink(missing_ok=True)


def write_indexes(out: Path, written: Iterable[tuple[Sample, Fingerprint]]) -> None:
    """Write manifest.csv and the COCO files from samples and the hashes of their images."""
    (out / "annotations").mkdir(exist_ok=True)
    temporary = out / ".manifest.csv.tmp"
    with ExitStack() as stack:
        coco = {split: stack.enter_context(CocoFile(coco_path(out, split))) for split in SPLITS}
        manifest = stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))
        rows = csv.writer(manifest, lineterminator="\n")
        rows.writerow(MANIFEST_COLUMNS)
        for sample, file in written:
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
        text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        images.write_atomically(out / REPORT, text.encode("utf-8", ESCAPE))
        for split in SPLITS:  # Ultralytics wants every folder that data.yaml names
            (out / "images" / split).mkdir(parents=True, exist_ok=True)
            (out / "labels" / split).mkdir(parents=True, exist_ok=True)
        images.write_atomically(out / "data.yaml", _data_yaml().encode())
        shutil.rmtree(out / ".work")


def _data_yaml() -> str:
    # No `path`: then Ultralytics takes the folder of this file, and the set can be moved.
    lines = [f"{split}: images/{split}" for split in SPLITS]
    lines += ["names:"] + [f"  {i}: {name}" for i, name in enumerate(EMOTION_NAMES)]
    return "\n".join(lines) + "\n"
