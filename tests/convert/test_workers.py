"""Whoever does the work, one process, several or a cluster: the same bytes are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.converted import KEEP, contents, convert_faces
from tests.helpers.dask_clusters import scheduler, worker
from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from tests.helpers.drawn_sets import RawRafdb, write_image
from tests.helpers.raw_affwild2 import ANN, BEN, RawAffwild2
from tests.helpers.raw_expw import RawExpw
from tests.helpers.raw_fer2013 import Files, row
from yolo_fer.convert.affectnet import convert_affectnet
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.fer2013 import Fer2013Options, convert_fer2013
from yolo_fer.convert.folders import FoldersOptions, convert_folders
from yolo_fer.convert.labelled_images import ImageOptions
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.options import Run
from yolo_fer.convert.rafdb import convert_rafdb
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inspect.set_check import check_set
from yolo_fer.runtime.cluster import DaskWorkers
from yolo_fer.runtime.executor import Compute
from yolo_fer.runtime.processes import LastingProcesses

pytestmark = pytest.mark.slow
COUNT = 40  # files: more than a worker takes at once

Write = Callable[[Path, Run], dict[str, Any] | None]


def expw(raw: Path) -> Write:
    files = RawExpw(raw)
    for seed in range(COUNT):
        files.image(f"{seed}.jpg", drawn_photograph(Emotion(seed % 7), seed, (90, 50)))
        files.row(f"{seed}.jpg", (115, 65, 205, 155), label=seed % 7)
    root = files.write()
    return lambda out, run: convert_expw(root, out, ExpwOptions(), run)


def rafdb(raw: Path) -> Write:
    files = RawRafdb(raw)
    for seed in range(COUNT):
        files.aligned(f"train_{seed:05d}", seed, label=1 + seed % 7)
        files.original(f"train_{COUNT + seed:05d}", seed, "60 60 150 155", label=1 + seed % 7)
    root = files.write()
    return lambda out, run: convert_rafdb(root, out, ImageOptions(), run)


def affectnet(raw: Path) -> Write:
    for seed in range(COUNT):
        emotion = Emotion(seed % 6)
        write_image(raw / emotion.label / f"{seed}.png", drawn_crop(emotion, seed, 96))
    return lambda out, run: convert_affectnet(raw, out, ImageOptions(), run)


def fer2013(raw: Path) -> Write:
    table = Files(raw).table(*(row(seed) for seed in range(8 * COUNT)))
    return lambda out, run: convert_fer2013(table, out, Fer2013Options(), run)


def folders(raw: Path) -> Write:
    for seed in range(COUNT):
        emotion = Emotion(seed % 7)
        image = drawn_photograph(emotion, seed) if seed % 2 else drawn_crop(emotion, seed)
        write_image(raw / emotion.label / f"{seed}.png", image)
    return lambda out, run: convert_folders(raw, out, FoldersOptions(), run)


def affwild2(raw: Path) -> Write:
    files = RawAffwild2(raw)
    for number in range(3):
        files.video(f"v{number}.mp4", [{ANN: (80, 100, 110), BEN: (240, 110, 90)}] * 12)
        files.labels(f"v{number}", [number] * 12, "Validation_Set" if number else "Training_Set")
    options = Affwild2Options(cache=raw.with_name("cache"))
    return lambda out, run: convert_affwild2(raw, out, options, run)


def merge(raw: Path) -> Write:
    raw.mkdir()
    sets = [convert_faces(raw / name, range(COUNT)) for name in "ab"]
    return lambda out, run: merge_sets(sets, out, MergeOptions(), run)


DATASETS = (expw, rafdb, affectnet, fer2013, folders, affwild2, merge)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    pytest.importorskip("distributed")
    with scheduler() as address, worker(address), worker(address):
        yield address


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> dict[type, int]:
    """How many jobs each kind of workers was given."""
    counts = {LastingProcesses: 0, DaskWorkers: 0}
    for kind in counts:

        def submit(self: Any, *job: Any, ours: Any = kind.submit) -> Any:
            counts[type(self)] += 1
            return ours(self, *job)

        monkeypatch.setattr(kind, "submit", submit)
    return counts


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.__name__)
def test_the_bytes_are_the_same_whoever_does_the_work(
    dataset: Callable[[Path], Write], cluster: str, tmp_path: Path, submitted: dict[type, int]
) -> None:
    write = dataset(tmp_path / "raw")
    assert write(tmp_path / "alone", Run()) is not None
    assert submitted == {LastingProcesses: 0, DaskWorkers: 0}
    write(tmp_path / "two", Run(workers=2))
    write(tmp_path / "cluster", Run(dask=cluster))
    assert min(submitted.values()) > 1, "the work was not shared out"
    expected = contents(tmp_path / "alone")
    assert contents(tmp_path / "two") == expected
    assert contents(tmp_path / "cluster") == expected


def test_check_finds_the_same_whoever_does_the_work(
    cluster: str, tmp_path: Path, submitted: dict[type, int]
) -> None:
    folder = convert_faces(tmp_path / "set", range(COUNT))
    (folder / "images" / "train" / "0.jpg").write_bytes(b"no image")
    alone = check_set(folder)
    assert alone.failed
    assert check_set(folder, Compute(2)).to_json() == alone.to_json()
    assert check_set(folder, Compute(dask=cluster)).to_json() == alone.to_json()
    assert min(submitted.values()) > 1


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.__name__)
def test_a_wrong_address_is_told_before_anything_is_written(
    dataset: Callable[[Path], Write], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    write = dataset(tmp_path / "raw")
    with pytest.raises(YoloFerError, match="there is no Dask scheduler at nonsense"):
        write(tmp_path / "out", Run(dask="nonsense"))
    assert not (tmp_path / "out").exists()


def test_paths_below_the_working_folder_are_the_same_for_the_cluster(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workers of a cluster were started in another folder."""
    files = RawExpw(tmp_path / "raw")
    for seed in range(COUNT):
        files.face(f"{seed}.jpg", seed=seed, label=seed % 7)
    convert_expw(files.write(), tmp_path / "alone", KEEP)
    monkeypatch.chdir(tmp_path)
    assert convert_expw(Path("raw"), Path("cluster"), replace(KEEP), Run(dask=cluster)) is not None
    assert contents(tmp_path / "cluster") == contents(tmp_path / "alone")


def test_the_command_line_takes_a_cluster(cluster: str, tmp_path: Path) -> None:
    files = RawExpw(tmp_path / "raw")
    for seed in range(COUNT):
        files.face(f"{seed}.jpg", seed=seed, label=seed % 7)
    arguments = ("convert", "expw", files.write(), "--unlabelled", "keep", "--out")
    done = yolo_fer(*arguments, tmp_path / "out", "--dask", cluster)
    assert done.returncode == 0, done.stderr
    checked = yolo_fer("check", tmp_path / "out", "--dask", cluster)
    assert checked.returncode in (0, 1), checked.stderr
    assert f"{COUNT} images" in checked.stdout
    done = yolo_fer(*arguments, tmp_path / "both", "--dask", cluster, "--workers", "2")
    assert (done.returncode, "--workers 2" in done.stderr) == (2, True), done.stderr
    done = yolo_fer(*arguments, tmp_path / "none", "--dask", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert "there is no Dask scheduler at tcp://127.0.0.1:9" in done.stderr
    assert "--dask" in done.stderr
    assert "Traceback" not in done.stderr
