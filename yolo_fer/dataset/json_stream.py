r"""A list in a JSON file of any length, an element at a time.

By hand, because the fast parser of `ijson` refuses names that are no UTF-8 (`\udcff`, see
`paths.py`) and fills the memory on a file that is nested deeply; its other one takes twenty times
as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from yolo_fer.errors import YoloFerError

_CHARACTERS = 1 << 20  # that are read at once
_SPACE = " \t\r\n,"


def list_of(file: IO[str], key: str, path: Path) -> Iterator[dict[str, Any]]:
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
                    if not isinstance(element, dict):
                        raise ValueError(f"{str(element)[:80]!r} in `{key}` is no object")
                    yield element
            text.expect("]")
            if name == key:
                return
    except RecursionError as error:
        raise YoloFerError(f"{path} is not a COCO file: it is nested too deeply") from error
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
