"""JSON and YAML files that anybody may have written: nothing in them runs, grows or hides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


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
            raise ValueError(f"{short(key)} is there twice; one of them must be a mistake")
        found[key] = value
    return found


def short(value: Any) -> str:
    """Return a value as Python writes it, at most 80 characters of it, for a message."""
    try:
        return repr(value)[:80]
    except ValueError:  # Python writes out no number of more than 4,300 digits
        return "a number of thousands of digits"
