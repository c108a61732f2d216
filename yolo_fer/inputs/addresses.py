"""Which sources are cameras and network streams, told by what the user wrote."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from yolo_fer.errors import UsageError

_is_index = re.compile(r"\d{1,9}").fullmatch
_is_device = re.compile(r"/dev/video(\d{1,9})").fullmatch


def camera_index(source: str) -> int | None:
    """Return which camera is meant, None if none is.

    A camera is an index as OpenCV counts, `/dev/video0`, or a link to such a device. A file whose
    name is a number is that file.
    """
    path = Path(source)
    device = _is_device(str(path.resolve() if path.is_absolute() else path))
    if device:
        return int(device[1])
    return int(source) if _is_index(source) and not path.exists() else None


def is_address(source: str) -> bool:
    """Tell whether the address of a network stream is meant.

    Raises:
        UsageError: if it is not written as one.
    """
    if "://" not in source or Path(source).exists():
        return False
    try:
        urlsplit(source)
    except ValueError as error:
        raise UsageError(f"{source}: this is no address ({error})") from error
    return True


def scheme(address: str) -> str:
    """Return the scheme of an address, in lower case.

    >>> scheme("RTSP://camera/1")
    'rtsp'
    """
    return address.partition("://")[0].lower()


def without_password(address: str) -> str:
    """Return an address as results may show it.

    >>> without_password("rtsp://me:secret@camera:554/1")
    'rtsp://me:***@camera:554/1'
    """
    parts = urlsplit(address)
    if parts.password is None:
        return address
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{host}"))
