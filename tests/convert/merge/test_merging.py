from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from tests.helpers.command import yolo_fer
from tests.helpers.converted import (
    TRAIN,
    change_rows,
    contents,
    convert_faces,
    report,
    rows,
)
from tests.helpers.merged import ALL, merged
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.options import Run
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.executor import Progress


def test_every_face_is_kept_and_images_and_labels_have_the_same_bytes(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(40))
    b = convert_faces(tmp_path / "b", range(100, 130))
    result = merged([a, b], tmp_path / "out")
    assert (result["rows_in"], result["faces_out"], result["images_out"]) == (70, 70, 70)
    both = Counter(
        data
        for folder in (a, b)
        for name, data in contents(folder).items()
        if name.startswith(("images", "labels"))
    )
    ours = contents(tmp_path / "out")
    assert both == Counter(d for name, d in ours.items() if name.startswith(("images", "labels")))
    for split in ("train", "val", "test"):
        coco = COCO(str(tmp_path / "out" / "annotations" / f"instances_{split}.json"))
        assert sorted(coco.anns) == list(range(1, len(coco.anns) + 1))
        assert sorted(coco.imgs) == list(range(1, len(coco.imgs) + 1))
    per_split = result["per_split"]
    for split, counts in per_split.items():
        for emotion, count in counts.items():
            parts = [report(folder)["per_split"][split][emotion] for folder in (a, b)]
            assert count == sum(parts)


