from __future__ import annotations

from pathlib import Path

from yolo_fer.convert.source_files import hash_source_files


def test_a_folder_is_told_by_the_names_and_sizes_of_its_files(tmp_path: Path) -> None:
    root, out = tmp_path / "raw", tmp_path / "raw" / "out"
    (root / "anger").mkdir(parents=True)
    (root / "anger" / "a.jpg").write_bytes(b"12")
    before = hash_source_files(root, out)

    out.mkdir()
    (out / "data.yaml").write_text("the set itself")
    (root / ".DS_Store").write_text("of a file manager")
    assert hash_source_files(root, out) == before

    (root / "anger" / "a.jpg").write_bytes(b"123")
    longer = hash_source_files(root, out)
    (root / "anger" / "a.jpg").write_bytes(b"12")
    (root / "anger" / "b.jpg").symlink_to("nowhere.jpg")
    assert len({before, longer, hash_source_files(root, out)}) == 3


def test_a_file_is_told_by_its_bytes_and_one_that_is_not_there_by_nothing(tmp_path: Path) -> None:
    table = tmp_path / "faces.csv"
    assert hash_source_files(table, tmp_path / "out") == ""
    table.write_text("1,2")
    before = hash_source_files(table, tmp_path / "out")
    table.write_text("1,3")
    assert hash_source_files(table, tmp_path / "out") not in ("", before)
