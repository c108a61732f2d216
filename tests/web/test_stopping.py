from __future__ import annotations

import os
import signal

import pytest

from yolo_fer.web.stopping import until_stopped


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_a_request_to_terminate_sets_the_event_and_the_clean_up_runs() -> None:
    before = handlers()
    with until_stopped() as stopped:
        assert not stopped.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.wait(5)
        cleaned_up = True
    assert cleaned_up
    assert handlers() == before


def test_ctrl_c_is_raised_only_behind_the_block() -> None:
    before, cleaned_up = handlers(), False
    with pytest.raises(KeyboardInterrupt), until_stopped() as stopped:
        os.kill(os.getpid(), signal.SIGINT)
        assert stopped.wait(5)
        cleaned_up = True
    assert cleaned_up
    assert handlers() == before


def test_an_error_in_the_block_passes_and_leaves_the_signals_as_they_were() -> None:
    before = handlers()
    with pytest.raises(ValueError, match="of another kind"), until_stopped():
        raise ValueError("of another kind")
    assert handlers() == before
