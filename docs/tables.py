"""Tables of Markdown, for the pages that are made from the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown, with one line for each row of cells."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    """Return the text of a cell; a bar in it is an entity, and code around a bar an element.

    In code, GitHub needs a backslash in front of a bar, and the site would show the backslash.
    """
    if "|" not in text:
        return text
    return re.sub("`([^`]+)`", r"<code>\1</code>", text).replace("|", "&#124;")
