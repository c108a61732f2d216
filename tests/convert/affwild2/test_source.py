from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.raw_affwild2 import HEADER
from yolo_fer.convert.affwild2.source import Affwild2Folder, Side, Skipped, read_labels
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

A, N, S = Emotion.ANGER, Emotion.NEUTRAL, Emotion.SURPRISE


def touch(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEADER}\n1\n" if file.endswith(".txt") else "")
    return root


def people(root: Path) -> dict[str, list[tuple[Side, str]]]:
    folder = Affwild2Folder.find(root)
    return {v.stem: [(p.side, p.split) for p in v.people] for v in folder.videos}


@pytest.mark.parametrize(
    ("label_set", "training"),
    [
        ("Expression_Set", "Train_Set"),
        ("EXPR_Set", "Train_Set"),
        ("EXPR_Set", "Training_Set"),
        ("EXPR_Classification_Challenge", "Train_Set"),
        ("EXPR_Recognition_Challenge", "Train_Set"),
        ("6th ABAW Annotations/EXPR_Recognition_Challenge", "Train_Set"),
    ],
)
def test_the_layout_of_every_release_is_found(
    tmp_path: Path, label_set: str, training: str
) -> None:
    touch(
        tmp_path,
        f"x/{label_set}/{training}/1-30-480x360.txt",
        f"x/{label_set}/Validation_Set/102.txt",
        "y/videos/batch1/1-30-480x360.mp4",
        "new_vids/102.avi",
        "x/VA_Set/Validation_Set/1-30-480x360.txt",
    )
    folder = Affwild2Folder.find(tmp_path)
    assert {v.stem: v.video for v in folder.videos} == {
        "1-30-480x360": tmp_path / "y/videos/batch1/1-30-480x360.mp4",
        "102": tmp_path / "new_vids/102.avi",
    }
    assert people(tmp_path) == {
        "1-30-480x360": [(Side.BARE, "training")],
        "102": [(Side.BARE, "validation")],
    }


def test_stems_are_matched_exactly_and_only_a_final_side_is_stripped(tmp_path: Path) -> None:
    train = "EXPR_Set/Train_Set"
    touch(
        tmp_path,
        *(f"{train}/{stem}.txt" for stem in ("102", "102-30-640x360", "video10_1_left")),
        *(f"{train}/{stem}.txt" for stem in ("video10_1_right", "122-60-1920x1080-1")),
        *(f"{train}/{stem}.txt" for stem in ("video2", "video2_right", "a_left_1", "b_left")),
        "v/102.avi", "v/102-30-640x360.MP4", "v/video10_1.mp4", "v/video10.mp4",
        "v/122-60-1920x1080-1.mp4", "v/video2.mp4", "v/a_left_1.mp4", "v/b_left.mp4",
    )  # fmt: skip
    videos = {v.stem: v for v in Affwild2Folder.find(tmp_path).videos}
    assert {stem: v.video.name for stem, v in videos.items() if v.video} == {
        "102": "102.avi",
        "102-30-640x360": "102-30-640x360.MP4",
        "video10_1": "video10_1.mp4",
        "122-60-1920x1080-1": "122-60-1920x1080-1.mp4",
        "video2": "video2.mp4",
        "a_left_1": "a_left_1.mp4",
        "b_left": "b_left.mp4",
    }
    assert [p.side for p in videos["video10_1"].people] == [Side.LEFT, Side.RIGHT]
    assert [p.side for p in videos["video2"].people] == [Side.BARE, Side.RIGHT]
    assert [p.side for p in videos["b_left"].people] == [Side.BARE], "the video's own name"


def test_mp4_is_tried_before_avi_in_any_letter_case(tmp_path: Path) -> None:
    touch(tmp_path, "EXPR_Set/Train_Set/102.txt", "batch1/102.AVI", "batch2/102.Mp4")
    folder = Affwild2Folder.find(tmp_path)
    assert folder.videos[0].video == tmp_path / "batch2/102.Mp4"
    assert folder.warnings == ("102 is there 2 times; 102.Mp4 is used",)


def test_label_files_and_videos_without_each_other_are_told(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "EXPR_Set/Train_Set/a.txt",
        "EXPR_Set/Train_Set/._a.txt",
        "videos/b.mp4",
        "videos/c.mp4",
        "videos/d.mp4",
        "EXPR_test_set_release.txt",
    )
    (tmp_path / "EXPR_test_set_release.txt").write_text("c_left\r\nc_right\r\nd\r\n")
    folder = Affwild2Folder.find(tmp_path)
    assert [(v.stem, v.video) for v in folder.videos] == [("a", None)]
    assert folder.warnings == ("videos without a label file: 1 (b)",)


