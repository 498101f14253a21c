"""Faults that let the request be carried out and change its answer: bodies that break the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.faults.fault import Fault
from fakekit.faults.settings import FieldName, MediaType

_NAMED = {"field": FieldName(required=True, note="the field: its name, or the way to it, `data.customer.id`")}


@dataclass(frozen=True)
class Altering(Fault):
    """Base of the faults that change the body of a response after the request was carried out."""

    def alter(self, body: Any) -> Any:
        """Return the body as it is sent; the same object when the fault changes nothing.

        body: parsed JSON, which must not be changed in place; None for a response without a body.
        """
        return body

    @property
    def media(self) -> str:
        """The media type that the response claims; empty to keep the real one."""
        return ""


@dataclass(frozen=True)
class _OfField(Altering):
    """Base of the faults that change one field, wherever it stands in the body.

    field: a name, or the path to it with dots: ``data.customer.id``.
    """

    main = "field"
    settings = _NAMED

    field: str = ""

    def alter(self, body: Any) -> Any:
        """Return the body with the field changed wherever it stands; the same object when it has none."""
        return _changed(body, self.field.split("."), self._change)

    def _change(self, parent: dict[str, Any], name: str) -> None:
        """Change the field `name` of a copied object, in place."""
        raise NotImplementedError


@dataclass(frozen=True)
class Drop(_OfField):
    """A field of the body is missing."""

    kind = "drop"

    def _change(self, parent: dict[str, Any], name: str) -> None:
        del parent[name]


@dataclass(frozen=True)
class Null(_OfField):
    """A field of the body is null."""

    kind = "null"

    def _change(self, parent: dict[str, Any], name: str) -> None:
        parent[name] = None


@dataclass(frozen=True)
class Mistype(_OfField):
    """A field has another type: text becomes a number, anything else becomes text."""

    kind = "mistype"

    def _change(self, parent: dict[str, Any], name: str) -> None:
        value = parent[name]
        parent[name] = (
            12345 if isinstance(value, str) else "not a list" if isinstance(value, list) else str(value)
        )


@dataclass(frozen=True)
class ContentType(Altering):
    """The body is what it was, and is said to be something else."""

    kind = "content-type"
    main = "media_type"
    settings = {"media_type": MediaType(required=True, note="the media type: `text/html`")}

    media_type: str = ""

    @property
    def media(self) -> str:
        """The media type that the response claims instead of its own."""
        return self.media_type


def _changed(body: Any, path: list[str], change: Callable[[dict[str, Any], str], None]) -> Any:
    """Return a copy of a body with a field changed; the body itself when it has no such field.

    path: the field's path. One of a single name means that name at any depth; lists on the path are gone
        through.
    change: called with each object that has the field, and the field's name.
    """
    if isinstance(body, list):
        items = [_changed(item, path, change) for item in body]
        return items if any(a is not b for a, b in zip(items, body, strict=True)) else body
    if not isinstance(body, Mapping):
        return body
    copy = dict(body)
    name, *rest = path
    if rest:
        changed_child = _changed(copy[name], rest, change) if name in copy else None
        if name not in copy or changed_child is copy[name]:
            return body
        copy[name] = changed_child
        return copy
    for other_name in list(copy):
        copy[other_name] = (
            _changed(copy[other_name], path, change) if other_name != name else copy[other_name]
        )
    if name in copy:
        change(copy, name)
    return copy if name in body or any(copy[n] is not body[n] for n in body) else body
