"""The generated customers: every field of customer 42 follows from the seed and her id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekit.resources.business import BUSINESS_CODE, STAFF, USER_ID
from fakekit.resources.customer_groups.population import GROUP_COUNT
from fakekit.resources.customers.personas import PERSONAS
from fakekit.world.random_values import (
    RandomSource,
    created_and_updated,
    email_local_part,
    pick_foreign_address,
    pick_local_address,
    pick_name,
    pick_phone_number,
)

_MAIL_HOSTS = ("example.com", "example.org", "example.net")
_EXTRAS = ("Apt 4B", "2nd Floor", "Behind the Market", "Opposite the Station", "Block C", "Suite 12")
_NULL_PERCENT = {
    "customer_group_id": 15,
    "customer_email": 12,
    "customer_whatsapp": 20,
    "customer_zip": 10,
    "address2": 45,
    "customer_profile": 40,
}
"""In how many of a hundred customers an optional field is null."""


def generate_customer(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated customer whose id is ``random.key``.

    Ids 2 to 9 are personas: the fields that make them hard to handle are the same in every seed.

    random: gives the random values of this one record.
    """
    persona = PERSONAS.get(random.key)
    is_abroad = persona.abroad if persona else random.integer("abroad", 6) == 0
    address = pick_foreign_address(random) if is_abroad else pick_local_address(random)
    fixed: Mapping[str, Any] = persona.fields if persona else {}
    name = fixed.get("customer_name") or " ".join(pick_name(random, address.locale))
    number = pick_phone_number(random, address, "customer_phone")
    created_at, updated_at = created_and_updated(random)
    values = {
        "id": random.key,
        "user_id": USER_ID,
        "business_code": BUSINESS_CODE,
        "customer_group_id": 1 + random.integer("customer_group_id", GROUP_COUNT),
        "customer_name": name,
        "customer_email": f"{email_local_part(name, random.key)}@{random.pick('mail_host', _MAIL_HOSTS)}",
        "customer_phone": number,
        "customer_whatsapp": number
        if random.chance("same_whatsapp", 75)
        else pick_phone_number(random, address, "customer_whatsapp"),
        "customer_country": address.country,
        "customer_city": address.city,
        "customer_state": address.state,
        "customer_zip": address.zip,
        "address1": address.street,
        "address2": random.pick("address2", _EXTRAS),
        "customer_profile": f"https://example.com/profiles/customer{random.key}.jpg",
        "created_by": random.pick("created_by", STAFF),
        "created_at": created_at,
        "updated_at": updated_at,
    }
    if persona is None:
        fixed = {
            name: None for name, percent in _NULL_PERCENT.items() if random.chance(f"no {name}", percent)
        }
    return {**values, **fixed}
