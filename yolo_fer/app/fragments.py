"""The pieces of HTML that the page shows. Every text from outside is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.palette import COLOURS
from yolo_fer.results import FacePrediction, Prediction


def legend() -> str:
    """Return the seven names with their colours."""
    chips = "".join(
        f'<span class="chip"><i style="background:{COLOURS[e]}"></i>{e.label}</span>'
        for e in Emotion
    )
    return f'<div class="legend">{chips}</div>'


def notice(text: str, kind: str = "plain") -> str:
    """Return a message.

    Args:
        text: for a person; escaped.
        kind: `plain`, `good`, `bad` or `busy`.
    """
    role = "alert" if kind == "bad" else "status"
    return f'<div class="notice {kind}" role="{role}">{escape(text)}</div>'


def face_cards(faces: Sequence[FacePrediction], limit: int = 12) -> str:
    """Return a card for each face, the probabilities of the seven emotions as bars.

    Args:
        faces: the faces of one image or frame.
        limit: more faces than this are only counted.
    """
    cards = "".join(_face_card(face, number) for number, face in enumerate(faces[:limit], start=1))
    rest = len(faces) - limit
    more = f'<div class="more">and {rest} more</div>' if rest > 0 else ""
    return f'<div class="faces">{cards}{more}</div>'


def _face_card(face: FacePrediction, number: int) -> str:
    identity = number if face.track is None else face.track
    bars = "".join(
        f'<div class="bar{" best" if emotion is face.emotion else ""}">'
        f"<span>{emotion.label}</span>"
        f'<div class="track"><i style="width:{100 * share:.0f}%;background:{COLOURS[emotion]}"></i>'
        f"</div><b>{100 * share:.0f} %</b></div>"
        for emotion, share in zip(Emotion, face.probabilities, strict=True)
    )
    return (
        f'<section class="face" aria-label="face {identity}">'
        f'<header><i style="background:{COLOURS[face.emotion]}"></i>'
        f"<strong>{face.emotion.label}</strong>"
        f"<small>face {identity}, score {face.score:.2f}</small></header>"
        f"{bars}</section>"
    )


@dataclass(frozen=True, slots=True)
class Since:
    """A figure that the browser fills in: how long ago this moment of its own clock was.

    Args:
        moment: milliseconds since 1970; None if it was not said.
    """

    moment: int | None


def figures(*values: tuple[str, str | Since]) -> str:
    """Return a row of figures, each with what it says."""
    cells = "".join(
        f"<div>{_figure(value)}<span>{escape(name)}</span></div>" for name, value in values
    )
    return f'<div class="figures">{cells}</div>'


def _figure(value: str | Since) -> str:
    if isinstance(value, Since):
        return "<b>…</b>" if value.moment is None else f'<b data-since="{value.moment}">…</b>'
    return f"<b>{escape(value)}</b>"


def progress_bar(share: float | None, text: str) -> str:
    """Return a progress bar.

    Args:
        share: that is done, 0 to 1; None if nobody knows.
        text: what stands next to it.
    """
    width = 100 * min(max(share or 0.0, 0.0), 1.0)
    kind = "unknown" if share is None else ""
    return (
        f'<div class="notice busy" role="status">{escape(text)}'
        f'<div class="progress {kind}"><i style="width:{width:.0f}%"></i></div></div>'
    )


def image_result(prediction: Prediction, address: str | None) -> str:
    """Return one image with its faces next to it, or why it could not be read.

    Args:
        prediction: the prediction of the image; `source` is the name of the file.
        address: where the browser finds the annotated copy.
    """
    name = escape(prediction.source)
    if address is None:
        why = notice(str(prediction.error), "bad")
        return f'<article class="result bad">{why}</article>'
    found = len(prediction.faces)
    faces = (
        face_cards(prediction.faces)
        if found
        else notice("No face was found in this image.", "plain")
    )
    counted = "1 face" if found == 1 else f"{found or 'no'} faces"
    return (
        f'<article class="result"><figure><img src="{quote(address)}" alt="{name}, annotated">'
        f"<figcaption>{name} · {prediction.width}x{prediction.height} · {counted}"
        f"</figcaption></figure>{faces}</article>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; what is a number is set to the right."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td class="number">{value:.2f}</td>'
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    return f"<td>{escape(str(value))}</td>"


def face_table(predictions: Iterable[Prediction]) -> str:
    """Return the table of all faces of some images."""
    rows = [
        (p.source, number, " ".join(str(round(v)) for v in face.box), face.score,
         face.emotion.label, *(f"{100 * share:.0f} %" for share in face.probabilities))
        for p in predictions
        for number, face in enumerate(p.faces, start=1)
    ]  # fmt: skip
    columns = ("image", "face", "box (x1 y1 x2 y2)", "score", "expression", *EMOTION_NAMES)
    return table(columns, rows)


def preview(address: str) -> str:
    """Return a picture of what is being worked on.

    Args:
        address: a `data:` address.
    """
    return f'<img class="preview" src="{escape(address)}" alt="the frame that is being looked at">'
