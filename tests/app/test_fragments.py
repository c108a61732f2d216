from __future__ import annotations

from yolo_fer.app import fragments
from yolo_fer.results import FacePrediction, Prediction

HOSTILE = "<script>alert('x')</script>\".jpg"
FACE = FacePrediction((1, 2, 3, 4), (0.1, 0.0, 0.0, 0.7, 0.2, 0.0, 1.0), track=4)


def test_no_file_name_becomes_html() -> None:
    prediction = Prediction(HOSTILE, 10, 10, (FACE,))
    broken = Prediction(HOSTILE, 0, 0, error=f"{HOSTILE}: the file is empty")
    pages = [
        fragments.image_result(prediction, f"/file={HOSTILE}"),
        fragments.image_result(broken, None),
        fragments.face_table([prediction]),
        fragments.notice(HOSTILE, "bad"),
        fragments.progress_bar(0.5, HOSTILE),
        fragments.table([HOSTILE], [[HOSTILE]]),
    ]
    for page in pages:
        assert "<script" not in page
        assert "script" in page


def test_every_face_has_seven_bars_from_0_to_1_in_the_colours_of_the_boxes() -> None:
    card = fragments.face_cards([FACE])
    assert card.count('class="bar') == 7
    assert card.count('class="bar best"') == 1
    assert "width:70%;background:#f0e442" in card
    assert "face 4" in card


def test_a_crowd_is_counted_and_not_shown() -> None:
    cards = fragments.face_cards([FACE] * 200, limit=4)
    assert cards.count("<section") == 4
    assert "and 196 more" in cards
