"""Which forms are read."""

from __future__ import annotations

from python_multipart.multipart import parse_options_header

_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1"})


def charset_objection(content_type: str) -> str | None:
    """Return why a form is refused, None if it is not or if this is no form.

    A form may name any codec of Python for its texts, and some of these raise what no parser of
    forms expects (`undefined`), or take minutes for a megabyte (`punycode`). RFC 7578 wants UTF-8.

    Args:
        content_type: the header `Content-Type` of a request.
    """
    kind, options = parse_options_header(content_type)
    charset = options.get(b"charset", b"utf-8").decode("latin-1")
    if kind != b"multipart/form-data" or charset.strip().lower() in _CHARSETS:
        return None
    return f"its charset is {charset[:50]!r}, and only utf-8 is read"
