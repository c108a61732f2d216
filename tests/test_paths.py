from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from yolo_fer.files import write_json
from yolo_fer.paths import ESCAPE, escaped, portable, resolved, temporary_beside, unescaped

NAMES = ["a.jpg", "Zoë/ä.jpg", "\udcff\udc80.jpg", r"C:\udcff\u005c.jpg", "\\\udcff\\", 'a,"\n.jpg']


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_from_csv(name: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([escaped(name)])
    read = csv.reader(io.StringIO(text.getvalue().encode("utf-8").decode("utf-8"), newline=""))
    assert unescaped(next(read)[0]) == name


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_from_json(tmp_path: Path, name: str) -> None:
    write_json(tmp_path / "a.json", {"file": name})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"file": name}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_from_yaml(name: str) -> None:
    written = yaml.safe_dump({"file": name}, allow_unicode=True).encode("utf-8", ESCAPE)
    assert yaml.safe_load(written) == {"file": name}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_the_name_that_comes_back_opens_the_file(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\xfe.jpg")).write_bytes(b"here")
    name = next(tmp_path.iterdir()).name
    assert (tmp_path / unescaped(escaped(name))).read_bytes() == b"here"
    assert portable(name) == "_xff_xfe.jpg"


def test_two_threads_never_write_under_the_same_temporary_name(tmp_path: Path) -> None:
    alike = [tmp_path / f"{'a' * 60}{number}.jpg" for number in range(2)]
    names = {temporary_beside(path).name for path in alike * 50}
    assert len(names) == 100
    assert all(name.startswith(".") and name.endswith(".tmp") for name in names)


def test_a_name_of_the_greatest_length_has_a_temporary_one(tmp_path: Path) -> None:
    temporary_beside(tmp_path / ("a" * 251 + ".jpg")).touch()


def test_a_path_is_resolved_through_links_and_one_in_a_circle_stays(tmp_path: Path) -> None:
    place = tmp_path.resolve()
    (place / "folder").mkdir()
    (place / "link").symlink_to("folder")
    (place / "self").symlink_to("self")
    (place / "there").symlink_to("back")
    (place / "back").symlink_to("there")
    assert resolved(place / "link" / "missing.jpg") == place / "folder" / "missing.jpg"
    assert resolved(place / "self") == place / "self"
    assert resolved(place / "there").parent == place
    assert resolved(place / "no\0name") == place / "no\0name"
