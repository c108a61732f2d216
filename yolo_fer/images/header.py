"""What the header of an image claims, read before anything is decoded."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.formats import HEAD_BYTES, format_of, unread_format
from yolo_fer.images.structure import outline_jpeg, outline_png
from yolo_fer.images.through_pillow import open_heif

_READERS: dict[str, type[ImageFile]] = {
    "AVIF": AvifImagePlugin.AvifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
DAMAGED_HEADER = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError)
"""What Pillow raises for a header that it cannot read; OpenCV may read the image all the same."""
_NEW_SUBFILE_TYPE, _DNG_VERSION = 254, 50706
_REDUCED_COPY = 1
_MAX_SCANS = 500
_MAX_SCANNED_PIXELS = 2_000_000_000
"""Of a progressive image: each scan goes over all pixels. Twenty scans of 100 million pixels take
a minute; usual are ten."""
_SPARE_PNG_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of an image claims.

    Args:
        format: its name in Pillow, `HEIF` for HEIC.
        width: the width in pixels, as the file stores it.
        height: the height in pixels, as the file stores it.
        progressive: it is a JPEG file whose decoder holds all coefficients.
        scans: how often the decoder of a JPEG file goes over the image.
    """

    format: str
    width: int
    height: int
    progressive: bool = False
    scans: int = 1

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height


def read_header(data: bytes) -> Header:
    """Read the header of an image file, and make sure that its image is all there.

    Raises:
        ImageError: `empty_image`, `not_an_image`, `unsupported_image`, `truncated_image`,
            `image_too_large` or `corrupt_image`.
    """
    if not data:
        raise ImageError(FileFault.EMPTY_IMAGE, "the file is empty")
    kind = format_of(data[:HEAD_BYTES])
    if kind is None:
        unread = unread_format(data[:HEAD_BYTES])
        if unread is not None:
            raise ImageError(
                FileFault.UNSUPPORTED_IMAGE, f"the file is {unread}; export it as JPEG or PNG"
            )
        raise ImageError(FileFault.NOT_AN_IMAGE, "the file is not an image of a known format")
    if kind == "JPEG":
        return _jpeg_header(data)
    if kind == "PNG":
        return _png_header(data)
    try:
        if kind == "HEIF":
            return Header(kind, *open_heif(data).size)
        with open_with_pillow(data, kind) as image:
            if kind == "TIFF":
                _refuse_raw_file(image)
            return Header(kind, *image.size)
    except DecompressionBombError as error:
        raise ImageError(FileFault.IMAGE_TOO_LARGE, str(error)) from error
    except DAMAGED_HEADER as error:
        raise ImageError(
            FileFault.CORRUPT_IMAGE, f"the image header is damaged ({error})"
        ) from error


def open_with_pillow(data: bytes, kind: str) -> ImageFile:
    """Open a file of a known format, without decoding it.

    Not with `PIL.Image.open`: it prints its warning about large images to standard error, and where
    Ultralytics is loaded it is another function, which asks for a package at each broken file.
    """
    return _READERS[kind](io.BytesIO(data), "")


def _jpeg_header(data: bytes) -> Header:
    outline = outline_jpeg(data)
    if outline.end is None:
        # libjpeg fills what is missing with grey and only warns.
        raise ImageError(FileFault.TRUNCATED_IMAGE, "the JPEG file is cut short")
    if outline.size is None or not all(outline.size):
        raise ImageError(
            FileFault.CORRUPT_IMAGE, "the JPEG file does not say how large its image is"
        )
    header = Header("JPEG", *outline.size, outline.progressive, outline.scans)
    _check_scans(outline.scans, header.pixels)
    return header


def check_jpeg_frame(data: bytes) -> None:
    """Make sure that a picture of a motion JPEG video does not take too long to decode.

    Raises:
        ImageError: `image_too_large`.
    """
    outline = outline_jpeg(data)
    width, height = outline.size or (1, 1)
    _check_scans(outline.scans, max(1, width * height))


def _check_scans(scans: int, pixels: int) -> None:
    most = min(_MAX_SCANS, max(20, _MAX_SCANNED_PIXELS // pixels))
    if scans > most:
        raise ImageError(
            FileFault.IMAGE_TOO_LARGE,
            f"the JPEG image is coded in {scans} scans, which takes too long to decode; "
            f"{most} are read at this size",
        )


def _png_header(data: bytes) -> Header:
    outline = outline_png(data)
    if outline.size is None or not all(outline.size):
        raise ImageError(
            FileFault.CORRUPT_IMAGE, "the PNG file does not say how large its image is"
        )
    if not outline.is_whole:
        raise ImageError(FileFault.TRUNCATED_IMAGE, "the PNG file is cut short")
    width, height = outline.size
    if outline.data_bytes > 2 * 8 * width * height + _SPARE_PNG_BYTES:  # 8 bytes are a pixel's most
        raise ImageError(
            FileFault.CORRUPT_IMAGE, "the PNG file holds far more data than its pixels need"
        )
    return Header("PNG", width, height)


def _refuse_raw_file(image: ImageFile) -> None:
    """A camera's raw file is a TIFF file whose first image is a small preview."""
    tags = getattr(image, "tag_v2", {})
    if _DNG_VERSION in tags or tags.get(_NEW_SUBFILE_TYPE) == _REDUCED_COPY:
        raise ImageError(
            FileFault.UNSUPPORTED_IMAGE, "the file is a camera's raw file; export it as JPEG or PNG"
        )
