"""All faces of one image: in words, at another size, in a set, out of another process."""

from __future__ import annotations

import pickle

from tests.helpers.results import HAPPY, SAD, result
from yolo_fer import Prediction


def test_it_says_in_words_what_was_found() -> None:
    assert (
        str(result(HAPPY, SAD, source="a.jpg")) == "a.jpg: 2 faces: happiness 62 %, sadness 100 %"
    )
    assert str(result(HAPPY)) == "image: 1 face: happiness 62 %"
    assert str(Prediction("clip.mp4", 40, 30, frame=7)) == "clip.mp4 frame 7: no face"
    assert str(Prediction("a.jpg", 0, 0, error="a.jpg: empty")) == "a.jpg: unreadable"


def test_it_can_be_pickled_compared_and_put_into_a_set() -> None:
    found = result(HAPPY, SAD, source="a.jpg")
    back = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert back == found
    assert back.image is not None
    assert back.speed == found.speed == {"decode": 0, "network": 0, "rest": 0}
    assert len({found, back, result(source="a.jpg")}) == 2


def test_at_another_size_of_the_image_its_boxes_move_along() -> None:
    wide = result(HAPPY, SAD).resized(800, 150)
    assert (wide.width, wide.height) == (800, 150)
    assert [face.box for face in wide.faces] == [(200, 30, 520, 120), (600, 40, 760, 90)]
    assert [face.scores for face in wide.faces] == [HAPPY.scores, SAD.scores]


def test_an_image_that_was_not_read_has_no_size_to_change() -> None:
    unread = Prediction("a.jpg", 0, 0, error="a.jpg: empty")
    assert unread.resized(800, 150) == unread


def test_only_an_image_that_was_not_read_has_an_error_in_json() -> None:
    line = result(HAPPY, source="a.jpg").to_json()
    assert [*line] == ["source", "frame", "time_ms", "width", "height", "faces"]
    unread = Prediction("a.jpg", 0, 0, error="a.jpg: empty").to_json()
    assert (unread["error"], unread["faces"]) == ("a.jpg: empty", [])
