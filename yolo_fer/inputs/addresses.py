"""Which sources are cameras and network streams, by what the user wrote."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from yolo_fer.errors import UsageError
from yolo_fer.paths import exists, resolved

_is_index = re.compile(r"\d{1,9}").fullmatch
_is_device = re.compile(r"/dev/video(\d{1,9})").fullmatch

_is_misspelt = re.compile(
    r"[a-z][a-z0-9+.-]+:[/\\]|(?:rtsps?|https?|rtmps?):|(?![a-z]:[/\\]).*:.*@.", re.IGNORECASE
).match

STDIN = "-"
"""How a user names standard input."""
HIDDEN = "***"
"""Stands where a password was."""

# In `loginpas`, `X-Amz-Signature`.
_NAMES = "pas|pwd|psw|secret|token|auth|key|cred|sig|session|jwt|otp|bearer"
_secret_value = re.compile(
    # XMEye's cameras: /user=me_password=secret_channel=1
    rf"((?:^|[/?&;,#_])(?:[^/?&;,#=]*?(?:{_NAMES})[^/?&;,#=]*|pw|p|pin|sid)=)"
    # A value ends where another key begins, not at any `/` or `?`, which it may contain.
    r".*?(?=[&;,][^/?&;,#=]+=|_(?:channel|stream|subtype)=|$)",
    re.IGNORECASE | re.DOTALL,
).sub
_user_and_password = re.compile(r"(.*?(?::|%3a)).*@", re.IGNORECASE | re.DOTALL).match
_pair_in_path = re.compile(r"([/?&=][^/?&=:@]+:)[^/?&]+").sub
_in_text = re.compile(
    r"(\b(?:[a-z][a-z0-9+.-]+:[/\\]{1,2}|(?:rtsps?|https?|rtmps?):))(\S+)", re.IGNORECASE
).sub


def camera_index(source: str) -> int | None:
    """Return which camera is meant, None if none is.

    A camera is an index as OpenCV counts, `/dev/video0`, or a link to such a device. A file whose
    name is a number is that file.
    """
    path = Path(source)
    device = _is_device(str(resolved(path) if path.is_absolute() else path))
    if device:
        return int(device[1])
    return int(source) if _is_index(source) and not path.exists() else None


def is_address(source: str) -> bool:
    """Return whether the address of a network stream is meant.

    Raises:
        UsageError: if it is not written as one.
    """
    has_scheme = "://" in source
    if not (has_scheme or _is_misspelt(source)) or exists(Path(source)):
        return False
    if not has_scheme:
        raise UsageError(
            f"{_hidden(source)}: there is no such file, and an address begins with rtsp:// or so"
        )
    shown = without_password(source)
    try:
        urlsplit(shown)
    except ValueError as error:
        raise UsageError(f"{shown}: this is no address ({error})") from error
    return True


def scheme(address: str) -> str:
    """Return the scheme of an address, in lower case.

    >>> scheme("RTSP://camera/1")
    'rtsp'
    """
    return address.partition("://")[0].lower()


def without_password(address: str) -> str:
    """Return an address as results may show it: no password, wherever and however it is written.

    People write passwords with `#`, `/`, `?` or `@` in them, and into paths and queries. So nothing
    is parsed by the rules of addresses: what might be a password is hidden, and rather a bit of a
    path is hidden, too, than a password shown.

    >>> without_password("rtsp://me:secret@camera:554/1")
    'rtsp://me:***@camera:554/1'
    >>> without_password("http://camera/snapshot?user=me&pwd=secret&channel=1")
    'http://camera/snapshot?user=me&pwd=***&channel=1'
    """
    beginning, slashes, rest = address.partition("://")
    return beginning + slashes + _hidden(rest)


def hide_passwords(text: str) -> str:
    """Return a message with the passwords of all addresses in it hidden, misspelt ones too.

    >>> hide_passwords("rtsp:/me:secret@camera: the file does not exist")
    'rtsp:/me:***@camera: the file does not exist'
    """
    return _in_text(lambda found: found[1] + _hidden(found[2]), text)


def _hidden(rest: str) -> str:
    """Hide the passwords in what follows the scheme of an address."""
    if found := _user_and_password(rest):
        rest = f"{found[1]}{HIDDEN}@{rest[found.end() :]}"
    return _secret_value(rf"\1{HIDDEN}", _pair_in_path(rf"\1{HIDDEN}", rest))


def password_hint(address: str) -> str:
    """Return what to do about a password that ends the address early; empty if there is none.

    >>> password_hint("rtsp://me:a#b@camera/1")
    "; in a user name or a password, write '#' as %23"
    """
    found = _user_and_password(address.partition("://")[2])
    special = [character for character in "#/?@" if found and character in found[0][:-1]]
    codes = ", ".join(f"'{character}' as %{ord(character):X}" for character in special)
    return f"; in a user name or a password, write {codes}" if codes else ""


def place_of(address: str) -> str:
    """Return host and path of an address, without port, user, password and query.

    >>> place_of("rtsp://me:secret@10.0.0.5:554/a/b?channel=1")
    '10.0.0.5/a/b'
    """
    place = _hidden(address.partition("://")[2]).rpartition("@")[2]
    host, slash, path = re.split(r"[?#]", place, maxsplit=1)[0].partition("/")
    return re.sub(r":\d*$", "", host) + slash + path
