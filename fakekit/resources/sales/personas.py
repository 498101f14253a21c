"""Sales 2 to 6, the personas: each is hard to handle in one way, the same in every seed."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.resources.persona import LONG_TEXT, Persona

_LONG_TEXTS = dict.fromkeys(("invoice_note", "invoice_terms"), LONG_TEXT.strip())

PERSONAS: Mapping[int, Persona] = {
    2: Persona("a draft: nothing is paid", options={"type": "main", "paid": 0}),
    3: Persona("partly paid and overdue", options={"type": "main", "paid": 40, "days": 7}),
    4: Persona("an amount of almost a hundred million", options={"amount": 90_000_000_00}),
    5: Persona("two hundred lines", options={"lines": 200}),
    6: Persona("very long texts", _LONG_TEXTS),
}
