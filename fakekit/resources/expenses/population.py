"""The generated expenses of a shop: stock, rent, wages, electricity and the like."""

from __future__ import annotations

from datetime import datetime

from fakekit.resources.business import STAFF
from fakekit.resources.expenses.personas import PERSONAS
from fakekit.resources.items.catalogue import find_product, format_amount
from fakekit.resources.items.population import HISTORY as ITEM_HISTORY
from fakekit.resources.persona import ORDINARY
from fakekit.world.history import COMMON_HISTORY, created_and_updated, shop_time
from fakekit.world.random_values import RandomSource

# Not those of strftime, which depend on the locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_KINDS: tuple[tuple[str, str | None, int, int], ...] = (
    ("Travel", "Fuel for the delivery van", 120, 400),
    ("Travel", "Bus fares to the wholesale market", 20, 90),
    ("Travel", "Taxi for a delivery", 25, 80),
    ("Utilities", "Prepaid electricity units", 100, 600),
    ("Utilities", "Water tanker", 90, 250),
    ("Utilities", "Internet bundle for the shop", 60, 200),
    ("Office Supplies", "Receipt rolls and printer ink", 60, 280),
    ("Office Supplies", "Carrier bags", 30, 150),
    ("Office Supplies", None, 20, 120),
    ("Marketing", "Radio spot, one week", 250, 900),
    ("Marketing", "Printing of flyers", 80, 300),
    ("Marketing", "Loudspeaker van, market day", 100, 250),
    ("Maintenance", "Service of the generator", 150, 500),
    ("Maintenance", "Electrician, lights of the store room", 80, 300),
    ("Maintenance", "New tyre for the handcart", 60, 140),
    ("Maintenance", None, 50, 400),
    ("Fees", "Market toll of the assembly", 5, 20),
    ("Fees", "Mobile money charges", 10, 90),
    ("Fees", "Refuse collection", 40, 80),
    ("Transport", "Loading boys, goods from Tema", 60, 220),
)
"""Type, description, smallest and largest amount in cedis."""
_SMALL_AMOUNT = 500_00
_METHODS = (("MOMO", "MOMO", "Cash", "Cash"), ("MOMO", "Bank Transfer", "Bank Transfer", "Cheque"))
"""For amounts below `_SMALL_AMOUNT`, in pesewas, and for others."""


def generate_expense(random: RandomSource) -> dict[str, object]:
    """Return the fields of the generated expense whose id is ``random.key``.

    Ids 2 to 4 are personas.

    random: gives the random values of this one record.
    """
    persona = PERSONAS.get(random.key, ORDINARY)
    expense_type, description, amount = _pick_expense(random)
    created_at, updated_at = created_and_updated(random)
    has_image = random.is_chosen("expense_image", 50)
    return {
        "expense_type": expense_type,
        "expense_description": description,
        "expense_amount": format_amount(amount),
        "payment_method": random.pick("payment_method", _METHODS[amount >= _SMALL_AMOUNT]),
        "expense_image": f"https://example.com/receipts/{random.key}.jpg" if has_image else None,
        "created_by": random.pick("created_by", STAFF),
        "created_at": created_at,
        "updated_at": updated_at,
        **persona.fields,
    }


def _pick_expense(random: RandomSource) -> tuple[str, str | None, int]:
    """Return an expense's type, its description and its amount in pesewas.

    Wages are paid at the end of a month and rent at its start; between them are expenses of any kind. Two in
    five of these are for stock, if there are items beside the documented one.
    """
    start = COMMON_HISTORY.created_by_id(random.key)
    month = shop_time(start)
    if not 3 < month.day < 26:  # two expenses are less than three days apart
        if month.month != _start_time(random.key + 1).month:
            amount = 100_00 * (30 + _per_shop(random, "wages", 40))
            return "Wages", f"Wages of the staff, {_month_name(month)}", amount
        if month.month != _start_time(random.key - 1).month:
            amount = 100_00 * (8 + _per_shop(random, "rent", 17))
            return "Rent", f"Shop rent, {_month_name(month)}", amount
    if random.is_chosen("stock", 40) and random.population.counts.get("items", 2) >= 2:
        return _pick_stock(random, start)
    kind, description, minimum, maximum = random.pick("kind", _KINDS)
    amount = 100 * (minimum + random.integer("amount", maximum - minimum)) + 50 * random.integer("pesewas", 2)
    return kind, description, amount


def _pick_stock(random: RandomSource, start: int) -> tuple[str, str, int]:
    """Return type, description and amount of an expense for stock of an item that is in the shop by then.

    start: when the expense can be made at the earliest, in seconds of opening hours.
    """
    last_item = ITEM_HISTORY.last_id(start)
    product = find_product(random.seed, random.pick_id("item", "items", last_item))
    quantity = max(2, min(40, 120_000 // product.cost) * (1 + random.integer("bought", 4)) // 4)
    description = f"Restocked {quantity} {product.unit} of {product.name}"
    return "Stock", description, quantity * product.cost


def _start_time(key: int) -> datetime:
    """Return when the expense with this id can be made at the earliest."""
    return shop_time(COMMON_HISTORY.created_by_id(key))


def _month_name(day: datetime) -> str:
    """Return the month of a day as an expense names it: ``August 2024``."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _per_shop(random: RandomSource, name: str, limit: int) -> int:
    """Return a random number that is the same for all expenses of a seed, from 0 to `limit` - 1."""
    return RandomSource(random.seed, "expenses", 0).integer(name, limit)
