"""What a program's writes have done to the service's records, as later requests of the same program show it.

A single response says nothing of it. So what the program sees of a record before and after its own write is
compared, and only where nothing else can explain the change:

- Each such record, but for its code and its quantity, is one that the program has added in this run: other
  users of the account leave it alone.
- From the first response to the last no other write of the program may have changed a record. One without an
  answer (a connection that broke off, a 502, a client that gave up) may have, and may come again.
- A request counts as later than another only if it was sent after the response to that one had ended.
- That a record is gone with the one that it refers to is seen twice, and the second record was there after
  the first was missed: somebody may delete records of the program, such as all of a test account, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from fakekit.contract.assumptions import Assumptions
from fakekit.drift.observations import Observation
from fakekit.drift.record_changes import observe_change
from fakekit.drift.responses import MISSING, is_rate_limit
from fakekit.drift.sale_writes import LineNames, RefusedCodes, mark_sold_items
from fakekit.drift.seen_records import RecordId, SeenRecord, SeenRecords, see_records
from fakekit.drift.shadow_exchange import ShadowExchange
from fakekit.drift.shadow_requests import CONFLICT, METHOD_NOT_ALLOWED, hash_key
from fakekit.resources import RECORDS, RESOURCES

MOST_RECORDS = 20_000
"""When the program has seen more records than that, all are forgotten."""
_CASCADE = Observation("delete.cascade", "cascade")


class WriteEffects:
    """Observes the assumptions of which only several requests together show something.

    assumptions: the values in force.
    """

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._missing = (*MISSING, assumptions["missing.status"])
        self._key, self._last_end = b"", 0.0
        self._added: set[RecordId] = set()
        self._observed: dict[Observation, float] = {}  # with the time when the last response to it had come
        self._lost: list[float] = []  # when a record was found missing that referred to a deleted one
        self._line_names = LineNames(assumptions)
        self._forget(0.0)

    def observations(self) -> Iterable[Observation]:
        """Return what was observed; nothing of an assumption of which two requests show different values."""
        found = {*self._observed, *self._line_names.observations(), *([_CASCADE] if self._lost else [])}
        times = Counter(observation.name for observation in found)
        certain = found if len(self._lost) > 1 else found - {_CASCADE}
        return [observation for observation in certain if times[observation.name] == 1]

    def add(self, exchange: ShadowExchange) -> None:
        """Add the next request that passed, in the order in which the responses ended."""
        passed = exchange.passed
        may_change = passed.may_write and not exchange.is_refused
        if may_change:  # what was answered after it had been sent may be its doing
            self._observed = {each: until for each, until in self._observed.items() if until <= passed.began}
            self._lost = [until for until in self._lost if until <= passed.began]
        if (key := hash_key(passed)) != self._key:
            self._key, self._added = key, set()
            self._forget(self._last_end)
        self._last_end = passed.ended
        if may_change and not self._only_adds(exchange):
            deleted = list(self._find_deleted(exchange))
            self._forget(passed.ended)
            for seen in deleted:
                self._records.add(replace(seen, until=passed.ended))
        elif passed.began >= self._quiet_since:
            for observation in self._observe(exchange):
                self._observed.setdefault(observation, passed.ended)
        if len(self._records) > MOST_RECORDS:
            self._forget(passed.ended)

    def _forget(self, until: float) -> None:
        """Forget all records, as they may have changed; what was sent before `until` says nothing of them."""
        self._quiet_since = until
        self._records, self._refused_codes, self._has_all_items = SeenRecords(), RefusedCodes(), False

    def _only_adds(self, exchange: ShadowExchange) -> bool:
        """Return whether a write has certainly added a record and changed no other one."""
        added = see_records(exchange) if exchange.passed.method == "POST" else []
        return len(added) == 1 and added[0].id not in self._added and not self._records.get(added[0].id)

    def _find_deleted(self, exchange: ShadowExchange) -> Iterator[SeenRecord]:
        """Yield the records of which a later response shows what a DELETE has done, marked with that.

        A sale that was deleted as a store, and those that refer to a deleted record.
        """
        key = self._records.find_id(exchange)
        if exchange.passed.method != "DELETE" or not exchange.is_accepted or key is None:
            return
        self._added.discard(key)  # some databases give the id to the next record
        seen = self._records.get(key)
        if seen is not None and exchange.is_of("delete_store"):
            yield replace(seen, is_deleted=True)
        for other, name in self._find_own_referring(key):
            yield replace(other, deleted_reference=name)

    def _find_own_referring(self, key: RecordId) -> list[tuple[SeenRecord, str]]:
        """Return the records that the program has added and that refer to a record, with the field's name."""
        return [(seen, name) for seen, name in self._records.referring_to(key) if seen.id in self._added]

    def _observe(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield what a request shows that changes no record, or adds one."""
        if exchange.is_accepted:
            yield from self._observe_records(exchange)
            if exchange.passed.method == "POST":
                yield from self._refused_codes.add_accepted(exchange)
        elif not isinstance(exchange.response.value, dict):
            return  # it may be the page of a proxy
        elif exchange.passed.method == "GET":
            yield from self._observe_missing(exchange)
        elif exchange.passed.method == "DELETE":
            yield from self._observe_refused_delete(exchange)
        else:
            yield from self._observe_refused_code(exchange)

    def _observe_records(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield what the records of a response show of earlier writes, and remember what they are now."""
        if exchange.is_of("add_sale"):
            mark_sold_items(self._records, exchange, self._has_all_items)
        self._has_all_items |= exchange.is_of("list_items") and exchange.is_whole_list
        for now in see_records(exchange):
            before = self._records.get(now.id)
            if exchange.passed.method == "POST":
                self._added.add(now.id)
            if before is not None and exchange.passed.began < before.until:
                continue  # it may be older than what was seen before
            if before is not None:
                yield from observe_change(before, now, now.id in self._added)
                now.fetched_by |= before.fetched_by
            now.lines_name = self._line_names.add(exchange, before.lines_name if before is not None else "")
            self._records.add(now)

    def _observe_missing(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield what it shows of an earlier DELETE that a record is gone, and forget the record."""
        seen = self._records.get(self._records.find_id(exchange))
        is_limited = is_rate_limit(exchange.response, self._assumptions)
        if seen is not None and exchange.response.status in self._missing and not is_limited:
            if any(map(exchange.is_of, seen.fetched_by)):
                if seen.is_deleted:
                    yield Observation("delete.stores", True)
                if seen.deleted_reference and (not self._lost or seen.asked >= self._lost[0]):
                    self._lost.append(exchange.passed.ended)
            self._records.remove(seen)

    def _observe_refused_delete(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield what a refused DELETE shows: that there is none for stores, or that others refer to it."""
        key = self._records.find_id(exchange)
        if exchange.response.status == METHOD_NOT_ALLOWED and exchange.is_of("delete_store"):
            yield Observation("delete.stores", False)
        if exchange.response.status == CONFLICT and key is not None and self._find_own_referring(key):
            yield Observation("delete.cascade", "restrict")

    def _observe_refused_code(self, exchange: ShadowExchange) -> Iterator[Observation]:
        """Yield what the refusal of a sale shows whose code another one had before."""
        endpoint, fields = exchange.endpoint, exchange.fields
        if endpoint is None or fields is None or not endpoint.unique_field:
            return
        resource = RECORDS[RESOURCES[endpoint.resource].owner_name]
        holder = self._records.find_code(resource, fields.get(endpoint.unique_field))
        is_own = holder is not None and holder.id == self._records.find_id(exchange)
        if holder is not None and holder.until <= exchange.passed.began and not is_own:
            yield from self._refused_codes.add_refused(exchange)
