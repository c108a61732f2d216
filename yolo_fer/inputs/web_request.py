"""Requests to web servers, with the name and the password that an address may hold."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import (
    BaseHandler,
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
)

_KEPT = "/%:=&?~+!$,;'@()*[]"  # what has a meaning in an address, and what is encoded already


def request(address: str) -> Request:
    """Return the request for an `http://` or `https://` address, without name and password."""
    parts = urlsplit(address)
    parts = parts._replace(
        netloc=parts.netloc.rpartition("@")[2],
        path=quote(parts.path, _KEPT),
        query=quote(parts.query, _KEPT),
        fragment="",
    )
    return Request(urlunsplit(parts), headers={"User-Agent": "yolo-fer"})  # noqa: S310  # http or https


def password_handlers(address: str) -> tuple[BaseHandler, BaseHandler]:
    """Return what answers a server that asks for the name and the password of an address."""
    passwords = HTTPPasswordMgrWithDefaultRealm()
    parts = urlsplit(address)
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
        passwords.add_password(None, request(address).full_url, user, password)
    return HTTPBasicAuthHandler(passwords), HTTPDigestAuthHandler(passwords)
