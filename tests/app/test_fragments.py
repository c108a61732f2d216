from __future__ import annotations

import re

import cv2
import numpy as np
import pytest

from yolo_fer.app import fragments
from yolo_fer.outputs.drawing import annotate
from yolo_fer.results import FacePrediction, Prediction

HOSTILE = "<script>alert('x')</script>\".jpg"
FACE = FacePrediction((1, 2, 3, 4), (0.1, 0.0, 0.0, 0.7, 0.2, 0.0, 1.0), track=4)
AMBIGUOUS = FacePrediction((1, 2, 3, 4), (0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.3))


def test_no_file_name_becomes_html() -> None:
    prediction = Prediction(HOSTILE, 10, 10, (FACE,))
    broken = Prediction(HOSTILE, 0, 0, error=f"{HOSTILE}: the file is empty")
    pages = [
        fragments.image_results([prediction], [f"/file={HOSTILE}"]),
        fragments.image_results([prediction, prediction], [f"/file={HOSTILE}"] * 2),
        fragments.image_results([broken], [None]),
        fragments.video(f"/file={HOSTILE}"),
        fragments.hint(HOSTILE),
        fragments.face_table([prediction]),
        fragments.notice(HOSTILE, "bad"),
        fragments.progress_bar(0.5, HOSTILE),
        fragments.table([HOSTILE], [[HOSTILE]]),
    ]
    for page in pages:
        assert "<script" not in page
        assert "script" in page


def test_every_face_has_seven_bars_of_its_probabilities_in_the_colours_of_the_boxes() -> None:
    card = fragments.face_cards([FACE])
    assert card.count('class="bar') == 7
    assert card.count('class="bar best"') == 1
    assert "width:35%;background:#f0e442" in card
    assert "<b>35 %</b>" in card
    assert "face #4, score 1.00" in card


def test_the_table_says_how_sure_the_face_is_and_how_its_expression() -> None:
    table = fragments.face_table([Prediction("a.jpg", 10, 10, (AMBIGUOUS,))])
    assert '<td class="number">0.65</td><td>happiness</td>' in table
    assert "<td>62 %</td>" in table
    assert table.count("<th>") == table.count("<td") == 12


def test_a_crowd_is_counted_and_not_shown() -> None:
    cards = fragments.face_cards([FACE] * 200, limit=4)
    assert cards.count("<section") == 4
    assert "and 196 more" in cards


@pytest.mark.parametrize(
    ("tracks", "numbers"),
    [
        ((None,), [""]),  # nothing has to be told apart
        ((None, None, None), ["1", "2", "3"]),
        ((7,), ["#7"]),
        ((7, None, 3), ["#3", "#7", "2"]),  # one that is not followed yet comes last
    ],
)
def test_a_card_has_the_number_that_the_face_has_in_the_picture(
    tracks: tuple[int | None, ...], numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = [
        FacePrediction((300 * place, 100, 300 * place + 200, 300), FACE.scores, track)
        for place, track in enumerate(tracks)
    ]
    drawn: list[str] = []
    monkeypatch.setattr(cv2, "putText", lambda canvas, text, *_: drawn.append(text))
    annotate(np.zeros((500, 1000, 3), np.uint8), faces)
    cards = re.findall(r"<small>face ?([^,]*), score", fragments.face_cards(faces))
    assert cards == numbers
    assert [text.removesuffix("neutral 50 %").strip() for text in drawn] == numbers


def test_many_images_are_a_gallery_in_which_faces_can_be_unfolded() -> None:
    seen = Prediction("a.jpg", 10, 10, (FACE, FACE))
    predictions = [seen] * 39 + [Prediction("b.jpg", 0, 0, error="b.jpg: no image")]
    html = fragments.image_results(predictions, ["/file=a.jpg"] * 39 + [None])
    assert "40 images, 78 faces; 1 could not be read." in html
    assert html.count("<details>") == html.count("<summary>2 faces: 2 ") == 39
    assert html.count("b.jpg: no image") == 1
    assert "<details" not in fragments.image_results([seen], ["/file=a.jpg"])
