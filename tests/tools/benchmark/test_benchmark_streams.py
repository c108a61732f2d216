from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.benchmark import benchmark
from tools.benchmark.crowds import CROWDS, HEIGHT, WIDTH, watch
from tools.benchmark.drawn_expressions import write_expressions
from tools.benchmark.smoothing import FollowedVideo, Person, measure
from yolo_fer.convert.affwild2.source import Affwild2Folder, Skipped, read_labels
from yolo_fer.emotions import Emotion
from yolo_fer.inputs.video import VideoFile
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


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_made_crowd_is_the_same_each_time_and_inside_the_picture(crowd: str) -> None:
    def seen() -> list[tuple[float, list[int], list[list[float]]]]:
        made = watch(CROWDS[crowd](np.random.default_rng(3)), 3)
        return [(s.time_ms, s.people.tolist(), s.boxes.tolist()) for s in made]

    first = seen()
    assert first == seen()
    assert all(before[0] < later[0] for before, later in itertools.pairwise(first))
    middles = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for _, _, boxes in first for b in boxes]
    assert all(-40 < x < WIDTH + 40 and -40 < y < HEIGHT + 40 for x, y in middles)


def test_every_frame_of_a_drawn_film_is_labelled(tmp_path: Path) -> None:
    write_expressions(tmp_path / "release", videos=1, seconds=4)
    (found,) = Affwild2Folder.find(tmp_path / "release").videos
    labels, warnings = read_labels(found.people[0].path)
    assert found.video is not None
    frames = [frame.image.shape for frame in VideoFile(found.video).frames()]
    assert frames == [(360, 480, 3)] * 120
    assert len(labels) == 120 and not warnings
    assert not any(isinstance(label, Skipped) for label in labels)
    assert len(set(labels)) > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "figures"),
    [(("tracking", "--repeats", "1"), len(CROWDS) + 1), (("smoothing", "--drawn", "1"), 2)],
)
def test_every_measurement_of_streams_runs(
    tmp_path: Path, arguments: tuple[str, ...], figures: int
) -> None:
    assert len(benchmark(tmp_path, *arguments)["figures"]) == figures
