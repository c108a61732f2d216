"""The application: which path answers what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from yolo_fer import __version__
from yolo_fer.errors import ImageError
from yolo_fer.inputs.addresses import without_password
from yolo_fer.outputs.text import json_line
from yolo_fer.results import Prediction
from yolo_fer.serve import description
from yolo_fer.serve.batcher import Batcher
from yolo_fer.serve.fetching import Fetcher, FetchError
from yolo_fer.serve.gate import PATHS, RequestRecord
from yolo_fer.serve.intake import Holding, Intake, Upload
from yolo_fer.serve.metrics import ServerMetrics
from yolo_fer.serve.refusal import Refusal

T = TypeVar("T")
_FETCHED_AT_ONCE = 8
_DESCRIPTION = (
    "Finds every face in an image and names the expression that it shows. An expression that is "
    "displayed is not an emotion that is felt: do not judge people by it."
)


@dataclass(frozen=True, slots=True)
class Service:
    """What answers requests to `/predict`.

    Args:
        batcher: the batcher that runs the network.
        intake: the reader of what requests bring.
        fetcher: the fetcher of URLs; None where none may be fetched.
        metrics: the counters of images and faces.
        fetching: the limit on how many URLs are fetched at once.
    """

    batcher: Batcher
    intake: Intake
    fetcher: Fetcher | None
    metrics: ServerMetrics
    fetching: asyncio.Semaphore

    async def predict(self, request: Request) -> str:
        """Return the JSON of the images that a request brings.

        Raises:
            Refusal: if there is no answer.
        """
        self.batcher.check_room(1)  # before anything is received
        with self.intake.holding() as holding:
            start = time.monotonic()
            brought = await self.intake.read(request, holding)
            self.metrics.took("receive", time.monotonic() - start)
            record: RequestRecord = request.scope["record"]
            if isinstance(brought, Upload):
                prediction = await _unless_gone(request, self._of_upload(brought))
                return json_line(self._counted(prediction, record))
            predictions = await _unless_gone(request, self._of_urls(brought, holding))
            lines = [json_line(self._counted(one, record)) for one in predictions]
            return f"[{','.join(lines)}]\n"

    async def _of_upload(self, upload: Upload) -> Prediction:
        (future,) = self.batcher.submit([upload.data])
        try:
            prediction = await asyncio.wrap_future(future)
        except ImageError as error:
            self.metrics.failed(error.reason)
            raise Refusal.of_image(error) from error
        return replace(prediction, source=upload.source)

    async def _of_urls(self, urls: list[str], holding: Holding) -> list[Prediction]:
        if self.fetcher is None:
            text = (
                "no URLs are fetched here; send the image itself, or start the server with "
                "`allow_urls`"
            )
            raise Refusal(403, "no_urls", text)
        most = self.intake.limits.urls
        if len(urls) > most:
            text = f"{len(urls)} URLs are more than {most}; send several requests"
            raise Refusal(413, "too_many_urls", text)
        self.batcher.check_room(len(urls))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._fetch(self.fetcher, url, holding)) for url in urls]
        fetched = [task.result() for task in tasks]
        for refusal in (data for data in fetched if isinstance(data, Refusal)):
            raise refusal
        futures = iter(self.batcher.submit([data for data in fetched if isinstance(data, bytes)]))
        outcomes = await asyncio.gather(
            *(asyncio.wrap_future(next(futures)) for data in fetched if isinstance(data, bytes)),
            return_exceptions=True,
        )
        found = iter(outcomes)
        return [
            self._of_url(without_password(url), next(found) if isinstance(data, bytes) else data)
            for url, data in zip(urls, fetched, strict=True)
        ]

    async def _fetch(
        self, fetcher: Fetcher, url: str, holding: Holding
    ) -> bytes | FetchError | Refusal:
        start = time.monotonic()
        try:
            async with self.fetching:
                data = await fetcher.fetch(url)
                holding.add(len(data))
        except (FetchError, Refusal) as error:
            return error
        self.metrics.took("fetch", time.monotonic() - start)
        return data

    def _of_url(self, source: str, outcome: Prediction | BaseException) -> Prediction:
        if isinstance(outcome, Prediction):
            return replace(outcome, source=source)
        if not isinstance(outcome, ImageError | FetchError):
            raise outcome
        self.metrics.failed(outcome.reason if isinstance(outcome, ImageError) else "not_fetched")
        return Prediction(source, 0, 0, error=str(outcome))

    def _counted(self, prediction: Prediction, record: RequestRecord) -> Prediction:
        if prediction.error is None:
            record.images += 1
            record.faces += len(prediction.faces)
            self.metrics.found(len(prediction.faces))
        return prediction


async def _unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, unless the client disconnects meanwhile.

    Raises:
        ClientDisconnect: if it does.
    """
    doing = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientDisconnect
        return doing.result()
    finally:
        gone.cancel()
        doing.cancel()
        await asyncio.wait((doing,))  # so that it holds nothing any more


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def build(
    batcher: Batcher, intake: Intake, fetcher: Fetcher | None, metrics: ServerMetrics, url: str
) -> FastAPI:
    """Return the application.

    Args:
        batcher: the batcher that runs the network.
        intake: the reader of what requests bring.
        fetcher: the fetcher of URLs; None where none may be fetched.
        metrics: the counters that are shown.
        url: the address of the service, which its page shows.
    """
    service = Service(batcher, intake, fetcher, metrics, asyncio.Semaphore(_FETCHED_AT_ONCE))
    app = _without_paths()

    @app.post(
        "/predict",
        summary="Find the faces of an image",
        description="Send an image as the body, whatever its type is called, or one file in a "
        'form: the answer is one object. Or send {"urls": […]}, where that is allowed: the answer '
        "is a list with an object for each URL, in order; one that cannot be fetched or read has "
        "an error and no faces.",
        responses=description.ANSWERS,
        openapi_extra={"requestBody": description.PREDICT_BODY, "security": [{}, {"token": []}]},
        response_class=Response,
    )
    async def predict(request: Request) -> Response:
        return Response(await service.predict(request), media_type="application/json")

    @app.get("/healthz", summary="Say that it is there; 503 while it is being stopped")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/metrics", summary="Counters in Prometheus' text format", response_class=Response)
    async def show_metrics() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE_LATEST)

    schema = app.openapi()
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    html = description.page(schema, url)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(schema)

    @app.get("/", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(html)

    return app


def _without_paths() -> FastAPI:
    # FastAPI's own pages of documentation load their scripts from a CDN.
    return FastAPI(
        title="yolo-fer",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            Refusal: _answer_refusal,
            HTTPException: _answer_http_error,
            ClientDisconnect: _answer_disconnected,
            Exception: _answer_failure,
        },
    )


async def _answer_refusal(_: Request, error: Refusal) -> Response:
    return Response(error.body, error.status, error.headers, "application/json")


async def _answer_http_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        text = f"{request.url.path} does not take {request.method}; see /docs"
    else:
        text = f"there is nothing here; there are {', '.join(PATHS[:4])} and /docs"
    reason = error.detail.lower().replace(" ", "_")
    refusal = Refusal(error.status_code, reason, text, dict(error.headers or {}))
    return await _answer_refusal(request, refusal)


async def _answer_disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # no client reads it


async def _answer_failure(request: Request, _: Exception) -> Response:
    text = "the network failed; the server's log says why"
    return await _answer_refusal(request, Refusal(500, "failed", text))
