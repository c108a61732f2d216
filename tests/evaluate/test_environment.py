from __future__ import annotations

import numpy as np

from yolo_fer import __version__
from yolo_fer.evaluate.environment import environment, installed_versions, one_line


def test_figures_are_told_with_what_they_depend_on() -> None:
    where = environment()
    assert (where["yolo-fer"], where["numpy"]) == (__version__, np.__version__)
    assert where["date"].endswith("UTC")
    assert int(where["cores"]) >= 1
    assert all(where.values())
    assert one_line({"cores": "1", "host": "a"}) == "cores 1, host a"


def test_versions_are_those_of_what_is_installed() -> None:
    versions = installed_versions()
    assert (versions["yolo-fer"], versions["numpy"]) == (__version__, np.__version__)
    assert "not installed" not in versions.values()
