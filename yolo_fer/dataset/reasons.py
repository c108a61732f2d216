"""Counting what cannot be used, by reason, with an example that shows the cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Reasons(Counter[str]):
    """How many items could not be used, by reason, with an example of each.

    Attributes:
        examples: for each reason, what the first such item was.
    """

    def __init__(self, counts: Mapping[str, int] | None = None) -> None:
        super().__init__(counts or {})
        self.examples: dict[str, str] = {}

    def note(self, reason: str, example: str, count: int = 1) -> None:
        """Count items, of which the first is the example of its reason."""
        self[reason] += count
        self.examples.setdefault(reason, example)

    def lines(self, what: str) -> list[str]:
        """Return a line for each reason, the most frequent first.

        Args:
            what: the items are, in the plural.

        Example:
            >>> bad = Reasons()
            >>> bad.note("not_a_number", "a.txt, line 3")
            >>> bad.lines("label rows")
            ['1 label rows left out: not_a_number, for example a.txt, line 3']
        """
        return [
            f"{count} {what} left out: {reason}, for example {self.examples.get(reason, '?')}"
            for reason, count in self.most_common()
        ]
