from __future__ import annotations

import signal

import pytest

from yolo_fer.cli.interrupts import held_back, terminated_like_interrupted


def test_what_is_being_written_is_finished_before_ctrl_c_ends_it() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        done.append("written")
    assert done == ["written"]


def test_a_second_ctrl_c_does_not_wait() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("never")
    assert done == []


def test_an_error_of_the_block_is_not_hidden_and_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(OSError, match="full"), held_back():
        raise OSError("the disk is full")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_request_to_terminate_waits_like_ctrl_c_and_has_a_status_of_its_own() -> None:
    done = []
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as end, terminated_like_interrupted(), held_back():
        signal.raise_signal(signal.SIGTERM)
        done.append("written")
    assert end.value.code == 143
    assert done == ["written"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_stays_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), terminated_like_interrupted():
        signal.raise_signal(signal.SIGINT)


def test_a_request_to_terminate_ends_also_what_ignores_ctrl_c() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(SystemExit) as end, terminated_like_interrupted():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
    assert end.value.code == 143