def test_supervision_reads_a_merged_set_whole(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    a = convert_faces(tmp_path / "a", range(20))
    b = convert_faces(tmp_path / "b", range(100, 115))
    merged([a, b], tmp_path / "out")
    read = [
        supervision.DetectionDataset.from_coco(
            str(tmp_path / "out"), str(tmp_path / "out" / "annotations" / f"instances_{split}.json")
        )
        for split in ("train", "val", "test")
    ]
    assert sum(map(len, read)) == 35
    assert sum(len(faces) for one in read for _, _, faces in one) == 35


def test_each_source_has_its_folder_its_name_and_its_ledger(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "first", range(10))
    b = convert_faces(tmp_path / "second", range(50, 65))
    change_rows(b, lambda table: [row.update(source="raf-db") for row in table] and None)
    result = merged([a, b], tmp_path / "out")
    assert result["source"] == "expw+raf-db"
    assert {name: part["images_out"] for name, part in result["datasets"].items()} == {
        "expw": 10,
        "raf-db": 15,
    }
    for row in rows(tmp_path / "out"):
        assert row["file"].startswith(f"images/{row['split']}/{row['source']}/")
        assert row["group"].startswith(f"{row['source']}/")
    assert [part["source"] for part in result["conversions"]] == ["expw", "expw"]
    data = read_evaluation_set(tmp_path / "out" / "data.yaml", "train")
    assert {image.source for image in data.images} == {"expw", "raf-db"}


def test_an_unchanged_image_has_the_hash_that_the_manifest_tells(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    alike = rows(sets[0])[0]["phash"]
    change_rows(sets[1], lambda table: table[0].update(phash=alike))
    merged(sets, tmp_path / "out")
    groups = {row["source_sha256"]: row["group"] for row in rows(tmp_path / "out")}
    first, second = (groups[rows(folder)[0]["source_sha256"]] for folder in sets)
    assert first == second
    assert len(set(groups.values())) == 17, "what the manifest tells is not believed"


def test_sets_whose_manifests_tell_no_hash_are_merged_to_the_same_bytes(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (5, "b"))]
    merged(sets, tmp_path / "new")
    for folder in sets:
        change_rows(folder, lambda table: [row.update(phash="") for row in table] and None)
    merged(sets, tmp_path / "old")
    new, old = contents(tmp_path / "new"), contents(tmp_path / "old")
    for name in ("manifest.csv", "conversion_report.json"):  # which has the hash of the former
        del new[name], old[name]
    assert new == old
    told = [{**row, "phash": ""} for row in rows(tmp_path / "new")]
    assert told == rows(tmp_path / "old")


def test_a_merged_set_can_be_merged_again(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    merged(sets, tmp_path / "ab")
    third = convert_faces(tmp_path / "c", range(90, 99))
    result = merged([tmp_path / "ab", third], tmp_path / "abc")
    assert set(result["datasets"]) == {"a", "b", "expw"}
    assert result["faces_out"] == 27
    assert all(Path(r["file"]).parts[2:-1] == (r["source"],) for r in rows(tmp_path / "abc"))


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", ["comparing images", "copying images"])
def test_a_killed_merge_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, step: str) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 70)) for n, name in ((0, "a"), (200, "b"))]
    merged(sets, tmp_path / "whole")

    def kill(items: Iterable[Any], description: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if description == step and number == 2:
                raise Killed
            yield item

    out = tmp_path / "out"
    with pytest.raises(Killed):
        merge_sets(sets, out, ALL, Run(progress=kill))
    with pytest.raises(UsageError, match="not empty"):
        merge_sets(sets, out, ALL)
    with pytest.raises(UsageError, match="seed"):
        merge_sets(sets, out, MergeOptions(seed=3), Run(resume=True))
    workers = 2 if step == "copying images" else 1
    assert merge_sets(sets, out, ALL, Run(resume=True, workers=workers)) is not None
    assert contents(out) == contents(tmp_path / "whole")
    assert merge_sets(sets, out, ALL, Run(resume=True)) is None


def _pausing(step: str, pause: Callable[[], None]) -> Progress[Any]:
    """Return a progress bar that calls a function before a step, whose end it does not see."""

    def progress(items: Iterable[Any], description: str, total: int) -> Iterator[Any]:
        if description == step:
            pause()
        yield from items

    return progress


def _kill() -> None:
    raise Killed


def test_an_image_that_changes_during_a_merge_is_left_out_by_the_resumed_one(
    tmp_path: Path,
) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    image = sets[0] / rows(sets[0])[0]["file"]

    def change() -> None:
        image.write_bytes(image.read_bytes() + b"\0")

    run = Run(progress=_pausing("copying images", change))
    with pytest.raises(YoloFerError, match="changed during the merge; run it again"):
        merge_sets(sets, tmp_path / "out", ALL, run)
    result = merge_sets(sets, tmp_path / "out", ALL, Run(resume=True))
    assert result is not None
    assert result["images_dropped"] == {"changed_image": 1}
    assert result["faces_out"] == 17


@pytest.mark.parametrize("kind", ["file", "label"])
def test_an_image_that_is_back_when_a_merge_is_resumed_is_merged(tmp_path: Path, kind: str) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    merged(sets, tmp_path / "whole")
    image = Path(rows(sets[0])[0]["file"])
    away = image if kind == "file" else Path("labels", *image.with_suffix(".txt").parts[1:])
    (sets[0] / away).rename(tmp_path / "away")
    with pytest.raises(Killed):
        merge_sets(sets, tmp_path / "out", ALL, Run(progress=_pausing("copying images", _kill)))
    (tmp_path / "away").rename(sets[0] / away)
    assert merge_sets(sets, tmp_path / "out", ALL, Run(resume=True)) is not None
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_label_that_is_gone_when_a_merge_is_resumed_costs_its_image_alone(
    tmp_path: Path,
) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    with pytest.raises(Killed):
        merge_sets(sets, tmp_path / "out", ALL, Run(progress=_pausing("copying images", _kill)))
    next((sets[0] / "labels").rglob("*.txt")).unlink()
    result = merge_sets(sets, tmp_path / "out", ALL, Run(resume=True))
    assert result is not None
    assert result["images_dropped"] == {"missing_label": 1}


def test_overwrite_replaces_a_merge_and_nothing_else(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    third = convert_faces(tmp_path / "c", range(90, 99))
    merged(sets, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert merge_sets([sets[0], third], tmp_path / "out", ALL, Run(overwrite=True)) is not None
    assert set(report(tmp_path / "out")["datasets"]) == {"a", "c"}
    assert not (tmp_path / "out" / "images" / "train" / "b").exists()
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="not a converted set"):
        merge_sets(sets, tmp_path / "full", ALL, Run(overwrite=True))


def test_bad_images_are_left_out_by_reason_and_the_rest_is_merged(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8), TRAIN)
    b = convert_faces(tmp_path / "b", range(20, 28), TRAIN)
    (a / "images/train/0.jpg").unlink()
    (a / "images/train/1.jpg").write_bytes((a / "images/train/2.jpg").read_bytes())
    (a / "images/train/3.jpg").write_bytes(b"")
    (a / "labels/train/4.txt").unlink()
    result = merged([a, b], tmp_path / "out")
    assert result["images_dropped"] == {
        "changed_image": 1,
        "empty_image": 1,
        "missing_image": 1,
        "missing_label": 1,
    }
    assert result["faces_out"] == 12
    done = yolo_fer("merge", a, b, "--out", tmp_path / "strict", "--strict")
    assert done.returncode == 1
    assert "4 bad images" in done.stderr
