from __future__ import annotations

import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.converted import contents, labels
from tests.helpers.converted import rows as manifest
from tests.helpers.raw_fer2013 import HEADER, Files, pixels, row, votes
from tests.helpers.research_data import research_data
from yolo_fer.convert.fer2013 import Fer2013Options, convert_fer2013
from yolo_fer.convert.options import Run
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError

ALL_TRAIN = Fer2013Options(shares=SplitShares(0.0, 0.0))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "raw")


def convert(
    table: Path, out: Path, options: Fer2013Options = ALL_TRAIN, run: Run = Run()
) -> dict[str, Any]:
    report = convert_fer2013(table, out, options, run)
    assert report is not None
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report


def emotions(out: Path, split: str) -> list[int]:
    return sorted(
        int(line[0]) for text in labels(out, split).values() for line in text.split("\n")[:-1]
    )


def test_the_faces_of_both_test_sets_are_test_and_validation_comes_out_of_training(
    files: Files, tmp_path: Path
) -> None:
    rows = [row(i) for i in range(40)]
    rows += [row(40 + i, usage="PublicTest") for i in range(7)]
    rows += [row(47 + i, usage="PrivateTest") for i in range(7)]
    report = convert(
        files.table(*rows), tmp_path / "out", Fer2013Options(shares=SplitShares(0.3, 0.0))
    )
    counts = {split: sum(faces.values()) for split, faces in report["per_split"].items()}
    assert counts["test"] == 14
    assert counts["val"] >= 4
    assert counts["train"] >= 20
    assert emotions(tmp_path / "out", "test") == sorted([i % 7 for i in range(40, 54)])
    written = manifest(tmp_path / "out")
    lines = [file for r in written for file in r["source_file"].split("|")]
    assert sorted(lines) == sorted(f"fer2013.csv:{i}" for i in range(2, 56))
    assert all(r["flags"].startswith("scene;members:") for r in written)


def test_identical_faces_become_one_and_training_copies_of_test_faces_are_left_out(
    files: Files, tmp_path: Path
) -> None:
    rows = [row(1), row(1), row(2, usage="PublicTest"), row(2, emotion=0), row(3)]
    rows += [row(4, emotion=1), row(4, emotion=2)]
    report = convert(files.table(*rows), tmp_path / "out")
    assert report["dropped"] == {"duplicate_row": 2, "group_in_other_split": 1}
    assert emotions(tmp_path / "out", "test") == [2]
    assert emotions(tmp_path / "out", "train") == [1, 1, 3]
    flags = "".join(line["flags"] for line in manifest(tmp_path / "out"))
    assert "0/0/0/0/0/1/1/0/0/0" in flags, "both labels of the face that has two"


def test_a_brighter_copy_of_a_test_face_is_not_trained_on(files: Files, tmp_path: Path) -> None:
    face = np.array(pixels(5).split(), dtype=int)
    brighter = " ".join(map(str, np.clip(face * 1.1 + 8, 0, 255).astype(int).tolist()))
    table = files.table(row(5, usage="PrivateTest"), f"5,{brighter},Training", row(6))
    assert convert(table, tmp_path / "out")["dropped"] == {"group_in_other_split": 1}


def test_the_majority_of_the_votes_is_the_label_and_all_votes_are_kept(
    files: Files, tmp_path: Path
) -> None:
    cases = [
        (votes(happiness=8, neutral=2), None),
        (votes(sadness=5, neutral=4, fear=1), None),  # a single vote does not count
        (votes(sadness=5, neutral=5), "no_majority"),
        (votes(sadness=4, neutral=3, fear=3), "no_majority"),
        (votes(contempt=9), "votes_contempt"),
        (votes(unknown=7, neutral=3), "votes_unknown"),
        (votes(nf=10), "votes_not_a_face"),
        (votes(), "no_majority"),
        ("Training,fer.png,x,0,0,0,0,0,0,0,0,0", "bad_votes"),
    ]
    table = files.table(*(row(i, emotion=0) for i in range(len(cases))))
    ballots = files.votes(*(ballot for ballot, _ in cases))
    report = convert(table, tmp_path / "out", replace(ALL_TRAIN, votes=ballots))
    expected = [reason for _, reason in cases if reason]
    assert report["dropped"] == {r: expected.count(r) for r in sorted(set(expected))}
    assert emotions(tmp_path / "out", "train") == [Emotion.HAPPINESS, Emotion.SADNESS]
    kept = [
        pair
        for r in manifest(tmp_path / "out")
        for pair in zip(
            r["source_file"].split("|"), r["flags"].split("votes:")[1].split("+"), strict=True
        )
    ]
    assert sorted(kept) == [
        ("fer2013.csv:2", "2/8/0/0/0/0/0/0/0/0"),
        ("fer2013.csv:3", "4/0/0/5/0/0/1/0/0/0"),
    ]


