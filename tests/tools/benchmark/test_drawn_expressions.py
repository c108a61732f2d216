from __future__ import annotations

from pathlib import Path

from tools.benchmark.drawn_expressions import write_expressions
from yolo_fer.convert.affwild2.source import Affwild2Folder, Skipped, read_labels
from yolo_fer.inputs.video import VideoFile


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
