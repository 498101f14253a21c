"""The values of records as pages show them: which columns a list has, one value as text, differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps

from fakekit.contract.endpoint import Resource
from fakekit.contract.envelope import TENANT_FIELDS
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Record, Records
from fakekit.resources import RECORDS

FEW_COLUMNS = 5
"""How many columns a list has at least, where its records have so many fields that differ."""


@dataclass(frozen=True)
class ShownField:
    """One field of a record on its page.

    value, before: its value in the account and in the world; the same where it was not changed.
    references: the resource and the id that the value refers to; empty for none.
    problem: what is unusual about the form of the value: "does not look like an e-mail address"; or empty.
    """

    name: str
    declared: RecordField
    value: object
    before: object
    references: tuple[str, ...] = ()
    problem: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether the account gave it another value."""
        return self.value != self.before


def show_value(value: object) -> str:
    """Return a value as text: an empty one for null, JSON for a list of records.

    >>> show_value(None), show_value(1500.0), show_value([{"id": 1}])
    ('', '1500.0', '[{"id": 1}]')
    """
    if value is None:
        return ""
    return dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def required_names(resource: Resource) -> tuple[str, ...]:
    """Return the fields that a request must have to add a record; empty where no request can add one."""
    bodies = [endpoint.body for endpoint in resource.endpoints if endpoint.method == "POST" and endpoint.body]
    return tuple(bodies[0].required_names) if bodies else ()


def display_name(resource: Resource, record: Record) -> str:
    """Return the name of the person or thing that a record is about; empty where its records have none."""
    return " ".join(show_value(record.get(name)) for name in name_fields(resource))


def name_fields(resource: Resource) -> list[str]:
    """Return the field with the name of the person or thing that a record is about, in a list; or none."""
    return [name for name in required_names(resource) if name.endswith("_name")][:1]


def list_columns(resource: Resource, sample: Sequence[Record]) -> list[str]:
    """Return the fields that a list of records shows, first the one that identifies them, then a name.

    They are references, states and what the vendor requires, then others until there are `FEW_COLUMNS`.
    Fields that are the same in all records are left out.

    sample: some records of the resource.
    """
    fields = resource.record_schema.record_fields
    first = sample[0] if sample else fields
    known = [name for name, field in fields.items() if name in first and not isinstance(field, Records)]
    candidates = [
        name
        for name in known
        if name not in TENANT_FIELDS and (len(sample) < 2 or len({record[name] for record in sample}) > 1)
    ]
    required = required_names(resource)
    wanted = [
        name for name in candidates if name in required or fields[name].target or name.endswith("status")
    ]
    others = [name for name in candidates if name not in (*wanted, resource.key_field)]
    wanted += others[: max(0, FEW_COLUMNS - 1 - len(wanted))]
    columns = [name for name in known if name in wanted and name != resource.key_field]
    columns.sort(key=lambda name: name not in name_fields(resource))
    return [resource.key_field, *columns]


def shown_fields(resource: Resource, now: Record, before: Record) -> Iterator[ShownField]:
    """Yield the fields of a record, in the documented order, without its nested records.

    now, before: its values in the account and in the world.
    """
    fields = resource.record_schema.record_fields
    problems = {problem.field: problem.message for problem in resource.record_schema.form_problems(now)}
    for name, value in now.items():
        if name != resource.nested:
            field = fields[name]
            target = field.target_id(value) if field.target else None
            references = (field.target, str(target)) if target is not None else ()
            yield ShownField(name, field, value, before.get(name), references, problems.get(name, ""))


def find_referrers(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield the name of each resource that refers to this one, and the words for those records in a sentence.

    >>> from fakekit.resources.customers import RESOURCE
    >>> list(find_referrers(RESOURCE))
    [('sales', 'sales of this customer')]
    """
    for name, other in RECORDS.items():
        if any(field.target == resource.name for field in other.record_schema.references.values()):
            yield name, f"{name} of this {resource.label.lower()}"


def find_named_in(resource: Resource, record: Record) -> Iterator[tuple[str, str]]:
    """Yield each resource whose lines name records of this one, and the name by which to find this record.

    For an item these are the sales, whose lines have the `item_name`, and the name of the item.
    """
    for name, other in RECORDS.items():
        for field_name in line_fields(other):
            if record.get(field_name) and lines_target(field_name) == resource.name:
                yield name, str(record[field_name])


def line_fields(resource: Resource) -> list[str]:
    """Return the fields of the nested records that are not those of the record itself; empty without any."""
    own = resource.record_schema.record_fields
    nested = own.get(resource.nested)
    fields = nested.schema.record_fields if isinstance(nested, Records) else {}
    return [name for name in fields if name not in own]


def lines_target(name: str) -> str:
    """Return the resource whose records a field of a line names: ``items`` for ``item_name``; else empty."""
    if not name.endswith("_name"):
        return ""
    return next((other for other, r in RECORDS.items() if name in r.record_schema.fields), "")