def test_rows_without_votes_are_dropped_and_files_that_do_not_fit_refused(
    files: Files, tmp_path: Path
) -> None:
    table = files.table(row(1), row(2), row(3, usage="PublicTest"))
    fewer = files.votes(votes(happiness=9), votes(sadness=9))
    report = convert(table, tmp_path / "out", replace(ALL_TRAIN, votes=fewer))
    assert report["dropped"] == {"no_votes": 1}
    more = files.votes(*[votes(happiness=9)] * 2, votes("PublicTest", fear=9), votes(fear=9))
    with pytest.raises(YoloFerError, match="more rows"):
        convert_fer2013(table, tmp_path / "more", replace(ALL_TRAIN, votes=more))
    shifted = files.votes(votes(happiness=9), votes("PublicTest", fear=9), votes(fear=9))
    with pytest.raises(YoloFerError, match=r"line 3.*do not belong together"):
        convert_fer2013(table, tmp_path / "shifted", replace(ALL_TRAIN, votes=shifted))


BAD_ROWS = {
    "3,,Training": "wrong_pixel_count",
    "3,1 2 3,Training": "wrong_pixel_count",
    "3," + " ".join(["7"] * 47 * 48) + ",Training": "wrong_pixel_count",
    "3," + " ".join(["7"] * 2303 + ["x"]) + ",Training": "bad_pixels",
    "3," + " ".join(["7"] * 2303 + ["256"]) + ",Training": "bad_pixels",
    "3," + " ".join(["7"] * 2303 + ["-1"]) + ",Training": "bad_pixels",
    "3," + " ".join(["0"] * 2304) + ",Training": "blank_image",
    "3": "wrong_pixel_count",
    row(20, usage="Elsewhere"): "unknown_usage",
    row(21, emotion=7): "unknown_label",
    row(22, emotion=-1): "unknown_label",
    row(23, emotion="happy"): "unknown_label",
}


def test_bad_rows_are_reported_with_line_and_reason_and_the_rest_is_converted(
    files: Files, tmp_path: Path
) -> None:
    report = convert(files.table(row(0), *BAD_ROWS, "", row(1)), tmp_path / "out")
    assert report["faces_out"] == 2
    dropped = (tmp_path / "out" / "dropped.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:3] for line in dropped] == [
        [str(number), f"fer2013.csv:{number}", reason]
        for number, reason in enumerate(BAD_ROWS.values(), start=3)
    ]


def pack_xz(table: Path, path: Path) -> None:
    path.write_bytes(lzma.compress(table.read_bytes()))


def pack_gz(table: Path, path: Path) -> None:
    path.write_bytes(gzip.compress(table.read_bytes()))


def pack_zip(table: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(table, "fer2013/fer2013.csv")


@pytest.mark.parametrize("pack", [pack_xz, pack_gz, pack_zip])
def test_a_compressed_table_is_read_and_one_cut_short_refused(
    files: Files, tmp_path: Path, pack: Callable[[Path, Path], None]
) -> None:
    table = files.table(*(row(i) for i in range(6)))
    packed = files.folder / f"fer2013.csv.{pack.__name__.split('_')[1]}"
    pack(table, packed)
    convert(packed, tmp_path / "out")
    convert(table, tmp_path / "plain")
    assert labels(tmp_path / "out") == labels(tmp_path / "plain")
    packed.write_bytes(packed.read_bytes()[:-900])
    with pytest.raises(YoloFerError, match="get it again"):
        convert_fer2013(packed, tmp_path / "cut", ALL_TRAIN)
    assert not (tmp_path / "cut" / "data.yaml").exists()


def test_the_other_edition_of_the_header_is_understood(files: Files, tmp_path: Path) -> None:
    table = files.table(f"3, Training, {pixels(1)}", header="\ufeffemotion, Usage, pixels")
    assert convert(table, tmp_path / "out")["faces_out"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column emotion, pixels, usage"),
        ("emotion,pixels\n", "no column usage"),
        (HEADER + "\n", "holds no row"),
        (HEADER + "\n9,1 2,Training\n", "none of the 1 rows"),
    ],
)
def test_a_table_without_a_face_is_an_error_that_says_why(
    files: Files, tmp_path: Path, text: str, message: str
) -> None:
    path = files.folder / "fer2013.csv"
    path.write_text(text)
    with pytest.raises(YoloFerError, match=message):
        convert_fer2013(path, tmp_path / "out", ALL_TRAIN)
    with pytest.raises(YoloFerError, match="not a file"):
        convert_fer2013(files.folder / "missing.csv", tmp_path / "other", ALL_TRAIN)


