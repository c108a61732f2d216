"""Options check themselves, so that nothing behind them has to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.expw import ExpwOptions
from yolo_fer.convert.fer2013 import Fer2013Options
from yolo_fer.convert.folders import FoldersOptions
from yolo_fer.convert.labelled_images import ImageOptions
from yolo_fer.convert.options import ConvertOptions, PhotographOptions
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.errors import UsageError

ALL = (ExpwOptions, Affwild2Options, Fer2013Options, ImageOptions, FoldersOptions)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: FinderChoice(threshold=1.5), "`face_score` is 1.5"),
        (lambda: ImageOptions(long_side=100), "`long_side` is 100"),
        (lambda: FoldersOptions(long_side=100), "`long_side` is 100"),
        (lambda: Fer2013Options(long_side=159), "`long_side` is 159"),
        (lambda: Affwild2Options(test=2), "`test` is 2"),
        (lambda: FrameChoice(stride=0), "`stride` is 0"),
        (lambda: FrameChoice(max_per_video=0), "`max_per_video` is 0"),
        (lambda: ExpwOptions(shares=SplitShares(val=-1)), "`val` is -1"),
    ],
)
def test_a_wrong_option_is_named_when_it_is_given(make: Callable[[], object], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        make()


@pytest.mark.parametrize("kind", ALL)
def test_options_of_all_datasets_share_what_all_have_and_never_change(
    kind: type[ConvertOptions],
) -> None:
    options = kind(seed=3)
    assert options.to_json()["seed"] == 3
    assert options.to_json()["boxes"] == "expw"
    with pytest.raises(FrozenInstanceError):
        options.seed = 4  # type: ignore[misc]


@pytest.mark.parametrize("kind", [kind for kind in ALL if issubclass(kind, PhotographOptions)])
def test_devices_and_caches_are_not_among_what_decides_the_result(
    kind: type[PhotographOptions],
) -> None:
    elsewhere = kind(finder=FinderChoice(device="cuda:1"))
    assert elsewhere.to_json() == kind().to_json()
    assert kind(finder=FinderChoice(threshold=0.7)).to_json() != kind().to_json()
    assert Affwild2Options(cache=Path("x")).to_json() == Affwild2Options().to_json()


def test_expw_needs_no_finder_where_unlabelled_faces_are_kept() -> None:
    kept = ExpwOptions(unlabelled=Unlabelled.KEEP)
    assert (
        kept.to_json()
        == ExpwOptions(unlabelled=Unlabelled.KEEP, finder=FinderChoice("haar")).to_json()
    )
    assert ExpwOptions().to_json()["finder"] == "retinaface"
