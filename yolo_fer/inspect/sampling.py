"""One pass over a converted set: a random sample of its faces, and the figures of all its faces."""

from __future__ import annotations

import hashlib
from array import array
from bisect import insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from yolo_fer.dataset.coco import CocoImage
from yolo_fer.dataset.converted_set import ConvertedSet, ManifestRow
from yolo_fer.dataset.samples import Face
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import encoded

_MOST_OF_A_GROUP = 2


@dataclass(frozen=True, slots=True)
class SampledFace:
    """A face that is shown, with all other faces of its image.

    Args:
        path: the path of the image.
        name: POSIX path from the set's folder.
        group: the group that it belongs to, such as a video.
        masked: whether the image's ignored faces were painted over.
        face: the index of the face among those of the image.
        faces: the faces of the image.
    """

    path: Path
    name: str
    group: str
    masked: bool
    face: int
    faces: tuple[Face, ...]


@dataclass(slots=True)
class Figures:
    """Position and size of every labelled face; fractions of the image but for the side.

    Args:
        counts: faces of each split and emotion.
        ignored: unlabelled faces of each split.
        images: the number of images of each split.
        x: (N,) the x of the boxes' centres, in widths of the image.
        y: (N,) the y of the boxes' centres, in heights of the image.
        side: (N,) the square roots of the boxes' areas, in pixels.
        aspect: (N,) the boxes' widths divided by their heights.
    """

    counts: Counter[tuple[str, Emotion]] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    x: array[float] = field(default_factory=lambda: array("f"))
    y: array[float] = field(default_factory=lambda: array("f"))
    side: array[float] = field(default_factory=lambda: array("f"))
    aspect: array[float] = field(default_factory=lambda: array("f"))

    def add(self, split: str, image: CocoImage, faces: Iterable[Face]) -> None:
        """Count the faces of an image."""
        self.images[split] += 1
        for face in faces:
            if face.emotion is None:
                self.ignored[split] += 1
                continue
            self.counts[split, face.emotion] += 1
            box = face.box
            width, height = box.x2 - box.x1, box.y2 - box.y1
            self.x.append((box.x1 + box.x2) / 2 / image.width)
            self.y.append((box.y1 + box.y2) / 2 / image.height)
            self.side.append((width * height) ** 0.5)
            self.aspect.append(width / height)


@dataclass(slots=True)
class RandomSample:
    """A random choice of faces from a stream of unknown length: those of the lowest hashes.

    Of one group, such as a video, two at most are chosen, else the longest would fill a sheet.
    """

    count: int
    seed: int
    _kept: list[tuple[int, int, SampledFace]] = field(default_factory=list)
    _offered: int = 0

    def offer(self, sampled_face: SampledFace) -> None:
        """Let a face take part; its hash depends on its name and the seed alone."""
        text = f"{self.seed}:{sampled_face.name}:{sampled_face.face}"
        digest = int.from_bytes(hashlib.sha256(encoded(text)).digest()[:8])
        self._offered += 1
        entry = (digest, self._offered, sampled_face)  # the number: faces cannot be compared
        if len(self._kept) == self.count and entry > self._kept[-1]:
            return
        insort(self._kept, entry)
        related = [one for one in self._kept if one[2].group == sampled_face.group]
        if len(related) > _MOST_OF_A_GROUP:
            self._kept.remove(related[-1])
        del self._kept[self.count :]

    def drawn(self) -> list[SampledFace]:
        """Return the faces, the lowest hash first."""
        return [sampled_face for _, _, sampled_face in self._kept]


@dataclass(frozen=True, slots=True)
class SetSample:
    """Faces of each split and emotion (None: ignored) to be shown, and figures of all faces."""

    face_samples: dict[tuple[str, Emotion | None], RandomSample]
    figures: Figures


def sample_faces(
    converted: ConvertedSet, splits: Iterable[str], count: int, seed: int
) -> SetSample:
    """Go through a set once.

    Args:
        converted: the converted set.
        splits: the splits that are shown.
        count: the number of faces that are chosen of each split and emotion.
        seed: the seed of the choice of faces.

    Raises:
        YoloFerError: if an annotation cannot be used.
    """
    kinds: tuple[Emotion | None, ...] = (*Emotion, None)
    face_samples = {(split, kind): RandomSample(count, seed) for split in splits for kind in kinds}
    figures = Figures()
    for row, image in converted.images():
        if (row.split, None) not in face_samples:
            continue
        try:
            faces = image.faces()
        except ValueError as error:
            raise YoloFerError(
                f"{row.file}: {error}. See `yolo-fer check {converted.root}`"
            ) from error
        figures.add(row.split, image, faces)
        _offer(face_samples, converted, row, faces)
    return SetSample(face_samples, figures)


def _offer(
    face_samples: dict[tuple[str, Emotion | None], RandomSample],
    converted: ConvertedSet,
    row: ManifestRow,
    faces: tuple[Face, ...],
) -> None:
    path = converted.root / row.file
    for index, face in enumerate(faces):
        face_samples[row.split, face.emotion].offer(
            SampledFace(path, row.file, row.group, row.masked, index, faces)
        )
