from __future__ import annotations

import ast
import json
import pickle
from pathlib import Path

import pytest

import yolo_fer
from yolo_fer.dataset import drop_reasons
from yolo_fer.dataset.drop_reasons import DropReason, is_tolerated
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.errors import FileFault, ImageError

PACKAGE = Path(yolo_fer.__file__).parent


@pytest.mark.parametrize("reason", ["low_score", "stride", "other_class", "frame_shown_in_test"])
def test_what_was_chosen_or_is_designed_so_is_no_bad_input(reason: str) -> None:
    assert is_tolerated(reason)


@pytest.mark.parametrize("reason", ["malformed_row", "missing_image", "truncated_image", "unheard"])
def test_what_is_broken_or_missing_is_bad_input(reason: str) -> None:
    assert not is_tolerated(reason)


@pytest.mark.parametrize("reason", [*DropReason, *FileFault])
def test_a_reason_is_the_word_in_every_file_and_survives_another_process(
    reason: DropReason | FileFault,
) -> None:
    assert json.loads(json.dumps({reason: reason})) == {reason.value: reason.value}
    assert str(reason) == f"{reason}" == reason.value == reason.name.lower()
    assert pickle.loads(pickle.dumps(reason)) is reason  # noqa: S301


def test_a_word_says_one_thing() -> None:
    words = [*map(str, DropReason), *map(str, FileFault)]
    assert len(set(words)) == len(words)


def test_the_reason_of_an_image_comes_out_of_a_worker_process() -> None:
    error = pickle.loads(pickle.dumps(ImageError(FileFault.CORRUPT_IMAGE, "a.jpg: cut")))  # noqa: S301
    assert (error.reason, str(error)) == (FileFault.CORRUPT_IMAGE, "a.jpg: cut")


def test_the_account_has_plain_words() -> None:
    ledger = Ledger(rows_in=1)
    ledger.drop(1, "a.jpg", DropReason.NO_FACE)
    assert repr(ledger.dropped_by_reason()) == "{'no_face': 1}"


def test_a_reason_has_one_spelling() -> None:
    """`"stride"` and `"balance"` are options, too, where they are keys and on the command line."""
    places = [(PACKAGE, list(FileFault))]
    places += [
        (PACKAGE / f, list(DropReason)) for f in ("convert", "dataset", "evaluate", "inspect")
    ]
    found = [text for folder, reasons in places for text in spelt_out(folder, reasons)]
    assert [text for text in found if not text.endswith("votes_not_a_face")] == []


def spelt_out(folder: Path, reasons: list[str]) -> list[str]:
    """Return where reasons stand as strings, but for the file that defines them and for keys."""
    found = []
    for path in {*folder.rglob("*.py")} - {PACKAGE / "errors.py", Path(drop_reasons.__file__)}:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        keys = {
            id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys
        }
        keys |= {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
        found += [
            f"{path.name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and id(node) not in keys
            if isinstance(node.value, str) and node.value in reasons
        ]
    return found
