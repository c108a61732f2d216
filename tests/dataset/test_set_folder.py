from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from yolo_fer.dataset.set_folder import open_folder
from yolo_fer.errors import UsageError, YoloFerError

DAMAGED = ['{"options', "[]", '{"options": 3}', "[" * 100_000]


def open_again(folder: Path, *, resume: bool = False, overwrite: bool = False) -> Path | None:
    out, root = folder / "out", folder / "root"
    return open_folder(out, root, {"seed": 0}, resume=resume, overwrite=overwrite)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_report_is_named_where_there_is_nothing_left_to_do(
    tmp_path: Path, text: str
) -> None:
    open_again(tmp_path)
    for name in ("data.yaml", "manifest.csv"):
        (tmp_path / "out" / name).touch()
    (tmp_path / "out" / "conversion_report.json").write_text(text)

    with pytest.raises(YoloFerError, match=r"conversion_report\.json cannot.*`overwrite`"):
        open_again(tmp_path, resume=True)

    assert open_again(tmp_path, overwrite=True) is not None


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000])
def test_damaged_options_are_named_where_a_conversion_is_to_go_on(
    tmp_path: Path, text: str
) -> None:
    work = open_again(tmp_path)
    assert work is not None
    (work / "options.json").write_text(text)

    with pytest.raises(YoloFerError, match=r"options\.json cannot.*`overwrite`"):
        open_again(tmp_path, resume=True)


def complete(folder: Path, report: dict[str, Any]) -> Path:
    """Make what is left of a conversion that ended."""
    out = folder / "out"
    (out / "images" / "train").mkdir(parents=True)
    (out / "images" / "train" / "a.jpg").write_bytes(b"old")
    (out / "data.yaml").touch()
    (out / "manifest.csv").write_text("file,sha256,source,source_file,source_sha256,frame\n")
    (out / "conversion_report.json").write_text(json.dumps(report))
    return out


def test_overwriting_removes_a_linked_folder_and_leaves_alone_what_the_link_leads_to(
    tmp_path: Path,
) -> None:
    out = complete(tmp_path, {"options": {}})
    shutil.move(out / "images", tmp_path / "disk")
    (out / "images").symlink_to(tmp_path / "disk")

    open_again(tmp_path, overwrite=True)

    assert not (out / "images").is_symlink()
    assert not (out / "images").exists()
    assert (tmp_path / "disk" / "train" / "a.jpg").read_bytes() == b"old"


def test_a_folder_of_the_users_own_is_left_alone_though_it_has_a_manifest(tmp_path: Path) -> None:
    out = complete(tmp_path, {"options": {}})
    (out / "manifest.csv").write_text("my,own,table\n")
    with pytest.raises(UsageError, match="is not a converted set: `overwrite` leaves it alone"):
        open_again(tmp_path, overwrite=True)
    assert (out / "images" / "train" / "a.jpg").read_bytes() == b"old"


def test_overwriting_names_the_folder_that_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = complete(tmp_path, {"options": {}})

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:  # permissions do not hold for root
        patch.setattr("os.rmdir", refuse)
        with pytest.raises(YoloFerError, match=r"out/images cannot be removed \(Permission denied"):
            open_again(tmp_path, overwrite=True)

    assert open_again(tmp_path, overwrite=True) is not None, "once that is mended"
    assert not (out / "images").exists()


def resume_complete(folder: Path, source: str, options: dict[str, Any]) -> Path | None:
    return open_folder(
        folder / "out",
        folder / "root",
        options,
        resume=True,
        overwrite=False,
        source_files_sha256=source,
    )


def test_a_complete_set_of_another_source_is_not_called_complete(tmp_path: Path) -> None:
    complete(tmp_path, {"options": {"seed": 0}, "source_files_sha256": "aa"})

    assert resume_complete(tmp_path, "aa", {"seed": 0}) is None
    with pytest.raises(UsageError, match=r"made from other files than .*root.*`overwrite`"):
        resume_complete(tmp_path, "bb", {"seed": 0})


def test_a_report_of_an_earlier_version_without_hashes_is_accepted(tmp_path: Path) -> None:
    complete(tmp_path, {"options": {"seed": 0}})

    assert resume_complete(tmp_path, "aa", {"seed": 0, "ferplus_sha256": "cc"}) is None
    with pytest.raises(UsageError, match="seed was 0, is 1"):
        resume_complete(tmp_path, "aa", {"seed": 1, "ferplus_sha256": "cc"})
