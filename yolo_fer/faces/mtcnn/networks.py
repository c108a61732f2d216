"""P-Net, R-Net and O-Net in PyTorch, for training and for writing the ONNX file of a cascade.

The layers are those of Zhang et al. 2016 and carry the names of facenet-pytorch's state dicts. Each
network may have a third head for the expression, in place of the paper's facial landmarks (Xiang
and Zhu, "Joint Face Detection and Facial Expression Recognition with MTCNN", 2017).
"""

from __future__ import annotations

import io
import json
import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError, needs_extra
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLDS, INPUTS, OWN_KEY, TASK
from yolo_fer.files import write_atomically

_OPSET = 17


class Answer(NamedTuple):
    """What a network says of its crops.

    Args:
        face: (N, 2) logits of no face and face; P-Net's have two dimensions more, rows and columns.
        offsets: (N, 4) the offsets of the boxes, as in `geometry.calibrate`; P-Net's have two
            dimensions more, rows and columns.
        emotions: (N, 7) the logits of the emotions.
    """

    face: torch.Tensor
    offsets: torch.Tensor
    emotions: torch.Tensor


class PNet(nn.Module):  # type: ignore[misc]  # PyTorch is not looked into
    """The proposal network: fully convolutional, each output looks at 12x12 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, 3), nn.PReLU(10)
        self.pool1 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, 3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, 3), nn.PReLU(32)
        self.conv4_1, self.conv4_2 = nn.Conv2d(32, 2, 1), nn.Conv2d(32, 4, 1)
        self.emotion = nn.Conv2d(32, len(Emotion), 1)

    def forward(self, x: torch.Tensor) -> Answer:
        """Look at (N, 3, H, W) RGB from -1 to 1."""
        x = self.pool1(self.prelu1(self.conv1(x)))
        x = self.prelu3(self.conv3(self.prelu2(self.conv2(x))))
        return Answer(self.conv4_1(x), self.conv4_2(x), self.emotion(x))


class RNet(nn.Module):  # type: ignore[misc]
    """The refining network, for 24x24 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 28, 3), nn.PReLU(28)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2, self.prelu2 = nn.Conv2d(28, 48, 3), nn.PReLU(48)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv3, self.prelu3 = nn.Conv2d(48, 64, 2), nn.PReLU(64)
        self.dense4, self.prelu4 = nn.Linear(576, 128), nn.PReLU(128)
        self.dense5_1, self.dense5_2 = nn.Linear(128, 2), nn.Linear(128, 4)
        self.emotion = nn.Linear(128, len(Emotion))

    def forward(self, x: torch.Tensor) -> Answer:
        """Look at (N, 3, 24, 24) RGB from -1 to 1."""
        x = self.pool1(self.prelu1(self.conv1(x)))
        x = self.pool2(self.prelu2(self.conv2(x)))
        x = self.prelu3(self.conv3(x))
        x = self.prelu4(self.dense4(_flatten(x)))
        return Answer(self.dense5_1(x), self.dense5_2(x), self.emotion(x))


class ONet(nn.Module):  # type: ignore[misc]
    """The output network, for 48x48 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 32, 3), nn.PReLU(32)
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv2, self.prelu2 = nn.Conv2d(32, 64, 3), nn.PReLU(64)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.conv3, self.prelu3 = nn.Conv2d(64, 64, 3), nn.PReLU(64)
        self.pool3 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv4, self.prelu4 = nn.Conv2d(64, 128, 2), nn.PReLU(128)
        self.dense5, self.prelu5 = nn.Linear(1152, 256), nn.PReLU(256)
        self.dense6_1, self.dense6_2 = nn.Linear(256, 2), nn.Linear(256, 4)
        self.emotion = nn.Linear(256, len(Emotion))

    def forward(self, x: torch.Tensor) -> Answer:
        """Look at (N, 3, 48, 48) RGB from -1 to 1."""
        x = self.pool1(self.prelu1(self.conv1(x)))
        x = self.pool2(self.prelu2(self.conv2(x)))
        x = self.pool3(self.prelu3(self.conv3(x)))
        x = self.prelu4(self.conv4(x))
        x = self.prelu5(self.dense5(_flatten(x)))
        return Answer(self.dense6_1(x), self.dense6_2(x), self.emotion(x))


def _flatten(x: torch.Tensor) -> torch.Tensor:
    # Columns before rows and channels last, as in the Caffe networks that the weights come from.
    return x.permute(0, 3, 2, 1).flatten(1)


def load_facenet(network: nn.Module, path: Path) -> None:
    """Load facenet-pytorch's weights; the expression head, which they lack, stays as it is.

    Raises:
        YoloFerError: if the file is damaged or for another network.
    """
    try:
        state = torch.load(path, weights_only=True)
        known = {key: value for key, value in state.items() if not key.startswith("dense6_3")}
        missing, foreign = network.load_state_dict(known, strict=False)
    except (RuntimeError, pickle.UnpicklingError, AttributeError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise YoloFerError(f"{path} does not hold {type(network).__name__} ({reason})") from error
    if foreign or any(not key.startswith("emotion.") for key in missing):
        raise YoloFerError(f"{path} does not hold the weights of a {type(network).__name__}")


class _Graph(nn.Module):  # type: ignore[misc]
    """The three networks side by side, each with an input of its own."""

    def __init__(self, networks: tuple[PNet, RNet, ONet], with_emotions: bool) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.with_emotions = with_emotions

    def forward(
        self, level: torch.Tensor, small: torch.Tensor, large: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        answers = [net(x) for net, x in zip(self.networks, (level, small, large), strict=True)]
        outputs = [part for a in answers for part in (a.face.softmax(1)[:, 1], a.offsets)]
        if self.with_emotions:
            outputs.append(answers[-1].emotions.softmax(1))
        return tuple(outputs)


def export_cascade(
    networks: tuple[PNet, RNet, ONet],
    path: Path,
    names: Sequence[str] = (),
    thresholds: Sequence[float] = DEFAULT_THRESHOLDS,
) -> None:
    """Write a cascade as one ONNX file, for `Cascade`.

    Args:
        networks: the three trained networks.
        path: the ONNX file to write.
        names: the names of O-Net's emotions; empty leaves that head out.
        thresholds: the least scores, in 0 to 1, of what P-Net and R-Net let through.

    Raises:
        MissingExtraError: if the package onnx is not installed.
    """
    with needs_extra("train", "writing an MTCNN cascade"):
        import onnx
    graph = _Graph(networks, bool(names)).eval()
    outputs = [f"{name}_{part}" for name in INPUTS for part in ("face", "offsets")]
    outputs += ["large_emotions"] if names else []
    axes: dict[str, dict[int, str]] = {name: {0: f"{name}_crops"} for name in (*INPUTS, *outputs)}
    axes["level"] |= {2: "height", 3: "width"}
    axes["level_face"] |= {1: "rows", 2: "columns"}
    axes["level_offsets"] |= {2: "rows", 3: "columns"}
    examples = tuple(torch.zeros(2, 3, side, side) for side in INPUTS.values())
    traced = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # of the tracing exporter, which is the one that keeps the height and width of P-Net open
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            graph,
            examples,
            traced,
            input_names=list(INPUTS),
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
    model: Any = onnx.load_from_string(traced.getvalue())
    entry = model.metadata_props.add()
    own = {"task": TASK, "names": list(names), "thresholds": list(thresholds)}
    entry.key, entry.value = OWN_KEY, json.dumps(own)
    write_atomically(path, model.SerializeToString())
