"""Personas: generated records that are hard to handle on purpose, the same in every seed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

LONG_NAME = "Nana Kwame Osei Tutu Agyeman Prempeh Opoku Ware Acheampong Boateng Asante " * 3
LONG_TEXT = "Please call before you come, since the road behind the market is closed when it rains. " * 12


class Persona(NamedTuple):
    """A record that is hard to handle in one way: no group, a very long text, two hundred lines.

    title: what makes it hard, as ``fakekit personas`` prints it.
    fields: the values that are the same in every seed; all others are random, as in any record.
    options: what the generator of its resource knows beside fields: ``{"lines": 200}``.
    """

    title: str
    fields: Mapping[str, Any] = MappingProxyType({})
    options: Mapping[str, Any] = MappingProxyType({})


ORDINARY = Persona("")
"""What all other records are."""
