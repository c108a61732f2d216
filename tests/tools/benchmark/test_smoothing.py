"""How much smoothing steadies, and what it costs, is counted on the labelled person."""

from __future__ import annotations

import pytest

from tools.benchmark.smoothing import FollowedVideo, Person, measure
from yolo_fer.emotions import Emotion
from yolo_fer.results import FacePrediction, Prediction


def video(shown: str, labels: str, found: str | None = None) -> FollowedVideo:
    """Return a second of a face; a letter a frame: h(appy), s(ad), `-` for none or not found."""
    emotions = {"h": Emotion.HAPPINESS, "s": Emotion.SADNESS}
    frames = []
    for n, letter in enumerate(shown):
        scores = tuple(0.8 if e is emotions[letter] else 0.1 for e in Emotion)
        stranger = FacePrediction((500, 0, 600, 100), (0.9,) + (0.0,) * 6, track=1)
        face = FacePrediction((n, 0, n + 50, 50), scores, track=0)
        time_ms = 1000 * n / (len(shown) - 1)
        frames.append(Prediction("v", 640, 480, (stranger, face), n, time_ms))
    faces = tuple(None if f == "-" else 1 for f in found or shown)
    return FollowedVideo(tuple(frames), (Person(faces, tuple(map(emotions.get, labels))),))


@pytest.mark.parametrize(
    ("shown", "labels", "found", "changes", "right", "labelled"),
    [
        ("hhhh", "hhhh", None, 0, 4, 4),
        ("hshs", "hhhh", None, 3, 2, 4),
        ("hhss", "hs--", None, 1, 1, 2),  # unlabelled frames change labels, too
        ("hssh", "hhhh", "f--f", 0, 2, 2),  # not found is neither right nor wrong
    ],
)
def test_changes_and_hits_are_counted_on_the_labelled_person(
    shown: str, labels: str, found: str | None, changes: int, right: int, labelled: int
) -> None:
    outcome = measure([video(shown, labels, found)], None)
    assert (outcome.changes, outcome.right, outcome.labelled) == (changes, right, labelled)
    assert outcome.changes_a_second == pytest.approx(changes / outcome.seconds)


def test_averaging_takes_a_flicker_out() -> None:
    flickering = video("hhhshhhshhhh", "h" * 12)
    assert measure([flickering], None).changes == 4
    assert measure([flickering], 0.5).changes == 0
    assert measure([flickering], 0.5).accuracy == 1.0
