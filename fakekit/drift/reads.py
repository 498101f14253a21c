"""Requests that are made to observe assumptions: GETs with filters, ids and parameters of our own.

Which records a filter keeps is computed for each value that its assumption may have, from the records of the
whole list; the value by which the service keeps the same ones is the one that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from marshmallow import ValidationError

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.positions import TABLE
from fakekit.contract.schema import Record
from fakekit.drift.findings import Place, Situation
from fakekit.drift.observations import Answer, Observation
from fakekit.resources import ENDPOINTS

_BY_OPERATION = {endpoint.operation: endpoint for endpoint in ENDPOINTS}
_NEVER = "fakekit_drift"
"""The name of a parameter that no page has."""

Lists = Mapping[str, Sequence[Record]]
"""The records that the lists had, by operation; the one record of a list that is no array."""


class Read(NamedTuple):
    """A GET that observes an assumption.

    place: the operation that is asked. target: path and query below the base URL, percent-encoded.
    observe: takes the answer and yields what it says.
    needs_list: the operation of the list whose records must be as they were, see `has_same_records`; else
        what is observed may be the doing of another user of the account. Empty for none.
    """

    place: Place
    target: str
    observe: Callable[[Answer], Iterable[Observation]]
    needs_list: str = ""


def plan_reads(lists: Lists) -> Iterator[Read]:
    """Yield the GETs that observe assumptions, at most one for each kind of question.

    lists: the records that the lists had before. A read that needs records and finds none that are valid is
        left out.
    """
    for plan in PLANS.values():
        yield from plan(lists)


def has_same_records(operation: str, before: Sequence[Record], now: Sequence[Record]) -> bool:
    """Return whether all records that a list had are still in it, with what filters and paths compare.

    It may have further ones. operation: that of the list.
    """
    names = ("item_code", *_BY_OPERATION[operation].query.filters)
    values = {str(record.get("id")): [record.get(name) for name in names] for record in now}
    return all(values.get(str(r.get("id"))) == [r.get(name) for name in names] for r in before)


def _read(
    operation: str,
    query: Mapping[str, str],
    observe: Callable[[Answer], Iterator[Observation]],
    needs_records: bool = True,
) -> Read:
    """Return a GET of a list with a query. needs_records: whether `observe` knows records of the list."""
    endpoint = _BY_OPERATION[operation]
    target = f"{endpoint.route}?{urlencode(query)}"
    place = Place(operation, Situation.TO_OBSERVE)
    return Read(place, target, observe, operation if needs_records else "")


def _plan_other_id(lists: Lists) -> Iterator[Read]:
    """Yield a fetch of a customer by her id with a zero in front, which names no record."""

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            yield Observation("id.form", answer.response.status >= 400)

    for key in _ids(lists.get("list_customers", ()))[:1]:
        place = Place("fetch_customer", Situation.TO_OBSERVE)
        yield Read(place, f"customers/0{key}", observe, "list_customers")


def _plan_other_method(lists: Lists) -> Iterator[Read]:
    """Yield a GET on the path of Edit Sale, which is no endpoint for GET."""

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            body = {"status": 405, "error": "Method Not Allowed"}
            has_header = "allow" in answer.response.headers
            yield Observation("method.error", answer.response.value == body and has_header)

    yield Read(Place("edit_sale", Situation.TO_OBSERVE), "sales/edit/0", observe)


def _plan_other_code(lists: Lists) -> Iterator[Read]:
    """Yield a fetch of an item by its code without the space that the list prints in front of it."""
    for item in lists.get("list_items", ()):
        code = item.get("item_code")
        if type(item.get("id")) is int and isinstance(code, str) and code.strip(" ") not in ("", code):

            def observe(answer: Answer, key: object = item["id"]) -> Iterator[Observation]:
                found = answer.data.get("item")
                if isinstance(found, dict) and type(found.get("id")) is int:
                    yield Observation("items.code_match", found["id"] == key)
                elif answer.is_final and answer.response.status >= 400:
                    yield Observation("items.code_match", False)

            target = f"inventory/items/{quote(code.strip(' '), safe='')}"
            yield Read(Place("fetch_item", Situation.TO_OBSERVE), target, observe, "list_items")
            return


def _plan_invalid_filter(lists: Lists) -> Iterator[Read]:
    """Yield a list with a filter by a customer group whose id is no number."""

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            yield Observation("invalid.status", answer.response.status)

    yield _read("list_customers", {"customer_group_id": "x"}, observe, False)


def _plan_unknown_parameter(lists: Lists) -> Iterator[Read]:
    """Yield a list with a parameter that no page has."""

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            yield Observation("body.unknown_fields", answer.response.status == 200)

    yield _read("list_customers", {_NEVER: "1"}, observe, False)


def _plan_empty_filter(lists: Lists) -> Iterator[Read]:
    """Yield the list of customers with an empty filter, if there is a customer: all of them, or an error."""
    known = _ids(lists.get("list_customers", ()))

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            is_all = set(known) <= set(_listed(answer))
            refused = answer.response.status >= 400
            yield Observation("values.empty", "null" if is_all else "text" if refused else None)

    if known:
        yield _read("list_customers", {"customer_group_id": ""}, observe)


def _plan_filters(lists: Lists) -> Iterator[Read]:
    """Yield, for each assumption on a filter, the list and the query that tell its values apart best."""
    yield from _best_query("filter.range", _range_queries(lists), lists)
    yield from _best_query("filter.category_name", _name_queries(lists), lists)
    sales = _valid("list_sales", lists, ["invoice_type"])
    for word, kind in (("invoice", "main"), ("storefront", "order")):
        if any(sale["invoice_type"] == kind for sale in sales):
            query = {"invoice_type": word}
            yield _read("list_sales", query, _keeps("list_sales", query, sales))


class _Query(NamedTuple):
    """A query of a list, and what it would keep under each value of an assumption.

    kept: the ids of the records, by value.
    """

    operation: str
    query: Mapping[str, str]
    kept: Mapping[int | str, frozenset[object]]


def _best_query(name: str, queries: Iterable[tuple[str, Mapping[str, str]]], lists: Lists) -> Iterator[Read]:
    """Yield the read that tells most values of an assumption apart; nothing where none tells two apart."""
    assumption = next(assumption for assumption in TABLE if assumption.name == name)
    best: _Query | None = None
    for operation, query in queries:
        kept = {
            value: _kept(operation, query, lists[operation], {name: value}) for value in assumption.allowed
        }
        if len(set(kept.values())) > (1 if best is None else len(set(best.kept.values()))):
            best = _Query(operation, query, kept)
    if best is not None:
        yield _read(best.operation, best.query, _tells(name, best, _ids(lists[best.operation])))


def _tells(name: str, query: _Query, known: Sequence[object]) -> Callable[[Answer], Iterator[Observation]]:
    """Return a function that observes by which value of an assumption a list kept its records.

    Nothing is observed where two values keep the same ones.
    """

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final and answer.response.status == 200:
            listed = frozenset(_listed(answer)) & frozenset(known)
            values = [value for value, kept in query.kept.items() if kept == listed]
            if len(values) < 2:
                yield Observation(name, values[0] if values else None)

    return observe


def _keeps(
    operation: str, query: Mapping[str, str], records: Sequence[Record]
) -> Callable[[Answer], Iterator[Observation]]:
    """Return a function that observes whether the filter by invoice type keeps what the assumption says."""
    expected, known = _kept(operation, query, records, {}), frozenset(_ids(records))

    def observe(answer: Answer) -> Iterator[Observation]:
        if answer.is_final:
            yield Observation("filter.invoice_type", frozenset(_listed(answer)) & known == expected)

    return observe


def _kept(
    operation: str, query: Mapping[str, str], records: Sequence[Record], values: Mapping[str, Any]
) -> frozenset[object]:
    """Return the ids of the records that pass a query, where assumptions have these values."""
    table = _BY_OPERATION[operation].query
    matches = table.matcher(table.read(query), Assumptions(TABLE, values))
    return frozenset(record["id"] for record in records if matches(record))


def _range_queries(lists: Lists) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield queries for ranges that begin before all records and end on the day on which one was created."""
    for operation, end in (
        ("list_customers", "updated_at"),
        ("list_customer_groups", "updated_at"),
        ("list_items", "updated_at"),
        ("list_item_categories", "updated_at"),
        ("list_sales", "due_date"),
    ):
        records = _valid(operation, lists, ["created_at", end])
        days = sorted({record["created_at"][:10] for record in records})
        for day in days[:: max(1, len(days) // 20)]:
            yield operation, {"created_at": days[0], end: day}


def _name_queries(lists: Lists) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield queries for a part of the name of a category."""
    names = [c["category_name"] for c in _valid("list_item_categories", lists, ["category_name"])]
    if all(name == name.strip() for name in names):  # else the service may have them in another form
        for name in filter(lambda name: len(name) > 2, names):
            yield "list_item_categories", {"category_name": name[:-1].strip()}


def _valid(operation: str, lists: Lists, names: Iterable[str]) -> Sequence[Record]:
    """Return the records of a list; none where one of them lacks its id or one of these fields.

    A field of another form counts as absent: what the service makes of it is not known.
    """
    endpoint: Endpoint = _BY_OPERATION[operation]
    fields = endpoint.envelope.parts[endpoint.envelope.list_key].record_schema.record_fields
    records = lists.get(operation, ())
    try:
        for record in records:
            for name in ("id", *names):
                fields[name].deserialize(record[name])
    except (KeyError, TypeError, ValidationError):
        return ()
    return records


def _ids(records: Iterable[Record]) -> list[int]:
    """Return the ids of records; without those that are no whole number."""
    return [record["id"] for record in records if type(record.get("id")) is int]


def _listed(answer: Answer) -> list[int]:
    """Return the ids of the records that the answer of a list has, or of the one in its place."""
    records = answer.data.get(answer.endpoint.envelope.list_key) if answer.endpoint is not None else None
    listed = records if isinstance(records, list) else [records]
    return _ids(record for record in listed if isinstance(record, dict))


MOST_READS = 10
"""How many GETs `plan_reads` yields at most."""

PLANS: Mapping[str, Callable[[Lists], Iterator[Read]]] = {
    "other_id": _plan_other_id,
    "other_method": _plan_other_method,
    "other_code": _plan_other_code,
    "invalid_filter": _plan_invalid_filter,
    "unknown_parameter": _plan_unknown_parameter,
    "empty_filter": _plan_empty_filter,
    "filters": _plan_filters,
}
"""The functions that plan the reads of an assumption, by the word of `READS`."""
