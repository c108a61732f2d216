from __future__ import annotations

import threading
import time

from yolo_fer.app.turns import Turns


def _run(turns: Turns, wanted: list[tuple[str, bool]]) -> list[str]:
    """Queue up in this order while somebody has the turn; return the order of the turns."""
    order: list[str] = []

    def take(name: str, live: bool) -> None:
        with turns.turn(live):
            order.append(name)

    threads = [threading.Thread(target=take, args=entry) for entry in wanted]
    with turns.turn(live=False):
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while len(turns._live) + len(turns._uploads) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return order


def test_a_camera_goes_before_uploads_that_came_earlier() -> None:
    order = _run(Turns(), [("upload 1", False), ("upload 2", False), ("camera", True)])
    assert order == ["camera", "upload 1", "upload 2"]


def test_an_upload_gets_every_fourth_turn_however_many_cameras_there_are() -> None:
    cameras = [(f"camera {n}", True) for n in range(8)]
    order = _run(Turns(), [*cameras, ("upload 1", False), ("upload 2", False)])
    assert [order.index("upload 1"), order.index("upload 2")] == [3, 7]


def test_only_one_runs_at_a_time_and_an_error_gives_the_turn_back() -> None:
    turns, running, most = Turns(), 0, 0

    def work(live: bool) -> None:
        nonlocal running, most
        for _ in range(20):
            try:
                with turns.turn(live):
                    running += 1
                    most = max(most, running)
                    time.sleep(0.001)
                    running -= 1
                    raise OSError
            except OSError:
                pass

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert most == 1
