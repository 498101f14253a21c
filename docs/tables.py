"""Tables of Markdown, for the pages that are made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table of Markdown; a bar in a cell is escaped.

    >>> print(table(("name", "value"), [("`a`", "one | two")]))
    | name | value |
    | --- | --- |
    | `a` | one \\| two |
    """
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
