"""The shape of JSON values: how often each type, field and problem was seen, and no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from fakekit.drift.expected import UNKNOWN_VALUE, ExpectedValue, ValueProblem
from fakekit.drift.formats import type_of
from fakekit.drift.terms import JsonType

_MANY_NAMES = 20
"""More new names than these in one object are not searched for one by one."""


@dataclass(eq=False)
class Shape:
    """The shape of all values that were seen at one place.

    types: how many values had each type.
    problems: how many had each problem that the contract finds.
    fields: of objects, the shape of each field, in the order in which the names were first seen.
    orders: of objects, how many had each order of keys.
    item: of lists, the shape of their items; None until one is seen.
    names_in_values: of objects, the names of fields that the contract does not have and that are in a value
        of the same object too, so that they are content.
    """

    types: Counter[JsonType] = field(default_factory=Counter)
    problems: Counter[ValueProblem] = field(default_factory=Counter)
    fields: dict[str, Shape] = field(default_factory=dict)
    orders: Counter[tuple[str, ...]] = field(default_factory=Counter)
    item: Shape | None = None
    names_in_values: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        """Return how many values it has: names of fields may be content."""
        return f"<Shape of {self.total} values>"

    @property
    def total(self) -> int:
        """How many values were seen."""
        return self.types.total()

    def add(self, value: Any, expected: ExpectedValue) -> None:
        """Add a parsed JSON value and all that is in it. expected: what the contract expects of it."""
        json_type = type_of(value)
        self.types[json_type] += 1
        if expected is UNKNOWN_VALUE:
            return
        if json_type is JsonType.OBJECT:
            self._add_object(value, expected)
        elif json_type is JsonType.ARRAY and expected.item is not None:
            for item in value:
                self.item = self.item or Shape()
                self.item.add(item, expected.item)
        elif expected.find_problem is not None and json_type in expected.types:
            problem = expected.find_problem(value) if value is not None else None
            if problem is not None:
                self.problems[problem] += 1

    def _add_object(self, value: dict[str, Any], expected: ExpectedValue) -> None:
        """Add the fields of an object. One in the place of a list is added as the list's only record."""
        if JsonType.OBJECT not in expected.types and expected.item is not None:
            self.item = self.item or Shape()
            self.item.add(value, expected.item)
            return
        self.orders[tuple(value)] += 1
        if expected.is_record and (new := value.keys() - expected.fields.keys() - self.names_in_values):
            self.names_in_values |= _find_names_in_values(new, value)
        for name, item in value.items():
            shape = self.fields.get(name)
            if shape is None:
                shape = self.fields[name] = Shape()
            shape.add(item, expected.fields.get(name, UNKNOWN_VALUE))


def _find_names_in_values(names: Collection[str], fields: dict[str, Any]) -> set[str]:
    """Return the names whose letters are in a text of an object: ``ama_mensah`` in "Ama Mensah, Accra".

    All of them where there are many, as in an object that is keyed by content.

    fields: of the object; the texts in its inner objects and lists count too.
    """
    if len(names) > _MANY_NAMES:
        return set(names)
    texts: list[str] = []
    waiting: list[object] = list(fields.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            texts.append(_letters(value))
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
    text = " ".join(texts)
    return {name for name in names if _letters(name) in text}


def _letters(text: str) -> str:
    """Return the letters of a text, in lower case."""
    return "".join(filter(str.isalpha, text)).lower()
