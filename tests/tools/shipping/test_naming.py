from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.drawn_pictures import photograph
from tools.shipping.pictures import soft_label
from yolo_fer.emotions import Emotion
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.store import resolve

import_ultralytics("testing")

from tools.shipping.grey_network import start_network  # noqa: E402
from tools.shipping.naming import measure_naming  # noqa: E402
from tools.shipping.teaching import name_faces  # noqa: E402


def test_answers_are_compared_with_labels_and_lost_faces_are_wrong() -> None:
    network = start_network(resolve("yolo-fer-n.pt")).eval()
    face, unknown = photograph(Emotion.HAPPINESS, 1), photograph(None, 1)
    (answer,) = name_faces(network, [(face, 0)])
    assert answer is not None
    said = Emotion(int(answer.argmax()))
    right = replace(face, targets=soft_label(said)[None])
    wrong = replace(face, targets=soft_label(Emotion((said + 1) % 7))[None])
    lost = replace(right, pixels=np.full_like(face.pixels, 114))

    naming = measure_naming(network, [right, wrong, lost, unknown])

    assert naming.faces == 3
    assert naming.accuracy == pytest.approx(1 / 3)
    alone = measure_naming(network, [right]).cross_entropy
    assert alone == pytest.approx(-float(soft_label(said) @ np.log(answer)), abs=1e-4)
    assert measure_naming(network, [lost]).cross_entropy == pytest.approx(np.log(7))
    with pytest.raises(ValueError, match="no picture"):
        measure_naming(network, [unknown])
