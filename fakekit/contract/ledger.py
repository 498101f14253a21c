"""The ledger: the contradictions and gaps of the vendor's documentation, and what fakekit does about each.

It is read from ``oddities.json``. ``docs/fidelity.md`` and ``fakekit ledger`` are made from it; the
assumptions that it names are in `fakekit.contract.positions`.
"""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path
from typing import Literal

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import assumed
from fakekit.unpatched import read_bytes


@dataclass(frozen=True)
class Oddity:
    """A point on which the vendor's pages contradict themselves, are wrong or are silent.

    number: identifies the entry, from 1.
    title: the point in a few words.
    position: what fakekit does about it, or why nothing needs to be done.
    assumptions: the names of the assumptions that the position relies on.
    kind: what decides it: a page, a standard or the assumptions; ``none`` where nothing has to be decided.
    """

    number: int
    title: str
    position: str
    assumptions: tuple[str, ...]
    kind: Literal["documented", "standard", "assumed", "none"]


def read_oddities(data: bytes) -> tuple[Oddity, ...]:
    """Read and check the ledger, a JSON list of objects with the attributes of `Oddity`.

    Raises ValueError, with the number of the entry, for one that is not numbered like its place in the list,
    has another kind, or relies on an assumption that the table lacks; TypeError for other attributes.
    """
    entries = loads(data)
    oddities = tuple(Oddity(**{**entry, "assumptions": tuple(entry["assumptions"])}) for entry in entries)
    for number, oddity in enumerate(oddities, 1):
        truths = [assumed(name) for name in oddity.assumptions]
        if oddity.number != number or oddity.kind not in KINDS or (oddity.kind == "assumed" and not truths):
            raise ValueError(f"the oddity {oddity.number} is not valid")
    return oddities


KINDS = ("documented", "standard", "assumed", "none")
ODDITIES = read_oddities(read_bytes(Path(__file__).with_name("oddities.json")))


def as_table(assumptions: Assumptions) -> str:
    """Return the table of the vendor's contradictions and gaps as text for a terminal (``fakekit ledger``).

    Each has a line with number, kind and title, followed by what fakekit does about it.

    assumptions: say which of them were compared with the real service: ``list.shape (confirmed 2026-11-26)``.
    """
    lines = []
    for oddity in ODDITIES:
        lines.append(f"{oddity.number:>2}  {oddity.kind:<10}  {oddity.title}")
        names = ", ".join(map(assumptions.describe, oddity.assumptions))
        text = oddity.position + (f" [{names}]" if names else "")
        lines += textwrap.wrap(text, 80, initial_indent=" " * 16, subsequent_indent=" " * 16)
    return "\n".join(lines) + "\n"


def as_json(assumptions: Assumptions) -> str:
    """Return the table of the vendor's contradictions and gaps as JSON: ``fakekit ledger --format json``.

    assumptions: say which of them were compared with the real service; these are the key ``compared``.
    """
    # The key was there before the attribute was renamed; users may read it.
    items = [{("truths" if n == "assumptions" else n): v for n, v in asdict(o).items()} for o in ODDITIES]
    for item, oddity in zip(items, ODDITIES, strict=True):
        checks = {name: assumptions.checks.get(name) for name in oddity.assumptions}
        item["compared"] = {name: check.label for name, check in checks.items() if check is not None}
    return dumps(items, indent=2) + "\n"


def as_markdown() -> str:
    """Return the table of the vendor's contradictions and gaps in Markdown, for ``docs/fidelity.md``."""
    rows = [
        f"| {o.number} | {o.title} | {o.kind} | {o.position} | {', '.join(f'`{t}`' for t in o.assumptions)} |"
        for o in ODDITIES
    ]
    return (
        "\n".join(["| | what | settled by | what fakekit does | assumptions |", "| --- " * 5 + "|", *rows])
        + "\n"
    )
