"""The people and companies who are customers: where they live, how they are called, their phone numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from fakekit.world import atlas
from fakekit.world.names import names
from fakekit.world.random_values import RandomSource, Shuffle

_LETTERS = str.maketrans({"ɔ": "o", "Ɔ": "O", "ε": "e", "ɛ": "e", "Ɛ": "E", "ŋ": "ng", "ø": "o"})

# Each number of a Ghanaian is followed by one that nobody else has, for another phone with WhatsApp.
_GHANA = Shuffle("phones", 5_000_000, 3_090_169)
_ABROAD = Shuffle("phones abroad", 1000, 619)
_ABROAD_ONE_IN = 6
_ABROAD_IDS = range(2 * _ABROAD_ONE_IN, 2 * _ABROAD.count * _ABROAD_ONE_IN)
"""The ids of which one in six lives abroad, 12 to 11,999: two countries have a thousand numbers each that
nobody has, and the first ids' are for personas."""

_COMPANY_ONE_IN = 20
_COMPANIES = (
    "Enterprise",
    "Ventures",
    "& Sons Ltd",
    "Trading Company",
    "Catering Services",
    "Construction Ltd",
    "Pharmacy",
    "Hardware",
    "Fashion House",
    "Farms Ltd",
)
_INSTITUTIONS = (
    "Senior High School",
    "Methodist Church",
    "Municipal Hospital",
    "Teachers Union",
    "Guest House",
)
_IMPORTERS = ("African Foods Ltd", "Imports Ltd", "Shipping Ltd")
_NAME_LIMITS = (2, 1 << 16, 1 << 16, 10, 1 << 10)
"""The limits of the numbers that choose a name: sex, first and last name, kind and suffix of a company."""


class CustomerAddress(NamedTuple):
    """Where a customer lives.

    locale: the key of the names that people have there: a locale of Faker's, or a key of `atlas.NAMES`.
    phone: the customer's phone number, which no other customer has.
    other_phone: a second one, which nobody else has either; abroad it is the same.
    """

    locale: str
    country: str
    state: str
    city: str
    zip: str
    street: str
    phone: str
    other_phone: str


class GeneratedCustomer(NamedTuple):
    """A person or a company that is a customer.

    local_part: what stands before the @ of the e-mail address.
    """

    name: str
    is_company: bool
    local_part: str
    address: CustomerAddress


def pick_customer(random: RandomSource, *, name: str = "", is_foreign: bool = False) -> GeneratedCustomer:
    """Return who the customer with the id ``random.key`` is.

    name: of a persona; empty for a name at random. Otherwise one of twenty ids, from 20 on, is a company.
    is_foreign: for a persona who lives abroad. Otherwise one of six does, from 12 on; but none from
        12,000 on, as there are no more phone numbers that nobody has.
    """
    is_company = random.key >= _COMPANY_ONE_IN and _is_chosen(random, _COMPANY_ONE_IN)
    if is_foreign or (random.key in _ABROAD_IDS and _is_chosen(random, _ABROAD_ONE_IN)):
        address = _pick_foreign_address(random)
    else:
        address = _pick_address(random)
    name = name or _pick_name(random.integers("name", *_NAME_LIMITS), address, is_company)
    return GeneratedCustomer(name, is_company, local_part_of(name, random.key), address)


def _is_chosen(random: RandomSource, size: int) -> bool:
    """Return whether an id is the one that the seed chooses among `size` consecutive ids."""
    group, rest = divmod(random.key, size)
    # A hash by multiplication (Knuth): a `RandomSource` for each group would take longer.
    return (((group + 1) * 0x9E3779B97F4A7C15 ^ random.seed * 0xC2B2AE3D27D4EB4F) >> 32) % size == rest


