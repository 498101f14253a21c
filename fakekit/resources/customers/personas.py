"""Customers 2 to 9, the personas: each is hard to handle in one way, the same in every seed.

Tests can rely on them: customer 8 has an apostrophe in her name whatever the seed is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakekit.resources.customers.schema import CustomerSchema


@dataclass(frozen=True)
class Persona:
    """A customer who is hard to handle on purpose: no group, a very long name, another script.

    title: what makes her hard, as ``fakekit personas`` prints it.
    fields: the values that are the same in every seed; all others are random as for any customer.
    abroad: whether she lives outside Ghana.
    """

    title: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    abroad: bool = False


_LONG_NAME = "Nana Kwame Osei Tutu Agyeman Prempeh Opoku Ware Acheampong Boateng Asante " * 3
_LONG_STREET = "House behind the second blue kiosk after the old lorry station, " * 8

PERSONAS: Mapping[int, Persona] = {
    2: Persona("in no group", {"customer_group_id": None}),
    3: Persona("every optional field null", dict.fromkeys(CustomerSchema().optional_names)),
    4: Persona("accents and hyphens in the name", {"customer_name": "Zoë Adjélé Mensah-Lømøtey"}),
    5: Persona(
        "very long values",
        {
            "customer_name": _LONG_NAME.strip(),
            "address1": _LONG_STREET.strip(", "),
            "address2": ("Room 12, Floor 3, Block C, " * 20).strip(", "),
        },
    ),
    6: Persona("lives abroad", abroad=True),
    7: Persona("no WhatsApp but an e-mail address", {"customer_whatsapp": None}),
    8: Persona("an apostrophe in the name", {"customer_name": "Nana Ama O'Brien"}),
    9: Persona("a name in a non-Latin script", {"customer_name": "王秀英"}),
}
