"""Tables of Ghana's 16 regions with real cities and the names of people there, of cities abroad, of streets.

Sources: the regions are those since the referendum of 2018. Phone numbers: in Ghana's numbering plan fixed
    lines are 03x since 2010, mobiles 02x and 05x; nothing is assigned under 040 ("+233 40"), so a number of
    that form rings nowhere. The names are common ones of the largest peoples of a region.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fakekit.world.names import Names


class ForeignCity(NamedTuple):
    """A city abroad, with one of its zip codes."""

    country: str
    state: str
    name: str
    zip: str


UNASSIGNED_PREFIX = "40"
"""Unassigned in the numbering plan; seven digits follow, as in the vendor's sample."""
MOBILE_PREFIXES = ("20", "24", "26", "27", "50", "54", "55")
"""Of the mobile networks Telecel, MTN and AT; seven digits follow. Such a number may belong to somebody."""

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
UNITED_STATES = (
    ("212", ForeignCity("United States", "New York", "New York", "10001")),
    ("312", ForeignCity("United States", "Illinois", "Chicago", "60601")),
    ("404", ForeignCity("United States", "Georgia", "Atlanta", "30303")),
    ("617", ForeignCity("United States", "Massachusetts", "Boston", "02108")),
    ("713", ForeignCity("United States", "Texas", "Houston", "77002")),
    ("973", ForeignCity("United States", "New Jersey", "Newark", "07102")),
    ("202", ForeignCity("United States", "District of Columbia", "Washington", "20001")),
    ("215", ForeignCity("United States", "Pennsylvania", "Philadelphia", "19103")),
    ("614", ForeignCity("United States", "Ohio", "Columbus", "43215")),
    ("410", ForeignCity("United States", "Maryland", "Baltimore", "21201")),
)
UNITED_KINGDOM = (
    ("2079460", ForeignCity("United Kingdom", "England", "London", "N17 6AA")),
    ("1614960", ForeignCity("United Kingdom", "England", "Manchester", "M1 1AE")),
    ("1214960", ForeignCity("United Kingdom", "England", "Birmingham", "B1 1BB")),
    ("1414960", ForeignCity("United Kingdom", "Scotland", "Glasgow", "G1 1XQ")),
    ("2920180", ForeignCity("United Kingdom", "Wales", "Cardiff", "CF10 1EP")),
)
"""With the thousand fixed lines of each city that Ofcom keeps for drama."""
FOREIGN_STREETS = ("High Street", "Church Road", "Park Avenue", "Mill Lane", "Queen Street", "Station Road")

PEOPLES: Mapping[str, str] = {
    "Greater Accra": "gaa_GH",
    "Volta": "ee_GH",
    "Oti": "ee_GH",
    **dict.fromkeys(("Northern", "North East", "Savannah", "Upper East", "Upper West"), "dag_GH"),
}
"""By region the key of the people's names in `NAMES`; in the other regions, as in most of Ghana, they are
Akan names, which Faker has."""


def _split(text: str) -> tuple[str, ...]:
    """Return the names of a text that has commas between them."""
    return tuple(text.split(", "))


_WOMEN = "Beatrice, Comfort, Esther, Gifty, Grace, Mercy, Patience, Rebecca, Vida"
_MEN = "Daniel, David, Ebenezer, Emmanuel, Francis, Isaac, Joseph, Samuel, Stephen"
_GA = _split(
    "Addy, Adjei, Allotey, Amartey, Ankrah, Armah, Aryee, Bortey, Commey, Kotey, Lamptey, Lartey, "
    "Laryea, Narh, Nartey, Nortey, Odoi, Okine, Ollennu, Quartey, Quaye, Sowah, Tetteh, Teye"
)
_EWE = _split(
    "Adzaku, Agbeko, Agbenyega, Agbodza, Ahiabor, Akpalu, Amegashie, Ametepe, Anyidoho, Attipoe, "
    "Avornyo, Awuku, Deku, Dogbe, Dotse, Dzokoto, Fiagbe, Gbeho, Klutse, Kpodo, Kumordzie, Letsa, "
    "Nutsukpo, Tamakloe, Tsikata, Zigah"
)
_NORTHERN = _split(
    "Abdulai, Abubakari, Abugri, Adam, Akolgo, Alhassan, Atinga, Awuni, Ayine, Azure, Bawa, Dery, "
    "Fuseini, Ibrahim, Iddrisu, Issahaku, Mahama, Mohammed, Mumuni, Nabila, Osman, Salifu, Seidu, "
    "Sulemana, Tahiru, Yahaya, Yakubu, Zakari, Ziblim"
)
NAMES: Mapping[str, Names] = {
    "gaa_GH": Names(
        (
            _split(
                f"Dede, Kai, Korkor, Maku, Naa Adjeley, Naa Dei, Naa Korkor, Naa Lamle, Tsotsoo, {_WOMEN}"
            ),
            _GA,
        ),
        (_split(f"Ayitey, Nii Armah, Nii Ayi, Nii Lante, Nii Okai, Nii Otu, Tawiah, Tettey, {_MEN}"), _GA),
    ),
    "ee_GH": Names(
        (
            _split(
                f"Abla, Afi, Akpene, Delali, Dzifa, Edinam, Enyonam, Esinam, Kafui, Mawusi, Sena, {_WOMEN}"
            ),
            _EWE,
        ),
        (
            _split(
                f"Edem, Elikem, Kodzo, Kosi, Kwami, Makafui, Mawuli, Selasi, Selorm, Senyo, Yayra, {_MEN}"
            ),
            _EWE,
        ),
    ),
    "dag_GH": Names(
        (
            _split(
                "Adisa, Agnes, Amina, Asana, Ayisha, Cecilia, Fatima, Faustina, Habiba, Hawa, "
                "Lariba, Mariama, Memunatu, Rahinatu, Rukaya, Salamatu, Sanatu, Talata, Zenabu"
            ),
            _NORTHERN,
        ),
        (
            _split(
                "Abdul-Rahman, Abukari, Baba, Clement, Dominic, Haruna, Ibrahim, Issah, Iddrisu, "
                "Latif, Mohammed, Rashid, Salifu, Seidu, Sulemana, Thomas, Yakubu"
            ),
            _NORTHERN,
        ),
    ),
}
"""First and last names of women and men, by the key of a people; the keys are spelled as Faker's locales."""
