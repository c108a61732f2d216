"""How many faces of one image are given, and that it is said where there are more."""

from __future__ import annotations

import warnings

from yolo_fer.arguments import check_whole_number
from yolo_fer.errors import YoloFerWarning

MAX_FACES = 300
"""The greatest number of faces in one image, if no other is given."""
_SPOKEN_OF = 0.05  # a curve is measured down to 0.001, where boxes without end are left out


def check_max_faces(max_faces: int) -> None:
    """Make sure that a limit of faces is possible.

    Raises:
        UsageError: if it is not at least 1.
    """
    check_whole_number("the most faces of an image", max_faces, 1)


def warn_of_left_out(name: str, max_faces: int, best_left_out: float) -> None:
    """Say, once, that an image has more faces than are reported.

    Args:
        name: the name of the detector or system.
        max_faces: the greatest number of faces that it returns for an image.
        best_left_out: the score of the best face beyond the limit, 0 if there is none.
    """
    if best_left_out >= _SPOKEN_OF:
        warnings.warn(
            f"{name}: there are images with more than {max_faces} faces, of which only the best "
            f"{max_faces} are given. Raise `max_faces` to have them all.",
            YoloFerWarning,
            stacklevel=4,
        )
