"""CSV files of any compression, a row at a time and never more."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from yolo_fer.convert.compressed_csv import read_lines
from yolo_fer.errors import YoloFerError


@pytest.mark.parametrize(("suffix", "opener"), [("xz", lzma), ("gz", gzip), ("bz2", bz2)])
def test_a_line_without_end_in_few_bytes_is_an_error_and_takes_no_memory(
    tmp_path: Path, suffix: str, opener: object
) -> None:
    path = tmp_path / f"bomb.csv.{suffix}"
    with opener.open(path, "wb") as file:  # type: ignore[attr-defined]
        file.write(b"emotion,pixels\n")
        for _ in range(40):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(YoloFerError, match="next line has more than 1,000,000 characters"):
            list(read_lines(path, ("emotion", "pixels")))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_any_kind_of_line_end_will_do(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        (tmp_path / "a.csv").write_bytes(f"a,b{end}1,2{end}3,4{end}".encode())
        lines = read_lines(tmp_path / "a.csv", ("b",))
        assert [line.fields["b"] for line in lines] == ["2", "4"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("flags", 1, "password required"),
        ("compression", 95, "compression"),
        ("version needed", 99, "version"),
    ],
)
def test_a_zip_that_python_cannot_unpack_is_an_error_that_says_what_to_do(
    tmp_path: Path, field: str, value: int, reason: str
) -> None:
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("faces.csv", "a,b\n1,2\n")
    data = bytearray(path.read_bytes())
    places = {"version needed": (4, 6), "flags": (6, 8), "compression": (8, 10)}
    for mark, place in zip((b"PK\3\4", b"PK\1\2"), places[field], strict=True):
        data[data.index(mark) + place] = value
    path.write_bytes(data)
    cannot = rf"faces\.zip cannot be unpacked \(.*{reason}.*\); unpack it and give the \.csv"
    with pytest.raises(YoloFerError, match=cannot):
        list(read_lines(path, ("b",)))
