"""Faults that change the response of a request that was handled: bodies that break the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fakekit.faults.fault import Fault, setting
from fakekit.faults.settings import FIELD_NAME, MEDIA_TYPE


@dataclass(frozen=True)
class BodyFault(Fault):
    """Base of the faults that change the body of a response after the request was handled."""

    def alter(self, body: object) -> object:
        """Return the body to send; called by `MatchedFaults.alter`. This base class changes nothing.

        body: the response's parsed JSON; None for a response without one. It must not be changed in place: a
            fault that returns the same object, and sets no `media`, counts as not used.
        """
        return body

    @property
    def media(self) -> str:
        """The value for the response's Content-Type; empty to keep the real one."""
        return ""


@dataclass(frozen=True)
class ContentType(BodyFault):
    """The response's Content-Type is another one; its body is not changed."""

    kind = "content-type"
    main_setting = "media_type"

    media_type: str = setting(MEDIA_TYPE, "", "the media type: `text/html`", required=True)

    @property
    def media(self) -> str:
        """The value for the response's Content-Type, instead of the real one."""
        return self.media_type


@dataclass(frozen=True)
class _FieldFault(BodyFault):
    """Base of the faults that change one field of the body.

    field: the field's name, for every object that has it at any depth, or the path to it with dots:
        ``data.customer.id``.
    """

    main_setting = "field"

    field: str = setting(
        FIELD_NAME, "", "the field: its name, or the path to it, `data.customer.id`", required=True
    )

    def alter(self, body: object) -> object:
        """Return a copy of the body with the field changed; the same object if it has no such field."""
        return _changed(body, self.field.split("."), self._change)

    def _change(self, parent: dict[str, object], name: str) -> None:
        """Change the field `name` of `parent` in place; called by `alter`, overridden by each kind of fault.

        parent: a copy of the JSON object in the response's body that has the field.

        Raises NotImplementedError in this base class.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Drop(_FieldFault):
    """A field of the body is missing."""

    kind = "drop"

    def _change(self, parent: dict[str, object], name: str) -> None:
        """Remove the field `name` from `parent`, a copy of a JSON object in the response's body."""
        del parent[name]


@dataclass(frozen=True)
class Null(_FieldFault):
    """A field of the body is null."""

    kind = "null"

    def _change(self, parent: dict[str, object], name: str) -> None:
        """Set the field `name` to None in `parent`, a copy of a JSON object in the response's body."""
        parent[name] = None


@dataclass(frozen=True)
class Mistype(_FieldFault):
    """A field has another type: text becomes a number, anything else becomes text."""

    kind = "mistype"

    def _change(self, parent: dict[str, object], name: str) -> None:
        """Give the field `name` a value of another JSON type: 12345 for text, else text.

        parent: a copy of the JSON object in the response's body that has the field.
        """
        value = parent[name]
        parent[name] = (
            12345 if isinstance(value, str) else "not a list" if isinstance(value, list) else str(value)
        )


def _changed(body: object, path: list[str], change: Callable[[dict[str, object], str], None]) -> object:
    """Return a copy of a body in which a field is changed; the body itself when it has no such field.

    path: the names on the way to the field: ``["data", "customer", "id"]``. A single name means the field of
        that name at any depth. In a list, each item is searched.
    change: called with a copy of each object that has the field, and the field's name; changes the copy.
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
