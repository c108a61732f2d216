"""COCO annotation files of any length: written a piece at a time, read an image at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from yolo_fer.boxes import xyxy_to_xywh
from yolo_fer.dataset.checked import box, whole_number
from yolo_fer.dataset.json_stream import list_of
from yolo_fer.dataset.samples import Box, Face, Sample, box_array
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import ESCAPE

UNLABELLED = {"id": len(Emotion) + 1, "name": "unlabelled", "supercategory": "face"}
"""The category of unlabelled faces."""
_EMOTIONS = [{"id": e + 1, "name": e.label, "supercategory": "face"} for e in Emotion]


def for_pycocotools(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a COCO file's content so that pycocotools ignores what is found on unlabelled faces.

    Our files have such a face once, in the category `unlabelled`. pycocotools looks at each
    category by itself, and would take a detection of happiness on that face for a false one. In
    what is returned the face is `iscrowd` in each of the seven emotions instead, which is how older
    files have it.

    Example::

        truth = COCO()
        truth.dataset = for_pycocotools(json.loads(path.read_text()))
        truth.createIndex()
    """
    annotations: list[dict[str, Any]] = []
    for annotation in content["annotations"]:
        unlabelled = annotation["category_id"] == UNLABELLED["id"]
        for category in range(1, len(Emotion) + 1) if unlabelled else [annotation["category_id"]]:
            number = len(annotations) + 1
            annotations.append({**annotation, "id": number, "category_id": category})
    return {**content, "categories": _EMOTIONS, "annotations": annotations}


class CocoFile:
    """One `instances_{split}.json`.

    An unlabelled face is there once, `iscrowd` and in the category `unlabelled`; see
    `for_pycocotools`. Annotation ids start at 1, because pycocotools takes 0 for "unmatched".

    Args:
        path: the finished file; until then its pieces are kept next to it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._images = path.with_name(f".{path.name}.images.tmp")
        self._annotations = path.with_name(f".{path.name}.annotations.tmp")
        self._image_id = 0
        self._annotation_id = 0
        self._files: tuple[IO[str], IO[str]]

    def __enter__(self) -> Self:
        self._files = (
            self._images.open("w", encoding="utf-8", errors=ESCAPE, newline="\n"),
            self._annotations.open("w", encoding="utf-8", newline="\n"),
        )
        return self

    def add(self, file_name: str, sample: Sample) -> None:
        """Add an image with its faces; the file name is a POSIX path from the set's folder."""
        images, annotations = self._files
        self._image_id += 1
        image = {
            "id": self._image_id,
            "file_name": file_name,
            "width": sample.width,
            "height": sample.height,
        }
        images.write(_separated(json.dumps(image, ensure_ascii=False), self._image_id))
        for face in sample.faces:
            self._annotation_id += 1
            text = json.dumps(self._annotation(face))
            annotations.write(_separated(text, self._annotation_id))

    def _annotation(self, face: Face) -> dict[str, object]:
        x, y, width, height = (round(v, 2) for v in xyxy_to_xywh(box_array([face]))[0].tolist())
        return {
            "id": self._annotation_id,
            "image_id": self._image_id,
            "category_id": UNLABELLED["id"] if face.emotion is None else face.emotion + 1,
            "bbox": [x, y, width, height],
            "area": round(width * height, 2),
            "iscrowd": int(face.emotion is None),
        }

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for file in self._files:
            file.close()
        if kind is None:
            self._join()
        self._images.unlink()
        self._annotations.unlink()

    def _join(self) -> None:
        whole = self._path.with_name(f".{self._path.name}.tmp")
        with whole.open("w", encoding="utf-8", newline="\n") as target:
            target.write('{"categories": ' + json.dumps([*_EMOTIONS, UNLABELLED]))
            for key, part in (("images", self._images), ("annotations", self._annotations)):
                target.write(f',\n"{key}": [\n')
                with part.open(encoding="utf-8", newline="\n") as source:
                    for line in source:
                        target.write(line)
                target.write("\n]")
            target.write("}\n")
        whole.replace(self._path)


def _separated(text: str, number: int) -> str:
    return text if number == 1 else ",\n" + text


@dataclass(frozen=True, slots=True)
class CocoAnnotation:
    """One annotation; the box is left, top, width, height in pixels."""

    category_id: int
    bbox: tuple[float, float, float, float]
    iscrowd: bool


