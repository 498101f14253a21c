"""Tables of Ghana's 16 regions with real cities, of cities abroad, of streets, and of phone numbers.

Sources: the regions are those since the referendum of 2018. Phone numbers: in Ghana's numbering plan fixed
    lines are 03x since 2010, mobiles 02x and 05x; nothing is assigned under 040 ("+233 40"), so a number of
    that form rings nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ForeignCity:
    """A city abroad, with one of its zip codes."""

    country: str
    state: str
    name: str
    zip: str


PHONE_PREFIX = "+23340"
"""Unassigned in the numbering plan; seven digits follow, as in the vendor's sample."""

CITIES: dict[str, tuple[str, ...]] = {
    "Ahafo": ("Goaso", "Bechem", "Duayaw Nkwanta", "Hwidiem", "Kenyasi", "Kukuom"),
    "Ashanti": ("Kumasi", "Obuasi", "Ejura", "Mampong", "Konongo", "Bekwai", "Effiduase"),
    "Bono": ("Sunyani", "Berekum", "Dormaa Ahenkro", "Wenchi", "Drobo"),
    "Bono East": ("Techiman", "Kintampo", "Atebubu", "Nkoranza", "Yeji"),
    "Central": ("Cape Coast", "Winneba", "Kasoa", "Elmina", "Agona Swedru", "Mankessim", "Saltpond"),
    "Eastern": ("Koforidua", "Nkawkaw", "Akim Oda", "Suhum", "Nsawam", "Akosombo", "Aburi"),
    "Greater Accra": ("Accra", "Tema", "Madina", "Ashaiman", "Teshie", "Dodowa", "Ada Foah"),
    "North East": ("Nalerigu", "Walewale", "Gambaga", "Chereponi", "Bunkpurugu"),
    "Northern": ("Tamale", "Yendi", "Savelugu", "Bimbilla", "Gushegu", "Tolon"),
    "Oti": ("Dambai", "Jasikan", "Kadjebi", "Nkwanta", "Kete Krachi"),
    "Savannah": ("Damongo", "Salaga", "Bole", "Sawla", "Buipe"),
    "Upper East": ("Bolgatanga", "Bawku", "Navrongo", "Zebilla", "Paga", "Bongo"),
    "Upper West": ("Wa", "Lawra", "Tumu", "Jirapa", "Nandom"),
    "Volta": ("Ho", "Hohoe", "Keta", "Aflao", "Kpando", "Anloga", "Sogakope"),
    "Western": ("Takoradi", "Sekondi", "Tarkwa", "Axim", "Prestea", "Elubo"),
    "Western North": ("Sefwi Wiawso", "Bibiani", "Enchi", "Juaboso", "Sefwi Bekwai"),
}

# Two in nine live in the capital's region and one in six in Kumasi's, roughly as the census has it.
REGIONS = tuple(CITIES) + ("Greater Accra",) * 4 + ("Ashanti",) * 3

STREETS: tuple[str, ...] = (
    "Independence Avenue",
    "Ring Road",
    "Market Street",
    "Mission Road",
    "Station Road",
    "Harbour Road",
    "Hospital Road",
    "Castle Road",
    "Nkrumah Avenue",
    "Yaa Asantewaa Road",
    "Airport Road",
    "Chapel Street",
    "Lorry Park Road",
    "School Lane",
    "Liberation Road",
)

# Zip codes are real ones of those cities; the +1 area code goes with the city.
UNITED_STATES = {
    "212": ForeignCity("United States", "New York", "New York", "10001"),
    "312": ForeignCity("United States", "Illinois", "Chicago", "60601"),
    "404": ForeignCity("United States", "Georgia", "Atlanta", "30303"),
    "617": ForeignCity("United States", "Massachusetts", "Boston", "02108"),
    "713": ForeignCity("United States", "Texas", "Houston", "77002"),
    "973": ForeignCity("United States", "New Jersey", "Newark", "07102"),
}
UNITED_KINGDOM = (
    ForeignCity("United Kingdom", "England", "London", "N17 6AA"),
    ForeignCity("United Kingdom", "England", "Manchester", "M1 1AE"),
    ForeignCity("United Kingdom", "England", "Birmingham", "B1 1BB"),
    ForeignCity("United Kingdom", "Scotland", "Glasgow", "G1 1XQ"),
    ForeignCity("United Kingdom", "Wales", "Cardiff", "CF10 1EP"),
)
FOREIGN_STREETS = ("High Street", "Church Road", "Park Avenue", "Mill Lane", "Queen Street", "Station Road")
