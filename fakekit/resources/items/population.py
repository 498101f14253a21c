"""The generated items: 24 products of a shop, each in its category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakekit.resources.business import BUSINESS_CODE, USER_ID
from fakekit.resources.items.codes import CODE
from fakekit.world.random_values import RandomSource, created_and_updated


@dataclass(frozen=True)
class Product:
    """A product that the shop sells; each generated item is one of them.

    category: the id of its item category.
    cost, price: what the shop pays and takes for one unit.
    """

    name: str
    category: int
    unit: str
    cost: float
    price: float


_PRODUCTS = (
    Product("Office Laptop", 1, "pcs", 3200.0, 4150.0),
    Product("LED Bulb 12W", 1, "pcs", 11.5, 18.0),
    Product("Extension Board", 1, "pcs", 38.0, 55.0),
    Product("USB Flash Drive 32GB", 1, "pcs", 42.0, 65.0),
    Product("Perfumed Rice 5kg", 2, "bags", 92.0, 115.0),
    Product("Gari", 2, "kg", 9.0, 13.5),
    Product("Palm Oil", 2, "liters", 21.0, 28.0),
    Product("Evaporated Milk", 2, "tins", 7.25, 9.5),
    Product("Sugar 1kg", 2, "pcs", 14.0, 18.0),
    Product("Exercise Book 80 Sheets", 3, "pcs", 4.5, 7.0),
    Product("A4 Paper", 3, "reams", 58.0, 75.0),
    Product("Ballpoint Pen Blue", 3, "pcs", 1.2, 2.5),
    Product("Stapler", 3, "pcs", 26.0, 40.0),
    Product("Bar Soap", 4, "pcs", 5.0, 7.5),
    Product("Bleach 1L", 4, "bottles", 16.0, 23.0),
    Product("Broom", 4, "pcs", 8.0, 14.0),
    Product("Enamel Cooking Pot", 4, "pcs", 85.0, 130.0),
    Product("Wax Print Cloth", 5, "yards", 22.0, 35.0),
    Product("School Uniform Shirt", 5, "pcs", 48.0, 70.0),
    Product("Rubber Sandals", 5, "pairs", 19.0, 30.0),
    Product("Portland Cement 50kg", 6, "bags", 88.0, 102.0),
    Product("Iron Rod 12mm", 6, "pcs", 95.0, 120.0),
    Product("Roofing Sheet", 6, "pcs", 130.0, 168.0),
    Product("Emulsion Paint 4L", 6, "buckets", 110.0, 150.0),
)
ITEM_COUNT = len(_PRODUCTS)


def count_generated(size: int) -> int:
    """Return how many items the seed generates for a world of `size` customers: 24, or 0 for size 0.

    By default the vendor's sample record takes the place of the generated item 1.
    """
    return ITEM_COUNT if size else 0


def find_product(key: int) -> Product:
    """Return the product of the generated item with this id; it is the same in every seed.

    Also for the lines of generated sales, and for the expenses on new stock.
    """
    return _PRODUCTS[(key - 1) % ITEM_COUNT]


def generate_item(random: RandomSource) -> dict[str, Any]:
    """Return all fields of the generated item whose id is ``random.key``.

    The id decides which of 24 products it is (name, category, unit, cost, price), and the SKU. All else that
    differs between items depends on the seed too.

    random: gives the random values of this one record.
    """
    product = find_product(random.key)
    quantity = 0 if random.chance("sold_out", 10) else 1 + random.integer("quantity", 240)
    slug = product.name.lower().replace(" ", "-")
    image = {"id": random.key * 10 + 1, "image_url": f"https://example.com/items/{slug}/1.jpg"}
    created_at, updated_at = created_and_updated(random)
    return {
        "id": random.key,
        "user_id": USER_ID,
        "business_code": BUSINESS_CODE,
        "item_code": CODE.format_code(random.seed, random.key),
        "item_name": product.name,
        "item_images": [image] if random.chance("item_images", 70) else [],
        "category_id": product.category,
        "unit": product.unit,
        "description": f"{product.name}. Unit: {product.unit}." if random.chance("description", 80) else None,
        "unit_cost": product.cost,
        "item_price": product.price,
        "previous_price": round(product.price * 0.9, 2) if random.chance("previous_price", 40) else None,
        "quantity": str(quantity),
        "minimum_qty_alert": str(5 + random.integer("minimum", 16))
        if random.chance("minimum_qty_alert", 85)
        else None,
        "online": int(random.chance("online", 60)),
        "status": "in-stock" if quantity else "out of stock",
        "barcode": f"620{random.integer('barcode', 10**7):07d}" if random.chance("has_barcode", 75) else None,
        "sku": f"{slug[:3].upper()}{random.key:03d}",
        "warehouse_id": 1 + random.integer("warehouse_id", 2) if random.chance("warehouse", 70) else None,
        "item_location": f"Shelf {1 + random.integer('item_location', 12)}"
        if random.chance("shelf", 60)
        else None,
        "item_slug": slug,
        "created_at": created_at,
        "updated_at": updated_at,
    }
