"""The ids in paths, ``/api/v1/customers/42``, and wherever else an id is text: one function reads them all.

Sales and items have codes in their paths instead, which `fakekit.contract.endpoint.Code` reads.
"""

from __future__ import annotations

import re

ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
"""The form of an id. 18 digits fit in a signed 64-bit integer."""


def parse_id(text: str) -> int | None:
    """Convert a path segment, ``42``, to an id; return None for text that cannot be one.

    An id has 1 to 18 digits, without sign or leading zero (assumption ``id.form``).

    >>> parse_id("42"), parse_id("042"), parse_id("abc")
    (42, None, None)
    """
    return int(text) if ID.fullmatch(text) else None
