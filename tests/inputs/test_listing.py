from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.inputs.listing import VideoInput, collect_images, collect_inputs

pytestmark = pytest.mark.filterwarnings("ignore:.*left out:yolo_fer.errors.YoloFerWarning")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`in/` with images, a text file and a sub-folder; the current folder is its parent."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.jpg", "a.PNG", "ümläut und leer.jpg", "sub/c.jpeg", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def sources(*names: str) -> list[str]:
    return [item.source for item in collect_images(names)]


@pytest.mark.parametrize("name", ["in", "in/"])
def test_a_folder_gives_all_images_below_it_sorted(folder: Path, name: str) -> None:
    assert sources(name) == ["in/a.PNG", "in/b.jpg", "in/sub/c.jpeg", "in/ümläut und leer.jpg"]


def test_the_source_is_the_folder_as_given(folder: Path) -> None:
    assert sources(str(folder / "in"))[0] == f"{folder}/in/a.PNG"
    assert sources("./in")[0] == "./in/a.PNG"
    assert sources(".")[0] == "./in/a.PNG"


def test_a_file_is_taken_whatever_it_is_called(folder: Path) -> None:
    assert sources("in/notes.txt", "missing.jpg", "./in/b.jpg") == [
        "in/notes.txt",
        "missing.jpg",
        "./in/b.jpg",
    ]


def test_a_pattern_gives_the_images_that_match_sorted(folder: Path) -> None:
    assert sources("in/*") == ["in/a.PNG", "in/b.jpg", "in/ümläut und leer.jpg"]
    assert sources("in/**/*.jp*g") == ["in/b.jpg", "in/sub/c.jpeg", "in/ümläut und leer.jpg"]
    assert sources(f"{folder}/in/?.jpg") == [f"{folder}/in/b.jpg"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "photo[1].jpg").touch()
    assert sources("photo[1].jpg") == ["photo[1].jpg"]


def test_an_empty_source_is_wrong_usage_and_not_the_current_folder(folder: Path) -> None:
    with pytest.raises(UsageError, match="a source is empty"):
        collect_inputs(["in", ""])


def test_a_gif_is_a_video_since_most_of_them_move(folder: Path) -> None:
    (folder / "in" / "wave.GIF").touch()
    assert [type(item) for item in collect_inputs(["in/wave.GIF"])] == [VideoInput]


def test_targets_mirror_sub_folders_and_keep_sources_apart(folder: Path) -> None:
    assert [item.target for item in collect_images(["in"])][2] == PurePosixPath("sub/c.jpeg")
    assert [item.target for item in collect_images(["in/**/*.jpeg"])] == [
        PurePosixPath("sub/c.jpeg")
    ]
    two = collect_images(["in", "in/sub"])
    assert [item.target for item in two][-2:] == [
        PurePosixPath("in/ümläut und leer.jpg"),
        PurePosixPath("sub/c.jpeg"),
    ]


@pytest.mark.parametrize("name", ["empty", "in/*.webp"])
def test_a_folder_or_pattern_without_images_is_an_error(folder: Path, name: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(YoloFerError, match=r"no image"):
        collect_images([name])


@pytest.mark.parametrize("name", ["clip.mp4", "clip.MOV", "0", "rtsp://camera/stream"])
def test_where_only_images_will_do_others_are_a_usage_error(folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="folders or patterns"):
        collect_images([name])


def test_folders_and_patterns_give_videos_too_sorted_among_the_images(folder: Path) -> None:
    for name in ("b.mp4", "sub/a.MKV"):
        (folder / "in" / name).touch()
    found = [(item.source, isinstance(item, VideoInput)) for item in collect_inputs(["in"])]
    assert found == [
        ("in/a.PNG", False),
        ("in/b.jpg", False),
        ("in/b.mp4", True),
        ("in/sub/a.MKV", True),
        ("in/sub/c.jpeg", False),
        ("in/ümläut und leer.jpg", False),
    ]
    assert [item.source for item in collect_inputs(["in/*.mp4"])] == ["in/b.mp4"]


@pytest.mark.parametrize(
    ("source", "name", "target", "endless"),
    [
        ("clip.MP4", "clip.MP4", "clip.MP4", False),  # missing: reported in its place
        ("0", "0", "camera0", True),
        ("/dev/video12", "/dev/video12", "camera12", True),
        ("rtsp://me:pw@10.0.0.5:554/a/b", "rtsp://me:***@10.0.0.5:554/a/b", "10-0-0-5-a-b", True),
        ("rtsp://me:p/w#?@c/a", "rtsp://me:***@c/a", "c-a", True),
        (
            "rtsp://c/user=me&password=pw",
            "rtsp://c/user=me&password=***",
            "c-user-me-password",
            True,
        ),
        ("HTTPS://camera/live.m3u8?x=1", "HTTPS://camera/live.m3u8?x=1", "camera-live-m3u8", False),
        ("http://../", "http://../", "stream", False),
        ("http://" + 300 * "c", "http://" + 300 * "c", 100 * "c", False),
    ],
)
def test_what_gives_frames_has_a_name_and_a_target(
    folder: Path, source: str, name: str, target: str, endless: bool
) -> None:
    (item,) = collect_inputs([source])
    assert item == VideoInput(source, name, PurePosixPath(target), endless)


def test_a_name_that_no_file_can_have_is_reported_in_its_place(folder: Path) -> None:
    names = [300 * "n", f"{300 * 'n'}/*.jpg", f"{300 * 'n'}.jpg"]
    assert [item.source for item in collect_inputs(names[::2])] == names[::2]
    for pattern in (names[1], f"in/*/{300 * 'n'}"):
        with pytest.raises(YoloFerError, match="matches this pattern"):
            collect_inputs([pattern])


def test_a_file_whose_name_is_a_number_is_no_camera(folder: Path) -> None:
    (folder / "0").touch()
    assert not isinstance(collect_inputs(["0"])[0], VideoInput)


def test_what_never_ends_must_be_last(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"0: it never ends, .*name it last"):
        collect_inputs(["0", "in"])
    assert len(collect_inputs(["in", "0"])) == 5
