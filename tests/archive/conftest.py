from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.archives import draw, film


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that finds one happy face everywhere."""
    from tests.helpers.graphs import raw_output, write_constant

    face = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(face))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """`a.png`, `b.mp4`, and `a.png` and `c.mp4` in a folder of it."""
    pytest.importorskip("av")
    folder = tmp_path / "archive"
    draw(folder / "a.png")
    film(folder / "b.mp4", 12)
    draw(folder / "more" / "a.png", 50)
    film(folder / "more" / "c.mp4", 7)
    return folder
