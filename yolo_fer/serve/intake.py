"""What a request brings: one image, as its body or in a form, or the URLs of some."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from yolo_fer.serve.description import UrlList
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.refusal import Refusal
from yolo_fer.web.forms import charset_objection
from yolo_fer.web.visitors import content_length

_FORM_BYTES = 65_536
"""Of a form besides the image in it, and of a list of URLs."""
_FORM_PARTS = 50
_SENT_AS_BODY = "body"
_HOW = (
    "send an image as the body (curl --data-binary @photo.jpg) "
    "or in a form (curl -F image=@photo.jpg)"
)


@dataclass(frozen=True, slots=True)
class Upload:
    """An image that was sent.

    Args:
        source: the name that its sender gave it.
        data: the bytes of the image file.
    """

    source: str
    data: bytes


@dataclass(slots=True)
class Holding:
    """The bytes that one request has in hand."""

    intake: Intake
    size: int = 0

    def add(self, size: int) -> None:
        """Take some more.

        Raises:
            Refusal: if all requests together have too many.
        """
        limits = self.intake.limits
        if self.intake.held + size > limits.total_bytes:
            raise Refusal.busy(
                429,
                "too_much_in_hand",
                f"the {limits.total_mb} MB that may be in hand are; try again in a moment",
            )
        self.size += size
        self.intake.held += size


class Intake:
    """Reads what requests bring; what all of them have in hand is limited.

    Args:
        limits: the limits of one image, and of all.
    """

    def __init__(self, limits: RequestLimits) -> None:
        self.limits = limits
        self.held = 0

    @contextmanager
    def holding(self) -> Iterator[Holding]:
        """Account for what a request brings until the block ends."""
        holding = Holding(self)
        try:
            yield holding
        finally:
            self.held -= holding.size

    async def read(self, request: Request, holding: Holding) -> Upload | list[str]:
        """Return the image of a request, or the URLs that it names.

        Raises:
            Refusal: if there is neither, it is too large, or it does not come in time.
        """
        seconds = self.limits.timeout / 2  # the rest is for the work
        try:
            async with asyncio.timeout(seconds):
                return await self._read(request, holding)
        except TimeoutError as error:
            text = f"the body did not arrive within {seconds:g} seconds; send a smaller image"
            raise Refusal(408, "slow_body", text) from error

    async def _read(self, request: Request, holding: Holding) -> Upload | list[str]:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            most = self.limits.upload_bytes + _FORM_BYTES
            return await self._image_in_form(request, self._chunks(request, holding, most))
        if kind == "application/json":
            chunks = self._chunks(request, holding, _FORM_BYTES)
            return _urls(b"".join([chunk async for chunk in chunks]))
        # Its content says what it is, whatever it is called.
        chunks = self._chunks(request, holding, self.limits.upload_bytes)
        data = b"".join([chunk async for chunk in chunks])
        if not data:
            raise Refusal(400, "no_image", f"the request has no body; {_HOW}")
        return Upload(_SENT_AS_BODY, data)

    async def _chunks(
        self, request: Request, holding: Holding, most: int
    ) -> AsyncGenerator[bytes, None]:
        too_large = Refusal(
            413,
            "too_many_bytes",
            f"the request has more than {most / 1e6:g} MB; send a smaller image",
        )
        if (content_length(request.headers) or 0) > most:
            raise too_large
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
            if received > most:
                raise too_large
            holding.add(len(chunk))
            yield chunk

    async def _image_in_form(self, request: Request, chunks: AsyncGenerator[bytes, None]) -> Upload:
        objection = charset_objection(request.headers["content-type"])
        if objection is not None:
            raise Refusal(400, "broken_form", f"the form cannot be read ({objection}); {_HOW}")
        parser = _FormInMemory(
            request.headers, chunks, max_files=_FORM_PARTS, max_fields=_FORM_PARTS
        )
        try:
            form = await parser.parse()
        except MultiPartException as error:
            text = f"the form cannot be read ({error.message.rstrip('.')}); {_HOW}"
            raise Refusal(400, "broken_form", text) from error
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if len(files) != 1:
            what = "no file" if not files else f"{len(files)} files"
            text = f"the form holds {what}; {_HOW}, one a request"
            raise Refusal(400, "no_image" if not files else "many_images", text)
        data = await files[0].read()
        if len(data) > self.limits.upload_bytes:
            text = f"the image has more than {self.limits.upload_mb} MB; send a smaller one"
            raise Refusal(413, "too_many_bytes", text)
        return Upload(files[0].filename or "file", data)


class _FormInMemory(MultiPartParser):
    spool_max_size = sys.maxsize  # no image is ever written to a disk


def _urls(body: bytes) -> list[str]:
    try:
        return UrlList.model_validate_json(body).urls
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"{part}: " for part in first["loc"])
        text = f'{where}{first["msg"]}; send {{"urls": ["https://…"]}}'
        if first["type"] == "json_invalid":
            raise Refusal(400, "broken_json", text) from error
        raise Refusal(422, "wrong_json", text) from error
