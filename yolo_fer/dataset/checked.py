"""Checking values of files from any source: what passes here has its type, and is usable."""

from __future__ import annotations

import math
from typing import Any

from yolo_fer.runtime.json_yaml import short

_MOST = 2**63 - 1  # fits NumPy's integers


def whole_number(value: Any) -> int:
    """Return an id or a count; a text of digits is one, too.

    >>> whole_number("12"), whole_number(3.0)
    (12, 3)

    Raises:
        ValueError: if it is none, infinite or too large for 64 bits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{short(value)} is no whole number")
    number = float(value) if isinstance(value, str) and not value.isdecimal() else value
    if isinstance(number, float) and not (math.isfinite(number) and number.is_integer()):
        raise ValueError(f"{short(value)} is no whole number")
    if abs(int(number)) > _MOST:
        raise ValueError(f"{short(value)} is too large a number")
    return int(number)


def box(value: Any) -> tuple[float, float, float, float]:
    """Return left, top, width and height; whether they are finite is for the caller to say.

    Raises:
        ValueError: if they are not four numbers.
    """
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError(f"{short(value)} is no box")
    try:
        x, y, width, height = (float(v) for v in value)
    except (TypeError, OverflowError) as error:  # a null, or a number of 400 digits
        raise ValueError(f"{short(value)} is no box") from error
    return x, y, width, height


def objects(content: Any, key: str) -> list[dict[str, Any]]:
    """Return a list of objects of a JSON file.

    Raises:
        ValueError: if it is none.
    """
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise ValueError(f"it has no list `{key}`")
    strange = next((item for item in found if not isinstance(item, dict)), None)
    if strange is not None:
        raise ValueError(f"{short(strange)} in `{key}` is no object")
    return found
