from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.dataset.writer import open_folder
from yolo_fer.errors import YoloFerError

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
