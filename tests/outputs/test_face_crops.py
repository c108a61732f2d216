"""Crops of faces: all of an image, one a second of a track, each with a row in the index."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.frames import face, frame, grey, noise
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError
from yolo_fer.images import read
from yolo_fer.outputs import FaceCropSink
from yolo_fer.outputs.face_crops import crops_in
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import FacePrediction, Prediction


def save(folder: Path, *items: Predicted, blur: bool = False) -> list[dict[str, str]]:
    """Write the crops and return the index, of which each row has its file and each file a row."""
    with FaceCropSink(folder, blur=blur) as sink:
        for predicted in items:
            sink.write(predicted)
    return index_of(folder)


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    assert sorted(row["file"] for row in rows) == files
    return rows


def picture(source: str, *faces: FacePrediction) -> Predicted:
    return Predicted(grey(width=200, height=100), Prediction(source, 200, 100, tuple(faces)))


def test_every_face_of_an_image_lies_in_the_folder_of_its_emotion(tmp_path: Path) -> None:
    faces = (face((20, 20, 60, 70), Emotion.FEAR, 0.71), face((100, 20, 150, 80), score=0.93))
    fear, happiness = save(tmp_path, picture("in/a.jpg", *faces))
    assert fear["file"].startswith("fear/a-")
    assert fear["file"].endswith("-face0-0.71.jpg")
    assert happiness["file"].startswith("happiness/a-")
    assert [float(fear[key]) for key in ("x1", "y1", "x2", "y2")] == [20, 20, 60, 70]
    assert (fear["source"], fear["emotion"], fear["frame"]) == ("in/a.jpg", "fear", "")
    assert float(fear["score"]) == 0.71
    assert float(fear["probability_fear"]) == 0.8
    assert float(fear["fear"]) == 0.568
    assert read(tmp_path / fear["file"]).shape == (60, 48, 3), "with a margin of a tenth"


def test_two_hundred_faces_are_two_hundred_crops(tmp_path: Path) -> None:
    faces = [face((x, y, x + 9, y + 9)) for x in range(0, 200, 10) for y in range(0, 100, 10)]
    assert len(save(tmp_path, picture("a.jpg", *faces))) == 200


def test_images_of_the_same_name_do_not_replace_each_other(tmp_path: Path) -> None:
    sources = ["x/a.jpg", "y/a.jpg", "x/a.png", "X/a.jpg"]
    assert len(save(tmp_path, *(picture(source, face()) for source in sources))) == 4


def test_a_track_gives_its_best_crop_of_each_second(tmp_path: Path) -> None:
    def score(index: int) -> float:
        return 0.9 if index % 30 == 17 else 0.5

    frames = [
        frame(i, face(track=3, score=score(i)), face((1, 1, 9, 9), track=4)) for i in range(75)
    ]
    rows = save(tmp_path, *frames)
    assert [int(row["frame"]) for row in rows if row["track"] == "3"] == [17, 47, 60]
    assert [row["track"] for row in rows].count("4") == 3
    assert "-frame000047-track3-0.90.jpg" in next(r["file"] for r in rows if r["frame"] == "47")
    assert float(next(r["time_ms"] for r in rows if r["frame"] == "47")) == pytest.approx(1566.667)


def test_without_tracks_one_frame_a_second_is_taken(tmp_path: Path) -> None:
    frames = [frame(i, face(), face((1, 1, 9, 9))) for i in range(75)]
    rows = save(tmp_path, *frames)
    assert [int(row["frame"]) for row in rows] == [0, 0, 30, 30, 60, 60]


def test_a_second_of_one_video_is_not_that_of_the_next(tmp_path: Path) -> None:
    frames = [frame(0, face(track=1), source=source) for source in ("a.mp4", "b.mp4")]
    assert [row["source"] for row in save(tmp_path, *frames)] == ["a.mp4", "b.mp4"]


def test_what_was_written_is_readable_while_the_run_goes_on(tmp_path: Path) -> None:
    with FaceCropSink(tmp_path) as sink:
        for i in range(61):
            sink.write(frame(i, face(track=1)))
        assert len(index_of(tmp_path)) == 2
    assert len(index_of(tmp_path)) == 3


def test_ctrl_c_does_not_cost_the_last_second(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), FaceCropSink(tmp_path) as sink:
        sink.write(frame(0, face(track=1)))
        raise KeyboardInterrupt
    assert len(index_of(tmp_path)) == 1


def test_a_box_beyond_the_edge_is_cut_off_and_one_outside_gives_nothing(tmp_path: Path) -> None:
    faces = face((-30, -30, 30, 30)), face((300, 300, 330, 330)), face((10, 10, 10, 10))
    (row,) = save(tmp_path, picture("a.jpg", *faces))
    assert read(tmp_path / row["file"]).shape == (36, 36, 3)
    assert float(row["x1"]) == -30


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("rtsp://tom:secret@camera.local:554/live", "camera.local_live"),
        ("rtsp://tom:secret@10.0.0.1", "10.0.0.1"),
        ("rtsp://tom:#/secret?@10.0.0.1/user=tom&password=secret", "10.0.0.1_user_tom_password"),
        ("0", "0"),
        ("ä b/ü:?*.mp4", "ü"),
        ("\udcff.mp4", "source"),
        ("n" * 300 + ".mp4", "n" * 40),
    ],
)
def test_file_names_are_safe_and_hold_no_password(tmp_path: Path, source: str, stem: str) -> None:
    (row,) = save(tmp_path, frame(7, face(track=2), source=source))
    name = row["file"].removeprefix("happiness/")
    assert name.startswith(f"{stem}-")
    assert name.endswith("-frame000007-track2-0.80.jpg")
    assert "secret" not in name


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    with pytest.raises(UsageError, match="`overwrite`"):
        FaceCropSink(tmp_path)
    with FaceCropSink(tmp_path, overwrite=True) as sink:
        sink.write(picture("a.jpg", face()))
    assert (tmp_path / "precious").exists()
    assert len(index_of(tmp_path)) == 1


def test_crops_are_blurred_with_the_neighbours_in_them(tmp_path: Path) -> None:
    image = noise(width=400, height=300)
    one, other = face((100, 100, 200, 200), score=0.9), face((205, 100, 300, 200))
    prediction = Prediction("a.jpg", 400, 300, (one, other))
    row, _ = save(tmp_path / "b", Predicted(image, prediction), blur=True)
    assert read(tmp_path / "b" / row["file"]).std() < 20
    row, _ = save(tmp_path / "c", Predicted(image, prediction))
    assert read(tmp_path / "c" / row["file"]).std() > 40


def test_a_held_crop_does_not_keep_its_frame_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    tracemalloc.start()
    with FaceCropSink(tmp_path) as sink:
        for track in range(20):
            image = np.zeros((1000, 1000, 3), np.uint8)
            sink.write(frame(track, face((0, 0, 20, 20), track=track), image=image))
        held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 6_000_000, "twenty frames would be 60 MB"


def test_a_crop_that_jpeg_cannot_hold_is_smaller(tmp_path: Path) -> None:
    source = Prediction("a.png", 70_000, 10, (face((0, 0, 70_000, 10)),))
    (row,) = save(tmp_path, Predicted(grey(width=70_000, height=10), source))
    assert read(tmp_path / row["file"]).shape == (9, 65_500, 3)


def test_what_could_be_replaced_are_the_crops_and_the_index(tmp_path: Path) -> None:
    assert list(crops_in(tmp_path / "new")) == [tmp_path / "new" / "faces.csv"]
    (row,) = save(tmp_path, picture("a.jpg", face()))
    (tmp_path / "other.jpg").touch()
    assert set(crops_in(tmp_path)) == {tmp_path / "faces.csv", tmp_path / row["file"]}
