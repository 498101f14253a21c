"""A Faker provider for Ghana: the places and numbers of `fakekit.world.atlas`.

Faker's own ``tw_GH`` knows names and phone formats but no places. Usable on its own::

    fake = Faker("tw_GH")
    fake.add_provider(fakekit.world.ghana.Provider)
    fake.ghana_city(region="Ashanti")   # 'Obuasi'
"""

from __future__ import annotations

from faker.providers import BaseProvider

from fakekit.world.atlas import CITIES, PHONE_PREFIX, STREETS


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
