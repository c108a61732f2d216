"""The classifiers of the papers: their names, inputs and how each is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yolo_fer.errors import UsageError
from yolo_fer.two_stage.classifier import Description


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network, and the settings with which it is trained unless others are given.

    Args:
        name: what the command line calls it.
        title: what a reader calls it.
        size: side of its input, in pixels.
        least_size: the smallest side that its poolings leave something of.
        mean: the mean of each channel, taken from pixels of 0 to 1; one value for grey, three for
            RGB.
        std: the standard deviation of each channel, which they are divided by.
        epochs: the most epochs.
        rate: highest learning rate of Adam.
        decay: the decay of the weights, decoupled (Loshchilov and Hutter 2019).
        batch: images a step.
        least_share: training images whose top label has no larger share of the votes are left out.
        starts_trained: whether torchvision has weights for it.
    """

    name: str
    title: str
    size: int
    least_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    epochs: int
    rate: float
    decay: float
    batch: int = 64
    least_share: float = 0.0
    starts_trained: bool = False

    @property
    def channels(self) -> int:
        """1 for grey, 3 for RGB."""
        return len(self.mean)

    def describe(self, size: int, names: tuple[str, ...], margin: float) -> Description:
        """Return what a trained file says about itself."""
        return Description(self.name, size, self.channels, self.mean, self.std, margin, names)


_COMPACT_RESNET = Architecture(
    "compact-resnet",
    "compact ResNet (Hinson and Austin)",
    size=128,
    least_size=32,
    mean=(0.5,),
    std=(0.25,),
    epochs=40,
    rate=2e-3,
    decay=0.05,
)
_RESNET18 = Architecture(
    "resnet18",
    "ResNet-18 (Chongyu, Bao and Tang)",
    size=224,
    least_size=32,
    mean=(0.485, 0.456, 0.406),  # of ImageNet, as the deviation
    std=(0.229, 0.224, 0.225),
    epochs=20,
    rate=3e-4,
    decay=0.02,
    starts_trained=True,
)
ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        Architecture(
            "fer-cnn",
            "plain CNN (Ohlsen)",
            size=48,
            least_size=16,
            mean=(0.5,),
            std=(0.25,),
            epochs=30,
            rate=1e-3,
            decay=0.0,
            least_share=0.5,
        ),
        _COMPACT_RESNET,
        replace(_COMPACT_RESNET, name="compact-vgg", title="compact VGG (Hinson and Austin)"),
        _RESNET18,
        replace(_RESNET18, name="vgg16", title="VGG-16 (Chongyu, Bao and Tang)", rate=1e-4),
    )
}


def find_architecture(name: str) -> Architecture:
    """Return the architecture of a name.

    Raises:
        UsageError: if there is none; the message lists them.
    """
    if name not in ARCHITECTURES:
        raise UsageError(f"`arch={name}` is not known; there are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]
