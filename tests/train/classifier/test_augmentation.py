"""Batches for training: as `Classifier` sees images, and varied."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
import torch

from yolo_fer.train.classifier.architectures import find_architecture
from yolo_fer.train.classifier.augmentation import Augmentation, Batches

NOTHING = Augmentation(
    flip=0, turn=0, zoom=0, shift=0, contrast=0, brightness=0, blur=0, blur_sigma=0, erase=0
)
GREY = Batches(find_architecture("fer-cnn"), 32)


def pictures(count: int = 6, side: int = 32) -> torch.Tensor:
    """Grey pictures that are dark on the left and bright on the right."""
    ramp = torch.linspace(0, 255, side).to(torch.uint8)
    return ramp.expand(count, 1, side, side).contiguous()


def varied(how: Augmentation, seed: int = 0) -> torch.Tensor:
    return GREY.augmented(pictures(), how, torch.Generator().manual_seed(seed))


def test_an_image_is_normalised_as_its_architecture_says() -> None:
    plain = GREY.plain(pictures())
    assert plain.shape == (6, 1, 32, 32)
    assert plain[0, 0, 0, 0] == pytest.approx((0 - 0.5) / 0.25)
    assert plain[0, 0, 0, -1] == pytest.approx((1 - 0.5) / 0.25)


@pytest.mark.parametrize(("name", "channels"), [("fer-cnn", 1), ("resnet18", 3)])
def test_images_come_in_the_size_and_the_channels_of_the_network(name: str, channels: int) -> None:
    batches = Batches(find_architecture(name), 40)
    for made in (
        batches.plain(pictures(side=24)),
        batches.augmented(pictures(side=24), Augmentation(), torch.Generator().manual_seed(0)),
    ):
        assert made.shape == (6, channels, 40, 40)
        assert torch.isfinite(made).all()


def test_without_any_variation_an_image_is_the_plain_one() -> None:
    torch.testing.assert_close(varied(NOTHING), GREY.plain(pictures()), atol=1e-4, rtol=0)


def test_every_mirrored_image_is_dark_on_the_right() -> None:
    mirrored = varied(Augmentation(**{**vars_of(NOTHING), "flip": 1.0}))
    torch.testing.assert_close(mirrored, GREY.plain(pictures()).flip(3), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "one", ["turn", "zoom", "shift", "contrast", "brightness", "blur", "erase"]
)
def test_each_variation_changes_images_each_in_its_own_way(one: str) -> None:
    usual = vars_of(Augmentation())
    changed = {**vars_of(NOTHING), one: 1.0 if one in ("blur", "erase") else usual[one]}
    changed["blur_sigma"] = 0.2
    made = varied(Augmentation(**changed))
    assert not torch.allclose(made, varied(NOTHING))
    assert not torch.allclose(made[0], made[1])


def test_the_same_seed_varies_alike_and_another_one_otherwise() -> None:
    first = varied(Augmentation())
    assert torch.equal(first, varied(Augmentation()))
    assert not torch.equal(first, varied(Augmentation(), seed=1))


def vars_of(how: Augmentation) -> dict[str, float]:
    return {name: getattr(how, name) for name in how.__slots__}
