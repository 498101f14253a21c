"""The base class of all marshmallow fields: of records and requests, of faults and control operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import fields

if TYPE_CHECKING:
    _Field = fields.Field[Any]
else:
    _Field = fields.Field  # not generic before marshmallow 4


class BaseField(_Field):
    """A marshmallow field that reads values by its method `read`, which each subclass overrides."""

    facets: Mapping[str, Any] = {}
    """JSON Schema keywords for the values, beyond those that follow from marshmallow's class."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        """Return the value as `read` does; marshmallow calls this to load a field."""
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Validate a value and return it in its Python type; each subclass overrides this.

        value: a JSON value, or text: of a form, a query or the text of a fault.

        Raises marshmallow's ValidationError for an invalid value; NotImplementedError in this base class.
        """
        raise NotImplementedError
