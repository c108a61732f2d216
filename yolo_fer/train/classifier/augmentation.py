"""Batches for training, augmented and brought to the network's size in whole batches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from yolo_fer.train.classifier.architectures import Architecture


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How training images vary; all is drawn for each image alone.

    Args:
        flip: how often an image is mirrored.
        turn: largest rotation, in degrees.
        zoom: largest change of the scale.
        shift: largest shift, in sides of the image.
        contrast: largest change of the contrast.
        brightness: largest change of the brightness, in ranges of a pixel.
        blur: how often an image is blurred.
        blur_sigma: the sigma of the strongest Gaussian blur, in sides of the image.
        erase: how often a patch is covered (random erasing; Zhong et al. 2020).
    """

    flip: float = 0.5
    turn: float = 15.0
    zoom: float = 0.15
    shift: float = 0.08
    contrast: float = 0.3
    brightness: float = 0.1
    blur: float = 0.3
    blur_sigma: float = 1 / 32
    erase: float = 0.25


@dataclass(frozen=True, slots=True)
class Batches:
    """Makes a network's input of stored pixels.

    Args:
        architecture: whose mean, deviation and channels count.
        size: side of the input.
    """

    architecture: Architecture
    size: int

    def plain(self, pixels: Tensor) -> Tensor:
        """Return the input of images as they are, as `Classifier` sees them.

        Args:
            pixels: (B, 1 or 3, S, S) uint8.

        Returns:
            (B, channels, size, size), normalised.
        """
        images = pixels.float() / 255
        if images.shape[-1] != self.size:
            images = functional.interpolate(
                images, (self.size, self.size), mode="bilinear", align_corners=False
            )
        return self._normalised(images)

    def augmented(self, pixels: Tensor, how: Augmentation, random: torch.Generator) -> Tensor:
        """Return the input of images that are varied; else as `plain`."""
        images = pixels.float() / 255
        count = len(images)

        def uniform(largest: float, *shape: int) -> Tensor:
            return (2 * torch.rand(count, *shape, generator=random) - 1) * largest

        def chosen(share: float) -> Tensor:
            return torch.rand(count, generator=random) < share

        sigmas = torch.rand(count, generator=random) * how.blur_sigma * images.shape[-1]
        images = _blur(images, torch.where(chosen(how.blur), sigmas, 0).to(images.device))
        angle = uniform(math.radians(how.turn))
        scale = torch.exp(uniform(math.log1p(how.zoom)))
        mirrored = 1 - 2 * chosen(how.flip).float()
        across, down = torch.cos(angle) * scale, torch.sin(angle) * scale
        shift = uniform(2 * how.shift, 2, 1)
        rows = torch.stack([across * mirrored, -down, down * mirrored, across], 1).view(-1, 2, 2)
        matrices = torch.cat([rows, shift], 2).to(images.device)
        shape = [count, images.shape[1], self.size, self.size]
        grid = functional.affine_grid(matrices, shape, align_corners=False)
        images = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
        contrast = torch.exp(uniform(math.log1p(how.contrast), 1, 1, 1)).to(images.device)
        brightness = uniform(how.brightness, 1, 1, 1).to(images.device)
        images = ((images - 0.5) * contrast + 0.5 + brightness).clamp_(0, 1)
        return self._normalised(self._erase(images, chosen(how.erase), random))

    def _erase(self, images: Tensor, chosen: Tensor, random: torch.Generator) -> Tensor:
        """Cover a square of a tenth to a third of the side with grey, where `chosen`."""
        share = 0.1 + 0.23 * torch.rand(len(images), generator=random)
        corner = torch.rand(len(images), 2, generator=random) * (1 - share)[:, None]
        place = (torch.arange(self.size) + 0.5) / self.size
        low, high = corner[:, :, None], (corner + share[:, None])[:, :, None]
        inside = (place >= low) & (place < high)
        covered = inside[:, 0, :, None] & inside[:, 1, None, :] & chosen[:, None, None]
        return images.masked_fill(covered[:, None].to(images.device), 0.5)

    def _normalised(self, images: Tensor) -> Tensor:
        mean = torch.tensor(self.architecture.mean, device=images.device)[:, None, None]
        std = torch.tensor(self.architecture.std, device=images.device)[:, None, None]
        # grey images become three equal channels where the network wants them
        result = (images - mean) / std
        return result.contiguous(memory_format=torch.channels_last)


def _blur(images: Tensor, sigmas: Tensor) -> Tensor:
    """Blur each image with its own Gaussian; a sigma of 0 leaves it as it is."""
    count, channels, height, width = images.shape
    reach = max(1, math.ceil(2.5 * float(sigmas.max())))
    offsets = torch.arange(-reach, reach + 1, device=images.device)
    kernels = torch.exp(-0.5 * (offsets / sigmas.clamp(min=1e-3)[:, None]) ** 2)
    kernels = (kernels / kernels.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    # every image is a channel of its own, so that one convolution blurs them all
    stacked = functional.pad(
        images.reshape(1, count * channels, height, width), [reach] * 4, mode="reflect"
    )
    groups = count * channels
    stacked = functional.conv2d(stacked, kernels[:, None, None, :], groups=groups)
    stacked = functional.conv2d(stacked, kernels[:, None, :, None], groups=groups)
    return stacked.reshape(images.shape)
