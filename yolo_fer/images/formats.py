"""Which image format a file has, told by its first bytes."""

from __future__ import annotations

import struct

SUFFIXES = frozenset(
    {".avif", ".bmp", ".dib", ".heic", ".heif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
"""How image files are usually named; what a file is, its content tells."""

HEAD_BYTES = 64
"""So many first bytes tell the format."""

_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51\0": "JPEG2000",
}
# Pictures that nothing here reads; each is named instead of being left out without a word.
_UNREAD = {
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cJXL \r\n\x87\n": "a JPEG XL image",
    b"8BPS": "a Photoshop document",
    b"gimp xcf": "a GIMP document",
    b"FUJIFILMCCD-RAW": "a camera's raw file",
    b"IIU\0": "a camera's raw file",
    b"IIRO": "a camera's raw file",
    b"IIRS": "a camera's raw file",
    b"FOVb": "a camera's raw file",
}
_AVIF_BRANDS = frozenset({b"avif"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2"})
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def format_of(head: bytes) -> str | None:
    """Return the name that Pillow has for a file's format, None if it is no image that is read.

    >>> format_of(b"GIF89a"), format_of(b"P6 1 1 255 ")
    (None, 'PPM')

    Args:
        head: the first `HEAD_BYTES` of the file, or all of it.
    """
    for start, name in _STARTS.items():
        if head.startswith(start):
            return None if unread_format(head) else name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and len(head) >= 18 and _number(head, 14) in _BMP_HEADERS:
        return "BMP"
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return "PPM"
    brands = brands_of(head)
    if brands and brands[0] in _AVIF_BRANDS | _HEIF_BRANDS:
        # mif1 and its kin say only that it is an image; the others say how it is coded.
        return "AVIF" if _AVIF_BRANDS & set(brands) else "HEIF"
    return None


def unread_format(head: bytes) -> str | None:
    """Return in words which image format it is that cannot be read, None if it is none of them."""
    if head[8:10] == b"CR" and head[:2] in (b"II", b"MM"):
        return "a camera's raw file"
    if brands_of(head)[:1] == [b"crx "]:
        return "a camera's raw file"
    return next((name for start, name in _UNREAD.items() if head.startswith(start)), None)


def brands_of(head: bytes) -> list[bytes]:
    """Return the brands of an ISO base media file (MP4, HEIC, AVIF), the main one first."""
    if head[4:8] != b"ftyp" or len(head) < 16:
        return []
    end = min(struct.unpack(">I", head[:4])[0], len(head))
    return [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]


def _number(head: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", head, at)[0])
