"""How many items could not be used, by reason, with the first example of each reason."""

from __future__ import annotations

from collections import Counter


class ReasonCounts(Counter[str]):
    """Counts items by the reason why they could not be used, and keeps the first of each reason.

    Attributes:
        examples: what was said of the first item of each reason.

    Example:
        >>> bad = ReasonCounts()
        >>> bad.note("not_a_number", "a.txt, line 3")
        >>> bad.note("not_a_number", "b.txt, line 1")
        >>> bad.lines("label rows left out")
        ['2 label rows left out: not_a_number, for example a.txt, line 3']
    """

    def __init__(self) -> None:
        super().__init__()
        self.examples: dict[str, str] = {}

    def note(self, reason: str, example: str, count: int = 1) -> None:
        """Count items, of which the first is described by `example`."""
        self[reason] += count
        self.examples.setdefault(reason, example)

    def lines(self, what: str = "") -> list[str]:
        """Return a line for each reason, the most frequent first.

        Args:
            what: words that stand between the number and the reason: what the items are, in the
                plural, and what became of them.
        """
        words = f"{what}: " if what else ""
        return [
            f"{count} {words}{reason}, for example {self.examples[reason]}"
            for reason, count in self.most_common()
        ]
