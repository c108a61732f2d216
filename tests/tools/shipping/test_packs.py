from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping import packs
from tools.shipping.packs import read_packs, write_packs
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


def test_what_is_read_is_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_LARGEST", 6_000)
    unknown = replace(photograph(None, 2), unsure=np.array([[1, 2, 30, 40]], np.float32))
    train = {"expw": [photograph(Emotion.ANGER, 1), unknown], "rafdb": [crop(Emotion.FEAR, 3)]}
    val = {"ck48": [crop(Emotion.SADNESS, 4)]}
    (tmp_path / "pack-09.zip").write_bytes(b"an older pack")

    written = write_packs(tmp_path, train, val)

    assert written == sorted(tmp_path.glob("pack-*.zip"))
    assert len(written) > 1
    assert all(path.stat().st_size <= 6_000 for path in written)
    for before, after in zip((train, val), read_packs(tmp_path), strict=True):
        for source, pictures in after.items():
            assert len(pictures) == len(before.get(source, []))
            for old, new in zip(before.get(source, []), pictures, strict=True):
                assert (old.name, old.exact) == (new.name, new.exact)
                np.testing.assert_allclose(old.boxes, new.boxes, atol=0.01)
                np.testing.assert_allclose(old.unsure, new.unsure, atol=0.01)
                np.testing.assert_allclose(old.targets, new.targets, atol=1e-5)
                assert np.abs(old.pixels.astype(int) - new.pixels.astype(int)).mean() < 4


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_packs(tmp_path / name, {"rafdb": [crop(Emotion.FEAR, 3)]}, {})
    one, two = (tmp_path / name / "pack-00.zip" for name in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()


def test_missing_and_damaged_packs_are_named(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="holds no pack-00"):
        read_packs(tmp_path)
    (path,) = write_packs(tmp_path, {"rafdb": [crop(Emotion.FEAR, 3)]}, {})
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(YoloFerError, match=r"pack-00\.zip is damaged"):
        read_packs(tmp_path)


def test_a_part_of_the_packs_is_not_taken_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "_LARGEST", 2_000)
    train = {"rafdb": [crop(Emotion.FEAR, seed) for seed in range(3)]}
    *_, last = write_packs(tmp_path, train, {})
    last.unlink()
    with pytest.raises(YoloFerError, match=r"pack-00\.zip is one of . packs, but .* copy all"):
        read_packs(tmp_path)

    encode, written = packs._encode, iter(range(2))

    def killed_at_the_third(pixels: np.ndarray) -> bytes:
        if next(written, None) is None:
            raise KeyboardInterrupt
        return encode(pixels)

    monkeypatch.setattr(packs, "_encode", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        write_packs(tmp_path, train, {})
    with pytest.raises(YoloFerError, match="holds no pack-00"):
        read_packs(tmp_path)