def _pick_address(random: RandomSource) -> CustomerAddress:
    """Return an address in one of Ghana's 16 regions, in a real city of that region."""
    region, city, street_number, street, network = random.integers(
        "home", len(atlas.REGIONS), 5040, 240, len(atlas.STREETS), len(atlas.MOBILE_PREFIXES)
    )
    number = 2 * _GHANA.number_of(random.seed, random.key)
    is_valid = random.population.options.phones == "valid"
    prefix = atlas.MOBILE_PREFIXES[network] if is_valid else atlas.UNASSIGNED_PREFIX
    state = atlas.REGIONS[region]
    cities = atlas.CITIES[state]
    return CustomerAddress(
        locale=atlas.PEOPLES.get(state, "tw_GH"),
        country="Ghana",
        state=state,
        city=cities[city % len(cities)],
        zip="00233",  # Ghana had no zip codes; people write what the vendor's sample has
        street=f"{1 + street_number} {atlas.STREETS[street]}",
        phone=f"+233{prefix}{number:07}",
        other_phone=f"+233{prefix}{number + 1:07}",
    )


def _pick_foreign_address(random: RandomSource) -> CustomerAddress:
    """Return an address in the United Kingdom or the United States.

    Its phone number is reserved for fiction. United Kingdom: those kept by Ofcom for drama.
    United States: 555-0100 to 555-0199 in each area, kept by the numbering plan.
    """
    index, country_index = divmod(random.key // _ABROAD_ONE_IN, 2)
    number = _ABROAD.number_of(random.seed, index)
    city_index, street_number, street = random.integers(
        "home", len(atlas.UNITED_KINGDOM), 240, len(atlas.FOREIGN_STREETS)
    )
    if country_index:
        line, rest = divmod(number, len(atlas.UNITED_STATES))
        prefix, city = atlas.UNITED_STATES[rest]
        phone = f"+1{prefix}55501{line:02}"
    else:
        lines, city = atlas.UNITED_KINGDOM[city_index]
        # libphonenumber refuses these mobiles, but accepts fixed lines that are nobody's either
        phone = f"+44{lines if random.population.options.phones == 'valid' else '7700900'}{number:03}"
    return CustomerAddress(
        locale="en_US" if country_index else "en_GB",
        country=city.country,
        state=city.state,
        city=city.name,
        zip=city.zip,
        street=f"{1 + street_number} {atlas.FOREIGN_STREETS[street]}",
        phone=phone,
        other_phone=phone,
    )


def _pick_name(numbers: Sequence[int], address: CustomerAddress, is_company: bool) -> str:
    """Return the name of a person, or that of a company, which begins with a last name or its city.

    The first call for an address whose names are Faker's imports it.

    numbers: random ones below `_NAME_LIMITS`.
    """
    known = atlas.NAMES.get(address.locale) or names(address.locale)
    index, first, last, kind, suffix = numbers
    first_names, last_names = (known.male, known.female)[index]
    if not is_company:
        return f"{first_names[first % len(first_names)]} {last_names[last % len(last_names)]}"
    if address.country != "Ghana":
        return f"{last_names[last % len(last_names)]} {_IMPORTERS[suffix % len(_IMPORTERS)]}"
    if kind < 3:
        return f"{address.city} {_INSTITUTIONS[suffix % len(_INSTITUTIONS)]}"
    return f"{last_names[last % len(last_names)]} {_COMPANIES[suffix % len(_COMPANIES)]}"


def local_part_of(name: str, key: int) -> str:
    """Return what stands before the @ of an e-mail address, made from a name: ``ama.mensah42``.

    key: the record's id; it makes the address unique. At most 48 ASCII characters and the id;
        ``customer42`` for a name without Latin letters.
    """
    normalized = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    # NFKD splits letters from their marks: "é" becomes "e" and a mark that is not ASCII.
    words = "".join([c if c.isascii() and c.isalnum() else " " if c.isspace() else "" for c in normalized])
    return ".".join(words.split())[:48].strip(".") + str(key) if words.split() else f"customer{key}"
