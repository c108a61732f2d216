from __future__ import annotations

from yolo_fer.app import fragments
from yolo_fer.results import FacePrediction, Prediction

HOSTILE = "<script>alert('x')</script>\".jpg"
FACE = FacePrediction((1, 2, 3, 4), (0.1, 0.0, 0.0, 0.7, 0.2, 0.0, 1.0), track=4)
AMBIGUOUS = FacePrediction((1, 2, 3, 4), (0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.3))


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


def test_every_face_has_seven_bars_of_its_probabilities_in_the_colours_of_the_boxes() -> None:
    card = fragments.face_cards([FACE])
    assert card.count('class="bar') == 7
    assert card.count('class="bar best"') == 1
    assert "width:35%;background:#f0e442" in card
    assert "<b>35 %</b>" in card
    assert "face 4, score 1.00" in card


def test_the_table_says_how_sure_the_face_is_and_how_its_expression() -> None:
    table = fragments.face_table([Prediction("a.jpg", 10, 10, (AMBIGUOUS,))])
    assert '<td class="number">0.65</td><td>happiness</td>' in table
    assert "<td>62 %</td>" in table
    assert table.count("<th>") == table.count("<td") == 12


def test_a_crowd_is_counted_and_not_shown() -> None:
    cards = fragments.face_cards([FACE] * 200, limit=4)
    assert cards.count("<section") == 4
    assert "and 196 more" in cards
