from __future__ import annotations

import pytest

from yolo_fer.errors import UsageError
from yolo_fer.train.classifier.architectures import ARCHITECTURES, Architecture, find_architecture


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=lambda one: one.name)
def test_its_own_settings_can_be_trained_with(architecture: Architecture) -> None:
    assert find_architecture(architecture.name) is architecture
    assert architecture.size >= architecture.least_size
    assert architecture.channels in (1, 3)
    assert len(architecture.std) == architecture.channels
    assert all(std > 0 for std in architecture.std)
    assert min(architecture.epochs, architecture.batch, architecture.rate) > 0


def test_a_trained_file_says_how_its_input_is_made() -> None:
    said = find_architecture("resnet18").describe(96, ("anger", "fear"), margin=1.4)
    assert (said.size, said.channels, said.margin, said.names) == (96, 3, 1.4, ("anger", "fear"))
    assert said.mean == ARCHITECTURES["resnet18"].mean


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"`arch=resnet`.*fer-cnn.*vgg16"):
        find_architecture("resnet")
