"""The hash by which figures and caches name weights, of a file and of a folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from yolo_fer.weights.hashes import hash_weights, sha256_of, size_of_weights


def test_a_file_has_the_hash_that_sha256sum_prints(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(bytes(1_000_000))
    printed = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True)
    assert sha256_of(path) == hash_weights(path) == printed.stdout.split()[0]
    assert size_of_weights(path) == 1_000_000


def test_a_folder_has_the_hash_of_the_sums_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.bin").write_bytes(b"123")
    (tmp_path / "a.xml").write_bytes(b"12")
    lines = subprocess.run(
        ["sha256sum", "a.xml", "sub/b.bin"], cwd=tmp_path, capture_output=True, check=True
    )
    assert hash_weights(tmp_path) == hashlib.sha256(lines.stdout).hexdigest()
    assert size_of_weights(tmp_path) == 5


def test_the_hash_of_a_folder_tells_a_file_that_was_renamed_or_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"123")
    before = hash_weights(tmp_path)
    path.write_bytes(b"124")
    changed = hash_weights(tmp_path)
    path.rename(tmp_path / "b.bin")
    assert len({before, changed, hash_weights(tmp_path)}) == 3


def test_a_folder_may_hold_any_names(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.bin")).write_bytes(b"123")
    assert len(hash_weights(tmp_path)) == 64
