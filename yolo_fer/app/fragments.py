"""The pieces of HTML that the page shows. Every text from outside is escaped here."""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.outputs.drawing import face_number
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
        text: the message, which is escaped here.
        kind: `plain`, `good`, `bad` or `busy`.
    """
    role = "alert" if kind == "bad" else "status"
    return f'<div class="notice {kind}" role="{role}">{escape(text)}</div>'


def hint(text: str) -> str:
    """Return what stands where there is nothing to show yet; no screen reader reads it unasked.

    Args:
        text: the message, which is escaped here.
    """
    return f'<p class="notice">{escape(text)}</p>'


def small(text: str) -> str:
    """Return a remark in small letters; escaped."""
    return f'<p class="small">{escape(text)}</p>'


def data_address(content: bytes, kind: str) -> str:
    """Return a picture as an address that holds it.

    Args:
        content: the bytes of the image file.
        kind: the format of the file: `jpeg`, `png` or `svg+xml`.
    """
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def counted(faces: int) -> str:
    """Return a number of faces in words."""
    return {0: "no face", 1: "1 face"}.get(faces, f"{faces} faces")


def in_words(faces: Sequence[FacePrediction]) -> str:
    """Return what was found in one line.

    >>> in_words([FacePrediction((0, 0, 9, 9), (0, 0, 0, 0.9, 0, 0, 0))] * 2)
    '2 faces: 2 happiness'
    """
    labels = Counter(face.emotion for face in faces)
    named = ", ".join(f"{number} {emotion.label}" for emotion, number in sorted(labels.items()))
    return counted(len(faces)) + (f": {named}" if named else "")


def face_cards(faces: Sequence[FacePrediction], limit: int = 12) -> str:
    """Return a card for each face, the probabilities of the seven emotions as bars.

    They have the numbers that the faces have in the picture, and their order: with those that are
    followed a card stays where it is from frame to frame.

    Args:
        faces: the faces of one image or frame.
        limit: more faces than this are only counted.
    """
    numbered = [
        (face_number(face, number, len(faces)), face) for number, face in enumerate(faces, start=1)
    ]
    numbered.sort(key=lambda one: math.inf if one[1].track is None else one[1].track)
    cards = "".join(_face_card(face, number) for number, face in numbered[:limit])
    rest = len(faces) - limit
    more = f'<div class="more">and {rest} more</div>' if rest > 0 else ""
    return f'<div class="faces">{cards}{more}</div>'


def _face_card(face: FacePrediction, number: str) -> str:
    name = f"face {number}".rstrip()
    bars = "".join(
        f'<div class="bar{" best" if emotion is face.emotion else ""}">'
        f"<span>{emotion.label}</span>"
        f'<div class="track"><i style="width:{100 * share:.0f}%;background:{COLOURS[emotion]}"></i>'
        f"</div><b>{100 * share:.0f} %</b></div>"
        for emotion, share in zip(Emotion, face.probabilities, strict=True)
    )
    return (
        f'<section class="face" aria-label="{name}">'
        f'<header><i style="background:{COLOURS[face.emotion]}"></i>'
        f"<strong>{face.emotion.label}</strong>"
        f"<small>{name}, score {face.score:.2f}</small></header>"
        f"{bars}</section>"
    )


def figures(*values: tuple[str, str | None]) -> str:
    """Return a row of figures.

    Args:
        values: each with its name; None for the one that the browser fills in.
    """
    cells = "".join(
        f"<div>{'<b data-own>…' if value is None else f'<b>{escape(value)}'}</b>"
        f"<span>{escape(name)}</span></div>"
        for name, value in values
    )
    return f'<div class="figures">{cells}</div>'


def progress_bar(share: float | None, text: str) -> str:
    """Return a progress bar.

    Args:
        share: the share that is done, 0 to 1; None if it is not known.
        text: the words above the bar, which are escaped here.
    """
    width = 100 * min(max(share or 0.0, 0.0), 1.0)
    kind = "unknown" if share is None else ""
    return (
        f'<div class="notice busy" role="status">{escape(text)}'
        f'<div class="progress {kind}"><i style="width:{width:.0f}%"></i></div></div>'
    )


def image_results(predictions: Sequence[Prediction], addresses: Sequence[str | None]) -> str:
    """Return images with their faces, or why they could not be read.

    One image has its faces next to it; several are a gallery, in which the faces of each can be
    unfolded.

    Args:
        predictions: the prediction of each image; `source` is the name of the file.
        addresses: the address of each image's annotated copy; None where there is none.
    """
    pairs = list(zip(predictions, addresses, strict=True))
    if len(pairs) == 1:
        return _image_result(*pairs[0], is_one_of_many=False)
    told = f"{len(pairs)} images, {counted(sum(len(p.faces) for p in predictions))}"
    bad = sum(address is None for address in addresses)
    told += f"; {bad} could not be read." if bad else "."
    tiles = "".join(_image_result(*pair, is_one_of_many=True) for pair in pairs)
    return notice(told, "good") + (
        f'<div class="gallery" role="region" aria-label="{len(pairs)} images" tabindex="0">'
        f"{tiles}</div>"
    )


def _image_result(prediction: Prediction, address: str | None, *, is_one_of_many: bool) -> str:
    name, faces = escape(prediction.source), prediction.faces
    if address is None:
        why = notice(str(prediction.error), "bad")
        return f'<article class="result bad">{why}</article>'
    link = quote(address)
    figure = (
        f'<figure><a href="{link}" target="_blank" title="the whole picture, in a tab of its own">'
        f'<img src="{link}" alt="{name}, annotated: {in_words(faces)}" loading="lazy"></a>'
        f"<figcaption>{name} · {prediction.width}x{prediction.height}"
    )
    if not is_one_of_many:
        shown = face_cards(faces) if faces else hint("No face was found in this image.")
        return (
            f'<article class="result">{figure} · {counted(len(faces))}</figcaption></figure>'
            f"{shown}</article>"
        )
    details = f"<p>{counted(0)}</p>"
    if faces:
        details = f"<details><summary>{in_words(faces)}</summary>{face_cards(faces)}</details>"
    return f'<article class="tile">{figure}</figcaption></figure>{details}</article>'


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; what is a number is set to the right."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    # With `tabindex` a keyboard scrolls it, too.
    return (
        '<div class="table" role="region" aria-label="table" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
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


def video(address: str) -> str:
    """Return a video to play.

    Args:
        address: the address of the video on this page.
    """
    return (
        f'<video class="annotated" src="{quote(address)}" controls playsinline preload="auto" '
        'aria-label="the video with a box around every face"></video>'
    )


def preview(address: str) -> str:
    """Return a picture of what is being worked on.

    Args:
        address: the picture, as a `data:` address.
    """
    return f'<img class="preview" src="{escape(address)}" alt="the frame that is being looked at">'
