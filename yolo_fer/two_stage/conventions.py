"""From what each face finder calls a face to ExpW's square boxes, which the detector gives, too."""

from __future__ import annotations

from yolo_fer.boxes import Boxes, retinaface_to_expw, to_squares

# Side in heights, centre to the right in widths and up in heights: medians over faces of ExpW's
# training split that have both boxes. The same for MTCNN gains nothing over RetinaFace's figures.
_SQUARES = {"haar": (1.092, 0.0, 0.039)}


def to_expw(finder: str, boxes: Boxes) -> Boxes:
    """Bring the boxes of a face finder to ExpW's convention.

    Args:
        finder: its name; one without figures of its own is taken to box faces as RetinaFace does,
            which learned it, as most finders do, from WIDER FACE.
        boxes: (N, 4) corners.

    Returns:
        (N, 4) corners of squares.
    """
    if finder not in _SQUARES:
        return retinaface_to_expw(boxes)
    side, right, up = _SQUARES[finder]
    return to_squares(boxes, side=side, right=right, up=up)