@dataclass(frozen=True, slots=True)
class CocoImage:
    """One image of a COCO file with its annotations."""

    file_name: str
    width: int
    height: int
    annotations: tuple[CocoAnnotation, ...]

    def faces(self) -> tuple[Face, ...]:
        """Return the faces in order; one that older files have in every category is one face.

        Raises:
            ValueError: if a box is empty or a category is none of the seven.
        """
        faces: dict[Face, None] = {}
        for annotation in self.annotations:
            x, y, width, height = annotation.bbox
            emotion = None if annotation.iscrowd else Emotion(annotation.category_id - 1)
            faces[Face(Box(x, y, x + width, y + height), emotion)] = None
        return tuple(faces)


class CocoReader:
    """The images of an `instances_{split}.json`, found by name.

    The file is read as far as needed, so asking in its own order takes no memory. Images and
    annotations of our files are numbered from 1 and stand in order; what does not is noted in
    `problems`, and an annotation that comes out of order belongs to no image.

    Args:
        path: the path of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[str] = []
        self._skipped: dict[str, CocoImage] = {}

    def __enter__(self) -> Self:
        self._images_file = self._open()
        self._annotations_file = self._open()
        self._images = list_of(self._images_file, "images", self._path)
        self._annotations = list_of(self._annotations_file, "annotations", self._path)
        self._image_id = 0
        self._annotation_id = 0
        self._next = next(self._annotations, None)
        return self

    def _open(self) -> IO[str]:
        try:
            return self._path.open(encoding="utf-8")
        except OSError as error:
            raise YoloFerError(f"{self._path} cannot be read: {error.strerror}") from error

    def __exit__(self, *_: object) -> None:
        self._images_file.close()
        self._annotations_file.close()

    def take(self, file_name: str) -> CocoImage | None:
        """Return the image of that name, once; None if the file has none."""
        if file_name in self._skipped:
            return self._skipped.pop(file_name)
        while (image := self._read_image()) is not None:
            if image.file_name == file_name:
                return image
            if image.file_name in self._skipped:
                self.problems.append(f"{image.file_name} is there twice")
            self._skipped[image.file_name] = image
        return None

    def rest(self) -> Iterator[CocoImage]:
        """Yield the images that were not taken, and note the annotations that belong to none."""
        yield from self._skipped.values()
        self._skipped.clear()
        while (image := self._read_image()) is not None:
            yield image
        while self._next is not None:
            self._belongs_to_none()

    def _read_image(self) -> CocoImage | None:
        record = next(self._images, None)
        if record is None:
            return None
        try:
            name = str(record["file_name"])
            image_id, width, height = (whole_number(record[k]) for k in ("id", "width", "height"))
            if min(width, height) < 1:
                raise ValueError("it has no size")
        except (KeyError, ValueError) as error:
            raise self._malformed("image", record) from error
        if image_id != self._image_id + 1:
            self.problems.append(f"{name}: image id {image_id} follows {self._image_id}")
        self._image_id = image_id
        return CocoImage(name, width, height, tuple(self._of_image(image_id)))

    def _of_image(self, image_id: int) -> Iterator[CocoAnnotation]:
        while self._next is not None:
            record = self._next
            try:
                owner, category = (whole_number(record[k]) for k in ("image_id", "category_id"))
                annotation = CocoAnnotation(category, box(record["bbox"]), record["iscrowd"] == 1)
                if not all(map(math.isfinite, annotation.bbox)):
                    raise ValueError("the box is infinite")
            except (KeyError, ValueError) as error:
                raise self._malformed("annotation", record) from error
            if owner > image_id:
                return
            if owner < image_id:
                self._belongs_to_none()
                continue
            self._advance()
            yield annotation

    def _belongs_to_none(self) -> None:
        assert self._next is not None  # noqa: S101  # the callers' condition
        number, owner = self._next.get("id"), self._next.get("image_id")
        self.problems.append(f"annotation {number}: image {owner} is unknown or came before")
        self._advance()

    def _advance(self) -> None:
        number = self._next.get("id") if self._next else None
        if number != self._annotation_id + 1:
            self.problems.append(f"annotation id {number} follows {self._annotation_id}")
        self._annotation_id = number if isinstance(number, int) else self._annotation_id + 1
        self._next = next(self._annotations, None)

    def _malformed(self, kind: str, record: Any) -> YoloFerError:
        return YoloFerError(f"{self._path}: {str(record)[:120]} is no {kind} of a COCO file")
