r"""File names that are odd: no UTF-8, or longer than any file system allows.

Python holds a byte that is no UTF-8 as a lone surrogate (`surrogateescape`, PEP 383), which no
encoding takes. There is one way to write it and to read it back: in every file of ours such a byte
stands as `\udcXX`. JSON and YAML read that by their own rules, so `errors=ESCAPE` is enough where
they are encoded; in CSV a cell is `escaped` and `unescaped`. The files stay UTF-8, which all other
tools read.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from yolo_fer.errors import UsageError

ESCAPE = "backslashreplace"
"""How JSON text, YAML text and messages are encoded; it changes nothing but lone surrogates."""

_BACKSLASH = "\\u005c"
_surrogates = re.compile("[\udc80-\udcff]")
_looks_escaped = re.compile(r"\\(?=u(?:dc[89a-f][0-9a-f]|005c))")
_escape = re.compile(r"\\u(dc[89a-f][0-9a-f]|005c)")


def escaped(text: str) -> str:
    r"""Return a file name as a cell of a CSV file.

    >>> escaped("anger/\udcff.jpg")
    'anger/\\udcff.jpg'
    """
    plain = _looks_escaped.sub(lambda _: _BACKSLASH, text)
    return _surrogates.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def unescaped(text: str) -> str:
    r"""Return the file name of a cell: what was given to `escaped`, whatever it was.

    >>> unescaped(escaped("\udcff.jpg")) == "\udcff.jpg"
    True
    """
    return _escape.sub(lambda found: chr(int(found[1], 16)), text)


def portable(text: str) -> str:
    r"""Return a file name that is UTF-8, for a copy that other tools and systems are to read.

    >>> portable("\udcff.jpg")
    '_xff.jpg'
    """
    return _surrogates.sub(lambda found: f"_x{ord(found[0]) - 0xDC00:02x}", text)


def temporary_beside(path: Path) -> Path:
    """Return an unused hidden name in a file's folder: write there, then rename it to the file.

    The name is random, since other threads, processes or machines may write the same file.
    """
    # Cut, because file systems allow 255 bytes and the name itself may take all of them.
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}.tmp")


def free_name(stem: str, taken: set[str], suffix: str = "") -> str:
    """Return a name that is not taken yet, letter case aside, with a number if need be; take it.

    >>> taken = {"a.jpg"}
    >>> free_name("A", taken, ".jpg"), sorted(taken)
    ('A-2.jpg', ['a-2.jpg', 'a.jpg'])
    """
    name, number = f"{stem}{suffix}", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    taken.add(name.casefold())
    return name


def folder_of(*variables: str) -> Path | None:
    """Return the folder that an environment variable names, None if none of them does.

    Args:
        variables: their names; the first that is set counts.

    Raises:
        UsageError: if it begins with the home of a user who does not exist.
    """
    for name in variables:
        if value := os.environ.get(name):
            try:
                return Path(value).expanduser()
            except RuntimeError as error:
                raise UsageError(
                    f"the variable {name} is {value}, and there is no such user's folder here; "
                    "write it without ~, or unset it"
                ) from error
    return None


def encoded(text: str) -> bytes:
    """Return the bytes of a file name, for hashing: those that the file system has.

    >>> encoded("a.jpg")
    b'a.jpg'
    """
    return text.encode("utf-8", "surrogateescape")


def exists(path: Path) -> bool:
    """Return whether a file or folder is there; one of 300 characters, say, cannot be."""
    try:
        return path.exists()
    except OSError:
        return False


def resolved(path: Path) -> Path:
    """Return an absolute path without links, of a file that may be missing.

    A link that leads in a circle, at which `Path.resolve` fails before Python 3.13, stays as it is,
    and so does a name that no file can have.

    >>> resolved(Path("a/../b.jpg")) == Path.cwd() / "b.jpg"
    True
    """
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # no name holds a NUL
        return path.absolute()
