"""Items 2 to 4, the personas: each is hard to handle in one way, the same in every seed."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.resources.items.schema import ItemSchema
from fakekit.resources.persona import LONG_TEXT, Persona

PERSONAS: Mapping[int, Persona] = {
    2: Persona("out of stock", {"quantity": "0", "status": "out of stock"}),
    3: Persona("a very long description", {"description": LONG_TEXT.strip()}),
    4: Persona("every optional field null", dict.fromkeys(ItemSchema().optional_names)),
}
