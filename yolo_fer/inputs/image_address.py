"""An image at an `http://` or `https://` address: fetched whole, or refused with a reason."""

from __future__ import annotations

import time
from http.client import HTTPException, HTTPResponse
from pathlib import PurePosixPath
from typing import IO, Any, cast
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from yolo_fer.errors import FileFault, ImageError, UsageError
from yolo_fer.images import MAX_BYTES
from yolo_fer.images.formats import SUFFIXES
from yolo_fer.inputs import certificates
from yolo_fer.inputs.addresses import password_hint, scheme, without_password
from yolo_fer.inputs.file_kinds import VIDEO_SUFFIXES
from yolo_fer.inputs.web_request import password_handlers, request

SILENCE_S = 15.0
"""A server that sends nothing for so long is given up."""
WHOLE_S = 120.0
"""And so is one whose image is not whole after so long."""
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
_SCHEMES = ("http", "https")


def is_image_address(address: str) -> bool:
    """Return whether an address is one that images can be fetched from.

    >>> is_image_address("https://example.org/a.jpg"), is_image_address("rtsp://camera/1")
    (True, False)
    """
    return scheme(address) in _SCHEMES


def leads_to_image(address: str, *, silence_s: float = SILENCE_S) -> bool:
    """Ask the server whether there is one image at an address, and no video and no stream.

    What ends like an image file is one also if the server does not answer or calls it something
    else than a video, so that the reading of the image says what is wrong.
    """
    if not is_image_address(address):
        return False
    suffix = PurePosixPath(urlsplit(without_password(address)).path).suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return False
    looks_like_one = suffix in SUFFIXES
    try:
        with _open(address, silence_s) as response:
            kind, sort = response.headers.get_content_type().split("/")
            if kind != "image" or sort == "gif":
                return looks_like_one and kind not in ("video", "multipart", "image")
            # Cameras send endless images under that type, too.
            return looks_like_one or response.length is not None
    except HTTPError as error:
        error.close()
        return looks_like_one
    except (OSError, HTTPException, ValueError) as error:
        # A camera with a certificate of its own may be trusted, as a stream.
        return looks_like_one and not certificates.is_refused(error)


def fetch_image(
    address: str, *, whole_s: float = WHOLE_S, silence_s: float = SILENCE_S, most: int = MAX_BYTES
) -> bytes:
    """Fetch the file at an address that a user named; nothing else is fetched.

    Certificates are checked, the environment's proxies are used, a name and a password in the
    address are sent to its own server alone. At most five redirects are followed, all of them to
    http or https.

    Args:
        address: an `http://` or `https://` address.
        whole_s: the seconds after which the file has to be here.
        silence_s: the seconds for which the server may send nothing.
        most: the bytes that it may have.

    Raises:
        ImageError: `missing_image` if the server has none, `unreadable_image` if it cannot be
            reached, hangs or leads in circles, `image_too_large`, `truncated_image`, or
            `not_an_image` for a video or a stream; no message has the password.
        UsageError: if it is no address of a server.
    """
    shown = without_password(address)
    deadline = time.monotonic() + whole_s
    try:
        with _open(address, silence_s) as response:
            _refuse_stream(shown, response)
            return _receive(shown, response, deadline, most)
    except HTTPError as error:
        reason = FileFault.MISSING_IMAGE if error.code in (404, 410) else FileFault.UNREADABLE_IMAGE
        error.close()
        raise ImageError(reason, f"{shown}: the server says {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:  # URLError and timeouts are OSErrors
        cause = getattr(error, "reason", None) or error
        what = getattr(cause, "strerror", None) or str(cause) or type(error).__name__
        if isinstance(error, TimeoutError) or isinstance(cause, TimeoutError):
            what = f"nothing came for {silence_s:g} s"
        hint = password_hint(address)
        message = f"{shown}: the image cannot be fetched ({what}){hint}"
        raise ImageError(FileFault.UNREADABLE_IMAGE, message) from error
    except ValueError as error:
        raise UsageError(
            f"{shown}: this is no address of an image{password_hint(address)}"
        ) from error


def _receive(shown: str, response: HTTPResponse, deadline: float, most: int) -> bytes:
    announced = response.length
    too_large = f"{shown}: the file has more than {most / 1e6:g} MB"
    if announced is not None and announced > most:
        raise ImageError(FileFault.IMAGE_TOO_LARGE, too_large)
    received = bytearray()
    # Piece by piece as they come: a read of many bytes would wait however slowly they drip.
    while chunk := response.read1(_CHUNK):
        received += chunk
        if len(received) > most:
            raise ImageError(FileFault.IMAGE_TOO_LARGE, too_large)
        if time.monotonic() > deadline:
            raise ImageError(
                FileFault.UNREADABLE_IMAGE, f"{shown}: the image comes too slowly; given up"
            )
    if announced is not None and len(received) < announced:
        detail = f"after {len(received)} of {announced} bytes"
        raise ImageError(FileFault.TRUNCATED_IMAGE, f"{shown}: the image was cut short {detail}")
    return bytes(received)


def _refuse_stream(shown: str, response: HTTPResponse) -> None:
    if response.headers.get_content_maintype() in ("video", "multipart"):
        kind = response.headers.get_content_type()
        raise ImageError(
            FileFault.NOT_AN_IMAGE, f"{shown}: this is {kind} and no image; use `stream` to read it"
        )


def _open(address: str, silence_s: float) -> HTTPResponse:
    """Send the request.

    Raises:
        ValueError: if it is no address of a server.
        OSError, HTTPException: if there is no answer.
    """
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("no address of a server")
    _ = parts.port  # an error if it is no number
    opener = build_opener(_FewRedirects, *password_handlers(address))
    return cast(HTTPResponse, opener.open(request(address), timeout=silence_s))


class _FewRedirects(HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Follow a redirect within the web only: urllib would follow one to ftp, too."""
        if scheme(urljoin(req.full_url, newurl)) not in _SCHEMES:
            raise HTTPError(req.full_url, code, "it leads to no http address", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
