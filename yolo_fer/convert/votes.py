"""What people said of a face: a soft label for the manifest, next to the class of the label file.

A ballot is how often each choice was named, joined by `/`, in the order of FER+'s columns:
`0/0/1/0/1/0/0/0/0/0` is one vote for surprise and one for anger. The flag `votes:` of a row of the
manifest has one ballot for each line of the label file, in order, joined by `+`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yolo_fer.boxes import Boxes, iou
from yolo_fer.convert.fer2013_source import CHOICES
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Sample, box_array
from yolo_fer.emotions import Emotion

_FLAG = "votes:"
_SAME_FACE = 0.5  # IoU of its boxes in two copies of a photograph, each scaled to one size


def ballot_of(names: Sequence[str]) -> str:
    """Return the ballot of some votes, each the name of a choice.

    Raises:
        ValueError: if a name is none of `CHOICES`.
    """
    unknown = set(names) - set(CHOICES)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: not among {', '.join(CHOICES)}")
    return "/".join(str(names.count(choice)) for choice in CHOICES)


def add_ballots(ballots: Iterable[str]) -> str:
    """Return all votes of several ballots on one face together."""
    counts = zip(*(map(int, ballot.split("/")) for ballot in ballots), strict=True)
    return "/".join(str(sum(of_choice)) for of_choice in counts)


def winner_of(ballot: str) -> Emotion | None:
    """Return the emotion with more votes than any other choice, None if there is none."""
    counts = list(map(int, ballot.split("/")))
    most = max(counts)
    if counts.count(most) > 1:
        return None
    return Emotion.from_name(CHOICES[counts.index(most)])


def pool(opinions: Sequence[tuple[Emotion, str]]) -> str:
    """Return all votes on one face together.

    Args:
        opinions: the class and the ballot of each opinion on it; one without a ballot has
            given one vote to the class.

    Returns:
        Empty if there are no votes and all agree.
    """
    if len({emotion for emotion, _ in opinions}) < 2 and not any(votes for _, votes in opinions):
        return ""
    return add_ballots(votes or ballot_of([emotion.label]) for emotion, votes in opinions)


def settle(ballot: str, first: Emotion, split: str) -> Emotion | None:
    """Return the class of a face on which people may disagree.

    Without a winner, the face is worth learning from with its soft label, and it has to have some
    class in the label file; but no figure may depend on it.

    Args:
        ballot: all votes on it; empty if all agree.
        first: the class that it has if all agree, and in training without a winner.
        split: the split: `train`, `val` or `test`.

    Returns:
        None if the face is not to be used in this split.
    """
    winner = winner_of(ballot) if ballot else first
    return first if winner is None and split == "train" else winner


def disagreement(of_copies: bool, split: str) -> tuple[str, str]:
    """Return reason and detail of a face that is left out because people disagree on it.

    Args:
        of_copies: whether the face has several rows with different classes.
        split: the split that it is left out of.
    """
    reason = DropReason.CONTRADICTORY_LABELS if of_copies else DropReason.OPINIONS_DIFFER
    detail = f"no emotion has most votes, and the {split} split takes no face in doubt"
    return reason, detail


def votes_flag(faces: Sequence[tuple[Emotion, str]]) -> tuple[str, ...]:
    """Return the flag of an image, none if there are no votes.

    Args:
        faces: class and ballot of each labelled face, in the order of the label file.
    """
    if not any(votes for _, votes in faces):
        return ()
    ballots = (votes or ballot_of([emotion.label]) for emotion, votes in faces)
    return (_FLAG + "+".join(ballots),)


@dataclass(frozen=True, slots=True)
class _Voted:
    """A labelled face: its (1, 4) corner box as a share of the image, its class and its ballot."""

    box: Boxes
    emotion: Emotion
    votes: str


def share_votes(samples: Sequence[Sample]) -> list[Sample]:
    """Give each face that near-copies of a photograph label differently the votes of all of them.

    The class of each stays as it is.

    Args:
        samples: the samples of a conversion; near-copies have the same group.

    Returns:
        The samples in order, some with another `votes:` flag.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, sample in enumerate(samples):
        groups[sample.group].append(index)
    result = list(samples)
    for indices in groups.values():
        if len(indices) > 1:
            copies = [_voted(samples[index]) for index in indices]
            for index, faces in zip(indices, copies, strict=True):
                votes = [(face.emotion, pool(_opinions(face, copies))) for face in faces]
                kept = (flag for flag in samples[index].flags if not flag.startswith(_FLAG))
                flags = (*kept, *votes_flag(votes))
                result[index] = replace(samples[index], flags=flags)
    return result


def _voted(sample: Sample) -> list[_Voted]:
    flag = next((flag for flag in sample.flags if flag.startswith(_FLAG)), "")
    faces = [face for face in sample.faces if face.emotion is not None]
    ballots = flag.removeprefix(_FLAG).split("+") if flag else [""] * len(faces)
    size = np.array([sample.width, sample.height] * 2)
    return [
        _Voted(box_array([face]) / size, face.emotion, ballot)
        for face, ballot in zip(faces, ballots, strict=True)
        if face.emotion is not None
    ]


def _opinions(face: _Voted, copies: Sequence[Sequence[_Voted]]) -> list[tuple[Emotion, str]]:
    """Return what each copy, the face's own included, says of a face."""
    opinions = []
    for copy in copies:
        overlaps = [float(iou(face.box, other.box)[0, 0]) for other in copy]
        if max(overlaps, default=0.0) >= _SAME_FACE:
            same = copy[overlaps.index(max(overlaps))]
            opinions.append((same.emotion, same.votes))
    return opinions
