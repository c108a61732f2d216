from __future__ import annotations

import pytest

from tests.helpers.scenes import crop, scenes_of
from yolo_fer.convert.scenes.composing import SceneTask


@pytest.fixture(scope="session")
def scenes() -> list[SceneTask]:
    """A hundred and twenty crops of as many people, in scenes."""
    return scenes_of([crop(i) for i in range(120)])
