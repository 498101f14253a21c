"""The products that a shop sells: each seed has six departments of the catalogue, with prices of its own.

``catalogue.json`` has all departments. The product of an item follows from the seed and the item's id; sales
and expenses find it by the same function.
"""

from __future__ import annotations

from functools import lru_cache
from json import loads
from pathlib import Path
from typing import NamedTuple

from fakekit.import_lock import Once
from fakekit.unpatched import read_bytes
from fakekit.world.random_values import RandomSource

CATEGORY_COUNT = 6
_FIRST_NAMES = ("Electronics", "Computers and Phones", "Electricals and Gadgets")
"""Names of category 1: the documented item, a laptop, is in it."""
_STEPS = (1, 3, 7, 9)
_BRANDS = ("Adom", "Nhyira", "Sika", "Obra", "Ahoto", "Anidaso", "Ayeyi", "Mpuntu", "Nyansa", "Onua")
"""Invented: when all products of a department are items, there are more of them by other brands."""


class ProductLine(NamedTuple):
    """A product in some sizes, colours or qualities.

    cost: what a shop pays for one unit, in pesewas, at 100 percent.
    sizes: each with its cost in percent.
    """

    name: str
    unit: str
    cost: int
    sizes: tuple[tuple[str, int], ...]
    description: str


class Department(NamedTuple):
    """A department of the shop, which is a category of its items.

    is_taxed: whether VAT is charged; food, school books and farm inputs are exempt.
    """

    name: str
    is_taxed: bool
    lines: tuple[ProductLine, ...]


class Product(NamedTuple):
    """What an item is.

    category: the id of its category.
    cost, price: what the shop pays and takes for one unit, in pesewas.
    """

    name: str
    category: int
    unit: str
    description: str
    cost: int
    price: int
    is_taxed: bool


@Once
def _departments() -> tuple[Department, ...]:
    """Return the departments of the catalogue, each with the same number of product lines."""
    return tuple(
        Department(
            entry["name"],
            entry["is_taxed"],
            tuple(ProductLine(**{**line, "sizes": tuple(line["sizes"].items())}) for line in entry["lines"]),
        )
        for entry in loads(read_bytes(Path(__file__).with_suffix(".json")))
    )


@lru_cache(64)
def find_department(seed: int, category: int) -> Department:
    """Return the department that is a category of the shop; each shop has electronics, and food or the like.

    category: its id; of ids beyond the sixth, the department is one that an earlier id has.
    """
    first, *others = _departments()
    random, index = RandomSource(seed, "departments", 0), (category - 1) % CATEGORY_COUNT
    if index == 0:
        return first._replace(name=random.pick("name", _FIRST_NAMES))
    second = random.pick("second", [department for department in others if not department.is_taxed])
    if index == 1:
        return second
    others.remove(second)
    # A walk by such a step meets each of the ten once: it has no divisor in common with their number.
    start, step = random.integer("start", len(others)), random.pick("step", _STEPS)
    return others[(start + step * index) % len(others)]


@lru_cache(4096)
def find_product(seed: int, key: int) -> Product:
    """Return the product that the generated item with this id is; no two items of a seed are the same.

    Six consecutive items are in six categories.
    """
    group, index = divmod(key - 2, CATEGORY_COUNT)
    category = 1 + (index + RandomSource(seed, "item groups", group).integer("category", 6)) % CATEGORY_COUNT
    department, random = find_department(seed, category), RandomSource(seed, "products", key)
    count = len(department.lines)
    brand_and_size, index = divmod(group, count)
    line = department.lines[(index * 3 + _first_line(seed, category)) % count]  # 3 has no divisor of 8
    brand, size = divmod(brand_and_size, len(line.sizes))
    name, percent = line.sizes[(size + index) % len(line.sizes)]
    cost = round_price(line.cost * percent * (90 + random.integer("cost", 26)) // 10_000)
    return Product(
        name=f"{_brand_name(brand)}{line.name} {name}",
        category=category,
        unit=line.unit,
        description=line.description,
        cost=cost,
        price=round_price(cost * (115 + random.integer("price", 31)) // 100 + 5),
        is_taxed=department.is_taxed,
    )


@lru_cache(64)
def _first_line(seed: int, category: int) -> int:
    """Return a random number for a category, at which its product lines begin."""
    return RandomSource(seed, "departments", category).integer("line", 1000)


def _brand_name(number: int) -> str:
    """Return the brand in front of a product's name, with a space; empty for the first, number 0.

    A number beyond the known brands gives "Adom 2".
    """
    if number == 0:
        return ""
    suffix, brand = divmod(number - 1, len(_BRANDS))
    return f"{_BRANDS[brand]} {suffix + 1} " if suffix else f"{_BRANDS[brand]} "


def round_price(price: int) -> int:
    """Return a price in pesewas as shops have them: in steps of five, fifty, a hundred or five hundred."""
    step = 5 if price < 1000 else 50 if price < 5000 else 100 if price < 50_000 else 500
    return max(price // step, 1) * step


def format_amount(amount: int) -> str:
    """Return an amount of money, given in pesewas, as text in cedis: ``12.50``."""
    return f"{amount // 100}.{amount % 100:02}"
