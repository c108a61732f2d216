"""Who gets a label when a track begins: whom the rule names in most of the next frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from yolo_fer.convert.affwild2.source import Side

_MAJORITY = 0.7  # of the frames that name anybody


def elect(
    roles: tuple[Side, ...],
    votes: Sequence[dict[Side, int]],
    free: set[int],
    elected: dict[Side, int],
) -> dict[Side, int]:
    """Return the tracks that get a label.

    Args:
        roles: the people that are followed.
        votes: for each of the next frames the tracks that the rule names.
        free: the tracks that may be elected.
        elected: the tracks of the roles that have one.
    """
    if Side.BARE in roles:
        return _elect_each(votes, free, elected)
    return _elect_pair(votes, free, elected)


def _elect_each(
    votes: Sequence[dict[Side, int]], free: set[int], elected: dict[Side, int]
) -> dict[Side, int]:
    """Return the free track that most frames name for each role that has none."""
    result: dict[Side, int] = {}
    for role in (Side.BARE, Side.LEFT, Side.RIGHT):
        theirs = Counter(vote[role] for vote in votes if vote.get(role) in free)
        if theirs and role not in elected:
            track, most = theirs.most_common(1)[0]
            if most >= _MAJORITY * theirs.total() and track not in result.values():
                result[role] = track
    return result


def _elect_pair(
    votes: Sequence[dict[Side, int]], free: set[int], elected: dict[Side, int]
) -> dict[Side, int]:
    """Return left and right of the pair that most frames name, as the first of them has it.

    If people cross within the window, later frames name the same pair the other way round.
    """
    pairs = [
        vote
        for vote in votes
        if len(vote) == 2
        and free & set(vote.values())
        and set(elected.values()) <= set(vote.values())
    ]
    counts = Counter(frozenset(vote.values()) for vote in pairs)
    if not counts:
        return {}
    pair, most = counts.most_common(1)[0]
    first = next(vote for vote in pairs if set(vote.values()) == pair)
    agrees = all(first[role] == track for role, track in elected.items())
    return first if agrees and most >= _MAJORITY * counts.total() else {}
