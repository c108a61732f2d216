from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.helpers.pictures import photograph
from yolo_fer.cli.main import app
from yolo_fer.errors import UsageError, YoloFerError

LABELS = """\
# zidane.jpg
912 95 143 185
555 250 110 175
# alone.jpg
512 95 143 185
# gone.jpg
1 2 3 4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wider")
    (root / "images").mkdir()
    (root / "label.txt").write_text(LABELS)
    men = photograph("zidane.jpg")
    cv2.imwrite(str(root / "images" / "zidane.jpg"), men)
    cv2.imwrite(str(root / "images" / "alone.jpg"), men[:, 400:])
    return root


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["faces", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status
    return result


def test_finders_stand_in_one_table_and_a_missing_image_is_reported(
    folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("retinaface")
    out = tmp_path / "table.json"

    shown = run(
        str(folder),
        "--finder",
        "haar",
        "--finder",
        "retinaface",
        "--threads",
        "1",
        "--json",
        str(out),
    )

    rows = {(r["finder"], r["images"]): r for r in json.loads(out.read_text())["rows"]}
    assert rows["retinaface", "all"]["share"]["0.5"] == 1
    assert rows["retinaface", "one face"]["image_count"] == 1
    assert rows["haar", "all"]["faces"] == 3
    assert "missing_image" in shown.stderr
    assert "100.0%" in shown.stdout


def test_images_that_were_resized_and_their_labels_not_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    small = cv2.resize(cv2.imread(str(folder / "images" / "zidane.jpg")), (640, 360))
    cv2.imwrite(str(tmp_path / "images" / "zidane.jpg"), small)
    (tmp_path / "label.txt").write_text("# zidane.jpg\n912 95 143 185\n")

    with pytest.raises(YoloFerError, match=r"larger images than it has.*restore_wider_face"):
        run(str(tmp_path), "--finder", "haar")


def test_a_folder_without_labels_and_an_unknown_finder_are_errors(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(YoloFerError, match=r"label\.txt"):
        run(str(tmp_path), "--finder", "haar")
    with pytest.raises(UsageError, match="unknown face finder"):
        run(str(folder), "--finder", "eyes")
