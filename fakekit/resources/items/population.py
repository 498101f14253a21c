"""The generated items: products of a shop, each in its category."""

from __future__ import annotations

from fakekit.resources.items.catalogue import find_product, round_price
from fakekit.resources.items.codes import CODE
from fakekit.resources.items.personas import PERSONAS
from fakekit.resources.persona import ORDINARY
from fakekit.world.history import History, created_and_updated
from fakekit.world.random_values import RandomSource

HISTORY = History(head_start=1023, origin=1024)
"""The first forty on the first day, before the first sale."""
_NULL_PERCENT = {
    "description": 15,
    "previous_price": 60,
    "minimum_qty_alert": 15,
    "barcode": 25,
    "sku": 10,
    "warehouse_id": 30,
    "item_location": 40,
    "item_slug": 15,
}
"""In how many of a hundred items an optional field is null."""


def generate_item(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated item whose id is ``random.key``.

    Ids 2 to 4 are personas: the fields that make them hard to handle are the same in every seed.

    random: gives the random values of this one record.
    """
    persona, product = PERSONAS.get(random.key, ORDINARY), find_product(random.seed, random.key)
    limit = max(6, min(240, 1_200_000 // product.price))  # little of what is expensive
    is_in, quantity, has_image, is_online, previous_price, warehouse, location = random.integers(
        "stock", 10, limit, 10, 10, 2, 2, 12
    )
    quantity = quantity + 1 if is_in else 0
    slug = product.name.lower().replace(" ", "-")
    image = {"id": random.key * 10 + 1, "image_url": f"https://example.com/items/{slug}/1.jpg"}
    created_at, updated_at = created_and_updated(random, HISTORY)
    values = {
        "item_code": CODE.format_code(random.seed, random.key),
        "item_name": product.name,
        "item_images": [image] if has_image < 7 else [],
        "category_id": product.category,
        "unit": product.unit,
        "description": product.description,
        "unit_cost": product.cost / 100,
        "item_price": product.price / 100,
        "previous_price": round_price(product.price * (9 + 2 * previous_price) // 10) / 100,
        "quantity": str(quantity),
        "minimum_qty_alert": str(1 + limit // 10),
        "online": int(is_online < 6),
        "status": "in-stock" if quantity else "out of stock",
        "barcode": _barcode(random),
        "sku": f"{slug[:3].upper()}{random.key:03d}",
        "warehouse_id": 1 + warehouse,
        "item_location": f"Shelf {1 + location}",
        "item_slug": slug,
        "created_at": created_at,
        "updated_at": updated_at,
    }
    if persona is not ORDINARY:
        return {**values, **persona.fields}
    return {**values, **random.null_fields(_NULL_PERCENT)}


def _barcode(random: RandomSource) -> str:
    """Return a barcode that no other item has: an EAN-13 of the numbers for use inside a shop, from 20."""
    digits = f"20{random.key % 10**7:07}{random.integer('barcode', 1000):03}"
    total = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
    return f"{digits}{-total % 10}"
