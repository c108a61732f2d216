"""Writing COCO annotation files of any length, a piece at a time."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from yolo_fer.boxes import xyxy_to_xywh
from yolo_fer.dataset.samples import Face, Sample, box_array
from yolo_fer.emotions import Emotion

CATEGORIES = [{"id": e + 1, "name": e.label, "supercategory": "face"} for e in Emotion]


class CocoFile:
    """One `instances_{split}.json`.

    Faces that nobody labelled are `iscrowd` in every category, so that pycocotools ignores a
    detection on them whatever its class. Annotation ids start at 1, because pycocotools takes 0 for
    "unmatched".

    Args:
        path: where the finished file goes; beside it, pieces are kept until then.
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
            self._images.open("w", encoding="utf-8", newline="\n"),
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
            emotions = Emotion if face.emotion is None else (face.emotion,)
            for emotion in emotions:
                self._annotation_id += 1
                annotation = self._annotation(face, emotion)
                annotations.write(_separated(json.dumps(annotation), self._annotation_id))

    def _annotation(self, face: Face, emotion: Emotion) -> dict[str, object]:
        x, y, width, height = (round(v, 2) for v in xyxy_to_xywh(box_array([face]))[0].tolist())
        return {
            "id": self._annotation_id,
            "image_id": self._image_id,
            "category_id": emotion + 1,
            "bbox": [x, y, width, height],
            "area": round(width * height, 2),
            "iscrowd": int(face.emotion is None),
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()
        if error is None:
            self._join()
        self._images.unlink()
        self._annotations.unlink()

    def _join(self) -> None:
        whole = self._path.with_name(f".{self._path.name}.tmp")
        with whole.open("w", encoding="utf-8", newline="\n") as target:
            target.write('{"categories": ' + json.dumps(CATEGORIES))
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