def test_a_conversion_that_was_stopped_ends_with_the_same_bytes(
    files: Files, tmp_path: Path
) -> None:
    table = files.table(*(row(i) for i in range(30)))
    convert(table, tmp_path / "whole")
    out = tmp_path / "out"

    def stop(items: Any, description: str, total: int) -> Any:
        for number, item in enumerate(items):
            yield item
            if number == 0:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_fer2013(table, out, ALL_TRAIN, Run(progress=stop))
    with pytest.raises(UsageError, match="not empty"):
        convert_fer2013(table, out, ALL_TRAIN)
    with pytest.raises(UsageError, match="seed was 0, is 5"):
        convert_fer2013(table, out, replace(ALL_TRAIN, seed=5), Run(resume=True))
    convert(table, out, run=Run(resume=True, workers=2))
    assert contents(out) == contents(tmp_path / "whole")
    assert convert_fer2013(table, out, ALL_TRAIN, Run(resume=True)) is None
    convert(table, out, replace(ALL_TRAIN, seed=5), Run(overwrite=True))
    assert json.loads((out / "conversion_report.json").read_text())["options"]["seed"] == 5


def test_other_votes_or_another_table_are_not_the_conversion_to_resume(
    files: Files, tmp_path: Path
) -> None:
    table, out = files.table(*(row(i) for i in range(6))), tmp_path / "out"
    options = replace(ALL_TRAIN, votes=files.votes(*[votes(happiness=9)] * 6))

    def stop(items: Any, description: str, total: int) -> Any:
        yield from items
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_fer2013(table, out, options, Run(progress=stop))
    files.votes(*[votes(fear=9)] * 6)
    with pytest.raises(UsageError, match="ferplus_sha256 was"):
        convert_fer2013(table, out, options, Run(resume=True))
    files.votes(*[votes(happiness=9)] * 6)
    convert(table, out, options, Run(resume=True))

    files.votes(*[votes(fear=9)] * 6)
    with pytest.raises(UsageError, match="ferplus_sha256 was"):
        convert_fer2013(table, out, options, Run(resume=True))
    files.votes(*[votes(happiness=9)] * 6)
    files.table(*(row(i) for i in range(7)))
    with pytest.raises(UsageError, match=r"made from other files than .*fer2013\.csv"):
        convert_fer2013(table, out, options, Run(resume=True))
    (files.folder / "fer2013new.csv").unlink()
    with pytest.raises(YoloFerError, match=r"fer2013new\.csv is not a file"):
        convert_fer2013(table, out, options, Run(resume=True))


@pytest.mark.slow
def test_the_real_table_balances_and_no_group_is_in_two_splits(tmp_path: Path) -> None:
    folder = research_data("fer2013")
    if not folder.is_dir():
        pytest.skip("FER2013 is not here")
    report = convert(
        folder / "fer2013.csv.xz",
        tmp_path / "out",
        Fer2013Options(votes=folder / "fer2013new.csv"),
        Run(workers=2),
    )
    assert report["rows_in"] == 29461
    assert report["faces_out"] > 24000
    where: dict[str, set[str]] = {}
    for written in manifest(tmp_path / "out"):
        for member in written["flags"].split(";")[1].removeprefix("members:").split("+"):
            where.setdefault(member, set()).add(written["split"])
    assert all(len(splits) == 1 for splits in where.values())
