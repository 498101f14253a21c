"""What the sales that a program writes, and the refusals that it gets, show of the assumptions on sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from json import dumps

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.schema import RecordError
from fakekit.drift.observations import Observation
from fakekit.drift.record_changes import read_quantity
from fakekit.drift.responses import MISSING
from fakekit.drift.seen_records import SeenRecords
from fakekit.drift.shadow_exchange import ShadowExchange
from fakekit.drift.shadow_requests import CONFLICT, NO_VERDICT
from fakekit.resources.sales.schema import LINE_NAMES, LINES

_OTHER_REASONS = {402, *MISSING, *NO_VERDICT}
"""Statuses that refuse a request for another reason than the code of another sale; but for 409."""


class RefusedCodes:
    """Observes with which status a code is refused that another sale has.

    A 409 says so by itself. Any other status says it only where the same request, but for its code, was
    accepted: then nothing else in it was wrong. A request with lines must be accepted after its refusal: if
    that was before, an item may be sold out since.
    """

    def __init__(self) -> None:
        self._accepted = set[bytes]()
        self._refused: dict[bytes, set[int]] = {}

    def add_accepted(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield the statuses with which the same request was refused with a code that was taken."""
        if exchange.endpoint is not None and exchange.endpoint.unique_field and exchange.fields is not None:
            request = _hash_but_code(exchange)
            for status in self._refused.pop(request, ()):
                yield Observation("conflict.status", status)
            if not any(map(exchange.fields.get, LINE_NAMES)):
                self._accepted.add(request)

    def add_refused(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield the status of a request that has the code of another sale, as soon as that is the reason."""
        status, request = exchange.response.status, _hash_but_code(exchange)
        if status == CONFLICT or (request in self._accepted and status not in _OTHER_REASONS):
            yield Observation("conflict.status", status)
        elif status not in _OTHER_REASONS:
            self._refused.setdefault(request, set()).add(status)


def _hash_but_code(exchange: ShadowExchange) -> bytes:
    """Return a hash of what a request asks for, without the code of its sale."""
    endpoint, fields = exchange.endpoint, exchange.fields or {}
    code, operation = (endpoint.unique_field, endpoint.operation) if endpoint is not None else ("", "")
    rest = {name: value for name, value in fields.items() if name != code}
    return sha256(dumps([operation, rest], sort_keys=True, default=str).encode()).digest()


def mark_sold_items(records: SeenRecords, exchange: ShadowExchange, is_complete: bool) -> None:
    """Mark each item that a sale has sold with how much that is, by the lines of the response.

    An item is forgotten where it is not certain how much of it was sold, where several items have its name,
    and where it was seen while the sale was written.

    is_complete: whether the program has seen all items, so that no other one has the name.
    """
    sold, items = _count_sold(exchange), records.of("items")
    names = Counter(str(item.values.get("item_name")) for item in items)
    for item in items:
        name = str(item.values.get("item_name"))
        quantity = sold.get(name) if sold is not None else Decimal(0)
        if quantity is None:
            continue
        if not quantity or names[name] > 1 or exchange.passed.began < item.until:
            records.remove(item)
        item.sold, item.is_alone, item.until = item.sold + quantity, is_complete, exchange.passed.ended


def _count_sold(exchange: ShadowExchange) -> dict[str, Decimal] | None:
    """Return how much of each item a sale has sold, by the item's name; None where no lines are shown.

    Zero stands for what is not certain: of a draft, and of a sale that gives something back.
    """
    lines, fields = exchange.data.get(LINES), exchange.fields
    if not isinstance(lines, list) or not lines:
        return None if fields is None or any(map(fields.get, LINE_NAMES)) else {}
    records = [line for line in lines if isinstance(line, dict)]
    quantities = [read_quantity(line.get("quantity")) or Decimal(0) for line in records]
    is_certain = min(quantities, default=0) > 0 and exchange.records[0].get("payment_status") != "draft"
    sold: dict[str, Decimal] = {}
    for line, quantity in zip(records, quantities, strict=True):
        name = str(line.get("item_name"))
        sold[name] = sold.get(name, Decimal(0)) + (quantity if is_certain else 0)
    return sold


class LineNames:
    """Observes under which names lines of a sale are read. assumptions: the values in force."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._in_force, self._allowed = assumptions["sales.items"], assumptions.table["sales.items"].allowed
        self._read, self._lost = set[str](), set[str]()

    def add(self, exchange: ShadowExchange, name: str) -> str:
        """Add a response with a sale, and return the name of lines that it does not show and a fetch has to.

        A service may answer the request that adds a sale before the lines are stored.

        name: under which lines were sent, which no response has shown yet; empty for none.
        """
        lines = exchange.data.get(LINES)
        if exchange.is_of("add_sale"):
            name = _sent_name(exchange)
        if name and isinstance(lines, list) and (lines or exchange.is_of("fetch_sale")):
            (self._read if lines else self._lost).add(name)
            return ""
        return name

    def observations(self) -> Iterator[Observation]:
        """Yield the value that all sales leave over; None where only the one in force is ruled out."""
        if self._read & self._lost:
            return
        tried = self._read | self._lost
        left = [v for v in self._allowed if all((v in (n, "both")) == (n in self._read) for n in tried)]
        if self._in_force not in left:
            yield Observation("sales.items", left[0] if len(left) == 1 and self._read else None)
        elif len(tried) == len(LINE_NAMES):
            yield Observation("sales.items", self._in_force)


def _sent_name(exchange: ShadowExchange) -> str:
    """Return the name under which the request for a sale has valid lines; empty for none, and for both."""
    body = exchange.endpoint.body if exchange.endpoint is not None else None
    if body is None or exchange.fields is None:
        return ""
    fields, ignored = body.select(exchange.fields, DEFAULTS)
    try:
        read = body.read(fields)
    except RecordError:
        return ""
    names = [name for name in LINE_NAMES if read.get(name)]
    return names[0] if len(names) == 1 and not ignored else ""
