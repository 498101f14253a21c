"""Addresses: country, region, city, street, zip and phone number that belong together."""

from __future__ import annotations

from dataclasses import dataclass

from fakekit.world import atlas
from fakekit.world.seed import RandomSource


@dataclass(frozen=True)
class CustomerAddress:
    """A customer's address, and the Faker locale of the names that people have there."""

    locale: str
    country: str
    state: str
    city: str
    zip: str
    street: str


@dataclass(frozen=True)
class _ForeignCity:
    """A city abroad, with one of its zip codes."""

    country: str
    state: str
    name: str
    zip: str


# Zip codes are real ones of those cities; the +1 area code goes with the city.
_UNITED_STATES = {
    "212": _ForeignCity("United States", "New York", "New York", "10001"),
    "312": _ForeignCity("United States", "Illinois", "Chicago", "60601"),
    "404": _ForeignCity("United States", "Georgia", "Atlanta", "30303"),
    "617": _ForeignCity("United States", "Massachusetts", "Boston", "02108"),
    "713": _ForeignCity("United States", "Texas", "Houston", "77002"),
    "973": _ForeignCity("United States", "New Jersey", "Newark", "07102"),
}
_UNITED_KINGDOM = (
    _ForeignCity("United Kingdom", "England", "London", "N17 6AA"),
    _ForeignCity("United Kingdom", "England", "Manchester", "M1 1AE"),
    _ForeignCity("United Kingdom", "England", "Birmingham", "B1 1BB"),
    _ForeignCity("United Kingdom", "Scotland", "Glasgow", "G1 1XQ"),
    _ForeignCity("United Kingdom", "Wales", "Cardiff", "CF10 1EP"),
)
_STREETS = ("High Street", "Church Road", "Park Avenue", "Mill Lane", "Queen Street", "Station Road")

# Two in nine live in the capital's region and one in six in Kumasi's, roughly as the census has it.
_REGIONS = tuple(atlas.CITIES) + ("Greater Accra",) * 4 + ("Ashanti",) * 3


def pick_local_address(random: RandomSource) -> CustomerAddress:
    """Return an address in one of Ghana's 16 regions, in a real city of that region."""
    state = random.pick("state", _REGIONS)
    return CustomerAddress(
        locale="tw_GH",
        country="Ghana",
        state=state,
        city=random.pick("city", atlas.CITIES[state]),
        zip="00233",  # Ghana had no zip codes; people write what the vendor's sample has
        street=_street_line(random, atlas.STREETS),
    )


def pick_foreign_address(random: RandomSource) -> CustomerAddress:
    """Return an address in the United Kingdom or the United States, for a customer who lives abroad."""
    locale = "en_GB" if random.chance("country", 50) else "en_US"
    city = random.pick("city", _UNITED_KINGDOM if locale == "en_GB" else tuple(_UNITED_STATES.values()))
    street = _street_line(random, _STREETS)
    return CustomerAddress(locale, city.country, city.state, city.name, city.zip, street)


def pick_phone_number(random: RandomSource, address: CustomerAddress, field: str) -> str:
    """Return a phone number of the address's country that is assigned to nobody.

    field: the name of the record's field, so that two numbers of one record differ.

    Ghana: under 040, see `fakekit.world.atlas`. United Kingdom: 07700 900000 to 900999, which Ofcom keeps
        for drama. United States: 555-0100 to 555-0199, kept for fiction by the numbering plan.
    """
    if address.country == "Ghana":
        return f"{atlas.PHONE_PREFIX}{random.integer(field, 10**7):07}"
    if address.country == "United Kingdom":
        return f"+447700900{random.integer(field, 1000):03}"
    code = next(code for code, city in _UNITED_STATES.items() if city.name == address.city)
    return f"+1{code}55501{random.integer(field, 100):02}"


def _street_line(random: RandomSource, names: tuple[str, ...]) -> str:
    """Return a house number and one of the streets: ``12 Ring Road``."""
    return f"{1 + random.integer('house', 240)} {random.pick('street', names)}"
