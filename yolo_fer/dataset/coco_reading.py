"""Reading COCO files of any length, an image at a time, in the order in which they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

_CHARACTERS = 1 << 20  # that are read at once
_SPACE = " \t\r\n,"


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
        """Return the faces in order; one that every category is to ignore is a single face.

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
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[str] = []
        self._skipped: dict[str, CocoImage] = {}

    def __enter__(self) -> Self:
        self._images_file = self._open()
        self._annotations_file = self._open()
        self._images = _elements(self._images_file, "images", self._path)
        self._annotations = _elements(self._annotations_file, "annotations", self._path)
        self._image_id = 0
        self._annotation_id = 0
        self._next = next(self._annotations, None)
        return self

    def _open(self) -> IO[str]:
        try:
            return self._path.open(encoding="utf-8")
        except OSError as error:
            raise YoloFerError(f"{self._path} cannot be read: {error.strerror}") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._images_file.close()
        self._annotations_file.close()

    def take(self, file_name: str) -> CocoImage | None:
        """Return the image of that name, once; None if the file has none."""
        if file_name in self._skipped:
            return self._skipped.pop(file_name)
        while (image := self._read_image()) is not None:
            if image.file_name == file_name:
                return image
            self._skipped[image.file_name] = image
        return None

    def rest(self) -> Iterator[CocoImage]:
        """Yield the images that nobody took, and note the annotations that belong to none."""
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
            image_id, width, height = (int(record[key]) for key in ("id", "width", "height"))
        except (KeyError, TypeError, ValueError) as error:
            raise self._malformed("image", record) from error
        if image_id != self._image_id + 1:
            self.problems.append(f"{name}: image id {image_id} follows {self._image_id}")
        self._image_id = image_id
        return CocoImage(name, width, height, tuple(self._of_image(image_id)))

    def _of_image(self, image_id: int) -> Iterator[CocoAnnotation]:
        while self._next is not None:
            record = self._next
            try:
                owner, category = int(record["image_id"]), int(record["category_id"])
                x, y, width, height = (float(v) for v in record["bbox"])
                annotation = CocoAnnotation(category, (x, y, width, height), record["iscrowd"] == 1)
            except (KeyError, TypeError, ValueError) as error:
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


def _elements(file: IO[str], key: str, path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a top-level list of a JSON file, holding one piece of it at a time."""
    text = _Text(file)
    try:
        text.expect("{")
        while text.peek() != "}":
            name = text.value()
            text.expect(":")
            if text.peek() != "[":
                text.value()
                continue
            text.expect("[")
            while text.peek() != "]":
                element = text.value()
                if name == key:
                    yield element
            text.expect("]")
            if name == key:
                return
    except ValueError as error:
        raise YoloFerError(f"{path} is not a COCO file: {error}") from error
    raise YoloFerError(f"{path} is not a COCO file: it has no list `{key}`")


class _Text:
    """The text of a JSON file, from which one value after the other is taken."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Return the next character that is neither space nor comma, without taking it."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._read_on():
                raise ValueError("it ends too early")

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise ValueError(f"{self.peek()!r} where {character!r} was expected")
        self._at += 1

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._read_on():
                    self._at = end
                    return value
            except json.JSONDecodeError:  # perhaps only because the rest is not read yet
                if not self._read_on():
                    raise

    def _read_on(self) -> bool:
        more = self._file.read(_CHARACTERS)
        if more:
            self._text = self._text[self._at :] + more
            self._at = 0
        return bool(more)
