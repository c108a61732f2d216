"""Give the images of a copy of WIDER FACE the size back that their labels are about.

WIDER FACE is also passed on with images stretched to a square next to labels that were left alone;
`yolo-fer faces` refuses such a copy. All images of WIDER FACE are 1024 pixels wide; their heights
differ and are lost then, but can be told from where RetinaFace sees the labelled faces: within 1 %
on the images with several faces. Figures of RetinaFace on the restored copy are in its favour.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from yolo_fer import images
from yolo_fer.boxes import Boxes, iou
from yolo_fer.cli.console import errors_as_status, progress
from yolo_fer.errors import ImageError
from yolo_fer.evaluate.wider_face import EDGE, IMAGES, LABELS, read_wider
from yolo_fer.faces import FaceFinder, FoundFaces, load_finder
from yolo_fer.files import write_atomically
from yolo_fer.images import Image
from yolo_fer.outputs.sink import refuse_filled_folder

WIDTH = 1024
_HEIGHTS = (300, 3000)  # the flattest and the tallest image that is thought of
_FIRST_LOOKS = (683, 1024, 1400)  # a face that is stretched by more than that is overlooked
_FIT_IOU = 0.4
_STEP = 0.02  # of the first search
_LEAST_FIT = 0.5  # about one face that is seen well


@dataclass(frozen=True, slots=True)
class LabelSize:
    """Restores the size of images of WIDER FACE.

    Args:
        finder: that tells the height. Where there is one face, its height fits this finder a little
            better than the others.
    """

    finder: FaceFinder

    @classmethod
    def by_retinaface(cls, device: str, threads: int | None) -> LabelSize:
        """Use RetinaFace, the best of the finders that need no download."""
        return cls(load_finder("retinaface", device=device, threads=threads, threshold=0.3))

    def restore(self, image: Image, faces: Boxes) -> Image | None:
        """Stretch an image to 1024 pixels of width and the height that its labels tell.

        Args:
            image: of any size.
            faces: (N, 4) true corner boxes.

        Returns:
            The image, or None if its height cannot be told. One without faces is 4:3.
        """
        if not len(faces):
            return _stretch(image, WIDTH * 3 // 4)
        looks = [self._look(image, faces, height) for height in _FIRST_LOOKS]
        height, fit = max(looks, key=lambda look: look[1])
        if fit < _LEAST_FIT:
            return None
        height, _ = self._look(image, faces, height)  # now faces have their natural shape
        return _stretch(image, height)

    def _look(self, image: Image, faces: Boxes, height: int) -> tuple[int, float]:
        (found,) = self.finder.find([_stretch(image, height)])
        return fit_height(faces, found, height)


def fit_height(faces: Boxes, found: FoundFaces, height: int) -> tuple[int, float]:
    """Find the image's height at which found boxes fit the true ones best.

    Args:
        faces: (N, 4) true corner boxes.
        found: in an image of the right width and of `height`.
        height: in pixels.

    Returns:
        The height, and how well it fits: the sum of score times IoU over the boxes that fit.
    """
    lowest = max(_HEIGHTS[0], int(np.ceil(faces[:, 3].max() - EDGE)))
    count = max(2, int(np.log(max(_HEIGHTS[1] / lowest, 1.01)) / _STEP))
    coarse = np.unique(np.geomspace(lowest, max(_HEIGHTS[1], lowest + 1), count).round())
    best = _best(coarse, faces, found, height)
    near = np.arange(np.floor(best * (1 - _STEP)), np.ceil(best * (1 + _STEP)) + 1)
    best = _best(near[near >= lowest], faces, found, height)
    return int(best), _fit(best, faces, found, height)


def _best(heights: Boxes, faces: Boxes, found: FoundFaces, height: int) -> float:
    return float(max(heights, key=lambda candidate: _fit(candidate, faces, found, height)))


def _fit(candidate: float, faces: Boxes, found: FoundFaces, height: int) -> float:
    if not len(found.boxes):
        return 0.0
    scale = candidate / height
    overlaps = iou(faces, found.boxes * np.array([1, scale, 1, scale])).max(axis=0)
    return float((found.scores * overlaps)[overlaps > _FIT_IOU].sum())


def _stretch(image: Image, height: int) -> Image:
    size = (WIDTH, height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with label.txt and images/; only read.")],
    out: Annotated[Path, typer.Option(help="Folder to write, new or empty.")],
    device: Annotated[str, typer.Option(help="Of RetinaFace: auto, cpu, cuda, cuda:N.")] = "cpu",
    threads: Annotated[int | None, typer.Option(min=1, show_default="all")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, show_default="all", help="Only the first so many images.")
    ] = None,
) -> None:
    """Write a copy with restored images as PNG and a label.txt that names them."""
    refuse_filled_folder(out, overwrite=False)
    size = LabelSize.by_retinaface(device, threads)
    labelled = list(read_wider(folder))[:limit]
    left_out: Counter[str] = Counter()
    lines = []
    for number, item in enumerate(progress(labelled, "images", len(labelled))):
        try:
            restored = size.restore(images.read(item.path), item.boxes)
        except ImageError as error:
            left_out[error.reason] += 1
            continue
        if restored is None:
            left_out["the labels do not tell its height"] += 1
            continue
        name = f"{number:05}-{item.path.stem}.png"
        (out / IMAGES).mkdir(parents=True, exist_ok=True)
        write_atomically(out / IMAGES / name, cv2.imencode(".png", restored)[1].tobytes())
        lines += [f"# {name}", *(f"{x1} {y1} {x2 - x1} {y2 - y1}" for x1, y1, x2, y2 in item.boxes)]
    if lines:
        write_atomically(out / LABELS, ("\n".join(lines) + "\n").encode())
    for reason, count in left_out.items():
        typer.echo(f"left out: {count} x {reason}", err=True)
    typer.echo(f"{len(labelled) - left_out.total()} of {len(labelled)} images are in {out}")
    if not lines:
        raise typer.Exit(1)


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
