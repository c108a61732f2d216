from __future__ import annotations

import ast
import json
import pickle
from pathlib import Path

import pytest

import yolo_fer.convert
from yolo_fer.dataset.drop_reasons import DropReason, is_tolerated
from yolo_fer.dataset.ledger import Ledger

CONVERT = Path(yolo_fer.convert.__file__).parent


@pytest.mark.parametrize("reason", ["low_score", "stride", "other_class", "frame_shown_in_test"])
def test_what_was_chosen_or_is_designed_so_is_no_bad_input(reason: str) -> None:
    assert is_tolerated(reason)


@pytest.mark.parametrize("reason", ["malformed_row", "missing_image", "truncated_image", "unheard"])
def test_what_is_broken_or_missing_is_bad_input(reason: str) -> None:
    assert not is_tolerated(reason)


@pytest.mark.parametrize("reason", DropReason)
def test_a_reason_is_the_word_in_every_file_and_survives_another_process(
    reason: DropReason,
) -> None:
    assert json.loads(json.dumps({reason: reason})) == {reason.value: reason.value}
    assert str(reason) == f"{reason}" == reason.value == reason.name.lower()
    assert pickle.loads(pickle.dumps(reason)) is reason  # noqa: S301


def test_the_account_has_plain_words() -> None:
    ledger = Ledger(rows_in=1)
    ledger.drop(1, "a.jpg", DropReason.NO_FACE)
    assert repr(ledger.dropped_by_reason()) == "{'no_face': 1}"


def test_no_conversion_has_a_reason_of_its_own_spelling() -> None:
    """`"stride"` and `"balance"` are options, too, where they are keys."""
    found = []
    for path in CONVERT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        keys = {
            id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys
        }
        keys |= {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
        found += [
            f"{path.name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and id(node) not in keys
            if isinstance(node.value, str) and node.value in list(DropReason)
        ]
    assert [text for text in found if not text.endswith("votes_not_a_face")] == []
