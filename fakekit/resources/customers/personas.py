"""Customers 2 to 9, the personas: each is hard to handle in one way, the same in every seed.

Tests can rely on them: customer 8 has an apostrophe in her name whatever the seed is.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.resources.customers.schema import CustomerSchema
from fakekit.resources.persona import LONG_NAME, Persona

_LONG_STREET = "House behind the second blue kiosk after the old lorry station, " * 8

PERSONAS: Mapping[int, Persona] = {
    2: Persona("in no group", {"customer_group_id": None}),
    3: Persona("every optional field null", dict.fromkeys(CustomerSchema().optional_names)),
    4: Persona("accents and hyphens in the name", {"customer_name": "Zoë Adjélé Mensah-Lømøtey"}),
    5: Persona(
        "very long values",
        {
            "customer_name": LONG_NAME.strip(),
            "address1": _LONG_STREET.strip(", "),
            "address2": ("Room 12, Floor 3, Block C, " * 20).strip(", "),
        },
    ),
    6: Persona("lives abroad", options={"is_foreign": True}),
    7: Persona("no WhatsApp but an e-mail address", {"customer_whatsapp": None}),
    8: Persona("an apostrophe in the name", {"customer_name": "Nana Ama O'Brien"}),
    9: Persona("a name in a non-Latin script", {"customer_name": "王秀英"}),
}
