"""Values of files that anybody may have written: what passes here is of its type, and usable."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import yaml

_MOST = 2**63 - 1  # fits NumPy's integers


def whole_number(value: Any) -> int:
    """Return an id or a count; a text of digits is one, too.

    >>> whole_number("12"), whole_number(3.0)
    (12, 3)

    Raises:
        ValueError: if it is none, infinite or too large for 64 bits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{_short(value)} is no whole number")
    number = float(value) if isinstance(value, str) and not value.isdecimal() else value
    if isinstance(number, float) and not (math.isfinite(number) and number.is_integer()):
        raise ValueError(f"{_short(value)} is no whole number")
    if abs(int(number)) > _MOST:
        raise ValueError(f"{_short(value)} is too large a number")
    return int(number)


def box(value: Any) -> tuple[float, float, float, float]:
    """Return left, top, width and height; whether they are finite is for the caller to say.

    Raises:
        ValueError: if they are not four numbers.
    """
    if not isinstance(value, list) or len(value) != 4:
        raise ValueError(f"{_short(value)} is no box")
    try:
        x, y, width, height = (float(v) for v in value)
    except (TypeError, OverflowError) as error:  # a null, or a number of 400 digits
        raise ValueError(f"{_short(value)} is no box") from error
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
        raise ValueError(f"{_short(strange)} in `{key}` is no object")
    return found


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is none, or names a key of an object twice.
    """
    try:
        return json.loads(path.read_bytes(), object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_yaml(path: Path) -> Any:
    """Read a YAML file in which nothing is built but texts, numbers, lists and mappings.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is none, names a key twice, or refers to a list or mapping of its own,
            which could stand for more than any memory holds.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506  # a SafeLoader
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (yaml.YAMLError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
        # PyYAML stumbles over its own tags: `!!bool perhaps` is a KeyError.
        raise ValueError(str(error)) from error


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        is_alias = self.check_event(yaml.AliasEvent)
        node = super().compose_node(parent, index)
        if is_alias and node is not None and not isinstance(node, yaml.ScalarNode):
            raise yaml.composer.ComposerError(
                None, None, "it is referred to by *; write it out", node.start_mark
            )
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        pairs = self.construct_pairs(node, deep=True)
        try:
            return _unique(pairs)
        except (TypeError, ValueError) as error:
            raise yaml.constructor.ConstructorError(
                None, None, str(error), node.start_mark
            ) from error


# A date is a text like any other: 2024-13-45 names a folder, and no day.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _unique(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{_short(key)} is there twice; one of them must be a mistake")
        found[key] = value
    return found


def _short(value: Any) -> str:
    try:
        return repr(value)[:80]
    except ValueError:  # Python writes out no number of more than 4,300 digits
        return "a number of thousands of digits"