def test_cropped_faces_are_found_without_looking_at_every_picture(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "EXPR_Set/Train_Set/video2.txt",
        "EXPR_Set/Train_Set/video2_right.txt",
        "cropped/video2/00001.jpg",
        "cropped_aligned/video2_right/00001.jpg",
    )
    video = Affwild2Folder.find(tmp_path).videos[0]
    assert video.crops == (tmp_path / "cropped/video2", tmp_path / "cropped_aligned/video2_right")


def test_the_newest_of_two_releases_is_used_and_a_video_is_in_one_split(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "EXPR_Set/Train_Set/a.txt",
        "EXPR_Recognition_Challenge/Train_Set/b_left.txt",
        "EXPR_Recognition_Challenge/Validation_Set/b_right.txt",
    )
    folder = Affwild2Folder.find(tmp_path)
    assert [v.stem for v in folder.videos] == ["b"]
    assert "not those of EXPR_Set" in folder.warnings[0]
    assert "all of it is training" in folder.warnings[1]


def test_a_folder_without_labels_says_what_was_sought(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="EXPR_Set"):
        Affwild2Folder.find(tmp_path)
    with pytest.raises(YoloFerError, match="is not a folder"):
        Affwild2Folder.find(tmp_path / "nowhere")
    (tmp_path / "EXPR_Set" / "Train_Set").mkdir(parents=True)
    with pytest.raises(YoloFerError, match="holds no label file"):
        Affwild2Folder.find(tmp_path)


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (f"{HEADER}\n0\n1\n6\n", [N, A, S]),
        (f"{HEADER}\n0\n1", [N, A]),
        (f"{HEADER},Other, \r\n 0 \r\n1,\r\n7\r\n", [N, A, Skipped("other_class")]),
        (f"\ufeff{HEADER}\n4.0\n-1.0\n", [Emotion.HAPPINESS, Skipped("not_annotated")]),
        ("neutral,anger,disgust,fear,happy,sad,surprise\n1\n", [A]),
        ("Anger,Neutral,Disgust,Fear,Happiness,Sadness,Surprise\n0\n1\n", [A, N]),
        ("Expression\n1\n", [Skipped("bad_label", "the header names no emotion")]),
        ("0\n1\n", [N, A]),
        (f"{HEADER}\n1\n\n1\n\n\n", [A, Skipped("bad_label", "the line is blank"), A]),
        (f"\n \r\n{HEADER}\n0\n1\n", [N, A]),
        ("\n0\n1\n", [N, A]),
        (f"{HEADER}\n\n1\n", [Skipped("bad_label", "the line is blank"), A]),
        ("", []),
        (f"{HEADER}\n", []),
    ],
    ids=[
        "plain", "no last newline", "Other, CRLF and a trailing comma", "BOM and floats",
        "synonyms", "another order", "a header without emotions", "no header",
        "blank lines", "blank first lines", "blank first line, no header",
        "blank frame 1", "empty", "header only",
    ],
)  # fmt: skip
def test_labels_are_read_as_they_are_meant(
    tmp_path: Path, content: str, labels: list[Emotion | Skipped]
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    assert read_labels(path)[0] == labels


@pytest.mark.parametrize("bad", ["8", "-2", "4.5", "nan", "inf", "happy", "1 2", "0,1"])
def test_what_is_no_label_is_a_bad_one(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{HEADER},Other\n{bad}\n1\n")
    first, second = read_labels(path)[0]
    assert isinstance(first, Skipped)
    assert first.reason == "bad_label"
    assert bad in first.detail
    assert second == A


def test_an_odd_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Anger,Neutral\n0\n")
    assert "order of its own" in read_labels(path)[1][0]
    path.write_text("valence,arousal\n0\n")
    assert read_labels(path)[1] == [
        "none of its labels is used, because its header names no emotion ('valence,arousal'); "
        "it should be Neutral,Anger,Disgust,..."
    ]
    path.write_text("0\n0\n")
    assert "no header" in read_labels(path)[1][0]


@pytest.mark.parametrize(
    ("stem", "recording"),
    [
        ("122-60-1920x1080-1", "122-60-1920x1080"),
        ("122-60-1920x1080-12", "122-60-1920x1080"),
        ("122-60-1920x1080", "122-60-1920x1080"),
        ("video10_1", "video10"),
        ("video10", "video10"),
        ("102", "102"),
        ("a_left_1", "a_left_1"),
    ],
)
def test_parts_of_a_video_are_one_recording(tmp_path: Path, stem: str, recording: str) -> None:
    touch(tmp_path, f"EXPR_Set/Validation_Set/{stem}.txt", f"v/{stem}.mp4")
    (video,) = Affwild2Folder.find(tmp_path).videos
    assert (video.stem, video.recording, video.is_there) == (stem, recording, True)
