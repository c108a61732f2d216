from __future__ import annotations

import pytest

from yolo_fer.convert.votes import add_ballots, ballot_of, pool, settle, votes_flag, winner_of
from yolo_fer.emotions import Emotion

ANGER, FEAR, HAPPY = Emotion.ANGER, Emotion.FEAR, Emotion.HAPPINESS


def test_a_ballot_counts_votes_in_the_order_of_ferplus() -> None:
    assert ballot_of(["anger", "surprise", "anger"]) == "0/0/1/0/2/0/0/0/0/0"
    assert add_ballots([ballot_of(["anger"]), ballot_of(["contempt"])]) == "0/0/0/0/1/0/0/1/0/0"
    with pytest.raises(ValueError, match="joyful"):
        ballot_of(["joyful"])


def test_only_the_emotion_with_most_votes_wins() -> None:
    assert winner_of(ballot_of(["anger", "anger", "fear"])) is ANGER
    assert winner_of(ballot_of(["anger", "fear"])) is None
    assert winner_of(ballot_of(["contempt"])) is None


def test_who_agrees_leaves_no_ballot() -> None:
    assert pool([(ANGER, ""), (ANGER, "")]) == ""
    assert pool([(ANGER, ""), (FEAR, "")]) == ballot_of(["anger", "fear"])
    assert pool([(ANGER, ballot_of(["anger", "fear"]))]) == ballot_of(["anger", "fear"])


def test_a_face_in_doubt_is_for_training_only() -> None:
    tie = ballot_of(["anger", "fear"])
    assert [settle(tie, FEAR, split) for split in ("train", "val", "test")] == [FEAR, None, None]
    clear = ballot_of(["anger", "anger", "fear"])
    assert [settle(clear, FEAR, split) for split in ("train", "val", "test")] == [ANGER] * 3
    assert settle("", HAPPY, "test") is HAPPY


def test_a_flag_has_a_ballot_for_each_face_or_there_is_none() -> None:
    assert votes_flag([(ANGER, ""), (HAPPY, "")]) == ()
    tie = ballot_of(["anger", "fear"])
    assert votes_flag([(ANGER, tie), (HAPPY, "")]) == (f"votes:{tie}+{ballot_of(['happiness'])}",)
