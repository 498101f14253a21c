"""The table of assumptions, read from ``assumptions.json``, where each has its position, reason and value.

A name stands there only where the vendor's pages and the standards are silent or contradict themselves.
``docs/fidelity.md`` is made from the table. JSON, since reading TOML would make each start 5 ms slower.
"""

from __future__ import annotations

from json import loads
from pathlib import Path
from typing import Any

from fakekit.contract.assumptions import READS, TEXT, Assumption, Assumptions
from fakekit.unpatched import read_bytes


def read_table(data: bytes) -> tuple[Assumption, ...]:
    """Read and check the table of assumptions, in the order of the file.

    data: a JSON list of objects with name, position and reason. One whose value may be set also has its value
        and what is allowed: a list of values, ``{"from": 400, "to": 499}``, or ``"text"``. One that a read of
        the real service can observe says how: ``observed_by``, one of `READS`; one that writes of a program
        show says by which: ``observed_in_writes``, a text.

    Raises ValueError, with the name of the entry, for one that has another form, a value that it does not
    allow, another way to observe it, or the name of another one.
    """
    table: dict[str, Assumption] = {}
    for entry in loads(data):
        name = str(entry.get("name"))
        try:
            assumption = _read_entry(entry)
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"the assumption {name} is not valid: {error!r}") from error
        if table.setdefault(name, assumption) is not assumption:
            raise ValueError(f"the assumption {name} stands twice in the table")
    return tuple(table.values())


def _read_entry(entry: dict[str, Any]) -> Assumption:
    """Return the assumption of an entry of the table.

    Raises TypeError or KeyError for an entry with other keys, ValueError for a value that it does not allow
    and for an unknown way to observe it.
    """
    allowed = entry.get("allowed", [])
    if isinstance(allowed, dict):
        allowed = range(allowed["from"], allowed["to"] + 1)
    allowed = TEXT if allowed == "text" else allowed if isinstance(allowed, range) else tuple(allowed)
    assumption = Assumption(**{**entry, "allowed": allowed})
    if ("value" in entry) != ("allowed" in entry):
        raise ValueError("value and allowed go together")
    if assumption.value is not None and assumption.read(assumption.value) != assumption.value:
        raise ValueError("its value is not allowed")
    if assumption.observed_by and assumption.observed_by not in READS:
        raise ValueError("observed_by is not one of the reads")
    return assumption


TABLE = read_table(read_bytes(Path(__file__).with_name("assumptions.json")))

DEFAULTS = Assumptions(TABLE)
"""The values of the table."""
