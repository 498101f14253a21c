"""Item codes: ``Jce84a50``; the vendor's samples have a space in front, the text of the pages has none."""

from __future__ import annotations

import re

from fakekit.contract.endpoint import Code
from fakekit.contract.provenance import assumed
from fakekit.world.random_values import Shuffle

_GENERATED = re.compile(r"J([0-9a-f]{7})", re.ASCII)
# Any odd step reaches all 16**7 codes; this one (2**28 / the golden ratio) puts neighbouring ids far apart.
_ORDER = Shuffle("items", 16**7, 0x9E3779B)


def _parse_code(code: object) -> str | None:
    """Return an item code without the spaces around it; None for what cannot be a code.

    With and without the space it names the same item (assumption ``items.code_match``).
    """
    text = code.strip(" ") if isinstance(code, str) else ""
    return text if text and text.isprintable() and "/" not in text and len(text) <= 100 else None


def _format_code(seed: int, key: int) -> str:
    """Return the generated item code of an id, with its space in front: `` Jce84a50``.

    No two of the first 16**7 ids have the same.
    """
    return f" J{_ORDER.number_of(seed, key):07x}"


def _find_id(seed: int, code: str) -> int | None:
    """Return the id, modulo 16**7, whose generated item code this is; None for a code of another form.

    The id may be beyond the population: the caller looks whether there is such an item.
    """
    match = _GENERATED.fullmatch(code)
    return _ORDER.id_of(seed, int(match[1], 16)) if match else None


CODE = Code(
    field="item_code",
    parse=_parse_code,
    format_code=_format_code,
    find_id=_find_id,
    example="Jce84a50",
    other_forms=assumed("items.code_match"),
)
