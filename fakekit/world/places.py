"""Addresses: country, region, city, street, zip and phone number that belong together."""

from __future__ import annotations

from dataclasses import dataclass

from fakekit.world import atlas
from fakekit.world.seed import RandomSource


@dataclass(frozen=True)
class Home:
    """A customer's address, and the Faker locale of the names that people have there."""

    locale: str
    country: str
    state: str
    city: str
    zip: str
    street: str


@dataclass(frozen=True)
class _Town:
    """A town abroad, with a zip code of its own."""

    country: str
    state: str
    city: str
    zip: str


# Zip codes are real ones of those towns; the +1 area code goes with the town.
_UNITED_STATES = {
    "212": _Town("United States", "New York", "New York", "10001"),
    "312": _Town("United States", "Illinois", "Chicago", "60601"),
    "404": _Town("United States", "Georgia", "Atlanta", "30303"),
    "617": _Town("United States", "Massachusetts", "Boston", "02108"),
    "713": _Town("United States", "Texas", "Houston", "77002"),
    "973": _Town("United States", "New Jersey", "Newark", "07102"),
}
_UNITED_KINGDOM = (
    _Town("United Kingdom", "England", "London", "N17 6AA"),
    _Town("United Kingdom", "England", "Manchester", "M1 1AE"),
    _Town("United Kingdom", "England", "Birmingham", "B1 1BB"),
    _Town("United Kingdom", "Scotland", "Glasgow", "G1 1XQ"),
    _Town("United Kingdom", "Wales", "Cardiff", "CF10 1EP"),
)
_STREETS = ("High Street", "Church Road", "Park Avenue", "Mill Lane", "Queen Street", "Station Road")

# Two in nine live in the capital's region and one in six in Kumasi's, roughly as the census has it.
_REGIONS = tuple(atlas.CITIES) + ("Greater Accra",) * 4 + ("Ashanti",) * 3


def in_ghana(random: RandomSource) -> Home:
    """Return an address in one of Ghana's 16 regions, in a real city of that region."""
    state = random.pick("state", _REGIONS)
    return Home(
        locale="tw_GH",
        country="Ghana",
        state=state,
        city=random.pick("city", atlas.CITIES[state]),
        zip="00233",  # Ghana had no zip codes; people write what the vendor's sample has
        street=_house(random, atlas.STREETS),
    )


def abroad(random: RandomSource) -> Home:
    """Return an address in the United Kingdom or the United States."""
    british = random.chance("country", 50)
    town = random.pick("city", _UNITED_KINGDOM if british else tuple(_UNITED_STATES.values()))
    locale = "en_GB" if british else "en_US"
    return Home(locale, town.country, town.state, town.city, town.zip, _house(random, _STREETS))


def phone(random: RandomSource, home: Home, field: str) -> str:
    """Return a phone number of the address's country that is assigned to nobody.

    field: the name of the record's field, so that two numbers of one record differ.

    Ghana: under 040, see `fakekit.world.atlas`. United Kingdom: 07700 900000 to 900999, which Ofcom
    keeps for drama. United States: 555-0100 to 555-0199, kept for fiction by the numbering plan.
    """
    if home.country == "Ghana":
        return f"{atlas.PHONE_PREFIX}{random.integer(field, 10**7):07}"
    if home.country == "United Kingdom":
        return f"+447700900{random.integer(field, 1000):03}"
    area = next(code for code, town in _UNITED_STATES.items() if town.city == home.city)
    return f"+1{area}55501{random.integer(field, 100):02}"


def _house(random: RandomSource, streets: tuple[str, ...]) -> str:
    """Return a house number and a street."""
    return f"{1 + random.integer('house', 240)} {random.pick('street', streets)}"
