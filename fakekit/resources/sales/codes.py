"""How sales are named: by an `invoice_code` of six digits, a number in the sale and text elsewhere."""

from __future__ import annotations

import re

from fakekit.contract.endpoint import Code
from fakekit.world.seed import Shuffle

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_FIRST, MOST = 400_000, 600_000
_ORDER = Shuffle("sales", MOST, 233_333)
"""The generated codes are 400000 to 999999: the documented 324232 is nobody else's."""


def _parse_code(code: object) -> str | None:
    """Return a code's digits without zeros in front, of a number or text; None for anything else."""
    text = str(code) if type(code) in (int, str) else ""
    return str(int(text)) if _DIGITS.fullmatch(text) else None


def _spell(seed: int, key: int) -> int:
    """Return the generated code of an id, a number of six digits."""
    return _FIRST + _ORDER.number_of(seed, key)


def _locate(seed: int, code: str) -> int | None:
    """Return the id whose generated code this is; None for a code that is never generated."""
    number = int(code) - _FIRST
    return (_ORDER.id_of(seed, number) or MOST) if 0 <= number < MOST else None


CODE = Code(
    field="invoice_code",
    parse=_parse_code,
    format_code=_spell,
    find_id=_locate,
    example="324232",
    extra_codes=range(100_000, _FIRST),
)
