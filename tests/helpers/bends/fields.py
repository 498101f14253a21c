"""Bends of one field, in the records of one endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from fakekit.contract.amounts import Money, Price
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.fields import Date, Text, Timestamp
from fakekit.contract.form import DIGITS, EMAIL, LINK, NOT_BLANK, PHONE, UUID
from fakekit.contract.numbers import BinaryNumber, Whole
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Records
from fakekit.drift.findings import Verdict
from fakekit.drift.responses import ReceivedResponse
from fakekit.drift.terms import DifferenceKind
from fakekit.resources import ENDPOINTS
from tests.helpers.bends.service import Asked, Bend, document_of, with_document

Fields = dict[str, Any]
TAIL = "items.tail"
WORDS = {"payment_status": "settled", "online": 7}
"""Fields whose words a page lists, each with one that is none of them."""


class Target(NamedTuple):
    """A field of the records that an endpoint answers under a key of ``data``."""

    endpoint: Endpoint
    key: str
    name: str
    field: RecordField


def targets(tenant: bool) -> list[Target]:
    """Each field of each GET endpoint that has a page."""
    return [
        Target(endpoint, key, name, field)
        for endpoint in ENDPOINTS
        if endpoint.method == "GET" and endpoint.operation != "authenticate"
        for key, part in endpoint.envelope.parts.items()
        for name, field in part.record_schema.record_fields.items()
        if name in part.shown[tenant]
    ]


def in_records(target: Target, change: Callable[[Fields], Fields], which: Callable[[int], bool]) -> Any:
    """A change of the records of an endpoint; which: takes the place of a record in its list."""

    def bend(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        document = document_of(response)
        if asked.operation != target.endpoint.operation or not document or "data" not in document:
            return response
        records = document["data"].get(target.key)
        if isinstance(records, list):
            changed: Any = [change(r) if which(n) else r for n, r in enumerate(records)]
        else:
            changed = records and change(records)
        return with_document(response, {**document, "data": {**document["data"], target.key: changed}})

    return bend


def renamed(name: str, new: str) -> Callable[[Fields], Fields]:
    return lambda record: {(new if n == name else n): v for n, v in record.items()}


def without(name: str) -> Callable[[Fields], Fields]:
    return lambda record: {n: v for n, v in record.items() if n != name}


def with_value(name: str, value: Callable[[Any], Any]) -> Callable[[Fields], Fields]:
    """A change of the field where it has a value."""
    return lambda record: {n: value(v) if n == name and v is not None else v for n, v in record.items()}


def with_new(name: str, new: str, value: Any) -> Callable[[Fields], Fields]:
    """A new field behind a known one."""
    return lambda record: {
        n: v for known, old in record.items() for n, v in [(known, old)] + [(new, value)] * (known == name)
    }


def moved(name: str) -> Callable[[Fields], Fields]:
    """The field in the first place, or the first one in the last."""

    def change(record: Fields) -> Fields:
        rest = {n: v for n, v in record.items() if n != name}
        return {name: record[name], **rest} if next(iter(record)) != name else {**rest, name: record[name]}

    return change


class Choice(NamedTuple):
    """A bend of a field that is possible: what it is called, the change, what differs then.

    is_stated: whether a page, or an assumption in its place, says that it is not so.
    """

    what: str
    change: Callable[[Fields], Fields]
    kinds: frozenset[DifferenceKind]
    is_stated: bool = True


def choices(target: Target, random: Random) -> Iterator[Choice]:
    """All bends that this field can have."""
    name, field = target.name, target.field
    kind = DifferenceKind
    name_kinds = frozenset({kind.RENAMED, kind.MISSING, kind.NEW})
    yield Choice("renamed", renamed(name, f"{name}_v2"), name_kinds)
    camel = "".join(part.capitalize() for part in name.split("_"))
    if "_" in name:
        yield Choice("in camel case", renamed(name, camel[0].lower() + camel[1:]), name_kinds)
    yield Choice("missing", without(name), frozenset({kind.MISSING}))
    new = random.choice(["loyalty_points", "is_active", "deleted_at", "external_ref"])
    value = random.choice([12, "gold", None, True, ["a"], {"a": 1}])
    yield Choice("followed by a new one", with_new(name, new, value), frozenset({kind.NEW}))
    yield Choice("moved", moved(name), frozenset({kind.ORDER}))
    yield from _of_type(name, field)
    yield from _of_value(name, field)


def _of_type(name: str, field: RecordField) -> Iterator[Choice]:
    types = frozenset({DifferenceKind.TYPE})
    if isinstance(field, Whole | Price):
        yield Choice("as text", with_value(name, str), types | {DifferenceKind.FORMAT})
    if isinstance(field, Records):
        yield Choice("as an object", with_value(name, lambda v: {"0": v}), types)
        return
    if isinstance(field, Money):
        yield Choice("as a number", with_value(name, float), types)
    yield Choice("in a list", with_value(name, lambda v: [v]), types)
    yield Choice("in an object", with_value(name, lambda v: {"value": v}), types)
    if not isinstance(field, BinaryNumber):
        yield Choice("as true", with_value(name, lambda v: True), types)
    if not field.allow_none:
        yield Choice("null", with_value(name, lambda v: None), frozenset({DifferenceKind.NULL}))


def _of_value(name: str, field: RecordField) -> Iterator[Choice]:
    form = frozenset({DifferenceKind.FORMAT})
    if isinstance(field, Timestamp):
        yield Choice("in ISO 8601", with_value(name, lambda v: f"{v.replace(' ', 'T')}Z"), form)
        yield Choice("with a zone", with_value(name, lambda v: f"{v}+00:00"), form)
        yield Choice("without its time", with_value(name, lambda v: v[:10]), form)
    elif isinstance(field, Date):
        yield Choice("with slashes", with_value(name, lambda v: f"{v[8:]}/{v[5:7]}/{v[:4]}"), form)
        yield Choice("with a time", with_value(name, lambda v: f"{v} 00:00:00"), form)
    elif isinstance(field, Money):
        yield Choice("with one decimal", with_value(name, lambda v: v[:-1]), form)
        yield Choice("with a comma", with_value(name, lambda v: v.replace(".", ",")), form)
    elif isinstance(field, Text):
        yield from _of_text(name, field)
    if name in WORDS:
        words = frozenset({DifferenceKind.WORD, DifferenceKind.FORMAT})
        yield Choice("another word", with_value(name, lambda v: WORDS[name]), words)


def _of_text(name: str, field: Text) -> Iterator[Choice]:
    form = frozenset({DifferenceKind.FORMAT})
    if field.rule is None:
        return
    yield Choice("blank", with_value(name, lambda v: ""), form, field.allow_none or name == "item_code")
    if name != "item_code":
        yield Choice("padded", with_value(name, lambda v: f" {v} "), form, False)
    else:
        yield Choice("without its space", with_value(name, str.strip), form)
    other = {EMAIL: "Ama at example", PHONE: "020 111 2223", LINK: "a picture", UUID: "17", DIGITS: "a7f"}
    if field.rule in other:
        yield Choice(
            "of another form", with_value(name, lambda v: other[field.rule or NOT_BLANK]), form, False
        )


def random_field_bend(random: Random, tenant: bool) -> Bend:
    """A bend of a random field of a random endpoint, in all of its records, some, or one."""
    is_of_fake = random.random() < 0.1
    found = targets(tenant)
    if is_of_fake:  # of what is assumed, the fake has nothing to be held against
        found = [t for t in found if t.field.truth.kind == "documented" and not _relies(t.endpoint)]
    target = random.choice(found)
    choice = random.choice(
        [c for c in choices(target, random) if not is_of_fake or (c.is_stated and c.what != "blank")]
    )
    which = random.choice([_every, lambda n: n % 3 == 0, lambda n: n == 0])
    endpoint = target.endpoint
    return Bend(
        f"{endpoint.operation}: {target.key}.{target.name} {choice.what}",
        in_records(target, choice.change, which),
        choice.kinds,
        frozenset({Verdict.OUR_BUG}) if is_of_fake else _verdicts(target, choice, which is _every),
        frozenset({endpoint.operation}),
        is_of_fake=is_of_fake,
    )


def _every(place: int) -> bool:
    return True


def _relies(endpoint: Endpoint) -> bool:
    """Whether an endpoint relies on assumptions about more than its list."""
    return any(truth.source not in ("list.shape", "list.count") for truth in endpoint.assumed)


def _verdicts(target: Target, choice: Choice, is_every: bool) -> frozenset[Verdict]:
    """Whose change it is: the page's where it shows the field, else that of an assumption."""
    if choice.what == "blank" and target.field.allow_none:
        return frozenset({Verdict.WRONG_ASSUMPTION})  # values.null
    if not choice.is_stated:
        return frozenset({Verdict.NOW_KNOWN})
    if target.endpoint.truth.kind == "assumed" or target.field.truth.kind == "assumed":
        return frozenset({Verdict.WRONG_ASSUMPTION})
    if target.endpoint.operation == "fetch_store" or (_relies(target.endpoint) and choice.what in _AT_END):
        return frozenset({Verdict.LEFT_PAGE, Verdict.WRONG_ASSUMPTION})  # behind the end of the page
    if choice.what == "missing" and target.field.allow_none and not is_every:
        return frozenset({Verdict.LEFT_PAGE, Verdict.WRONG_ASSUMPTION})  # left out where it has no value
    return frozenset({Verdict.LEFT_PAGE})


_AT_END = ("followed by a new one", "moved")
