"""The account of one API key: its changes, journal, faults, clock and snapshots."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from fakekit.accounts.account_state import AccountState
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.journal import Journal
from fakekit.errors import FaultError, Problem

if TYPE_CHECKING:
    from fakekit.accounts.stored_account import StoredAccount
    from fakekit.faults.content import RequestContent
    from fakekit.faults.fault import Fault
    from fakekit.faults.matched import ActiveFault, MatchedFaults

MAX_CALLBACK_ERRORS = 20
"""How many errors of functions that answer requests are stored for one account."""

MAX_UNREAD = 100
"""How many names that an endpoint does not read are stored for one account."""
MORE_UNREAD = f"further names; the first {MAX_UNREAD} are listed"
"""Stored once for each endpoint in the place of the names beyond `MAX_UNREAD`."""


class Account(AccountState):
    """All that belongs to one API key: its view of the world, journal, faults, clock and snapshots.

    journal: its recorded requests.
    has_custom_baseline: whether its baseline differs from the server's, which it does not by default. The
        registry never closes an account to make room whose baseline differs.
    is_permanent: whether code outside the registry keeps the object (a handle). The
        registry then never closes it to make room.
    request_count: requests in progress that change it or wait for it. While it is above 0 the registry does
        not close it.
    closed: whether it was closed on request. No request sees changes that are made to it now.
    assumed: the names of the assumptions that its responses relied on, in order of first use, as keys.
    callback_errors: the texts of what functions of a test that are set as stubs raised; at most
        `MAX_CALLBACK_ERRORS`.
    unread: operation and name of each parameter and field that its requests had and their endpoint does not
        read, with whether this process had such a request; of more than `MAX_UNREAD`, `MORE_UNREAD` is the
        name of the rest.
    stored: keeps the account equal to what is stored of it; None for one that lives in this process only.
    """

    def __init__(
        self, key: str, baseline: Baseline, journal: Journal, has_custom_baseline: bool = False
    ) -> None:
        super().__init__(key, baseline)
        self.journal = journal
        self.has_custom_baseline = has_custom_baseline
        self.is_permanent = self.closed = False
        self.request_count = 0
        self.assumed: dict[str, None] = {}
        self.callback_errors: list[str] = []
        self.unread: dict[tuple[str, str], bool] = {}
        self.stored: StoredAccount | None = None

    def match_faults(self, method: str, path: str, content: RequestContent, key_faults: str) -> MatchedFaults:
        """Return the faults that apply to a request, and count it for those limited to a number of requests.

        method, path: of the request: ``GET``, ``/api/v1/customers/1``.
        content: its query, headers and body, for stubs that ask for them.
        key_faults: the text after the key in the Authorization header, ``fail=503~slow=2s``; empty for a
            plain key.

        Raises `fakekit.errors.FaultError` when `key_faults` cannot be parsed, and
        `AccountsFullError` when all accounts together have no room for them.
        """
        if self.stored is not None:  # a body is parsed before others wait for the store
            self.active_faults.read_content(method, path, content)
        with self._storing_faults():
            if key_faults and not self.active_faults.has_key_faults(key_faults):
                self.reserve(100 * len(key_faults))  # an object of 600 bytes for each "drop=a"
            return self.active_faults.match(method, path, content, key_faults)

    def uncount_faults(self, unused: Iterable[ActiveFault]) -> None:
        """Count a request less for faults that matched it and had nothing to change in its response."""
        with self._storing_faults():
            self.active_faults.uncount(unused)

    def _storing_faults(self) -> AbstractContextManager[None]:
        """Return a context manager that stores the counts of faults; without a store it locks nothing.

        `ActiveFaults` has a lock of its own. The account's is held while others compute.
        """
        return self.stored.writing() if self.stored is not None else nullcontext()

    def reading(self) -> AbstractContextManager[None]:
        """Return a context manager within which no write of another thread is half done.

        Without a store there is nothing to wait for: each record is changed in one step.
        """
        return self.stored.reading() if self.stored is not None else nullcontext()

    def refresh(self) -> None:
        """Read what other processes changed and which requests they answered, if there is a store.

        Raises `StateError` when the store cannot be reached.
        """
        if self.stored is not None:
            self.stored.refresh()

    def add_unread(self, operation: str, names: Iterable[str]) -> None:
        """Store the names that a request had and its endpoint does not read; of too many, that there are.

        operation: that of the endpoint: ``list_customers``.
        """
        for name in names:
            is_stored = len(self.unread) < MAX_UNREAD or (operation, name) in self.unread
            self.unread[operation, name if is_stored else MORE_UNREAD] = True

    def add_callback_error(self, text: str) -> None:
        """Store the text of what a function of the test raised; of too many, the first ones."""
        if len(self.callback_errors) < MAX_CALLBACK_ERRORS:
            self.callback_errors.append(text)

    def unused_faults(self, own_only: bool = False) -> list[ActiveFault]:
        """Return the added faults that applied to no request, or to fewer than their `times`.

        The pytest plugin reports them: a test that adds a fault expects it to apply. Empty without faults.

        own_only: without those that only a store has, see `ActiveFault.is_own`.
        """
        active_faults = self._active_faults
        unused = active_faults.unused() if active_faults is not None else []
        return [active for active in unused if active.is_own or not own_only]

    def fault_path_segments(self) -> list[str]:
        """Return the path segments written in the account's faults: ``["customers", "1"]``.

        A test or the settings wrote them, so they are no secrets, and the journal shows them unredacted.
        Faults that keys carry are left out. Empty without faults.
        """
        active_faults = self._active_faults
        return active_faults.path_segments() if active_faults is not None else []

    def add_fault(self, fault: Fault) -> ActiveFault:
        """Add a fault or stub, and return it with its number and counts.

        Raises `FaultError` (503) for one too many, and `AccountsFullError` when all accounts together have no
        room for it.
        """
        self.reserve(fault.size_in_bytes)
        if fault.may_block and self.stored is not None:
            problem = Problem("callback", "a function cannot be stored, and this server stores its accounts")
            raise FaultError(problem._replace(write="json=, text= or content=, or a server without --state"))
        if fault.may_block:
            self.with_callbacks[self] = None
        return self.active_faults.add(fault)

    def remove_faults(self, number: int | None = None) -> bool:
        """Remove the fault with a number, or all faults; return whether there was one."""
        was_removed = self.active_faults.remove(number)
        if not self.may_block():
            self.with_callbacks.pop(self, None)
        return was_removed

    @property
    def has_content(self) -> bool:
        """Whether the account must stay open when the registry needs room for another.

        True when it has changes, snapshots, faults, a changed clock or a baseline of its own, or is in use.
        Its journal does not count, nor does what a reset replaced. Content that is stored can be read again.
        """
        if self.stored is not None:
            return bool(self.is_permanent or self.request_count)
        is_used = self.is_permanent or self.request_count or self.has_custom_baseline
        return bool(is_used) or self.resettable.is_changed


def shared_account(baseline: Baseline) -> Account:
    """Return an account for all keys that changed nothing: they see the same, and share cached responses."""
    return Account("", baseline, Journal())
