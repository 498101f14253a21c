"""What a test holds: where the fake is, which key to use, and the account behind that key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from fakekit.contract.endpoint import Resource
from fakekit.contract.schema import Record, RecordError
from fakekit.errors import FakekitError, Problem, show, suggest
from fakekit.serving.account import Account
from fakekit.serving.hints import missing_record

T = TypeVar("T")

__tracebackhide__ = True  # pytest shows the line of the test, not ours


class RefusedRecordError(FakekitError, ValueError):
    """A record to add or change breaks the contract; every problem is listed."""


class NoRecordError(FakekitError, LookupError):
    """There is no such record, or no such resource."""


class Handle:
    """An account of a running fake: its address for the code under test, its records for the test.

    origin: ``http://127.0.0.1:40123``.
    base_url: the origin and ``/api/v1``, what a client is configured with.
    api_key: the account's key, ``fk_...``.

    >>> requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers).json()["message"]
    'Customer found'
    >>> xtrakit.customer(1)["customer_name"]
    'Jane Doe'
    >>> ama = xtrakit.add_customer(customer_name="Ama Mensah")
    >>> ama["id"], ama["customer_country"]
    (51, 'Ghana')
    """

    def __init__(self, origin: str, account: Account, tenant: bool = True) -> None:
        self.origin = origin
        self.base_url = f"{origin}/api/v1"
        self.api_key = account.key
        self._kept, self._tenant = account, tenant

    @property
    def _account(self) -> Account:
        if self._kept.closed:
            raise RuntimeError("this account is closed: its server was stopped, or its test has ended")
        return self._kept

    @property
    def headers(self) -> dict[str, str]:
        """What authorises a request: ``{"Authorization": "Bearer fk_..."}``."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def url(self, path: str) -> str:
        """The URL of a path of the vendor's API: of ``customers/1`` or ``/api/v1/customers/1``."""
        path = path.lstrip("/")
        return f"{self.origin}/{path}" if path.startswith("api/v1/") else f"{self.base_url}/{path}"

    def record(self, resource: str, key: int | str) -> dict[str, Any]:
        """A record as the API's fetch answers it, to compare with. Raises `NoRecordError`.

        resource: as fixture files spell it: ``customers``, ``sales``, ``items``.
        key: what names it in a path: the id, of a sale the ``invoice_code``, of an item the ``item_code``.
        """
        known = self._known(resource)
        found = self._account.find(resource, self._id(known, key))
        return self._shown(known, found) if found is not None else self._none(known, key)

    def add(self, resource: str, /, **fields: Any) -> dict[str, Any]:
        """Add a record and return it, as the API will answer it.

        Required fields that are not given are filled in as the generated world would; optional ones are
        null. Its id follows the largest there ever was, unless it is given. Raises `RefusedRecordError`.
        """
        known = self._known(resource)
        with self._account.changing:
            filled = self._filled(known, fields)
            return self._shown(known, self._told(known, lambda: self._account.add(resource, filled)))

    def change(self, resource: str, key: int | str, /, **fields: Any) -> dict[str, Any]:
        """Change some fields of a record and return it. Raises `RefusedRecordError`, `NoRecordError`."""
        known = self._known(resource)
        named = self._id(known, key)
        changed = self._told(known, lambda: self._account.edit(resource, named, fields))
        return self._shown(known, changed) if changed is not None else self._none(known, key)

    def remove(self, resource: str, key: int | str) -> None:
        """Let a record be gone. Raises `NoRecordError`."""
        known = self._known(resource)
        if not self._account.remove(resource, self._id(known, key)):
            self._none(known, key)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions that the answers to this account leaned on so far, see ``docs/fidelity.md``."""
        return tuple(self._account.leant)

    def sale_items(self, invoice_code: int | str) -> list[dict[str, Any]]:
        """The lines of a sale, as the API's fetch answers them beside it. Raises `NoRecordError`."""
        known = self._known("sales")
        sale = self._account.find("sales", self._id(known, invoice_code))
        return (
            [dict(line) for line in sale[known.nested]]
            if sale is not None
            else self._none(known, invoice_code)
        )

    def reset(self) -> None:
        """Drop every change of this account, and no other's."""
        self._account.reset()

    def customer(self, key: int) -> dict[str, Any]:
        """``record("customers", key)``."""
        return self.record("customers", key)

    def group(self, key: int) -> dict[str, Any]:
        """``record("customer_groups", key)``."""
        return self.record("customer_groups", key)

    def add_customer(self, **fields: Any) -> dict[str, Any]:
        """``add("customers", ...)``: ``add_customer(customer_name="Ama", customer_group_id=1)``."""
        return self.add("customers", **fields)

    def add_group(self, **fields: Any) -> dict[str, Any]:
        """``add("customer_groups", ...)``: ``add_group(group_name="Regulars")``."""
        return self.add("customer_groups", **fields)

    def __repr__(self) -> str:
        return f"<fakekit {self.base_url} {self.api_key}>"

    def _filled(self, resource: Resource, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields, and what the generated world would give for required ones that are not there."""
        account, schema = self._account, resource.shape
        filler = dict(account.world.sample(resource.name, account.next_key(resource.name)))
        if resource.code:
            filler[resource.code.field] = account.free_code(resource.name)
        for name, field in schema.references().items():  # somebody who exists here, whoever that is
            first = next(account.records(field.to), None)
            if first is None and field.required and name not in fields:
                problem = Problem(
                    f"{resource.name}.{name}", f"has no record of {field.to} to name", "", "one first"
                )
                raise RefusedRecordError(problem)
            filler[name] = type(filler[name])(first["id"]) if first and filler[name] is not None else None
        wanted = [name for name, f in schema.contracted().items() if f.required and name != "id"]
        return {name: filler[name] for name in wanted} | dict(fields)

    def _known(self, resource: str) -> Resource:
        """The resource of that name that has records of its own."""
        resources: Mapping[str, Resource] = self._account.world.resources
        if resource not in resources:
            problem = Problem(resource, "is not a resource", "", suggest(resource, resources))
            raise NoRecordError(problem)
        return resources[resource]

    def _id(self, resource: Resource, key: object) -> int:
        """The id of the record that a key names; of a key that is an id, the key."""
        if resource.code is None:
            if type(key) is not int:
                where = f"{resource.name} {show(key)}"
                raise NoRecordError(Problem(where, "is not an id", "", "a whole number"))
            return key
        found = self._account.key_of(resource.name, key)
        if found is None:
            self._none(resource, key)
        return found

    def _none(self, resource: Resource, key: object) -> NoReturn:
        why = missing_record(self._account, resource, str(key))
        raise NoRecordError(Problem(f"{resource.name} {key}", f"does not exist: {why}"))

    def _shown(self, resource: Resource, record: Record) -> dict[str, Any]:
        """What the fetch prints of a record."""
        if resource.fetch is None:
            return dict(record)
        part = next(iter(resource.fetch.envelope.parts.values()))
        hidden = part.hidden(self._tenant)
        return {name: record[name] for name in part.schema().fields if name not in hidden}

    def _told(self, resource: Resource, act: Callable[[], T]) -> T:
        try:
            return act()
        except RecordError as error:
            problems = [
                Problem(f"{resource.name}.{p.field}", p.what, p.found, p.write) for p in error.problems
            ]
            raise RefusedRecordError(problems) from None
