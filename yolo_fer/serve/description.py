"""What the HTTP API says of itself: the shapes of its answers, and a page for people."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from yolo_fer.emotions import EMOTION_NAMES

_Label: TypeAlias = Literal[
    "anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"
]
_Scores: TypeAlias = Annotated[
    dict[_Label, float], Field(min_length=len(EMOTION_NAMES), max_length=len(EMOTION_NAMES))
]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UrlList(_Exact):
    """The URLs of images to fetch."""

    urls: list[Annotated[str, Field(max_length=2000)]] = Field(min_length=1)


class FaceAnswer(_Exact):
    """A face, as `yolo-fer predict --json` writes it."""

    box: tuple[float, float, float, float] = Field(
        description="Left, top, right, bottom in pixels of the image as a viewer sees it."
    )
    emotion: _Label
    score: float = Field(ge=0, le=1, description="How sure it is that this is a face.")
    scores: _Scores = Field(description="The detection score of each emotion, 0 to 1.")
    probabilities: _Scores = Field(description="How probable each emotion is; they sum to 1.")
    track: int | None = Field(description="Always null here.")


class ImageAnswer(_Exact):
    """The faces of an image, as a line of `yolo-fer predict --json`."""

    source: str = Field(description="The name of the file in the form, the URL, or 'body'.")
    frame: None = None
    time_ms: None = None
    width: int
    height: int
    faces: list[FaceAnswer] = Field(description="Best score first.")
    error: str | None = Field(None, description="Only for a URL without a usable image.")


class ErrorAnswer(_Exact):
    """Why there are no faces."""

    error: str = Field(description="What is wrong and what to do, for a person.")
    reason: str = Field(description="A key for programs.")


_BINARY = {"type": "string", "format": "binary"}
PREDICT_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "image/*": {"schema": _BINARY},
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"image": _BINARY}, "required": ["image"]}
        },
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "urls": {"type": "array", "items": {"type": "string"}, "minItems": 1}
                },
                "required": ["urls"],
                "additionalProperties": False,
            }
        },
    },
}
_REFUSALS = {
    400: "There is no image, or the form or the JSON is broken.",
    401: "A token is set, and the request does not bring it.",
    403: "URLs are not fetched here, or another web page or host name is in the request.",
    408: "The body did not arrive in time.",
    413: "The image has too many bytes, pixels or scans, or there are too many URLs.",
    415: "It is no image, or of a format that is not read.",
    422: "The image is damaged, or the JSON is another one.",
    429: "The queue is full; ask again after Retry-After.",
    500: "The network failed.",
    503: "The server is being stopped, or the time is over; ask again after Retry-After.",
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ImageAnswer | list[ImageAnswer], "description": "The faces."},
    **{status: {"model": ErrorAnswer, "description": text} for status, text in _REFUSALS.items()},
}

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;
color:#1e293b;background:#fff}pre{background:#f1f5f9;padding:.8rem;overflow-x:auto}h2 code{
background:#dbeafe;padding:.1rem .4rem}td,th{text-align:left;vertical-align:top;padding:.2rem 1rem
.2rem 0}@media(prefers-color-scheme:dark){body{background:#0f172a;color:#e2e8f0}pre{background:
#1e293b}h2 code{background:#1e3a8a}a{color:#93c5fd}}"""


def page(schema: dict[str, Any], url: str) -> str:
    """Return an OpenAPI description as a page for people that loads nothing and runs nothing.

    Args:
        schema: the OpenAPI description, as a JSON object.
        url: the address of the service, without a slash at its end.
    """
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{escape(schema['info']['title'])}</title><style>{_STYLE}</style>",
        f"<h1>{escape(schema['info']['title'])}</h1>",
        f"<p>{escape(schema['info']['description'])}</p>",
        "<p>For programs: <a href=openapi.json>openapi.json</a></p>",
        "<pre>"
        f"curl --data-binary @photo.jpg {escape(url)}/predict\n"
        f"curl -F image=@photo.jpg {escape(url)}/predict</pre>",
    ]
    for path, methods in schema["paths"].items():
        for method, what in methods.items():
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2>")
            parts.append(f"<p>{escape(what.get('description') or what['summary'])}</p>")
            parts.append(_table(what))
    parts.append("<h2>Answers</h2>")
    for name, shape in schema["components"]["schemas"].items():
        parts.append(f"<h3>{escape(name)}</h3><p>{escape(shape.get('description', ''))}</p>")
        rows = (
            f"<tr><th>{escape(key)}<td>{escape(_type(value))}"
            f"<td>{escape(value.get('description', ''))}"
            for key, value in shape.get("properties", {}).items()
        )
        parts.append(f"<table>{''.join(rows)}</table>")
    return "\n".join(parts)


def _table(what: dict[str, Any]) -> str:
    rows = [
        f"<tr><th>takes<td>{escape(kind)}"
        for kind in what.get("requestBody", {}).get("content", {})
    ]
    rows += [
        f"<tr><th>{escape(status)}<td>{escape(answer['description'])}"
        for status, answer in what["responses"].items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _type(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_type(one) for one in shape["anyOf"])
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if shape.get("type") == "array" and "items" in shape:
        return f"array of {_type(shape['items'])}"
    if "enum" in shape:
        return ", ".join(shape["enum"])
    return str(shape.get("type", ""))
