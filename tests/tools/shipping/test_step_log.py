from __future__ import annotations

from pathlib import Path

from tools.shipping.step_log import log_step


def test_a_row_for_each_step_and_value(tmp_path: Path) -> None:
    log_step(tmp_path / "log.csv", ["set", "loss"], 50, [["a", "1.5"], ["b", "2"]])
    log_step(tmp_path / "log.csv", ["set", "loss"], 100, [["a", "1.25"]])
    assert (tmp_path / "log.csv").read_text() == "step,set,loss\n50,a,1.5\n50,b,2\n100,a,1.25\n"


def test_steps_that_come_again_after_a_kill_replace_what_was_logged(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for step, value in ((50, "old"), (100, "old"), (150, "old"), (100, "new"), (150, "new")):
        log_step(path, ["loss"], step, [[value]])
    assert path.read_text() == "step,loss\n50,old\n100,new\n150,new\n"
