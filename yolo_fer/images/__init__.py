"""Reading, decoding and encoding images that may be anything."""

from yolo_fer.images.decoding import (
    MAX_PIXELS,
    MAX_REDUCED_PIXELS,
    decode,
    decode_grey,
    decode_reduced,
    is_plain_jpeg,
)
from yolo_fer.images.encoding import (
    JPEG_QUALITY,
    LONGEST_SIDES,
    check_sides,
    encode,
    encode_jpeg,
)
from yolo_fer.images.pixels import Image, check
from yolo_fer.images.reading import MAX_BYTES, read, read_bytes, read_reduced

__all__ = [
    "JPEG_QUALITY",
    "LONGEST_SIDES",
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_REDUCED_PIXELS",
    "Image",
    "check",
    "check_sides",
    "decode",
    "decode_grey",
    "decode_reduced",
    "encode",
    "encode_jpeg",
    "is_plain_jpeg",
    "read",
    "read_bytes",
    "read_reduced",
]
