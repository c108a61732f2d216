"""The same faces, as `export --verify` means it."""

from __future__ import annotations

from collections.abc import Sequence

from yolo_fer import Prediction
from yolo_fer.export.formats import Precision
from yolo_fer.export.verify import TOLERANCES, compare


def assert_same_faces(
    found: Sequence[Prediction], expected: Sequence[Prediction], conf: float
) -> None:
    """Every face has its counterpart, to the tolerance of fp32; there have to be some."""
    tolerance = TOLERANCES[Precision.FP32]
    assert len(found) == len(expected)
    assert sum(len(one) for one in expected) > len(expected)
    for one, other in zip(found, expected, strict=True):
        assert (one.width, one.height) == (other.width, other.height)
        assert all(face.within(tolerance) for face in compare(one, other, conf))
