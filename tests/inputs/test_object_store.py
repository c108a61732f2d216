"""Objects are listed folder by folder and read whole, or it is said why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.object_stores import forget_connections, running_store
from yolo_fer.errors import FileFault, ImageError, MissingExtraError, UsageError
from yolo_fer.inputs import object_store
from yolo_fer.inputs.image_bytes import read_address
from yolo_fer.inputs.listing import collect_inputs
from yolo_fer.inputs.object_store import (
    check_object_address,
    copy_object,
    objects_below,
    read_object,
)

KEYS = ("b.jpg", "a/2.jpg", "a/1 [x]*?.jpg", "a/deep/ü.mp4", "a/", "odd//x.jpg", "empty.jpg")


@pytest.fixture(scope="module")
def store() -> Iterator[Any]:
    with running_store() as client:
        for key in KEYS:
            client.put_object(Bucket="lab", Key=key, Body=b"" if key == "empty.jpg" else b"hello")
        yield client


def listed(address: str) -> tuple[list[str], list[OSError]]:
    errors: list[OSError] = []
    return [item.address for item in objects_below(address, errors.append)], errors


def test_objects_are_listed_sorted_folder_by_folder(store: Any) -> None:
    found, errors = listed("s3://lab/a/")
    names = ("1 [x]*?.jpg", "2.jpg", "deep/ü.mp4")
    assert (found, errors) == ([f"s3://lab/a/{name}" for name in names], [])
    assert listed("s3://lab/b.jpg")[0] == ["s3://lab/b.jpg"]
    [item] = objects_below("s3://lab/b.jpg", errors.append)
    assert item.size == 5
    assert item.changed_ns > 1.7e18


def test_what_cannot_be_listed_is_told_and_the_rest_is_found(store: Any) -> None:
    found, errors = listed("s3://lab")
    assert len(found) == 5
    assert [(error.filename, error.strerror) for error in errors] == [
        ("s3://lab/odd/", "a folder without a name")
    ]
    for address in ("s3://lab/none", "s3://nobody-has-it/x"):
        [error] = listed(address)[1]
        assert isinstance(error, FileNotFoundError)


def test_an_object_is_read_whole_or_its_first_bytes(store: Any, tmp_path: Path) -> None:
    assert read_object("s3://lab/a/1 [x]*?.jpg", 100) == b"hello"
    assert read_object("s3://lab/b.jpg", 3) == b"hel"
    assert read_object("s3://lab/empty.jpg", 3) == b""
    copy_object("s3://lab/a/deep/ü.mp4", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"hello"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("none.jpg", FileFault.MISSING_IMAGE),
        ("b.jpg", FileFault.NOT_AN_IMAGE),
        ("empty.jpg", FileFault.EMPTY_IMAGE),
    ],
)
def test_an_image_that_cannot_be_read_has_a_reason(store: Any, key: str, reason: FileFault) -> None:
    with pytest.raises(ImageError, match=f"s3://lab/{key}") as error:
        read_address(f"s3://lab/{key}")
    assert error.value.reason is reason


def test_without_keys_or_a_network_it_says_so(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    forget_connections()
    [error] = listed("s3://lab")[1]
    assert error.strerror == "Unable to locate credentials"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "my-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget_connections()
    [error] = listed("s3://lab")[1]
    assert "Could not connect" in str(error)
    assert "my-secret" not in str(error)
    monkeypatch.undo()
    forget_connections()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://", "names no bucket"),
        ("s3:///folder", "names no bucket"),
        ("s3://KEY:hush@lab/x", "keys are no part of an address"),
    ],
)
def test_an_address_names_a_bucket_and_no_key(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        check_object_address(address)
    assert "hush" not in str(error.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="yolo-fer\\[s3\\]"):
        check_object_address("s3://lab/x")


def test_without_out_an_object_store_is_no_source() -> None:
    with pytest.raises(UsageError, match="say with `out`"):
        collect_inputs(["s3://lab/x"])
