"""Tables of Ghana's 16 regions with real cities, of streets, and the prefix of unassigned phone numbers.

Sources: the regions are those since the referendum of 2018. Phone numbers: in Ghana's numbering plan fixed
    lines are 03x since 2010, mobiles 02x and 05x; nothing is assigned under 040 ("+233 40"), so a number of
    that form rings nowhere.
"""

from __future__ import annotations

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
