"""A Faker provider for Ghana: its 16 regions with real cities, streets, and numbers nobody has.

Faker's own ``tw_GH`` knows names and phone formats but no places. Usable on its own::

    fake = Faker("tw_GH")
    fake.add_provider(fakekit.world.ghana.Provider)
    fake.ghana_city(region="Ashanti")   # 'Obuasi'

Sources: the regions are those since the referendum of 2018. Phone numbers: in Ghana's numbering plan
fixed lines are 03x since 2010, mobiles 02x and 05x; nothing is assigned under 040 ("+233 40"), so a
number of that form rings nowhere.
"""

from __future__ import annotations

from faker.providers import BaseProvider

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


class Provider(BaseProvider):
    """Places and phone numbers of Ghana, and the tables that the generated world draws from."""

    __provider__ = "fakekit.ghana"
    cities = CITIES
    streets = STREETS

    def ghana_region(self) -> str:
        """One of the 16 regions: ``Upper West``."""
        return str(self.random_element(tuple(self.cities)))

    def ghana_city(self, region: str | None = None) -> str:
        """A city, of that region if one is named: ``Tumu``. KeyError for an unknown region."""
        return str(self.random_element(self.cities[region or self.ghana_region()]))

    def ghana_street_address(self) -> str:
        """A house number and a street: ``12 Mission Road``."""
        return f"{self.random_int(1, 240)} {self.random_element(self.streets)}"

    def ghana_phone_number(self) -> str:
        """A number in the international form that is assigned to nobody: ``+233401234567``."""
        return PHONE_PREFIX + self.numerify("#######")
