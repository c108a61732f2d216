"""The loss and the loop on drawn faces, with a real network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.helpers.drawn_pictures import crop, photograph
from tools.shipping.pictures import to_grey
from tools.shipping.views import Mixture, View, ViewMaker
from yolo_fer.detector import Detector
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.store import resolve

import_ultralytics("testing")

from ultralytics.nn.tasks import DetectionModel  # noqa: E402

from tools.shipping.calibrating import Curve, fold  # noqa: E402
from tools.shipping.checkpoint import save_checkpoint  # noqa: E402
from tools.shipping.engine import Schedule, train  # noqa: E402
from tools.shipping.grey_network import as_input, seeing_grey, start_network  # noqa: E402
from tools.shipping.soft_loss import SoftLoss, Truth  # noqa: E402
from tools.shipping.teaching import name_faces, relabel  # noqa: E402

SIZE = 96
SCHEDULE = Schedule(steps=2, batch=1, save_every=1)


@pytest.fixture(scope="module")
def start() -> Path:
    return resolve("yolo-fer-n.pt")


def views(seed: int = 0) -> ViewMaker:
    photographs = [photograph(emotion, seed) for seed, emotion in enumerate(Emotion)]
    crops = [crop(emotion, seed) for seed, emotion in enumerate(Emotion)]
    return ViewMaker(photographs, crops, Mixture(size=SIZE), seed)


def view(pixels: np.ndarray[Any, Any], **known: Any) -> View:
    count = len(known.get("boxes", ()))
    return View(
        pixels,
        np.array(known.get("boxes", ()), float).reshape(-1, 4),
        np.array(known.get("targets", ()), np.float32).reshape(-1, 7),
        np.ones(count, bool),
        np.array(known.get("ignored", ()), float).reshape(-1, 4),
    )


def gradients(network: Any, one: View) -> torch.Tensor:
    """The gradient at the class scores: what the loss teaches of faces and expressions."""
    network.train()
    predictions = network(as_input([one.pixels]))
    predictions["scores"].retain_grad()
    SoftLoss(network)(predictions, Truth.of([one]))[0].backward()
    return predictions["scores"].grad[0]  # (7, A)


GREY = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE), dtype=np.uint8)


def test_background_is_taught_unless_it_is_ignored(start: Path) -> None:
    network = start_network(start)
    everywhere = gradients(network, view(GREY))
    assert (everywhere > 0).all(), "every score is to fall"
    assert not gradients(network, view(GREY, ignored=[(0, 0, SIZE, SIZE)])).any()


def test_a_face_of_unknown_expression_teaches_no_score_and_is_no_background(start: Path) -> None:
    box, unknown = (8, 8, 88, 88), np.full(7, np.nan)
    taught = gradients(start_network(start), view(GREY, boxes=[box], targets=[unknown]))
    assert (taught == 0).all(dim=0).sum() == 10, "the ten anchors of the face"


@pytest.mark.parametrize("exact", [True, False])
def test_only_exact_boxes_teach_boxes(start: Path, exact: bool) -> None:
    one = view(GREY, boxes=[(8, 8, 88, 88)], targets=[np.eye(7)[3]])
    network = start_network(start).train()
    predictions = network(as_input([one.pixels]))
    predictions["boxes"].retain_grad()
    SoftLoss(network)(predictions, Truth.of([replace(one, exact=np.array([exact]))]))[0].backward()
    assert predictions["boxes"].grad.any() == exact


def test_a_known_face_raises_its_own_expression_most(start: Path) -> None:
    target = np.eye(7)[Emotion.FEAR]
    taught = gradients(start_network(start), view(GREY, boxes=[(8, 8, 88, 88)], targets=[target]))
    raised = taught.min(dim=1).values
    assert int(raised.argmin()) == Emotion.FEAR


@pytest.mark.slow
def test_training_learns(start: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    schedule = Schedule(steps=100, batch=4, rate=5e-4, save_every=100)
    train(start_network(start), views(), schedule, tmp_path)
    header, first, last = (tmp_path / "log.csv").read_text().splitlines()
    assert header == "step,naming,finding,box,distance"
    assert float(last.split(",")[1]) < float(first.split(",")[1])


def test_the_rate_rises_and_falls() -> None:
    schedule = Schedule(steps=100, rate=1.0)
    rates = [schedule.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.25)
    assert rates[3] == rates[4] == 1.0
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(0.01, abs=0.001)


@pytest.mark.slow
def test_a_training_that_was_killed_ends_with_the_same_weights(start: Path, tmp_path: Path) -> None:
    whole = train(start_network(start), views(), SCHEDULE, tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(network: Any, step: int) -> None:
        if step == 2:  # before it is saved, so that the first step is what is gone on from
            raise Killed

    with pytest.raises(Killed):
        train(start_network(start), views(), SCHEDULE, tmp_path / "killed", on_saving=kill)
    resumed = train(start_network(start), views(seed=5), SCHEDULE, tmp_path / "killed")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_a_checkpoint_sees_colours_as_the_network_saw_grey(start: Path, tmp_path: Path) -> None:
    network = start_network(start).eval()
    save_checkpoint(seeing_grey(network), tmp_path / "grey.pt", SIZE, {"conf": 0.25})
    image = cv2.resize(np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8), (SIZE, SIZE))
    with torch.no_grad():
        expected = network(as_input([to_grey(image)]))[0]
        saved = load_checkpoint(tmp_path / "grey.pt")["model"].float()
        rgb = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
        torch.testing.assert_close(saved(rgb)[0][:, 4:], expected[:, 4:], atol=0.02, rtol=0.05)
    detector = Detector(tmp_path / "grey.pt")
    assert (detector.imgsz, detector.conf) == (SIZE, 0.25)


def test_the_head_of_other_emotions_is_taken_by_name(start: Path, tmp_path: Path) -> None:
    network = start_network(start)
    turned = start_network(start)
    order = [3, 0, 6, 5, 1, 2, 4]
    turned.names = {row: EMOTION_NAMES[emotion] for row, emotion in enumerate(order)}
    for branch in turned.model[-1].cv3:
        branch[-1].weight.data = branch[-1].weight.data[order]
        branch[-1].bias.data = branch[-1].bias.data[order]
    torch.save({"model": turned, "version": "8.4.0"}, tmp_path / "turned.pt")
    loaded = start_network(tmp_path / "turned.pt")
    for own, theirs in zip(network.model[-1].cv3, loaded.model[-1].cv3, strict=True):
        assert torch.equal(own[-1].weight, theirs[-1].weight)


def test_folded_curves_bend_every_score_and_no_box(start: Path) -> None:
    network = start_network(start).eval()
    curves = [Curve(0.5 + 0.2 * emotion, -0.3 * emotion) for emotion in range(7)]
    batch = as_input([GREY])
    with torch.no_grad():
        before, after = network(batch)[0], fold(network, curves).eval()(batch)[0]
    assert torch.equal(before[:, :4], after[:, :4])
    logits = torch.logit(before[:, 4:].double())
    slopes = torch.tensor([curve.slope for curve in curves])[:, None]
    shifts = torch.tensor([curve.shift for curve in curves])[:, None]
    expected = torch.sigmoid(slopes * logits + shifts).float()
    torch.testing.assert_close(after[:, 4:], expected, atol=1e-4, rtol=1e-3)


def test_a_network_names_the_faces_that_it_finds(start: Path) -> None:
    face, nothing = photograph(Emotion.HAPPINESS), photograph(Emotion.HAPPINESS)
    nothing.pixels[:] = 114
    network = start_network(start).eval()
    named, lost = name_faces(network, [(face, 0), (nothing, 0)])
    assert named is not None
    assert named.sum() == pytest.approx(1, abs=1e-5)
    assert lost is None


def test_a_teacher_that_finds_no_face_is_refused(start: Path) -> None:
    blind = start_network(start).eval()
    for branch in blind.model[-1].cv3:
        branch[-1].bias.data.fill_(-20)
    with pytest.raises(YoloFerError, match="finds 0 of 1 faces"):
        relabel(blind, [photograph(Emotion.ANGER, 1)], 0.4)


@pytest.mark.parametrize("name", ["yolov8n", "yolo12n"])
def test_a_start_that_is_another_network_is_refused(tmp_path: Path, name: str) -> None:
    other = DetectionModel(f"{name}.yaml", nc=7, verbose=False)
    torch.save({"model": other, "version": "8.4.0"}, tmp_path / "other.pt")
    with pytest.raises(YoloFerError, match="no YOLO11n"):
        start_network(tmp_path / "other.pt")


def test_a_label_is_mixed_with_what_the_network_says(start: Path) -> None:
    pictures = [photograph(Emotion.ANGER, 1), photograph(None, 1)]
    network = start_network(start).eval()
    (mixed, filled), (kept, _) = relabel(network, pictures, 0.3), relabel(network, pictures, 0.0)
    (said,) = name_faces(network, [(pictures[0], 0)])
    assert said is not None
    np.testing.assert_allclose(
        mixed.targets[0], 0.3 * said + 0.7 * pictures[0].targets[0], atol=1e-5
    )
    np.testing.assert_allclose(kept.targets, pictures[0].targets)
    assert np.isfinite(filled.targets).all()
    assert np.isnan(pictures[1].targets).all(), "the picture itself is not changed"
