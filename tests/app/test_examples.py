from __future__ import annotations

from yolo_fer.app.examples import draw_examples
from yolo_fer.detector import Detector
from yolo_fer.images import decode
from yolo_fer.weights.store import default_detector


def test_the_shipped_network_finds_who_is_drawn() -> None:
    detector = Detector(default_detector(), threads=1)
    examples = draw_examples()
    found = [len(image.faces) for image in detector.predict([decode(e.picture) for e in examples])]
    assert found == [1, 2, 3]
    assert [example.title.split()[0] for example in examples] == ["One", "Two", "Three"]


def test_they_are_small_and_the_same_ones_each_time() -> None:
    first, second = draw_examples(), draw_examples()
    assert first == second
    for example in first:
        assert decode(example.thumbnail).shape == (180, 240, 3)
        assert len(example.thumbnail) < 20_000, "they stand in the style sheet"
