"""The token that a request has to bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.serve.token import VARIABLE, Token, find_token

SECRET = "a-secret-of-some-length"  # noqa: S105
BEARER = {"authorization": f"Bearer {SECRET}"}


def test_a_token_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "another-secret-of-some-length")
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    token = find_token(file)
    assert token is not None
    assert token.is_in(BEARER)
    assert SECRET not in repr(token)


def test_or_from_the_environment_which_forgets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    token = find_token(None)
    assert token is not None
    assert token.is_in(BEARER)
    assert find_token(None) is None


@pytest.mark.parametrize("text", ["", "short", "with a blank in the middle", "ünïcödé-töken-long"])
def test_what_cannot_be_a_token_is_said_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text(text)
    monkeypatch.setenv(VARIABLE, text)
    for source, named in ((file, str(file)), (None, VARIABLE)):
        with pytest.raises(UsageError, match="openssl rand") as caught:
            find_token(source)
        assert named in str(caught.value)
        assert not text or text not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"`token_file=.*missing` cannot be read"):
        find_token(tmp_path / "missing")


def test_only_the_whole_token_is_right() -> None:
    token = Token(SECRET)
    assert not token.is_in({})
    for wrong in (SECRET, f"Basic {SECRET}", f"Bearer {SECRET}x", "Bearer \xff", f"Bearer{SECRET}"):
        assert not token.is_in({"authorization": wrong})
