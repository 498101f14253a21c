"""The generated customers: every field of customer 42 follows from the seed and her id."""

from __future__ import annotations

from fakekit.resources.business import STAFF
from fakekit.resources.customers.personas import PERSONAS
from fakekit.resources.persona import ORDINARY
from fakekit.world.history import created_and_updated
from fakekit.world.people import pick_customer
from fakekit.world.random_values import RandomSource

_PEOPLE_GROUPS, _COMPANY_GROUPS = (1, 3, 4), (2, 5)
"""The ids of the groups that people and companies may be in."""
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


def generate_customer(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated customer whose id is ``random.key``.

    Ids 2 to 9 are personas: the fields that make them hard to handle are the same in every seed.

    random: gives the random values of this one record.
    """
    persona = PERSONAS.get(random.key, ORDINARY)
    created_at, updated_at = created_and_updated(random)
    customer = pick_customer(random, name=persona.fields.get("customer_name", ""), **persona.options)
    address, groups = customer.address, _COMPANY_GROUPS if customer.is_company else _PEOPLE_GROUPS
    group, host, other_phone, extra, user = random.integers(
        "texts", 6, len(_MAIL_HOSTS), 4, len(_EXTRAS), len(STAFF)
    )
    values = {
        "customer_group_id": groups[group % len(groups)],
        "customer_name": customer.name,
        "customer_email": f"{customer.local_part}@{_MAIL_HOSTS[host]}",
        "customer_phone": address.phone,
        "customer_whatsapp": address.phone if other_phone else address.other_phone,
        "customer_country": address.country,
        "customer_city": address.city,
        "customer_state": address.state,
        "customer_zip": address.zip,
        "address1": address.street,
        "address2": _EXTRAS[extra],
        "customer_profile": f"https://example.com/profiles/customer{random.key}.jpg",
        "created_by": STAFF[user],
        "created_at": created_at,
        "updated_at": updated_at,
    }
    return {**values, **(random.null_fields(_NULL_PERCENT) if persona is ORDINARY else persona.fields)}
