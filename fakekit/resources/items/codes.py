"""How items are named: ``Jce84a50``, with a space in front in every sample and none in the prose."""

from __future__ import annotations

import re

from fakekit.contract.endpoint import Code
from fakekit.world.seed import Shuffle

_MADE = re.compile(r"J([0-9a-f]{7})", re.ASCII)
_ORDER = Shuffle("items", 16**7, 0x9E3779B)


def _parse_code(code: object) -> str | None:
    """Return a code without its space: with and without, it names the same item (``items.code_match``)."""
    text = code.strip(" ") if isinstance(code, str) else ""
    return text if text and text.isprintable() and "/" not in text and len(text) <= 100 else None


def _spell(seed: int, key: int) -> str:
    """Return the generated code of an id, with its space in front."""
    return f" J{_ORDER.number_of(seed, key):07x}"


def _locate(seed: int, code: str) -> int | None:
    """Return the id, modulo 16**7, whose generated code this is; None for any other code."""
    match = _MADE.fullmatch(code)
    return _ORDER.id_of(seed, int(match[1], 16)) if match else None


CODE = Code(
    field="item_code",
    parse=_parse_code,
    format_code=_spell,
    find_id=_locate,
    example="Jce84a50",
    match_assumption="items.code_match",
)
