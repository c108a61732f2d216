"""An export goes where nothing else is lost, or is refused before it is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.export.formats import find_format
from yolo_fer.export.placing import check_target, put, put_folder, rename_files

pytest.importorskip("ultralytics")

DESCRIBED = {"names": {0: "anger"}, OWN_KEY: '{"precision": "fp32"}'}


def check(target: Path, format: str, *sources: Path, overwrite: bool = True) -> None:
    chosen = find_format(format)
    check_target(target, f"best{chosen.suffix}", chosen, sources, overwrite)


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("format", ["onnx", "torchscript", "openvino"])
def test_a_free_place_will_do(tmp_path: Path, format: str) -> None:
    check(tmp_path / "new" / "folder" / "best", format, tmp_path / "best.pt", overwrite=False)


def test_what_an_export_is_made_from_is_never_replaced(tmp_path: Path) -> None:
    weights, data = tmp_path / "best.pt", tmp_path / "faces.yaml"
    weights.write_text("weights")
    data.write_text(f"{OWN_KEY}: x")
    os.link(weights, tmp_path / "same.pt")
    # The last one's description would go to faces.yaml.
    for target in (weights, tmp_path / "same.pt", tmp_path / "faces"):
        with pytest.raises(UsageError, match=r"is what the export is made from.* `out`"):
            check(target, "torchscript", weights, data)


@pytest.mark.parametrize("format", ["onnx", "torchscript", "engine", "litert"])
def test_a_file_does_not_replace_a_folder_not_even_an_empty_one(
    tmp_path: Path, format: str
) -> None:
    with pytest.raises(UsageError, match=r"is a folder, and an export.* is a file; .*best\."):
        check(tmp_path, format)


@pytest.mark.parametrize("format", ["openvino", "ncnn", "coreml"])
def test_a_folder_replaces_neither_a_file_nor_a_link(tmp_path: Path, format: str) -> None:
    made(tmp_path, "file", "folder/in it")
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "to nothing").symlink_to("nothing")
    for name, what in (("file", "a file"), ("link", "a link"), ("to nothing", "a link")):
        with pytest.raises(UsageError, match=f"{name} is {what}, and an export.* is a folder"):
            check(tmp_path / name, format)


def test_a_device_the_current_folder_and_places_below_a_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is a pipe or a device"):
        check(tmp_path / "pipe", "onnx")
    with pytest.raises(UsageError, match="cannot be replaced"):
        check(Path(), "openvino")
    with pytest.raises(UsageError, match="file is a file and can hold no best"):
        check(made(tmp_path, "file") / "file" / "best", "openvino")


def test_nothing_is_replaced_unless_asked_not_even_a_description(tmp_path: Path) -> None:
    made(tmp_path, "best.onnx", "a_openvino_model/a.xml", "b.torchscript.yaml")
    for name, format in (
        ("best.onnx", "onnx"),
        ("a_openvino_model", "openvino"),
        ("b.torchscript", "torchscript"),
    ):
        with pytest.raises(UsageError, match="exists; add `overwrite` or give another `out`"):
            check(tmp_path / name, format, overwrite=False)


def test_only_the_description_of_an_export_is_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("names: [anger]\n")
    with pytest.raises(UsageError, match=r"data\.yaml describes no export"):
        check(tmp_path / "data", "torchscript")
    put(made(tmp_path, "made") / "made", tmp_path / "data.torchscript", DESCRIBED)
    check(tmp_path / "data.torchscript", "torchscript")
    check(tmp_path / "data.onnx", "onnx")


def test_a_folder_that_holds_no_export_is_not_replaced(tmp_path: Path) -> None:
    check(tmp_path, "openvino")  # which is empty
    made(tmp_path, "thesis.txt")
    for description in (None, b"a: 1", b"{", b"\xff"):
        if description is not None:
            (tmp_path / "metadata.yaml").write_bytes(description)
        with pytest.raises(UsageError, match="is a folder that holds no export"):
            check(tmp_path, "openvino")


@pytest.mark.parametrize("foreign", ["thesis.txt", "notes.py", ".hidden", "deep/model.ncnn.bin"])
def test_an_export_with_anything_else_in_its_folder_is_not_replaced(
    tmp_path: Path, foreign: str
) -> None:
    files = ("model.ncnn.bin", "model_ncnn.py", "deep/er.json")
    target = tmp_path / "best_ncnn_model"
    put(made(tmp_path / "made", *files), target, DESCRIBED)
    check(target, "ncnn")
    made(target, foreign)
    with pytest.raises(UsageError, match=f"{foreign} in it is not known to be part"):
        check(target, "ncnn")
    assert (target / foreign).is_file()


def test_a_folder_of_openvino_from_before_its_files_were_listed_is_replaced(tmp_path: Path) -> None:
    made(tmp_path, "best.xml", "best.bin")
    (tmp_path / "metadata.yaml").write_text("names: {0: anger}")
    check(tmp_path, "openvino")
    made(tmp_path, "thesis.xml")
    with pytest.raises(UsageError, match="not known to be part of an export"):
        check(tmp_path, "openvino")


def test_what_a_format_says_of_its_folder_itself_is_kept(tmp_path: Path) -> None:
    folder = made(tmp_path / "made", "best.hef")
    (folder / "metadata.yaml").write_text("names: {0: anger}\nhailo_arch: hailo8\n")
    put(folder, tmp_path / "best_hailo_model", DESCRIBED)
    said = (tmp_path / "best_hailo_model" / "metadata.yaml").read_text()
    assert "hailo_arch: hailo8" in said
    check(tmp_path / "best_hailo_model", "hailo")


def test_files_in_a_folder_get_the_name_of_the_users_checkpoint(tmp_path: Path) -> None:
    made(tmp_path, "weights.xml", "weights-rk3588.rknn", "model.bin", "weights/weights.bin")
    rename_files(tmp_path, "weights", "anna's best")
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")) == [
        "anna's best-rk3588.rknn",
        "anna's best.xml",
        "model.bin",
        "weights/weights.bin",
    ]


def test_a_folder_that_cannot_be_copied_whole_leaves_the_old_one(tmp_path: Path) -> None:
    new, target = tmp_path / "made", tmp_path / "out" / "a_openvino_model"
    for folder in (new, target):
        made(folder, "a.xml")
    (new / "a.bin").symlink_to("nowhere")
    with pytest.raises(YoloFerError, match="cannot be written"):
        put_folder(new, target)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [target.name]
    assert (target / "a.xml").read_text() == "a.xml"


def test_a_folder_that_cannot_be_put_in_its_place_is_named(tmp_path: Path) -> None:
    target = made(tmp_path, "file") / "file"
    with pytest.raises(OSError) as failed:
        put_folder(made(tmp_path / "made", "a.xml"), target)
    assert failed.value.filename == str(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "made"]
