"""Tables of figures for a person, as narrow as a pipe's 80 columns want them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def text_table(title: str | None, first: str, figures: Iterable[str], padding: int = 1) -> Table:
    """Return a table without rows: words in the first column, which may wrap, figures behind it.

    Args:
        title: above the table, in Rich's markup.
        first: the heading of the first column.
        figures: the headings of the others.
        padding: the number of spaces behind a column.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, padding, 0, 0), pad_edge=False)
    table.add_column(first, overflow="fold")
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
