"""What a test holds: where the fake is, which key to use, and the account behind that key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fakekit.contract.schema import Record, RecordError
from fakekit.errors import FakekitError, Problem, show, suggest
from fakekit.serving.accounts import Account
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

    def __init__(self, origin: str, account: Account) -> None:
        self.origin = origin
        self.base_url = f"{origin}/api/v1"
        self.api_key = account.key
        self._kept = account

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

    def record(self, resource: str, key: int) -> dict[str, Any]:
        """A record as the API answers it, to compare with. Raises `NoRecordError`.

        resource: as fixture files spell it: ``customers``, ``customer_groups``.
        """
        known = self._known(resource, key)
        return self._copy(known, key, self._account.find(known, key))

    def add(self, resource: str, /, **fields: Any) -> dict[str, Any]:
        """Add a record and return it, as the API will answer it.

        Required fields that are not given are filled in as the generated world would; optional ones are
        null. Its id follows the largest there ever was, unless it is given. Raises `RefusedRecordError`.
        """
        known = self._known(resource)
        return dict(self._told(known, lambda: self._account.add(known, self._filled(known, fields))))

    def change(self, resource: str, key: int, /, **fields: Any) -> dict[str, Any]:
        """Change some fields of a record and return it. Raises `RefusedRecordError`, `NoRecordError`."""
        known = self._known(resource, key)
        changed = self._told(resource, lambda: self._account.edit(known, key, fields))
        return self._copy(resource, key, changed)

    def remove(self, resource: str, key: int) -> None:
        """Let a record be gone. Raises `NoRecordError`."""
        known = self._known(resource, key)
        if not self._account.remove(known, key):
            self._copy(known, key, None)

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

    def _filled(self, resource: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields, and what the generated world would give for required ones that are not there."""
        schema = self._account.world.resources[resource].shape
        filler = self._account.world.sample(resource, self._account.next_key(resource))
        wanted = [name for name, f in schema.contracted().items() if f.required and name != "id"]
        return {name: filler[name] for name in wanted} | dict(fields)

    def _known(self, resource: str, key: object = 1) -> str:
        """The resource, if there is one of that name and the key can be one of its keys."""
        resources: Mapping[str, Any] = self._account.world.resources
        if resource not in resources:
            problem = Problem(resource, "is not a resource", "", suggest(resource, resources))
            raise NoRecordError(problem)
        if type(key) is not int:
            raise NoRecordError(Problem(f"{resource} {show(key)}", "is not an id", "", "a whole number"))
        return resource

    def _copy(self, resource: str, key: int, record: Record | None) -> dict[str, Any]:
        if record is None:
            why = missing_record(self._account.world, self._account.world.resources[resource], str(key))
            raise NoRecordError(Problem(f"{resource} {key}", f"does not exist: {why}"))
        return dict(record)

    def _told(self, resource: str, act: Callable[[], T]) -> T:
        try:
            return act()
        except RecordError as error:
            problems = [Problem(f"{resource}.{p.field}", p.what, p.found, p.write) for p in error.problems]
            raise RefusedRecordError(problems) from None
