"""Which of a video's labelled frames are converted."""

from __future__ import annotations

from collections import Counter

import pytest

from yolo_fer.convert.affwild2.frame_choice import FrameChoice, balanced_shares
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError

HAPPY, FEAR = Emotion.HAPPINESS, Emotion.FEAR
MOSTLY_HAPPY = {frame: [FEAR if frame % 10 == 5 else HAPPY] for frame in range(1, 101)}


def used(choice: FrameChoice, shares: dict[Emotion, float] | None = None) -> list[int]:
    reasons = choice.choose(MOSTLY_HAPPY, shares)
    assert reasons.keys() == MOSTLY_HAPPY.keys()
    return [frame for frame, reason in reasons.items() if not reason]


def test_frames_of_one_stride_are_among_those_of_a_stride_that_divides_it() -> None:
    assert used(FrameChoice(stride=30)) == [1, 31, 61, 91]
    assert set(used(FrameChoice(stride=30))) < set(used(FrameChoice(stride=10)))
    assert used(FrameChoice()) == list(MOSTLY_HAPPY)


def test_at_most_so_many_frames_are_spread_evenly() -> None:
    assert used(FrameChoice(max_per_video=4)) == [13, 38, 63, 88]
    assert used(FrameChoice(stride=50, max_per_video=4)) == [1, 51]


def test_frequent_emotions_are_thinned_to_their_share_and_rare_ones_stay() -> None:
    frames = used(FrameChoice(), {HAPPY: 0.1, FEAR: 1.0})
    emotions = Counter(MOSTLY_HAPPY[frame][0] for frame in frames)
    assert emotions == {HAPPY: 9, FEAR: 10}


def test_a_frame_stays_if_any_of_its_people_needs_it() -> None:
    both = {1: [HAPPY], 2: [HAPPY, FEAR], 3: [HAPPY]}
    reasons = FrameChoice().choose(both, {HAPPY: 0.01, FEAR: 1.0})
    assert reasons[2] == ""


def test_every_frame_that_is_not_used_has_the_first_reason() -> None:
    choice = FrameChoice(stride=2, max_per_video=5)
    counts = Counter(choice.choose(MOSTLY_HAPPY, {HAPPY: 0.2, FEAR: 1.0}).values())
    assert counts["stride"] == 50
    assert counts[""] == 5
    assert counts["balance"] > 0
    assert counts["over_cap"] > 0
    assert counts.total() == 100


def test_the_shares_leave_as_many_of_each_emotion_as_the_rarest_has() -> None:
    assert balanced_shares(Counter({HAPPY: 80, FEAR: 20})) == {HAPPY: 0.25, FEAR: 1.0}
    assert balanced_shares(Counter({HAPPY: 80, FEAR: 0})) == {HAPPY: 1.0}
    assert balanced_shares(Counter()) == {}


@pytest.mark.parametrize("numbers", [{"stride": 0}, {"max_per_video": 0}])
def test_numbers_that_leave_nothing_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=f"`{next(iter(numbers))}` is 0"):
        FrameChoice(**numbers)
