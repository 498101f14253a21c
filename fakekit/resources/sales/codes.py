"""Invoice codes, which name sales in paths: six digits, a number in the sale and text in its lines."""

from __future__ import annotations

import re

from fakekit.contract import LARGEST_SALES
from fakekit.contract.endpoint import Code
from fakekit.world.random_values import Shuffle

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_FIRST_CODE = 400_000
_ORDER = Shuffle("sales", LARGEST_SALES, 233_333)
"""The generated codes are 400000 to 999999, so that no generated sale has the documented code 324232."""


def _parse_code(code: object) -> str | None:
    """Return an invoice code as text without leading zeros: ``"324232"`` for 324232 or ``"0324232"``.

    For codes in paths, filters and records. Returns None for anything that is not a whole number of at most
    18 digits.
    """
    text = str(code) if type(code) in (int, str) else ""
    return str(int(text)) if _DIGITS.fullmatch(text) else None


def _format_code(seed: int, key: int) -> int:
    """Return the generated invoice code of a sale's id, 400000 to 999999.

    No two of the first `LARGEST_SALES` ids have the same.
    """
    return _FIRST_CODE + _ORDER.number_of(seed, key)


def _find_id(seed: int, code: str) -> int | None:
    """Return the id whose generated code this is; None for a code that is never generated.

    The id may be beyond the population: the caller looks whether there is such a sale.

    code: digits, as `_parse_code` returns them.
    """
    number = int(code) - _FIRST_CODE
    return (_ORDER.id_of(seed, number) or LARGEST_SALES) if 0 <= number < LARGEST_SALES else None


CODE = Code(
    field="invoice_code",
    parse=_parse_code,
    format_code=_format_code,
    find_id=_find_id,
    example="324232",
    extra_codes=range(100_000, _FIRST_CODE),
)
