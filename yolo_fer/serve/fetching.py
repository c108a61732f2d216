"""Fetching an image from a URL that a client sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import h11

from yolo_fer import __version__
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.addresses import without_password
from yolo_fer.serve.public_addresses import is_elsewhere

_REDIRECTS = 5
_CHUNK = 1 << 16
_SHOWN = 200
_PORTS = {"http": 80, "https": 443}
_IN_URLS = "/%:=&?~+!$,;'@()*[]"
_NO_HOST = "its host has no public address; send the image itself"


class FetchError(YoloFerError):
    """Why there is no image at a URL; says nothing of the network that this computer is in."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as numbers.

    Raises:
        OSError: if it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches images from the public internet.

    Each host is resolved once. All its addresses have to be public, and the connection goes to one
    of those that were checked, so that a name whose address changes between check and use gains
    nothing. A redirect is a new URL. Proxies, cookies and passwords are not used.

    Args:
        most_bytes: the most bytes of an image file.
        timeout: the seconds that a fetch may take, redirects included.
        resolve: a function that returns the addresses of a host.
        allows: a function that says whether an address may be asked. By default only a public
            address may that is not this computer's own, since behind its own there may be what a
            firewall hides from others.
    """

    most_bytes: int
    timeout: float
    resolve: Callable[[str, int], Awaitable[list[str]]] = resolve
    allows: Callable[[str], bool] = is_elsewhere

    async def fetch(self, url: str) -> bytes:
        """Return what is at a URL.

        Raises:
            FetchError: if it may not be asked, does not answer in time, or has no file of at most
                so many bytes.
        """
        shown = without_password(url)[:_SHOWN]
        try:
            async with asyncio.timeout(self.timeout):
                for _ in range(_REDIRECTS + 1):
                    answer = await self._ask(_Place.of(url))
                    if isinstance(answer, bytes):
                        return answer
                    url = urljoin(url, answer.target)
            raise FetchError(f"it redirects more than {_REDIRECTS} times")
        except TimeoutError as error:
            raise FetchError(f"{shown}: no answer within {self.timeout:g} seconds") from error
        except FetchError as error:
            raise FetchError(f"{shown}: {error}") from error
        except (OSError, ValueError, h11.ProtocolError) as error:  # ssl's are OSErrors
            raise FetchError(f"{shown}: it cannot be fetched ({_in_words(error)})") from error

    async def _ask(self, place: _Place) -> bytes | _Redirect:
        reader, writer = await self._connect(place)
        try:
            connection = h11.Connection(h11.CLIENT)
            request = h11.Request(method="GET", target=place.target, headers=place.headers)
            for event in (request, h11.EndOfMessage()):
                writer.write(connection.send(event) or b"")
            await writer.drain()
            return await self._receive(connection, reader)
        finally:
            writer.transport.abort()  # a polite end of TLS could be waited for without end

    async def _connect(self, place: _Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            addresses = await self.resolve(place.host, place.port)
        except (OSError, UnicodeError):
            addresses = []
        # A client must not learn whether a name is unknown or private.
        if not addresses or not all(self.allows(address) for address in addresses):
            raise FetchError(_NO_HOST)
        context = ssl.create_default_context() if place.scheme == "https" else None
        name = place.host if context else None
        failure = OSError()
        for address in dict.fromkeys(addresses):
            try:
                return await asyncio.open_connection(
                    address, place.port, ssl=context, server_hostname=name
                )
            except OSError as error:
                failure = error
        raise failure

    async def _receive(
        self, connection: h11.Connection, reader: asyncio.StreamReader
    ) -> bytes | _Redirect:
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                headers = {name.decode("ascii"): value for name, value in event.headers}
                if event.status_code in (301, 302, 303, 307, 308) and "location" in headers:
                    return _Redirect(headers["location"].decode("latin-1"))
                if event.status_code != 200:
                    raise FetchError(f"it answers with status {event.status_code}")
                if headers.get("content-encoding", b"identity").lower() != b"identity":
                    raise FetchError("it sends a compressed answer, which was not asked for")
                self._check(int(headers.get("content-length", b"0")))
            elif isinstance(event, h11.Data):
                body += event.data
                self._check(len(body))
            elif isinstance(event, h11.EndOfMessage):
                return bytes(body)
            elif isinstance(event, h11.ConnectionClosed):
                raise FetchError("it closes the connection without an answer")

    def _check(self, size: int) -> None:
        if size > self.most_bytes:
            raise FetchError(f"it has more than {self.most_bytes / 1e6:g} MB")


@dataclass(frozen=True, slots=True)
class _Redirect:
    target: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a URL leads, and what is asked for there."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> _Place:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise FetchError(f"this is no URL ({error})") from error
        if parts.scheme not in _PORTS or not host:
            raise FetchError("a URL of an image begins with https:// or http:// and a host")
        if parts.username is not None or parts.password is not None:
            raise FetchError("a URL with a user or a password is not fetched")
        if not host.isascii():
            with suppress(UnicodeError):
                host = host.encode("idna").decode("ascii")
        target = quote(parts.path or "/", safe=_IN_URLS)
        if parts.query:
            target += "?" + quote(parts.query, safe=_IN_URLS)
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], target)

    @property
    def headers(self) -> list[tuple[str, str]]:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return [
            ("Host", host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"),
            ("User-Agent", f"yolo-fer/{__version__}"),
            ("Accept", "image/*"),
            ("Accept-Encoding", "identity"),
            ("Connection", "close"),
        ]


def _in_words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
