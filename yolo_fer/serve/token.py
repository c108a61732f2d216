"""The token that a request has to bring, if one is set."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Mapping
from pathlib import Path

from yolo_fer.errors import UsageError

VARIABLE = "YOLO_FER_TOKEN"
"""The environment variable that holds the token."""
_LEAST = 16
_LARGEST_FILE = 4096
_is_token = re.compile(r"[\x21-\x7e]+").fullmatch


class Token:
    """A secret; the time of a comparison does not show how much of a guess is right.

    Args:
        text: visible ASCII characters, at least 16.

    Raises:
        UsageError: if it is none.
    """

    def __init__(self, text: str) -> None:
        if not _is_token(text) or len(text) < _LEAST:
            raise UsageError(
                f"the token must have at least {_LEAST} visible ASCII characters and no blank; "
                "`openssl rand -hex 32` makes one"
            )
        self._expected = f"Bearer {text}".encode()

    def __repr__(self) -> str:
        return "Token(…)"

    def is_in(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request brings it, as `Authorization: Bearer TOKEN`.

        Args:
            headers: the headers of a request, by name in lower case.
        """
        kind, _, given = headers.get("authorization", "").partition(" ")
        # the scheme's name may be written in any case
        brought = f"{kind.title()} {given.strip()}".encode("utf-8", "replace")
        return hmac.compare_digest(brought, self._expected)


def find_token(file: Path | None) -> Token | None:
    """Return the token that is set, None if none is.

    Args:
        file: a file that holds nothing else; None looks into the environment, and removes it there
            so that programs started from here do not see it.

    Raises:
        UsageError: if the file cannot be read, or what is set cannot be a token.
    """
    if file is None:
        text = os.environ.pop(VARIABLE, None)
        where = f"the variable {VARIABLE}"
    else:
        where = str(file)
        try:
            with file.open("rb") as opened:
                text = opened.read(_LARGEST_FILE).decode("latin-1")
        except OSError as error:
            raise UsageError(f"`token_file={file}` cannot be read ({error.strerror})") from error
    if text is None:
        return None
    try:
        return Token(text.strip())
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
