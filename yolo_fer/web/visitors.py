"""Who may speak to what listens here.

A browser that visits a hostile site can be made to send requests to this computer, too: under the
name of that site, whose address was changed meanwhile (DNS rebinding), or across origins. Both are
recognised here by the headers `Host` and `Origin`, before anything else sees the request.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from yolo_fer.web.address import Address

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Visitors:
    """Tells who is welcome.

    Requests may come under the names of this computer, under those of the address, and under
    numbers, since a hostile site cannot have one of ours. Pages may send something if they come
    from the very host and port that they ask, or from a name of the address.

    Args:
        address: where it listens.
    """

    def __init__(self, address: Address) -> None:
        self._allowed = _lower(address.names)
        self._names = _lower(_names_of_this_computer(address.host)) | self._allowed

    def objection(self, headers: Mapping[str, str]) -> str | None:
        """Return why a request is refused, None if it is not.

        Args:
            headers: the headers of a request, by name in lower case.
        """
        host = headers.get("host", "")
        if not self._is_ours(host):
            return (
                f"Nothing here is called {host[:200]!r}. If it should be, start it with "
                "`allow_host` and that name."
            )
        origin = headers.get("origin")
        if origin is None:
            return None
        there = origin.partition("://")[2]
        # Behind a proxy it has a name of its own, which has to be allowed. The computer's own names
        # and numbers are not enough: on its other ports are other pages.
        if there.lower() != host.lower() and _name(there) not in self._allowed:
            return f"Requests from another page ({origin[:200]!r}) are refused."
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of an ASGI request, their names in lower case; of two alike, the last."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them."""
    return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]


def content_length(headers: Mapping[str, str]) -> int | None:
    """Return how long a request says that it is, None if it does not say a possible number."""
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Return a `send` that puts these headers in the place of those of the same names."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = message.get("headers", ())
            others = [pair for pair in given if pair[0].decode("latin-1").lower() not in headers]
            message["headers"] = [*others, *encoded(headers)]
        await send(message)

    return send_on


def _names_of_this_computer(host: str) -> set[str]:
    """Return the names under which what listens on `host` is asked, besides numbers."""
    own = socket.gethostname()
    return {"localhost", host, own, f"{own}.local"}


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _name(host: str) -> str:
    """Return the name of a host, without port; empty if it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""
